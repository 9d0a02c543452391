# SPDX-License-Identifier: MIT
"""The solution of one convex domain, valued by true interest and with gas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.terms import LEAST_CHANGE
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.curves import per_leg
from steelyard.optimize.vault.domain import DOWN, ON, STAY, UP, Domain, Flags
from steelyard.optimize.vault.interest import Stretch
from steelyard.optimize.vault.sqp import Optimum

Choices = NDArray[np.int64]
LEAST_INPUT = 1e-8  # of NAV: a leg that takes less is unused


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """The optimum of a domain with one stretch a market, and what it is worth."""

    optimum: Optimum
    stretches: tuple[Stretch, ...]  # one a market
    actions: Choices  # (n_slots,) what each slot does
    used: Flags  # (n_legs,)
    chords: tuple[float, ...]  # by how much a market's chord overstates interest
    value: float  # gas of all actions paid but for the order's own


def as_solved(arrays: VaultArrays, domain: Domain, optimum: Optimum) -> Solved:
    """What the optimum of a domain with one stretch a market is worth."""
    standing, curves, gas = optimum.standing, arrays.curves, arrays.gas
    values = standing.z[len(arrays.inventory) :]
    change = values - arrays.values
    actions = np.where(change > LEAST_CHANGE / 2, UP, STAY)
    actions[change < -LEAST_CHANGE / 2] = DOWN
    inputs = per_leg(curves, standing.inputs)
    used = inputs > LEAST_INPUT
    stretches = tuple(each[0] for each in domain.stretches)
    chords = tuple(
        stretch.relaxed(float(values[market.slot]))[0]
        - stretch.earned(float(values[market.slot]))[0]
        for market, stretch in zip(arrays.markets, stretches, strict=True)
    )
    paid = gas.supply * (actions == UP).sum() + gas.withdraw * (actions == DOWN).sum()
    return Solved(
        optimum=optimum,
        stretches=stretches,
        actions=actions,
        used=used,
        chords=chords,
        value=standing.value - sum(chords) - float(paid + gas.swap * used.sum()),
    )


def lies_in(domain: Domain, solved: Solved) -> bool:
    """Whether all that the solution does is open."""
    actions = solved.actions
    slots = domain.slots[actions, range(len(actions))] | (actions == STAY)
    stands = (
        place(stretches, stretch) >= 0
        for stretches, stretch in zip(domain.stretches, solved.stretches, strict=True)
    )
    return bool(slots.all() and (domain.legs[ON] | ~solved.used).all() and all(stands))


def place(stretches: tuple[Stretch, ...], stretch: Stretch) -> int:
    """Which of the stretches it is; -1 where it is none of them."""
    found = (i for i, each in enumerate(stretches) if each is stretch)
    return next(found, -1)
