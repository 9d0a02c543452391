# SPDX-License-Identifier: MIT
"""Everything about one position: amounts, losses, income, Greeks, range, options."""

from dataclasses import dataclass
from math import exp, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.arbitrage import (
    arbitrage_rate,
    even_block_share,
    trade_probability,
)
from steelyard.amm.expected import expected_loss, pair
from steelyard.amm.greeks import Greeks, greeks
from steelyard.amm.holding import (
    Holding,
    RangeHolding,
    amounts,
    bends,
    loss_against_holding,
    value,
)
from steelyard.amm.lp_fees import fee_income, range_liquidity, share_of_liquidity
from steelyard.amm.option_strip import (
    OptionStrip,
    Premiums,
    ShortPut,
    option_strip,
    premiums,
    residual,
    short_put,
    short_put_payoff,
)
from steelyard.amm.range_choice import (
    RangeChoice,
    best_range,
    evaluate_between,
)
from steelyard.lp.inputs import LpInputs, holding_of, range_problem

Floats = NDArray[np.float64]
DEVIATIONS = (-3, -2, -1, 0, 1, 2, 3)  # prices to look at, of the horizon
STRIP_DEVIATIONS = 3.0  # ends of the options of a curve without ends


@dataclass(frozen=True, kw_only=True)
class AtPrice:
    """The position once the pool's price is this one."""

    price: float
    amount0: float  # its delta
    amount1: float
    value: float
    held_value: float  # of holding the amounts of today
    impermanent_loss: float  # share, at most 0
    gamma: float


@dataclass(frozen=True, kw_only=True)
class Income:
    """Per year, in token 1."""

    share: float  # of active liquidity, own included
    time_in_range: float  # expected over the horizon
    fees_now: float  # at today's rate, 0 out of range
    fees: float  # expected over the horizon
    lvr_now: float  # loss-versus-rebalancing without fee or blocks
    arbitrage: float  # what arbitrageurs net through fee and Poisson blocks
    arbitrage_even: float  # the same for blocks at even steps, as LVR times a share
    trade_probability: float  # of an arbitrage in a block
    expected_loss: float  # against holding, over the horizon
    fair_volatility: float | None  # at which LVR now is fees now; None without fees


@dataclass(frozen=True, kw_only=True)
class Options:
    """The position as options, and the largest gaps in token 1."""

    strip: OptionStrip
    premiums: Premiums  # expected at the horizon
    residual: float
    put: ShortPut | None  # of a range with two ends
    put_residual: float | None


@dataclass(frozen=True, kw_only=True)
class LpAnalysis:
    inputs: LpInputs
    holding: Holding
    now: AtPrice
    prices: tuple[AtPrice, ...]
    income: Income
    greeks: Greeks
    chosen: RangeChoice | None  # the v3 range in question
    best: RangeChoice | None
    options: Options


def analyse(inputs: LpInputs) -> LpAnalysis:
    """All of it. Raises `PoolFieldInvalid`, `RangeInvalid` for impossible inputs."""
    chosen, best = _ranges(inputs)
    ends = (chosen.lower, chosen.upper) if chosen else (0.0, inf)
    holding = holding_of(inputs, *ends)
    income = _income(inputs, holding, chosen)
    return LpAnalysis(
        inputs=inputs,
        holding=holding,
        now=at_prices(holding, inputs.price, [inputs.price])[0],
        prices=at_prices(holding, inputs.price, _prices(inputs, ends)),
        income=income,
        greeks=greeks(
            holding,
            inputs.price,
            sigma=inputs.volatility,
            years=inputs.years,
            fees_per_year=income.fees_now,
            drift=inputs.drift,
        ),
        chosen=chosen,
        best=best,
        options=_options(inputs, holding),
    )


def _ranges(inputs: LpInputs) -> tuple[RangeChoice | None, RangeChoice | None]:
    """(the v3 range asked for or chosen, the best one where fees are known)."""
    if inputs.curve != "v3":
        return None, None
    problem = range_problem(inputs)
    best = best_range(problem) if inputs.volume_per_day else None
    if inputs.lower is None or inputs.upper is None:
        return best, best
    return evaluate_between(problem, inputs.lower, inputs.upper), best


