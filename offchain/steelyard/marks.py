# SPDX-License-Identifier: MIT
"""The drawdown's mark and state: twin of Marks.sol.

UNITS  Share prices: wad, whole billionths of it, as the vault remembers them. `*_at`:
       unix seconds.
"""

from dataclasses import dataclass, replace

from steelyard.wad import WAD, mul_wad_down, mul_wad_up

UNIT_WAD = 10**9  # of a stored share price
MOST_UNITS = 2**48 - 1
READING_SECONDS = 3600
PERIOD_SECONDS = 15 * 86_400
CONFIRM_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What a vault remembers of its low share prices."""

    mark_wad: int  # highest share price confirmed in this period
    last_mark_wad: int  # and in the one before
    reading_wad: int  # last low share price
    period_at: int
    reading_at: int
    turned_at: int  # since when the share price asks for the other state; or zero
    reduce_only: bool

    @property
    def highest_wad(self) -> int:
        """The mark that a share price is held against."""
        return max(self.mark_wad, self.last_mark_wad)


def read(marks: Marks, *, drawdown_wad: int, low_wad: int, now: int) -> Marks:
    """The marks after a reading of the low share price at the time `now`.

    Once an hour the lower of two readings may lift the mark. Below
    mark · (1 - drawdown) at two readings half an hour apart, with none above in
    between, the vault may only reduce risk; from mark · (1 - drawdown / 2) on, seen the
    same way, it is free again.
    """
    low_wad = stored_wad_down(low_wad)
    if now - marks.reading_at >= READING_SECONDS:
        marks = _lifted(marks, low_wad, now)
    turned_at, reduce_only = turned(
        mark_wad=marks.highest_wad,
        turned_at=marks.turned_at,
        reduce_only=marks.reduce_only,
        drawdown_wad=drawdown_wad,
        low_wad=low_wad,
        now=now,
    )
    return replace(marks, turned_at=turned_at, reduce_only=reduce_only)


def turned(
    *,
    mark_wad: int,
    turned_at: int,
    reduce_only: bool,
    drawdown_wad: int,
    low_wad: int,
    now: int,
) -> tuple[int, bool]:
    """(turned_at, reduce_only) after a reading that leaves the mark at `mark_wad`."""
    mark, low = mark_wad // UNIT_WAD, stored_wad_down(low_wad) // UNIT_WAD
    if reduce_only:
        turns = low >= mul_wad_up(mark, WAD - drawdown_wad // 2)
    else:
        turns = low < mul_wad_down(mark, WAD - drawdown_wad)
    if not turns:
        return 0, reduce_only
    if turned_at == 0:
        return now, reduce_only
    if now - turned_at >= CONFIRM_SECONDS:
        return 0, not reduce_only
    return turned_at, reduce_only


def stored_wad_down(share_price_wad: int) -> int:
    """A share price as it is remembered: whole billionths, 2^48 - 1 at the most."""
    return min(share_price_wad // UNIT_WAD, MOST_UNITS) * UNIT_WAD


def _lifted(marks: Marks, low_wad: int, now: int) -> Marks:
    """Of the two periods that the mark covers, silent ones leave nothing behind."""
    mark_wad, last_mark_wad = marks.mark_wad, marks.last_mark_wad
    period_at, age = marks.period_at, now - marks.period_at
    if age >= PERIOD_SECONDS:
        last_mark_wad = 0 if age >= 2 * PERIOD_SECONDS else mark_wad
        mark_wad, period_at = 0, now
    return replace(
        marks,
        mark_wad=max(mark_wad, min(low_wad, marks.reading_wad)),
        last_mark_wad=last_mark_wad,
        reading_wad=low_wad,
        period_at=period_at,
        reading_at=now,
    )
