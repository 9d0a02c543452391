// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Params} from "../interfaces/Types.sol";
import {VaultState} from "./VaultState.sol";
import {WAD, WadMath} from "./WadMath.sol";

/// @title Marks
/// @notice Drawdown: a share price that stays too far below its own highest one stops new
///         risk. One reading proves nothing, up or down.
///
/// RULES     Readings are the low share price, at orders and whenever anyone asks. Once an
///           hour the lower of two readings may lift the mark, which covers this period of
///           15 days and the one before. Below mark * (1 - drawdown) at two readings half
///           an hour apart, with none above in between, the vault may only reduce risk;
///           above mark * (1 - drawdown / 2), seen the same way, it is free again.
/// UNITS     Share prices: wad.
library Marks {
    /// @notice A reading that counts for the mark, or turned the vault into the other state.
    event Marked(uint256 sharePriceWad, uint256 markWad, bool reduceOnly);

    uint256 private constant UNIT_WAD = 1e9; // of a stored share price
    uint256 internal constant READING_SECONDS = 1 hours;
    uint256 internal constant PERIOD_SECONDS = 15 days;
    uint256 internal constant CONFIRM_SECONDS = 30 minutes;

    /// @notice The mark that a share price is held against.
    function markWad(VaultState.State storage s) internal view returns (uint256) {
        return Math.max(s.mark, s.lastMark) * UNIT_WAD;
    }

    /// @notice The last reading.
    function readingWad(VaultState.State storage s) internal view returns (uint256) {
        return s.reading * UNIT_WAD;
    }

    /// @notice Whether only reductions of risk are allowed.
    function isReduceOnly(VaultState.State storage s) internal view returns (bool) {
        return s.reduceOnly || block.timestamp < s.brakeUntil;
    }

    /// @notice Whether prices are young enough to move marks and fees.
    function isFresh(Params memory p, uint256 updatedAt) internal view returns (bool) {
        return updatedAt + p.markMaxAgeSeconds >= block.timestamp;
    }

    /// @notice Takes a reading.
    function read(VaultState.State storage s, Params memory p, uint256 lowWad) internal {
        uint48 low = uint48(Math.min(lowWad / UNIT_WAD, type(uint48).max));
        if (block.timestamp - s.readingAt >= READING_SECONDS) _lift(s, low);
        _turn(s, p.drawdownWad, low);
    }

    /// @notice Starts anew from the last reading.
    function reset(VaultState.State storage s) internal {
        (s.mark, s.lastMark, s.periodAt) = (s.reading, s.reading, uint32(block.timestamp));
        (s.reduceOnly, s.turnedAt) = (false, 0);
        emit Marked(readingWad(s), readingWad(s), false);
    }

    /// @notice Starts a vault's life.
    function start(VaultState.State storage s, uint256 priceWad) internal {
        s.reading = uint48(priceWad / UNIT_WAD);
        s.readingAt = uint32(block.timestamp);
        reset(s);
    }

    /// @dev The lower of this reading and the last one may lift the mark.
    function _lift(VaultState.State storage s, uint48 low) private {
        uint256 age = block.timestamp - s.periodAt;
        if (age >= PERIOD_SECONDS) {
            // after two silent periods nothing is left of either
            s.lastMark = age >= 2 * PERIOD_SECONDS ? 0 : s.mark;
            (s.mark, s.periodAt) = (0, uint32(block.timestamp));
        }
        uint48 confirmed = low < s.reading ? low : s.reading;
        if (confirmed > s.mark) s.mark = confirmed;
        (s.reading, s.readingAt) = (low, uint32(block.timestamp));
        emit Marked(readingWad(s), markWad(s), s.reduceOnly);
    }

    /// @dev Into the other state after the same answer at two readings.
    function _turn(VaultState.State storage s, uint256 drawdownWad, uint48 low) private {
        uint256 mark = Math.max(s.mark, s.lastMark);
        bool turns = s.reduceOnly
            ? low >= WadMath.mulWadUp(mark, WAD - drawdownWad / 2)
            : low < WadMath.mulWadDown(mark, WAD - drawdownWad);
        if (!turns) {
            if (s.turnedAt != 0) s.turnedAt = 0;
        } else if (s.turnedAt == 0) {
            s.turnedAt = uint32(block.timestamp);
        } else if (block.timestamp - s.turnedAt >= CONFIRM_SECONDS) {
            (s.reduceOnly, s.turnedAt) = (!s.reduceOnly, 0);
            emit Marked(low * UNIT_WAD, markWad(s), s.reduceOnly);
        }
    }
}
