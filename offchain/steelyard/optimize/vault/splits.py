# SPDX-License-Identifier: MIT
"""Where a solution and its bound part, and the parts of a domain on either side.

A solution falls short of the Lagrangian's bound by the sum of what it does against what
each part of the Lagrangian would: an action that does not pay for its gas, the wrong
side of a kink, a chord. The domain is split at the largest of them, slots before legs:
what a slot does decides more.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.domain import (
    OFF,
    ON,
    Domain,
    Flags,
    only,
    with_stretches,
    without,
)
from steelyard.optimize.vault.lagrangian import Parts
from steelyard.optimize.vault.solved import Choices, Solved, place

AGREED = 1e-12  # of NAV: no difference
OF_A_LEG = 0.1  # of a difference at a leg counts, against one at a slot

Split = list[tuple[Domain, bool]]


def split(arrays: VaultArrays, domain: Domain, solved: Solved, parts: Parts) -> Split:
    """Domains that make up the one in which the solution lies, none where they agree.

    With each, whether the solution lies in it.
    """
    chord = max(solved.chords, default=0.0)
    slot, at_slot = _at_slots(arrays, domain, solved, parts)
    leg, at_leg = _at_legs(domain, solved, parts)
    if max(chord, at_slot, at_leg) <= AGREED:
        return []
    if chord >= max(at_slot, at_leg):
        return _halves(arrays, domain, solved, solved.chords.index(chord))
    if at_slot < OF_A_LEG * at_leg:
        choice = int(_open(domain.legs, solved.used.astype(int), parts.legs)[leg])
        return [
            (replace(domain, legs=only(domain.legs, choice, leg)), True),
            (replace(domain, legs=without(domain.legs, choice, leg)), False),
        ]
    for i, market in enumerate(arrays.markets):
        if market.slot == slot and _is_elsewhere(domain, solved, parts, i):
            return _sides(domain, solved, i)
    choice = int(_open(domain.slots, solved.actions, parts.slots)[slot])
    return [
        (replace(domain, slots=only(domain.slots, choice, slot)), True),
        (replace(domain, slots=without(domain.slots, choice, slot)), False),
    ]


def without_waste(domain: Domain, solved: Solved, parts: Parts) -> Domain | None:
    """The domain without legs that gain less than their gas; None where none does.

    What a slot gains under fixed prices says little: where its yield hardly falls, all
    of the gain is in the prices.
    """
    wasted = solved.used & (parts.legs[ON] < 0) & domain.legs[OFF]
    if not wasted.any():
        return None
    legs = domain.legs.copy()
    legs[ON, wasted] = False
    return replace(domain, legs=legs)


def _open(flags: Flags, choices: Choices, parts: Floats) -> Choices:
    """The choices, or the best where one is closed: an action of no size."""
    is_open = flags[choices, range(len(choices))]
    return np.where(is_open, choices, parts.argmax(axis=0))


def _at_slots(
    arrays: VaultArrays, domain: Domain, solved: Solved, parts: Parts
) -> tuple[int, float]:
    """(the slot with the largest difference, the difference)."""
    actions = _open(domain.slots, solved.actions, parts.slots)
    chosen = parts.slots[actions, range(len(actions))]
    for i, market in enumerate(arrays.markets):
        pick = place(domain.stretches[i], solved.stretches[i])
        chosen[market.slot] = parts.stretches[i][pick, actions[market.slot]]
    return _largest(parts.slots.max(axis=0) - chosen)


def _at_legs(domain: Domain, solved: Solved, parts: Parts) -> tuple[int, float]:
    used = _open(domain.legs, solved.used.astype(int), parts.legs)
    chosen = parts.legs[used, range(len(used))]
    spare = np.where(used == ON, parts.spare, 0.0)
    return _largest(parts.legs.max(axis=0) - chosen + spare)


def _largest(differences: Floats) -> tuple[int, float]:
    if not len(differences):
        return 0, 0.0
    item = int(differences.argmax())
    return item, float(differences[item])


def _is_elsewhere(domain: Domain, solved: Solved, parts: Parts, market: int) -> bool:
    """Whether another stretch of a market promises more."""
    promised = parts.stretches[market].max(axis=1)
    here = promised[place(domain.stretches[market], solved.stretches[market])]
    return bool(promised.max() > here + AGREED)


def _sides(domain: Domain, solved: Solved, market: int) -> Split:
    """The stretch that is stood on, and the others."""
    stretches = domain.stretches[market]
    pick = place(stretches, solved.stretches[market])
    others = stretches[:pick] + stretches[pick + 1 :]
    return [
        (with_stretches(domain, market, (stretches[pick],)), True),
        (with_stretches(domain, market, others), False),
    ]


def _halves(arrays: VaultArrays, domain: Domain, solved: Solved, market: int) -> Split:
    """Both sides of where a convex stretch is stood on, and the other stretches."""
    stretches = domain.stretches[market]
    pick = place(stretches, solved.stretches[market])
    slot = len(arrays.inventory) + arrays.markets[market].slot
    middle = float(solved.optimum.standing.z[slot])
    sides = (
        (replace(stretches[pick], highest=middle),),
        (replace(stretches[pick], lowest=middle),),
        stretches[:pick] + stretches[pick + 1 :],
    )
    return [(with_stretches(domain, market, each), False) for each in sides if each]
