// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IUniswapV2Factory, IUniswapV2Pair} from "../interfaces/IUniswapV2.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";

/// @title UniswapV2Adapter
/// @notice Liquidity in Uniswap V2 pairs. Market: the pair's address. Units: LP tokens bought
///         here; LP tokens sent by others are not counted.
contract UniswapV2Adapter is Adapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "uniswap-v2";

    mapping(bytes32 market => uint256 liquidity) public units;

    constructor(address vault_) Adapter(vault_) {}

    /* VAULT */

    /// @inheritdoc IAdapter
    /// @dev The larger amounts of the pool's own ratio that fit, as the router takes them.
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external onlyVault returns (uint256 liquidity) {
        _requireNoRange(tickLower, tickUpper);
        IUniswapV2Pair pair = IUniswapV2Pair(market.toAddress());
        (address token0, address token1) = (pair.token0(), pair.token1());
        (uint256 amount0, uint256 amount1) = _inRatioDown(pair, maxAmounts[0], maxAmounts[1]);

        IERC20(token0).safeTransfer(address(pair), amount0);
        IERC20(token1).safeTransfer(address(pair), amount1);
        liquidity = pair.mint(address(this));

        units[market] += liquidity;
        _sweep(token0);
        _sweep(token1);
    }

    /// @inheritdoc IAdapter
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        onlyVault
    {
        _requireNoRange(tickLower, tickUpper);
        uint256 liquidity = _unitsToTake(units[market], units_, 0, 0);

        units[market] -= liquidity;

        IERC20(market.toAddress()).safeTransfer(market.toAddress(), liquidity);
        IUniswapV2Pair(market.toAddress()).burn(vault);
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](2);
        list[0] = IUniswapV2Pair(market.toAddress()).token0();
        list[1] = IUniswapV2Pair(market.toAddress()).token1();
    }

    /// @inheritdoc IAdapter
    function amounts(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        returns (int256[] memory held)
    {
        held = new int256[](2);
        uint256 liquidity = units[market];
        if (liquidity == 0) return held;

        IUniswapV2Pair pair = IUniswapV2Pair(market.toAddress());
        (uint256 reserve0, uint256 reserve1,) = pair.getReserves();
        (uint256 fair0, uint256 fair1) =
            FairValue.fairReservesDown(reserve0, reserve1, pricesE36[0], pricesE36[1]);
        uint256 supply_ = pair.totalSupply();
        if (IUniswapV2Factory(pair.factory()).feeTo() != address(0)) {
            supply_ = FairValue.supplyWithPendingFee(supply_, reserve0 * reserve1, pair.kLast());
        }
        held[0] = int256(Math.mulDiv(fair0, liquidity, supply_));
        held[1] = int256(Math.mulDiv(fair1, liquidity, supply_));
    }

    /// @inheritdoc IAdapter
    function deviationWad(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        override
        returns (uint256)
    {
        (uint256 reserve0, uint256 reserve1,) = IUniswapV2Pair(market.toAddress()).getReserves();
        return FairValue.deviationWadUp(
            FairValue.sqrtPriceX96Down(reserve1, reserve0),
            FairValue.sqrtPriceX96Down(pricesE36[0], pricesE36[1])
        );
    }

    function _inRatioDown(IUniswapV2Pair pair, uint256 max0, uint256 max1)
        private
        view
        returns (uint256, uint256)
    {
        (uint256 reserve0, uint256 reserve1,) = pair.getReserves();
        uint256 amount1 = max0 * reserve1 / reserve0;
        if (amount1 <= max1) return (max0, amount1);
        return (max1 * reserve0 / reserve1, max1);
    }
}
