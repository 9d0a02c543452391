# SPDX-License-Identifier: MIT
"""Where to look: what each slot may do, which legs may be used, on which stretches.

A whole problem, a branch of it, or, with one stretch a market and no gas, what one
convex solve sees.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.problem import NO_GAS, Floats, GasCosts
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.interest import Stretch

Flags = NDArray[np.bool_]
STAY, UP, DOWN = 0, 1, 2  # of a slot, against its value now
OFF, ON = 0, 1  # of a leg


@dataclass(frozen=True, kw_only=True, eq=False)
class Domain:
    """What may be done, and the fixed cost of each action."""

    lowest: Floats  # (n_slots,)
    highest: Floats  # (n_slots,)
    slots: Flags  # (3, n_slots) whether it may stay, go up, go down
    legs: Flags  # (2, n_legs) whether it may stay unused, be used
    stretches: tuple[tuple[Stretch, ...], ...]  # that each market's slot may stand on
    gas: GasCosts


def whole(arrays: VaultArrays) -> Domain:
    """All that the problem allows."""
    return Domain(
        lowest=arrays.lowest,
        highest=arrays.highest,
        slots=np.ones((3, len(arrays.values)), bool),
        legs=np.ones((2, len(arrays.curves.least_ratio)), bool),
        stretches=tuple(market.stretches for market in arrays.markets),
        gas=arrays.gas,
    )


def ranges(arrays: VaultArrays, domain: Domain) -> tuple[Floats, Floats]:
    """(lowest, highest) (3, n_slots) of each action; crossed where it has no room."""
    now, low, high = arrays.values, domain.lowest, domain.highest
    above, below = np.maximum(now, low), np.minimum(now, high)
    lowest, highest = np.stack([above, above, low]), np.stack([below, high, below])
    barred = ~domain.slots
    lowest[barred], highest[barred] = np.inf, -np.inf
    return lowest, highest


def hull(arrays: VaultArrays, domain: Domain) -> tuple[Floats, Floats]:
    """(lowest, highest) (n_slots,) that any allowed action reaches; crossed where
    there is none."""
    lowest, highest = ranges(arrays, domain)
    empty = lowest > highest
    lowest[empty], highest[empty] = np.inf, -np.inf
    return lowest.min(axis=0), highest.max(axis=0)


def on_stretches(arrays: VaultArrays, domain: Domain, picks: tuple[int, ...]) -> Domain:
    """One stretch a market, without gas: what one convex solve sees."""
    lowest, highest = domain.lowest.copy(), domain.highest.copy()
    picked = []
    for market, stretches, pick in zip(
        arrays.markets, domain.stretches, picks, strict=True
    ):
        stretch, slot = stretches[pick], market.slot
        lowest[slot] = max(lowest[slot], stretch.lowest)
        highest[slot] = min(highest[slot], stretch.highest)
        picked.append((stretch,))
    return replace(
        domain, lowest=lowest, highest=highest, stretches=tuple(picked), gas=NO_GAS
    )


def only(flags: Flags, choice: int, item: int) -> Flags:
    """The flags with `choice` alone left open for `item`."""
    narrowed = flags.copy()
    narrowed[:, item] = False
    narrowed[choice, item] = flags[choice, item]
    return narrowed


def without(flags: Flags, choice: int, item: int) -> Flags:
    """The flags with `choice` closed for `item`."""
    narrowed = flags.copy()
    narrowed[choice, item] = False
    return narrowed


def with_stretches(
    domain: Domain, market: int, stretches: tuple[Stretch, ...]
) -> Domain:
    """The domain with one market on these stretches alone."""
    changed = list(domain.stretches)
    changed[market] = stretches
    return replace(domain, stretches=tuple(changed))
