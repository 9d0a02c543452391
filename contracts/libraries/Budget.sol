// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {Prices} from "../interfaces/Types.sol";
import {WadMath} from "./WadMath.sol";

/// @title Budget
/// @notice What an action may have lost at any true prices within the uncertainty of those
///         read, and buckets that are charged with it and refill linearly.
///
/// FORMULA   An action that changes the token vector by d, at middle prices p with relative
///           uncertainties u, is charged
///               max(0, -d.p) + sum |d_t| p_t u_t + concavity:
///           at true prices p*, |p*_t / p_t - 1| <= u_t, it costs -d.p* and what new
///           liquidity is worth less than its amounts say. Gains are never credited.
/// UNITS     assets: raw asset units; levels and charges of buckets: wad of NAV.
/// ROUNDING  Up: against the order.
library Budget {
    using Math for uint256;

    uint256 internal constant UNIT_WAD = 1e9; // of a stored level

    /// @dev What the actions of an order add up to.
    struct Tally {
        uint256 lossAssets;
        uint256 tradedAssets; // one way: half of what went out and came in
    }

    /// @notice Adds one action.
    /// @param indexes         Byte j: index of the token that `changes[j]` is of.
    /// @param concavityAssets What new liquidity may be overstated by.
    function add(
        Tally memory tally,
        Prices memory p,
        uint256 indexes,
        int256[] memory changes,
        uint256 concavityAssets
    ) internal pure {
        uint256 paid;
        uint256 received;
        uint256 doubt;
        uint256 traded;
        for (uint256 j; j < changes.length; j++) {
            if (changes[j] == 0) continue;
            uint256 i = (indexes >> (8 * j)) & 0xff;
            uint256 assets = WadMath.assetsUp(SignedMath.abs(changes[j]), p.midE36[i]);
            traded += assets;
            doubt += WadMath.mulWadUp(assets, p.uncertaintyWad[i]);
            if (changes[j] < 0) paid += assets;
            else received += WadMath.assetsDown(uint256(changes[j]), p.midE36[i]);
        }
        tally.lossAssets += paid.saturatingSub(received) + doubt + concavityAssets;
        tally.tradedAssets += traded.ceilDiv(2);
    }

    /// @notice A stored bucket's level after some time and a charge [wad].
    function level(
        uint256 stored,
        uint256 refillWadPerSecond,
        uint256 elapsedSeconds,
        uint256 chargeWad
    ) internal pure returns (uint256) {
        return (stored * UNIT_WAD).saturatingSub(refillWadPerSecond * elapsedSeconds)
            + chargeWad;
    }

    /// @notice A level as it is stored: in billionths, Up, and at the most 2^40 of them.
    function packUp(uint256 levelWad) internal pure returns (uint40) {
        return uint40(Math.min(Math.ceilDiv(levelWad, UNIT_WAD), type(uint40).max));
    }

    /// @notice Assets as a share of net asset value; without any, all of it and more.
    function shareUp(uint256 assets, uint256 nav) internal pure returns (uint256) {
        if (assets == 0) return 0;
        return nav == 0 ? type(uint64).max : WadMath.divWadUp(assets, nav);
    }
}
