// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SqrtPriceMath} from "@uniswap/v4-core/src/libraries/SqrtPriceMath.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {WadMath} from "./WadMath.sol";

/// @title FairValue
/// @notice What liquidity is worth at given prices, whatever the pool's spot price says.
///
/// UNITS     sqrt*X96: sqrt(raw token 1 per raw token 0) * 2^96. *E36: raw asset units per
///           raw token unit * 1e36.
/// ROUNDING  Down, unless the name says up.
library FairValue {
    uint256 private constant Q96 = 1 << 96;
    uint256 private constant FAR = 1 << 120;

    /// @dev floor(sqrt(price0 / price1) * 2^96), with 32 bits less where 2^192 overflows
    function sqrtPriceX96Down(uint256 price0E36, uint256 price1E36)
        internal
        pure
        returns (uint256)
    {
        if (price0E36 >> 64 < price1E36) {
            return Math.sqrt(Math.mulDiv(price0E36, 1 << 192, price1E36));
        }
        return Math.sqrt(Math.mulDiv(price0E36, 1 << 128, price1E36)) << 32;
    }

    /// @notice Reserves that a constant-product pool of this invariant holds at these prices;
    ///         the first may come out high by one part in the price's root.
    /// @dev sqrt(k / ratio) and sqrt(k * ratio); the least value on the curve, so that a
    ///      skewed pool is never worth more.
    function fairReservesDown(
        uint256 reserve0,
        uint256 reserve1,
        uint256 price0E36,
        uint256 price1E36
    ) internal pure returns (uint256 fair0, uint256 fair1) {
        uint256 rootK = Math.sqrt(reserve0 * reserve1);
        uint256 sqrtX96 = sqrtPriceX96Down(price0E36, price1E36);
        fair0 = Math.mulDiv(rootK, Q96, sqrtX96);
        fair1 = Math.mulDiv(rootK, sqrtX96, Q96);
    }

    /// @notice LP supply of a Uniswap V2 pair once the protocol's pending fee is minted.
    /// @dev supply + supply * (rootK - rootKLast) / (5 * rootK + rootKLast), as the pair's own
    ///      `_mintFee` would.
    function supplyWithPendingFee(uint256 supply, uint256 k, uint256 kLast)
        internal
        pure
        returns (uint256)
    {
        if (kLast == 0) return supply;
        uint256 rootK = Math.sqrt(k);
        uint256 rootKLast = Math.sqrt(kLast);
        if (rootK <= rootKLast) return supply;
        return supply + supply * (rootK - rootKLast) / (rootK * 5 + rootKLast);
    }

    /// @notice Amounts that concentrated liquidity pays at a price.
    function concentratedDown(
        uint128 liquidity,
        int24 tickLower,
        int24 tickUpper,
        uint256 sqrtPriceX96
    ) internal pure returns (uint256 amount0, uint256 amount1) {
        uint160 lower = TickMath.getSqrtPriceAtTick(tickLower);
        uint160 upper = TickMath.getSqrtPriceAtTick(tickUpper);
        // clamped to the range, so the cast fits
        uint160 sqrtX96 = uint160(Math.max(lower, Math.min(upper, sqrtPriceX96)));
        amount0 = SqrtPriceMath.getAmount0Delta(sqrtX96, upper, liquidity, false);
        amount1 = SqrtPriceMath.getAmount1Delta(lower, sqrtX96, liquidity, false);
    }

    /// @notice Most liquidity that these amounts can buy at a pool's own price.
    /// @dev `LiquidityAmounts.getLiquidityForAmounts` of Uniswap V3 periphery.
    function liquidityForAmountsDown(
        uint256 sqrtX96,
        int24 tickLower,
        int24 tickUpper,
        uint256 amount0,
        uint256 amount1
    ) internal pure returns (uint256 liquidity) {
        uint256 lower = TickMath.getSqrtPriceAtTick(tickLower);
        uint256 upper = TickMath.getSqrtPriceAtTick(tickUpper);
        uint256 from = Math.max(lower, Math.min(upper, sqrtX96));
        uint256 liquidity0 = from < upper
            ? Math.mulDiv(amount0, Math.mulDiv(from, upper, Q96), upper - from)
            : type(uint256).max;
        uint256 liquidity1 =
            from > lower ? Math.mulDiv(amount1, Q96, from - lower) : type(uint256).max;
        return Math.min(liquidity0, liquidity1);
    }

    /// @notice |spot / fair - 1| of the prices, not of their roots [wad, up]; the larger of
    ///         the two is divided by the smaller, so that both directions count alike.
    function deviationWadUp(uint256 sqrtSpotX96, uint256 sqrtFairX96)
        internal
        pure
        returns (uint256)
    {
        (uint256 low, uint256 high) = sqrtSpotX96 < sqrtFairX96
            ? (sqrtSpotX96, sqrtFairX96)
            : (sqrtFairX96, sqrtSpotX96);
        if (low == 0) return type(uint256).max;
        uint256 rootWad = WadMath.divWadUp(high, low);
        if (rootWad > FAR) return type(uint256).max;
        return WadMath.mulWadUp(rootWad, rootWad) - 1e18;
    }
}
