// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @dev What Steelyard calls of an Aave V3 pool.
interface IAaveV3Pool {
    function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)
        external;
    function withdraw(address asset, uint256 amount, address to) external returns (uint256);
    function getConfiguration(address asset) external view returns (uint256);
    function getReserveNormalizedIncome(address asset) external view returns (uint256);
}

interface IAToken {
    function POOL() external view returns (address);
    function UNDERLYING_ASSET_ADDRESS() external view returns (address);
    function scaledBalanceOf(address user) external view returns (uint256);
}
