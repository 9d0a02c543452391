// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @dev What Steelyard calls of a Compound V2 cToken. Those that return a code do not
///      revert when they refuse: zero alone is success.
interface ICToken {
    function underlying() external view returns (address);
    function comptroller() external view returns (address);
    function interestRateModel() external view returns (address);
    function reserveFactorMantissa() external view returns (uint256);
    function accrualBlockNumber() external view returns (uint256);
    function borrowRatePerBlock() external view returns (uint256);
    function getCash() external view returns (uint256);
    function totalBorrows() external view returns (uint256);
    function totalReserves() external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function balanceOf(address owner) external view returns (uint256);

    function mint(uint256 assets) external returns (uint256 code);
    function redeem(uint256 cTokens) external returns (uint256 code);
}
