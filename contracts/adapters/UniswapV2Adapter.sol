// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IUniswapV2Factory, IUniswapV2Pair} from "../interfaces/IUniswapV2.sol";
import {Concavity} from "../libraries/Concavity.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title UniswapV2Adapter
/// @notice Liquidity in Uniswap V2 pairs. Market: the pair's address. Units: LP tokens.
contract UniswapV2Adapter is UnitAdapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "uniswap-v2";

    constructor(address vault_) Adapter(vault_) {}

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
        override
        returns (int256[] memory held)
    {
        held = new int256[](2);
        uint256 liquidity = units[market];
        if (liquidity == 0) return held;
        (uint256 amount0, uint256 amount1) = _amountsDown(market, liquidity, pricesE36);
        (held[0], held[1]) = (int256(amount0), int256(amount1));
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

    /// @inheritdoc IAdapter
    /// @dev Liquidity over all prices is worth L sqrt(p0 p1) of each token.
    function concavityAssets(
        bytes32 market,
        int24,
        int24,
        uint256 liquidity,
        uint256[] calldata pricesE36,
        uint256[] calldata uncertaintiesWad
    ) external view override returns (uint256) {
        (, uint256 amount1) = _amountsDown(market, liquidity, pricesE36);
        return Concavity.ofLiquidityUp(
            amount1 + 1, pricesE36[1], Math.max(uncertaintiesWad[0], uncertaintiesWad[1])
        );
    }

    /* PROTOCOL */

    /// @dev The larger amounts of the pool's own ratio that fit, as the router takes them.
    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256 liquidity)
    {
        IUniswapV2Pair pair = IUniswapV2Pair(market.toAddress());
        (address token0, address token1) = (pair.token0(), pair.token1());
        (uint256 amount0, uint256 amount1) = _inRatioDown(pair, maxAmounts[0], maxAmounts[1]);

        IERC20(token0).safeTransfer(address(pair), amount0);
        IERC20(token1).safeTransfer(address(pair), amount1);
        liquidity = pair.mint(address(this));

        _sweep(token0);
        _sweep(token1);
    }

    function _redeem(bytes32 market, uint256 liquidity, address to) internal override {
        IERC20(market.toAddress()).safeTransfer(market.toAddress(), liquidity);
        IUniswapV2Pair(market.toAddress()).burn(to);
    }

    function _amountsDown(bytes32 market, uint256 liquidity, uint256[] calldata pricesE36)
        private
        view
        returns (uint256, uint256)
    {
        IUniswapV2Pair pair = IUniswapV2Pair(market.toAddress());
        (uint256 reserve0, uint256 reserve1,) = pair.getReserves();
        (uint256 fair0, uint256 fair1) =
            FairValue.fairReservesDown(reserve0, reserve1, pricesE36[0], pricesE36[1]);
        uint256 supply_ = pair.totalSupply();
        if (IUniswapV2Factory(pair.factory()).feeTo() != address(0)) {
            supply_ = FairValue.supplyWithPendingFee(supply_, reserve0 * reserve1, pair.kLast());
        }
        return (Math.mulDiv(fair0, liquidity, supply_), Math.mulDiv(fair1, liquidity, supply_));
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
