# SPDX-License-Identifier: MIT
"""Numbers as people read them.

ROUNDING  Half to even in the last place shown, on exact decimals.
"""

from datetime import UTC, datetime

from steelyard.money import money

MINUS = "\u2212"


def amount(raw: int, decimals: int, places: int | None = None) -> str:
    """Raw units as whole tokens; without `places`, as many as show five digits.

    So a small amount is never shown as 0. Two places at least, where there are two.
    """
    if places is None:
        lead = max(0, 5 + decimals - len(str(abs(raw)))) if raw else 2
        places = max(2, min(lead, decimals))
    return _signed(money(raw, decimals, places))


def assets(raw: int, decimals: int) -> str:
    """Raw asset units, as `money` shows them."""
    return _signed(money(raw, decimals))


def change(raw: int, decimals: int) -> str:
    """As `assets`, with its sign."""
    return ("+" if raw > 0 else "") + assets(raw, decimals)


def whole(number: int) -> str:
    """An integer with thousands."""
    return _signed(f"{number:,}")


def percent(fraction: float, places: int = 2) -> str:
    """A fraction of 1 as percent, without the sign for it."""
    text = f"{fraction * 100:,.{places}f}"
    return _signed(text if float(text.replace(",", "")) else text.lstrip("-"))


def percent_change(fraction: float) -> str:
    """As `percent`, with its sign."""
    text = percent(fraction)
    return f"+{text}" if fraction > 0 and text.strip("0.") else text


def percent_of_wad(part_wad: int) -> str:
    """1e18 = 1 as percent."""
    return amount(part_wad, 16, 2)


def price(price_wad: int) -> str:
    """A share price: whole assets per whole share."""
    return amount(price_wad, 18, 6)


def bps(number: float) -> str:
    """Basis points with two places."""
    text = f"{number:.2f}"
    return _signed(text if float(text) else "0.00")


def milliseconds(seconds: float) -> str:
    """Seconds as whole milliseconds; under ten with one place."""
    ms = seconds * 1000
    return f"{ms:,.0f}" if ms >= 10 else f"{ms:.1f}"


def utc(at: int) -> str:
    """A unix time to the minute."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def short(hexadecimal: str) -> str:
    """The two ends of a hash or an address."""
    if len(hexadecimal) <= 14:
        return hexadecimal
    return f"{hexadecimal[:8]}\u2026{hexadecimal[-4:]}"


def plural(count: int, word: str) -> str:
    """ "1 day", "2 days"."""
    return f"{whole(count)} {word}" + ("" if count == 1 else "s")


def _signed(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text
