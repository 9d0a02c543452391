// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "@solady/utils/FixedPointMathLib.sol";
import {WAD, WadMath} from "./WadMath.sol";

/// @title WeightedPool
/// @notice What a pool of the invariant prod B_i^w_i is worth at given prices.
///
/// FORMULA   Traded to the prices p, the pool holds w_i V / p_i of token i, where
///               V = prod (B_i p_i / w_i)^w_i = exp(sum w_i ln(B_i p_i / w_i)):
///           the least value on its curve, so that a skewed pool is never worth more.
/// UNITS     balances raw; weights wad, of sum 1; pricesE36: asset units per raw unit *
///           1e36.
/// ROUNDING  Worth Down: each logarithm, product and the exponential are within a few parts
///           in 1e18, which `ERROR_WAD` takes off ten times over. Deviations Up.
library WeightedPool {
    int256 private constant WAD_SIGNED = 1e18;
    uint256 private constant ERROR_WAD = 100; // 1e-16

    /// @notice V of a part of the pool [assets].
    function worthDown(
        uint256[] memory balances,
        uint256[] memory weights,
        uint256[] memory pricesE36,
        uint256 partWad
    ) internal pure returns (uint256) {
        return WadMath.mulWadDown(_worthWad(balances, weights, pricesE36), partWad) / WAD;
    }

    /// @notice The same as raw units of every token.
    function amountsDown(
        uint256[] memory balances,
        uint256[] memory weights,
        uint256[] memory pricesE36,
        uint256 partWad
    ) internal pure returns (int256[] memory amounts) {
        uint256 worth =
            WadMath.mulWadDown(_worthWad(balances, weights, pricesE36), partWad);
        amounts = new int256[](balances.length);
        for (uint256 i; i < amounts.length; i++) {
            // (wad * wad) / E36 = assets, over a price E36
            amounts[i] = int256(Math.mulDiv(worth, weights[i], pricesE36[i]));
        }
    }

    /// @notice How far any two tokens stand in the pool from these prices [wad].
    function deviationWadUp(
        uint256[] memory balances,
        uint256[] memory weights,
        uint256[] memory pricesE36
    ) internal pure returns (uint256) {
        (uint256 low, uint256 high) = (type(uint256).max, 0);
        for (uint256 i; i < balances.length; i++) {
            uint256 side = _sideWad(balances[i], weights[i], pricesE36[i]);
            (low, high) = (Math.min(low, side), Math.max(high, side));
        }
        return WadMath.divWadUp(high + 1, low) - WAD;
    }

    /// @dev Worth of the whole pool [assets * 1e18]
    function _worthWad(
        uint256[] memory balances,
        uint256[] memory weights,
        uint256[] memory pricesE36
    ) private pure returns (uint256) {
        int256 logarithm;
        for (uint256 i; i < balances.length; i++) {
            int256 side = int256(_sideWad(balances[i], weights[i], pricesE36[i]));
            logarithm += int256(weights[i]) * FixedPointMathLib.lnWad(side) / WAD_SIGNED;
        }
        uint256 worth = uint256(FixedPointMathLib.expWad(logarithm));
        return WadMath.mulWadDown(worth, WAD - ERROR_WAD);
    }

    /// @dev B p / w [assets * 1e18]; the same for all tokens at the pool's own prices.
    function _sideWad(uint256 balance, uint256 weight, uint256 priceE36)
        private
        pure
        returns (uint256)
    {
        return WadMath.divWadDown(Math.mulDiv(balance, priceE36, WAD), weight);
    }
}
