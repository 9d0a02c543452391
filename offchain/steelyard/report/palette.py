# SPDX-License-Identifier: MIT
"""Colours that colour-blind people can tell apart, on light and on dark paper.

Hues from Okabe and Ito, "Color Universal Design" (2008), one family a protocol, shades
for its markets.
"""

from collections.abc import Iterable, Mapping

from steelyard.report.view import Item

# light, middle and dark alternate, so that neighbours in a stack differ
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "uniswap-v2": ("#0072b2", "#6cb4e4", "#1f5f99", "#a9d3f0"),
    "uniswap-v3": ("#b35c94", "#dfa3c9", "#8a3f70", "#efcbe1"),
    "aave-v3": ("#009e73", "#6fcdb0", "#00755a", "#b0e4d3"),
    "erc4626": ("#e69f00", "#f5cf7a", "#b87d00"),
    "idle": ("#8c939c", "#b6bcc4", "#5f6670", "#a3a9b1"),
}
OTHER = ("#d55e00", "#f0a675", "#9c4500", "#f7cfb3")  # protocols without a family

SHARE = "#1b82c5"
BASKET = "#d55e00"
FEES = "#009e73"
LOSS = "#d55e00"
INTEREST = "#e69f00"
SERIES = ("#1b82c5", "#e69f00", "#009e73", "#b35c94", "#56b4e9", "#d55e00")


def item_colours(items: Iterable[Item]) -> dict[str, str]:
    """A colour for each item, by its family and its place in it."""
    seen: dict[str, int] = {}
    colours = {}
    for item in items:
        shades = FAMILIES.get(item.family, OTHER)
        place = seen.get(item.family, 0)
        seen[item.family] = place + 1
        colours[item.name] = shades[place % len(shades)]
    return colours
