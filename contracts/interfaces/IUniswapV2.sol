// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @dev What Steelyard calls of Uniswap V2 core.
interface IUniswapV2Pair {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function factory() external view returns (address);
    function kLast() external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function getReserves() external view returns (uint112, uint112, uint32);
    function mint(address to) external returns (uint256 liquidity);
    function burn(address to) external returns (uint256 amount0, uint256 amount1);
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data)
        external;
}

interface IUniswapV2Factory {
    function feeTo() external view returns (address);
}
