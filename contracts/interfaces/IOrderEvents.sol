// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IOrderEvents
/// @notice What the vault emits while it executes an order.
interface IOrderEvents {
    /// @notice One per executed order, last. Share prices are mid, in wad.
    /// @param lossWad     What the actions may have lost, charged to the loss budget [wad of
    ///                    NAV, up].
    /// @param turnoverWad What they traded, charged to the turnover budget [wad of NAV, up].
    event Rebalanced(
        uint256 indexed nonce,
        bytes32 indexed digest,
        bytes32 inputsHash,
        address relayer,
        uint256 navBefore,
        uint256 navAfter,
        uint256 sharePriceBefore,
        uint256 sharePriceAfter,
        uint256 lossWad,
        uint256 turnoverWad
    );
    /// @notice What holding has cost since the last order, when it has cost anything.
    event HoldingCharged(bytes32 indexed digest, uint256 holdWad, uint256 holdLevelWad);
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
