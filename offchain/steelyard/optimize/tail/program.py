# SPDX-License-Identifier: MIT
"""A program of tail risk that grows by assets and by loss functions.

    least   price x risk - gain x mean . w
    where   risk >= tail + sum of excess / mass,  excess of a period >= loss - tail

Assets that are not chosen stay at the weight of their box that is nearest to 0. Losses
are in units of their typical size, so that tolerances are relative.

SOURCE  Rockafellar & Uryasev (2000), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import Aim
from steelyard.optimize.tail.losses import Indices, Losses


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """What stays the same while the program grows."""

    polytope: Polytope
    mean: Floats  # (n,)
    losses: Losses
    unit: float  # typical size of a loss

    @property
    def mean_size(self) -> float:
        """The largest mean of either sign; 1 where there is none."""
        return float(np.abs(self.mean).max()) or 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """What is in the program so far."""

    assets: Indices  # (k,)
    keys: Indices  # (r,) of loss functions
    vectors: Floats  # (r, n)


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """A solution of the program as it stands; multipliers are at least 0."""

    weights: Floats  # (n,)
    allowed: Floats  # (t,) loss above which a period asks for another function
    shares: Floats  # (r,) multipliers of the loss functions
    towards: Floats  # (n,) u with u . w for the length of w; 0 where it has no price
    risk: float  # multiplier of risk
    floor: float  # multiplier of the least mean
    total: float  # multiplier of the sum of weights, of any sign
    rows: Floats  # (m,) multipliers of the polytope's rows


class Program(Protocol):
    """Linear or conic."""

    @property
    def chosen(self) -> Chosen: ...

    def pursue(self, aim: Aim) -> None:
        """From now on solve for this aim."""

    def add_assets(self, assets: Indices) -> None: ...

    def add_losses(self, keys: Indices) -> None: ...

    def solve(self) -> Point | None:
        """None where nothing is feasible; raises `SolveFailed`."""


def nothing_chosen(frame: Frame) -> Chosen:
    none = np.empty(0, np.int64)
    return Chosen(
        assets=none, keys=none, vectors=np.empty((0, len(frame.polytope.assets)))
    )


def with_assets(chosen: Chosen, assets: Indices) -> Chosen:
    return Chosen(
        assets=np.concatenate([chosen.assets, assets]),
        keys=chosen.keys,
        vectors=chosen.vectors,
    )


def with_losses(chosen: Chosen, keys: Indices, vectors: Floats) -> Chosen:
    return Chosen(
        assets=chosen.assets,
        keys=np.concatenate([chosen.keys, keys]),
        vectors=np.concatenate([chosen.vectors, vectors]),
    )


def resting(polytope: Polytope) -> Floats:
    """(n,) where an asset stays that is not chosen."""
    return np.asarray(np.clip(0.0, polytope.lowest, polytope.highest), np.float64)
