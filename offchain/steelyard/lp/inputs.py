# SPDX-License-Identifier: MIT
"""What is known of a position and its pool, checked.

UNITS   `price` of token 0 in token 1, whole tokens; values and volumes in token 1;
        `sigma` per square root of a year, `drift` per year.
"""

from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

from steelyard.amm.arbitrage import log_fee
from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.expected import pair
from steelyard.amm.holding import (
    Holding,
    RangeHolding,
    StableHolding,
    WeightedHolding,
    scaled_to,
)
from steelyard.amm.lp_fees import full_range_liquidity
from steelyard.amm.range_yield import RangeProblem

Curve = Literal["cp", "v3", "weighted", "stable"]
DAYS_PER_YEAR = 365.25
MOST_STRIKES = 1000
MOST_SPREAD = 6.0  # of the log price until the horizon: four hundred times, or a 400th
HUGE = 1e24  # of prices, values and the rest
ABOVE_ZERO = ("price", "value", "volatility", "horizon_days", "block_seconds")
NOT_NEGATIVE = ("volume_per_day", "pool_value", "gas", "swap_cost")


@dataclass(frozen=True, kw_only=True)
class LpInputs:
    curve: Curve
    price: float
    volatility: float
    value: float = 10_000.0
    lower: float | None = None  # of a v3 range; without one, the best is taken
    upper: float | None = None
    weight: float = 0.5  # of token 0 in a weighted pool
    amplification: float = 100.0
    drift: float = 0.0
    horizon_days: float = 30.0
    volume_per_day: float = 0.0
    fee: float = 0.003
    pool_value: float = 0.0  # of others; v3: of a full range with their liquidity
    block_seconds: float = 12.0
    gas: float = 0.0  # of one move to another range
    swap_cost: float = 0.0  # share of what is swapped then
    tick_spacing: int = 60
    decimals: tuple[int, int] = (18, 18)
    symbols: tuple[str, str] = ("token0", "token1")
    at: tuple[float, ...] = ()  # prices to look at; else deviations of the horizon
    strikes: int = 8

    def __post_init__(self) -> None:
        for name in ABOVE_ZERO:
            found = getattr(self, name)
            if not 1 / HUGE < found < HUGE:
                raise PoolFieldInvalid(name, found, f"more than 0, up to {HUGE:g}")
        for name in NOT_NEGATIVE:
            found = getattr(self, name)
            if not 0 <= found < HUGE:
                raise PoolFieldInvalid(name, found, f"0 to {HUGE:g}")
        for price in self.at:
            if not 1 / HUGE < price < HUGE:
                raise PoolFieldInvalid("at", price, "prices of more than 0")
        spread = self.volatility * sqrt(self.years)
        if spread > MOST_SPREAD:
            expected = f"{MOST_SPREAD:g} or less times the root of the horizon's years"
            raise PoolFieldInvalid("volatility", self.volatility, expected)
        if not abs(self.drift) * self.years <= MOST_SPREAD:
            expected = f"at most {MOST_SPREAD:g} over the horizon, either way"
            raise PoolFieldInvalid("drift", self.drift, expected)
        if not 3 <= self.strikes <= MOST_STRIKES:
            raise PoolFieldInvalid("strikes", self.strikes, f"3 to {MOST_STRIKES}")
        log_fee(self.fee)
        _check_curve(self)

    @property
    def years(self) -> float:
        return self.horizon_days / DAYS_PER_YEAR

    @property
    def volume_per_year(self) -> float:
        return self.volume_per_day * DAYS_PER_YEAR

    @property
    def price_scale(self) -> float:
        """Raw token 1 per raw token 0, over the price shown."""
        return float(10.0 ** (self.decimals[1] - self.decimals[0]))


def _check_curve(inputs: LpInputs) -> None:
    ends = (inputs.lower, inputs.upper)
    if inputs.curve != "v3":
        if ends != (None, None):
            found = inputs.lower if inputs.upper is None else inputs.upper
            expected = "no range: the curve is not v3"
            raise PoolFieldInvalid("lower or upper", found, expected)
    elif (inputs.lower is None) != (inputs.upper is None):
        missing = "lower" if inputs.lower is None else "upper"
        raise PoolFieldInvalid(missing, "missing", "both ends of the range, or none")
    elif ends == (None, None) and inputs.volume_per_day == 0:
        expected = "a range, or a volume to choose the best one by"
        raise PoolFieldInvalid("lower", "missing", expected)
    if not 0 <= inputs.amplification <= HUGE:
        found = inputs.amplification
        raise PoolFieldInvalid("amplification", found, f"0 to {HUGE:g}")
    if not 0 < inputs.weight < 1:
        raise PoolFieldInvalid("weight", inputs.weight, "between 0 and 1")
    for places in inputs.decimals:
        if not 0 <= places <= 36:
            raise PoolFieldInvalid("decimals", places, "0 to 36")


def range_problem(inputs: LpInputs) -> RangeProblem:
    """The question which v3 range is best, as these inputs put it."""
    return RangeProblem(
        price=inputs.price,
        sigma=inputs.volatility,
        years=inputs.years,
        worth=inputs.value,
        others=full_range_liquidity(inputs.pool_value, inputs.price),
        volume_per_year=inputs.volume_per_year,
        fee=inputs.fee,
        tick_spacing=inputs.tick_spacing,
        drift=inputs.drift,
        gas=inputs.gas,
        swap_rate=inputs.swap_cost,
        price_scale=inputs.price_scale,
    )


def holding_of(inputs: LpInputs, lower: float = 0.0, upper: float = inf) -> Holding:
    """The position that is worth `value` at the price; ends for v3 alone."""
    shape: Holding
    match inputs.curve:
        case "cp":
            shape = RangeHolding(liquidity=1.0)
        case "v3":
            shape = RangeHolding(liquidity=1.0, lower=lower, upper=upper)
        case "weighted":
            weights = (inputs.weight, 1 - inputs.weight)
            shape = WeightedHolding(invariant=1.0, weights=weights)
        case "stable":
            shape = StableHolding(
                invariant=1.0, amplification=inputs.amplification, coins=2
            )
    return scaled_to(shape, pair(inputs.price), inputs.value)
