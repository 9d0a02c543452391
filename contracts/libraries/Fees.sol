// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Params} from "../interfaces/Types.sol";
import {Marks} from "./Marks.sol";
import {SharePrice} from "./SharePrice.sol";
import {VaultState} from "./VaultState.sol";
import {WAD, WadMath} from "./WadMath.sol";

uint256 constant MAX_MANAGEMENT_FEE_WAD = 0.05e18; // per year
uint256 constant MAX_PERFORMANCE_FEE_WAD = 0.3e18; // of gains

/// @title Fees
/// @notice Fees in new shares: for management by the second, for performance above a
///         high-water mark that only prices confirmed for a day can lift.
///
/// UNITS     Share prices: wad, at the low net asset value.
/// ROUNDING  Down, for the depositors.
library Fees {
    uint256 private constant YEAR_SECONDS = 365 days;

    /// @dev What is due now; a move of shares prices itself after it.
    struct Due {
        uint256 shares;
        bool isCheckpoint; // then:
        uint256 highWater; // after the fee
        uint256 checkpoint; // low share price now, after the fee
    }

    /// @notice Whether the low share price has to be looked at now.
    function isCheckpoint(VaultState.State storage s, Params memory p, uint256 updatedAt)
        internal
        view
        returns (bool)
    {
        return p.performanceFeeWad != 0
            && block.timestamp / 1 days > s.checkpointDay
            && Marks.isFresh(p, updatedAt);
    }

    /// @notice Shares for management since the last move of shares: supply x / (1 - x) for
    ///         x = fee * seconds / year; of one year at the most.
    function managementShares(VaultState.State storage s, Params memory p, uint256 supply)
        internal
        view
        returns (uint256)
    {
        uint256 elapsed = Math.min(block.timestamp - s.touchedAt, YEAR_SECONDS);
        if (p.managementFeeWad == 0 || elapsed == 0) return 0;
        uint256 dueWad = p.managementFeeWad * elapsed / YEAR_SECONDS;
        return Math.mulDiv(supply, dueWad, WAD - dueWad);
    }

    /// @notice The performance fee at a checkpoint: on the lower of the low share prices
    ///         now and a day or more ago, so that a price that stood for one block pays
    ///         nothing.
    function performance(
        VaultState.State storage s,
        Params memory p,
        Due memory due,
        uint256 navLow,
        uint256 supply
    ) internal view {
        due.isCheckpoint = true;
        due.highWater = s.highWater;
        due.checkpoint = SharePrice.wadDown(navLow, supply);
        uint256 confirmed = Math.min(due.checkpoint, s.checkpoint);
        if (confirmed <= due.highWater) return;

        uint256 feeWad = WadMath.mulWadDown(confirmed - due.highWater, p.performanceFeeWad);
        uint256 shares = Math.mulDiv(supply, feeWad, confirmed - feeWad);
        due.shares += shares;
        due.highWater = confirmed - feeWad;
        due.checkpoint = SharePrice.wadDown(navLow, supply + shares);
    }

    /// @notice Writes a checkpoint; the next one is a day away at least, two at most.
    function store(VaultState.State storage s, uint256 highWater, uint256 checkpoint)
        internal
    {
        s.highWater = uint128(Math.min(highWater, type(uint128).max));
        s.checkpoint = uint128(Math.min(checkpoint, type(uint128).max));
        s.checkpointDay = uint16(Math.ceilDiv(block.timestamp, 1 days));
    }
}
