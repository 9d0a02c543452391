# SPDX-License-Identifier: MIT
"""Interest on a lending market's slot as smooth stretches between its kinks.

On one side of the kink, x of own supply earns, over the horizon,
scale * x * (flat + steep * debt / z) / (z + unbacked), where z = others + x is all that
is supplied and debt / z the utilisation (Aave v3, DefaultReserveInterestRateStrategy).
That is a sum of 1, 1 / z and 1 / (z + unbacked), or of 1, 1 / z and 1 / z^2: its
curvature changes sign at most once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from steelyard.lending import BPS, RAY, total_debt
from steelyard.optimize.concave import kink
from steelyard.optimize.problem import LendingMarket

HALVINGS = 60
STEPS = 60
ENOUGH = 1e-17  # of NAV


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Interest over the horizon for own supply in [lowest, highest]."""

    lowest: float
    highest: float
    scale: float
    flat: float  # of the borrow rate
    steep: float  # of the borrow rate, per utilisation
    debt: float  # over NAV, as all amounts here
    others: float
    unbacked: float
    is_concave: bool = True

    def earned(self, x: float) -> tuple[float, float, float]:
        """(interest, its first, its second derivative) at x."""
        z = self.others + x
        rate = self.flat + self.steep * self.debt / z
        fall = -self.steep * self.debt / (z * z)
        per = 1 / (z + self.unbacked)
        paid = rate * per
        paid1 = (fall - paid) * per
        paid2 = (-2 * fall / z - 2 * paid1) * per
        k = self.scale
        return k * x * paid, k * (paid + x * paid1), k * (2 * paid1 + x * paid2)

    def relaxed(self, x: float) -> tuple[float, float, float]:
        """The same of the least concave function above: a chord where it is convex."""
        if self.is_concave:
            return self.earned(x)
        first, last = self.earned(self.lowest)[0], self.earned(self.highest)[0]
        width = self.highest - self.lowest
        slope = (last - first) / width if width > 0 else 0.0
        return first + slope * (x - self.lowest), slope, 0.0


@dataclass(frozen=True, kw_only=True)
class Market:
    """Stretches from the lowest to the highest value of a slot, without a gap."""

    slot: int
    stretches: tuple[Stretch, ...]


def as_market(
    market: LendingMarket, lowest: float, highest: float, years: float
) -> Market | None:
    """The market's interest over `years`; None without debt, which pays nothing."""
    if total_debt(market.reserve) == 0:
        return None
    at = kink(market)  # of supply: the more is supplied, the lower is utilisation
    if at is None:
        sides = [(lowest, highest, market.reserve.optimal_usage_ray >= RAY)]
    elif lowest < at < highest:
        sides = [(lowest, at, False), (at, highest, True)]
    else:
        sides = [(lowest, highest, lowest >= at)]
    found: list[Stretch] = []
    for low, high, is_below in sides:
        side = _side(market, is_below, years)
        found += split_by_curvature(replace(side, lowest=low, highest=high))
    return Market(slot=market.slot, stretches=tuple(found))


def _side(market: LendingMarket, is_below: bool, years: float) -> Stretch:
    """Formulas below the kink of utilisation, or above it; without an interval."""
    reserve, unit = market.reserve, market.unit_value
    debt = float(total_debt(reserve))
    variable = reserve.total_variable_debt / debt
    optimal = reserve.optimal_usage_ray / RAY
    base, first = reserve.base_rate_ray / RAY, reserve.slope1_ray / RAY
    if is_below:
        flat, steep = base, first / optimal
    else:
        second = reserve.slope2_ray / RAY / (1 - optimal)
        flat, steep = base + first - second * optimal, second
    stable = (1 - variable) * reserve.average_stable_rate_ray / RAY
    supplied = (reserve.available_liquidity + debt) * unit
    return Stretch(
        lowest=0.0,
        highest=0.0,
        scale=years * (1 - reserve.reserve_factor_bps / BPS) * debt * unit,
        flat=variable * flat + stable,
        steep=variable * steep,
        debt=debt * unit,
        others=supplied - market.value,
        unbacked=reserve.unbacked * unit,
    )


def split_by_curvature(stretch: Stretch) -> list[Stretch]:
    """The stretch in at most two parts, one concave, one convex."""
    low, high = stretch.lowest, stretch.highest
    falls = stretch.earned(low)[2] <= 0, stretch.earned(high)[2] <= 0
    if falls[0] == falls[1]:
        return [replace(stretch, is_concave=falls[0])]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if (stretch.earned(middle)[2] <= 0) == falls[0]:
            low = middle
        else:
            high = middle
    return [
        replace(stretch, highest=low, is_concave=falls[0]),
        replace(stretch, lowest=low, is_concave=falls[1]),
    ]


def peak(stretch: Stretch, slope: float, lowest: float, highest: float) -> float:
    """At least the most of interest + slope * x over [lowest, highest], to rounding.

    The interval lies within the stretch. Where it is convex an end is the most; where
    it is concave, each of Newton's tangents bounds it over what brackets it.
    """
    at_lowest, at_highest = stretch.earned(lowest), stretch.earned(highest)
    ends = at_lowest[0] + slope * lowest, at_highest[0] + slope * highest
    if not stretch.is_concave or at_lowest[1] + slope <= 0:
        return max(ends) if not stretch.is_concave else ends[0]
    if at_highest[1] + slope >= 0:
        return ends[1]
    low, high, x = lowest, highest, (lowest + highest) / 2
    most = inf
    for _ in range(STEPS):
        value, first, second = stretch.earned(x)
        rise = first + slope
        low, high = (x, high) if rise > 0 else (low, x)
        reach = rise * ((high if rise > 0 else low) - x)
        most = min(most, value + slope * x + reach)
        if reach <= ENOUGH:
            break
        x = x - rise / second if second < 0 else low
        if not low < x < high:
            x = (low + high) / 2
    return most
