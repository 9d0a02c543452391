// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IOrderEvents
/// @notice What the vault emits while it executes an order.
interface IOrderEvents {
    /// @notice One per executed order, last. Share prices are mid, in wad.
    event Rebalanced(
        uint256 indexed nonce,
        bytes32 indexed digest,
        bytes32 inputsHash,
        address relayer,
        uint256 navBefore,
        uint256 navAfter,
        uint256 sharePriceBefore,
        uint256 sharePriceAfter
    );
    event Withdrawn(
        address indexed adapter, bytes32 indexed market, uint256 units, uint256[] amounts
    );
    /// @param oracleAmountOut What the oracle's prices would have paid, without any cost.
    event Swapped(
        address indexed venue,
        bytes32 indexed pool,
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 amountOut,
        uint256 oracleAmountOut
    );
    event Supplied(
        address indexed adapter, bytes32 indexed market, uint256 units, uint256[] amounts
    );
}
