// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {E36, WAD, WadMath} from "./WadMath.sol";

/// @title StableSwap
/// @notice What liquidity is worth in a pool of pegged coins, and what the pool's own prices
///         are: Curve's invariant, which Balancer's stable pools share.
///
/// FORMULA   A S + D = A D + D^(n+1) / (n^n P), with S the sum and P the product of the
///           balances x_i and A the amplification times n. A coin's price in the pool is
///           proportional to the slope A + D^(n+1) / (n^n P x_i).
///           D is at most the sum of the balances, so whoever holds a share of the pool can
///           take out at least that share of D at the lowest of the coins' prices.
/// UNITS     scaled: raw units times scaling / 1e18, alike for all coins of a pool, as the
///           invariant counts them. pricesE36: asset units per raw unit * 1e36.
/// ROUNDING  Worth Down, deviations Up.
library StableSwap {
    /// @dev A pool as it stands.
    struct Pool {
        uint256[] balances; // scaled
        uint256[] scaling; // 1e18 = 1
        uint256 invariant; // scaled
        uint256 amplificationWad; // times the number of coins
    }

    uint256 private constant MOST_STEPS = 64; // of Newton's method, which needs a few

    /// @notice D of these balances, within a unit or two [scaled]; a few where it never
    ///         settles, in which case the pool's own views revert.
    function invariantOf(uint256[] memory balances, uint256 amplificationWad)
        internal
        pure
        returns (uint256 invariant)
    {
        uint256 sum;
        for (uint256 i; i < balances.length; i++) {
            sum += balances[i];
        }
        invariant = sum;
        uint256 fixedPart = Math.mulDiv(amplificationWad, sum, WAD);
        for (uint256 step; step < MOST_STEPS; step++) {
            uint256 last = invariant;
            uint256 product = _product(balances, last);
            invariant = Math.mulDiv(
                fixedPart + balances.length * product,
                last,
                Math.mulDiv(amplificationWad - WAD, last, WAD)
                    + (balances.length + 1) * product
            );
            if (SignedMath.abs(int256(invariant) - int256(last)) <= 1) return invariant;
        }
    }

    /// @notice A part of the invariant at the lowest price [assets].
    function worthDown(
        uint256 invariant,
        uint256[] memory scaling,
        uint256[] memory pricesE36
    ) internal pure returns (uint256) {
        (uint256 lowest,) = _bounds(scaling, pricesE36);
        return Math.mulDiv(invariant, lowest, E36);
    }

    /// @notice The same as raw units of every coin, each of them worth as much.
    function amountsDown(
        uint256 invariant,
        uint256[] memory scaling,
        uint256[] memory pricesE36
    ) internal pure returns (int256[] memory amounts) {
        (uint256 lowest,) = _bounds(scaling, pricesE36);
        uint256 count = pricesE36.length;
        amounts = new int256[](count);
        for (uint256 i; i < count; i++) {
            amounts[i] = int256(Math.mulDiv(invariant, lowest, count * pricesE36[i]));
        }
    }

    /// @notice The larger of: how far the coins stand from their peg, and how far any two
    ///         of them stand in the pool from these prices [wad].
    function deviationWadUp(Pool memory pool, uint256[] memory pricesE36)
        internal
        pure
        returns (uint256)
    {
        (uint256 low, uint256 high) = _bounds(pool.scaling, pricesE36);
        uint256 pegWad = WadMath.divWadUp(high, low) - WAD;
        uint256 product = _product(pool.balances, pool.invariant);
        (low, high) = (type(uint256).max, 0);
        for (uint256 i; i < pricesE36.length; i++) {
            uint256 ratio = _slopeOverPrice(pool, product, i, pricesE36[i]);
            (low, high) = (Math.min(low, ratio), Math.max(high, ratio));
        }
        return Math.max(pegWad, WadMath.divWadUp(high, low) - WAD);
    }

    /// @notice How far two coins stand in the pool from these prices [wad].
    function pairDeviationWadUp(
        Pool memory pool,
        uint256 i,
        uint256 j,
        uint256 priceIE36,
        uint256 priceJE36
    ) internal pure returns (uint256) {
        uint256 product = _product(pool.balances, pool.invariant);
        uint256 ratioI = _slopeOverPrice(pool, product, i, priceIE36);
        uint256 ratioJ = _slopeOverPrice(pool, product, j, priceJE36);
        return
            WadMath.divWadUp(Math.max(ratioI, ratioJ), Math.min(ratioI, ratioJ)) - WAD;
    }

    /// @dev Lowest and highest price of a scaled unit * 1e36.
    function _bounds(uint256[] memory scaling, uint256[] memory pricesE36)
        private
        pure
        returns (uint256 lowest, uint256 highest)
    {
        lowest = type(uint256).max;
        for (uint256 i; i < pricesE36.length; i++) {
            uint256 price = Math.mulDiv(pricesE36[i], WAD, scaling[i]);
            (lowest, highest) = (Math.min(lowest, price), Math.max(highest, price));
        }
    }

    /// @dev D^(n+1) / (n^n P), scaled
    function _product(uint256[] memory balances, uint256 invariant)
        private
        pure
        returns (uint256 product)
    {
        product = invariant;
        for (uint256 i; i < balances.length; i++) {
            product = Math.mulDiv(product, invariant, balances.length * balances[i]);
        }
    }

    /// @dev The same for all coins where the pool's prices are the oracle's.
    function _slopeOverPrice(
        Pool memory pool,
        uint256 product,
        uint256 i,
        uint256 priceE36
    ) private pure returns (uint256) {
        uint256 slopeWad =
            pool.amplificationWad + Math.mulDiv(product, WAD, pool.balances[i]);
        return Math.mulDiv(Math.mulDiv(slopeWad, pool.scaling[i], WAD), E36, priceE36);
    }
}
