// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @dev What Steelyard calls of a plain Curve pool that is its own LP token. What takes or
///      returns an array of as many words as the pool has coins is in CurvePool.sol.
interface ICurvePool {
    function coins(uint256 i) external view returns (address);
    function A_precise() external view returns (uint256);
    function future_A() external view returns (uint256);
    function fee() external view returns (uint256);
    function admin_fee() external view returns (uint256);
    function get_virtual_price() external view returns (uint256);
    function balanceOf(address owner) external view returns (uint256);

    function exchange(int128 i, int128 j, uint256 amountIn, uint256 minAmountOut)
        external
        returns (uint256 amountOut);
    function exchange(
        int128 i,
        int128 j,
        uint256 amountIn,
        uint256 minAmountOut,
        address receiver
    ) external returns (uint256 amountOut);
}
