// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IVenue
/// @notice Swaps through the pools of one AMM; holds nothing between calls.
interface IVenue {
    /// @notice Name of the protocol, as keepers know it: "uniswap-v3".
    function protocol() external view returns (string memory);

    /// @notice Tokens of a pool, in the pool's own order.
    function tokens(bytes32 pool) external view returns (address token0, address token1);

    /// @notice Swaps all of `amountIn`, which the caller has sent here before, and pays the
    ///         caller.
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256 amountOut);

    /// @notice How far the pool's spot price stands from these prices [wad, up].
    /// @param price0E36 Asset units per unit of the pool's token 0.
    function deviationWad(bytes32 pool, uint256 price0E36, uint256 price1E36)
        external
        view
        returns (uint256);
}
