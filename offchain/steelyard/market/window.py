# SPDX-License-Identifier: MIT
"""Which rows lie between two dates."""

from datetime import UTC, date, datetime

import numpy as np

from steelyard.market.errors import BadSetting, WindowOutside
from steelyard.market.history import SECONDS_PER_DAY, TimeArray

Instant = date | str | np.datetime64


def rows_inside(
    source: str, times: TimeArray, start: Instant | None, end: Instant | None
) -> list[bool]:
    """Which of the ascending `times` lie from `start` to `end`, both included."""
    if not len(times):
        return []
    inside = np.ones(len(times), dtype=np.bool_)
    first_day, last_day = times[[0, -1]].astype("datetime64[D]")
    held = f"{first_day} to {last_day}"
    lower = None if start is None else _seconds("start", start, is_end=False)
    upper = None if end is None else _seconds("end", end, is_end=True)
    if lower is not None:
        if not first_day <= lower.astype("datetime64[D]") <= last_day:
            raise WindowOutside(source, "start", start, f"a date the file has, {held}")
        inside &= times >= lower
    if upper is not None:
        if not first_day <= upper.astype("datetime64[D]") <= last_day:
            raise WindowOutside(source, "end", end, f"a date the file has, {held}")
        inside &= times <= upper
    if lower is not None and upper is not None and lower > upper:
        raise BadSetting("start", start, f"a date not after the end, {end}")
    return [bool(i) for i in inside]


def _seconds(field: str, value: Instant, *, is_end: bool) -> np.datetime64:
    """UTC second; a date without a time is its first second, or its last as an end."""
    try:
        is_day = _is_day(value)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
    except ValueError:
        expected = "an ISO 8601 date such as 2020-03-12"
        raise BadSetting(field, repr(value), expected) from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    second: np.datetime64 = np.array([value], dtype="datetime64[s]")[0]
    last = np.timedelta64(SECONDS_PER_DAY - 1, "s")
    return second + last if is_end and is_day else second


def _is_day(value: Instant) -> bool:
    if isinstance(value, np.datetime64):
        return bool(np.datetime_data(value.dtype)[0] == "D")
    if isinstance(value, str):
        return len(value) <= len("2020-03-12")
    return not isinstance(value, datetime)
