# SPDX-License-Identifier: MIT
"""What random lives of v3 and v4 pools share: acts, choices, the comparison."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from replay import Stage, Step, run

from steelyard.amm.errors import PoolError
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    get_sqrt_ratio_at_tick,
)
from steelyard.amm.ticks import EMPTY
from steelyard.wad import UINT160_MAX, ArithmeticRevert


@dataclass(frozen=True, kw_only=True)
class Act:
    """A step with what the model says of it: its answer, None for a revert."""

    name: str
    step: Step
    expected: tuple[Any, ...] | None
    states: tuple[tuple[Any, ...], ...]


Pool = TypeVar("Pool")
Tried = tuple[Pool, tuple[Any, ...] | None]  # the model after, its answer


def sqrt_price(rng: random.Random, tick: int) -> int:
    """On a tick or anywhere above it."""
    low, high = get_sqrt_ratio_at_tick(tick), get_sqrt_ratio_at_tick(tick + 1)
    return low if rng.random() < 0.3 else rng.randrange(low, high)


def attempt(pool: Pool, change: Callable[[], Tried[Pool]]) -> Tried[Pool]:
    """What the model makes of a change: the same pool and None where it raises."""
    try:
        return change()
    except (PoolError, ArithmeticRevert):
        return pool, None


def any_amount(rng: random.Random, digits: float = 28) -> int:
    return int(10 ** rng.uniform(0, digits)) + rng.randint(0, 3)


def any_range(rng: random.Random, curve: Any) -> tuple[int, int]:
    """Around the price or beside it; now and then one that no pool takes."""
    spacing = curve.tick_spacing
    if rng.random() < 0.05:
        most = MAX_TICK // spacing * spacing
        return -most, most
    middle, reach = curve.tick // spacing, rng.choice((3, 40, 600))
    lower = middle + rng.randint(-reach, reach)
    upper = lower + rng.randint(1, reach)
    if rng.random() < 0.03:
        lower, upper = upper, lower
    off = rng.choice((1, -1)) if rng.random() < 0.03 else 0
    return _int24(lower * spacing + off), _int24(upper * spacing)


def _int24(tick: int) -> int:
    """A tick that a call can name, past the ends of prices too."""
    return min(max(tick, -MAX_TICK - 1), MAX_TICK + 1)


def known_range(rng: random.Random, pool: Any) -> tuple[Any, ...]:
    """A position's key, or one of nobody's."""
    if not pool.positions or rng.random() < 0.05:
        return (None, *any_range(rng, pool.curve))
    return rng.choice(list(pool.positions))


def any_limit(rng: random.Random, curve: Any, zero_for_one: bool) -> int:
    """None (as the ends of all prices), a tick's price, near it, or a wrong one."""
    end = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
    dice = rng.random()
    if dice < 0.45:
        return end
    if dice < 0.6 and curve.ticks:
        return get_sqrt_ratio_at_tick(rng.choice(curve.ticks)[0])
    if dice < 0.65:
        return rng.choice((0, MIN_SQRT_RATIO, MAX_SQRT_RATIO, UINT160_MAX))
    away = rng.randint(0, 900 * curve.tick_spacing) * (-1 if zero_for_one else 1)
    tick = min(max(curve.tick + away, -MAX_TICK), MAX_TICK - 1)
    return sqrt_price(rng, tick)


def tick_state(ticks: Any, tick: int) -> tuple[int, int, int, int]:
    info = ticks.get(tick, EMPTY)
    return (
        info.liquidity_gross,
        info.liquidity_net,
        info.fee_growth_outside0_x128,
        info.fee_growth_outside1_x128,
    )


def differences(
    stage: Stage,
    life: list[Act],
    decoded: Callable[[tuple[bytes, ...]], tuple[tuple[Any, ...], ...]],
) -> list[str]:
    """A line for every act that the chain sees otherwise than the model."""
    answers = run(stage, [act.step for act in life])
    wrong = []
    for index, (act, answer) in enumerate(zip(life, answers, strict=True)):
        if answer.values != act.expected:
            what = f"answered {answer.values}, model {act.expected}"
            wrong.append(f"{index} {act.name} {what}")
        found = decoded(answer.states)
        if found != act.states:
            wrong.append(f"{index} {act.name} left {found}, model {act.states}")
    return wrong
