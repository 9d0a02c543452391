// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IVenue
/// @notice Swaps through the pools of one AMM; holds nothing between calls.
/// TRUST   No proxy, no owner, no setting: code is all that decides.
interface IVenue {
    /// @notice Name of the protocol, as keepers know it: "uniswap-v3".
    function protocol() external view returns (string memory);

    /// @notice Tokens of a pool, in the pool's own order.
    function tokens(bytes32 pool) external view returns (address[] memory);

    /// @notice Hash of what the protocol's owner may change in a pool; zero where nothing
    ///         that the vault relies on can change.
    function parameters(bytes32 pool) external view returns (bytes32);

    /// @notice Swaps all of `amountIn`, which the caller has sent here before, and pays the
    ///         caller.
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256 amountOut);

    /// @notice How far the pool's spot price of two of its tokens stands from these prices
    ///         [wad, up].
    /// @param priceInE36 Asset units per unit of `tokenIn`.
    function deviationWad(
        bytes32 pool,
        address tokenIn,
        address tokenOut,
        uint256 priceInE36,
        uint256 priceOutE36
    ) external view returns (uint256);
}