def _prices(inputs: LpInputs, ends: tuple[float, float]) -> list[float]:
    """Ascending: those asked for, or deviations of the horizon and the range's ends."""
    if inputs.at:
        return sorted(inputs.at)
    step = inputs.volatility * sqrt(inputs.years)
    found = {inputs.price * exp(count * step) for count in DEVIATIONS}
    return sorted(found | {end for end in ends if 0 < end < inf})


def at_prices(
    holding: Holding, today: float, prices: list[float]
) -> tuple[AtPrice, ...]:
    """The position at each price; losses are against holding from `today` on."""
    rows = pair(np.array(prices))
    held = rows @ amounts(holding, pair(today))
    columns = zip(
        prices,
        amounts(holding, rows),
        value(holding, rows),
        held,
        loss_against_holding(holding, pair(today), rows),
        bends(holding, rows)[:, 0, 0],
        strict=True,
    )
    return tuple(
        AtPrice(
            price=price,
            amount0=float(both[0]),
            amount1=float(both[1]),
            value=float(worth),
            held_value=float(kept),
            impermanent_loss=float(loss),
            gamma=float(gamma),
        )
        for price, both, worth, kept, loss, gamma in columns
    )


def _income(inputs: LpInputs, holding: Holding, chosen: RangeChoice | None) -> Income:
    sigma, price = inputs.volatility, inputs.price
    own, others = inputs.value, inputs.pool_value
    inside, is_inside = 1.0, True
    if chosen is not None:
        problem = range_problem(inputs)
        ends = chosen.lower, chosen.upper
        own = float(range_liquidity(inputs.value, price, *ends))
        others = problem.others
        inside, is_inside = chosen.time_in_range, chosen.lower <= price < chosen.upper
    rate = float(
        fee_income(
            volume_per_year=inputs.volume_per_year,
            fee=inputs.fee,
            own=own,
            others=others,
        )
    )
    bent = -float(bends(holding, pair(price))[0, 0]) * price**2 / 2
    lvr = sigma**2 * bent
    law = {"sigma": sigma, "fee": inputs.fee, "block_seconds": inputs.block_seconds}
    loss = expected_loss(
        holding, price, sigma=sigma, years=inputs.years, drift=inputs.drift
    )
    return Income(
        share=float(share_of_liquidity(own, others)),
        time_in_range=inside,
        fees_now=rate * is_inside,
        fees=rate * inside,
        lvr_now=lvr,
        arbitrage=arbitrage_rate(holding, price, **law) * inputs.value,
        arbitrage_even=lvr * even_block_share(**law),
        trade_probability=trade_probability(**law),
        expected_loss=loss / inputs.years,
        fair_volatility=sqrt(rate / bent) if bent and rate and is_inside else None,
    )


def strip_ends(inputs: LpInputs, holding: Holding) -> tuple[float, float]:
    """A range's own ends; else three deviations of the horizon to each side."""
    reach = exp(STRIP_DEVIATIONS * inputs.volatility * sqrt(inputs.years))
    lower, upper = inputs.price / reach, inputs.price * reach
    if isinstance(holding, RangeHolding):
        if holding.lower > 0:
            lower = holding.lower
        if holding.upper < inf:
            upper = holding.upper
    return lower, upper


def _options(inputs: LpInputs, holding: Holding) -> Options:
    lower, upper = strip_ends(inputs, holding)
    strip = option_strip(
        holding, inputs.price, lower=lower, upper=upper, pieces=inputs.strikes - 1
    )
    put = put_residual = None
    if isinstance(holding, RangeHolding) and 0 < holding.lower < holding.upper < inf:
        put = short_put(holding)
        # the gap is largest at the strike
        gap = short_put_payoff(put, put.strike) - value(holding, pair(put.strike))
        put_residual = float(gap)
    return Options(
        strip=strip,
        premiums=premiums(
            strip, sigma=inputs.volatility, years=inputs.years, drift=inputs.drift
        ),
        residual=residual(strip, holding),
        put=put,
        put_residual=put_residual,
    )
