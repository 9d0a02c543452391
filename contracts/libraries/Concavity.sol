// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {E36, WAD, WadMath} from "./WadMath.sol";

/// @title Concavity
/// @notice How far a position's worth can lie below its amounts at the read prices, when
///         the true prices are others within their uncertainty u.
///
/// FORMULA   A position worth V(p), concave and homogeneous in prices, has the amounts
///           a = V'(p), and a.p* - V(p*) is what linear books overstate. For liquidity L
///           at the price ratio P of its two tokens, counted in the second,
///               a.p* - V(p*) = L sqrt(P) (sqrt(r) - 1)^2 p1*
///           where r is the true ratio over P: at most s^2 = (1 + u) / (1 - u).
/// UNITS     assets: raw asset units; wads.
/// ROUNDING  Up.
library Concavity {
    /// @notice Of liquidity over the prices that are possible.
    /// @param rootAmount L sqrt(P): raw units of the second token.
    function ofLiquidityUp(uint256 rootAmount, uint256 price1E36, uint256 uncertaintyWad)
        internal
        pure
        returns (uint256)
    {
        if (uncertaintyWad == 0) return 0;
        uint256 bend = rootRatioWadUp(uncertaintyWad) - WAD;
        uint256 bendWad = WadMath.mulWadUp(WadMath.mulWadUp(bend, bend), WAD + uncertaintyWad);
        return WadMath.mulWadUp(WadMath.assetsUp(rootAmount, price1E36), bendWad);
    }

    /// @notice sqrt((1 + u) / (1 - u)) [wad, up]: a root of the most that a ratio of two
    ///         prices can be off.
    function rootRatioWadUp(uint256 uncertaintyWad) internal pure returns (uint256) {
        uint256 ratioE36 =
            Math.mulDiv(E36, WAD + uncertaintyWad, WAD - uncertaintyWad, Math.Rounding.Ceil);
        return Math.sqrt(ratioE36, Math.Rounding.Ceil);
    }

    /// @notice Of a position with weights on its tokens' prices that stand still, such as a
    ///         weighted pool's: at most (sqrt(1 + u) - sqrt(1 - u))^2 of its worth
    ///         (Kittaneh and Manasrah 2010, improved Young inequality).
    function ofWeightsUp(uint256 assets, uint256 uncertaintyWad)
        internal
        pure
        returns (uint256)
    {
        uint256 bendWad = Math.sqrt((WAD + uncertaintyWad) * WAD, Math.Rounding.Ceil)
            - Math.sqrt((WAD - uncertaintyWad) * WAD);
        return WadMath.mulWadUp(assets, WadMath.mulWadUp(bendWad, bendWad));
    }

    /// @notice The largest of some uncertainties [wad].
    function most(uint256[] memory uncertaintiesWad) internal pure returns (uint256 largest) {
        for (uint256 i; i < uncertaintiesWad.length; i++) {
            largest = Math.max(largest, uncertaintiesWad[i]);
        }
    }
}
