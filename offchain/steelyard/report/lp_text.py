# SPDX-License-Identifier: MIT
"""Numbers and names of a liquidity position as people read them."""

from math import floor, inf, log10

from steelyard.amm.holding import Holding, RangeHolding, StableHolding, WeightedHolding
from steelyard.lp.analysis import LpAnalysis
from steelyard.report import text

DIGITS = 6
NONE = "\N{EN DASH}"


def figure(value: float | None, digits: int = DIGITS) -> str:
    """So many significant digits, thousands grouped; very small or large as powers."""
    if value is None:
        return NONE
    if value == inf:
        return "\N{INFINITY}"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e12:
        shown = f"{value:.{digits - 2}g}"
    else:
        places = digits - 1 - floor(log10(abs(value)))
        shown = f"{value:,.{max(0, places)}f}"
    return text.MINUS + shown[1:] if shown.startswith("-") else shown


def percent(share: float | None, places: int = 2) -> str:
    return NONE if share is None else text.percent(share, places)


def shape(holding: Holding) -> str:
    """What kind of pool it is."""
    match holding:
        case RangeHolding(lower=0.0):
            return "constant product"
        case RangeHolding():
            return "Uniswap v3 range"
        case WeightedHolding():
            parts = " / ".join(f"{100 * weight:g}" for weight in holding.weights)
            return f"weighted {parts}"
        case StableHolding():
            return f"StableSwap, A = {holding.amplification:g}"


def title_of(found: LpAnalysis) -> str:
    """What it is, in one line."""
    inputs = found.inputs
    first, second = inputs.symbols
    return (
        f"{first}/{second}, {shape(found.holding)}: {figure(inputs.value)} {second} "
        f"at {figure(inputs.price)}"
    )


def tick_label(number: float, _position: int) -> str:
    """A tick of an axis: five digits, no trailing zeros."""
    shown = figure(round(number, 12), 5)
    if "." in shown and "e" not in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown
