# SPDX-License-Identifier: MIT
"""What each asset adds to the risk of the whole: Euler's decomposition.

A measure that grows with the size of a portfolio is the sum over assets of weight x
marginal risk (Tasche 1999, Risk contributions and performance measurement).
"""

from __future__ import annotations

from math import ceil

import numpy as np

from steelyard.optimize.problem import Floats

ROUNDING = 1e-9  # of a scenario: days in the tail that are a whole number but for it
TIED = 1e-9  # of the largest loss: losses that differ by less stand in one place


def risk_contributions(weights: Floats, covariance: Floats) -> Floats:
    """(n,) parts of the volatility, per period as `covariance` (n, n); they sum to it.

    w (C w) / sqrt(w' C w); nothing where that root is 0.
    """
    marginal = covariance @ weights
    variance = float(weights @ marginal)
    if variance <= 0:
        return np.zeros(len(weights))
    return np.asarray(weights * marginal / np.sqrt(variance), np.float64)


def cvar_contributions(weights: Floats, scenarios: Floats, level: float) -> Floats:
    """(n,) parts of the CVaR of `scenarios` (t, n), simple returns; they sum to it.

    Each asset's own mean loss over the tail. Where several scenarios tie at its edge
    the parts are not unique, and all that tie count alike; weights that budget CVaR
    often stand on such a tie.
    """
    chances = tail_chances(-scenarios @ weights, level, tied=TIED)
    return np.asarray(-weights * (chances @ scenarios), np.float64)


def tail_mass(periods: int, level: float) -> float:
    """How many of equally likely scenarios make up the tail; not a whole number."""
    mass = (1 - level) * periods
    return float(round(mass)) if abs(mass - round(mass)) <= ROUNDING else mass


def tail_chances(losses: Floats, level: float, *, tied: float = 0.0) -> Floats:
    """(t,) weights of scenarios whose mean loss is the CVaR; they sum to 1.

    The worst 1 - level count alike, the last of them in part (Rockafellar & Uryasev
    2002); those within `tied` of the largest loss of the edge share what is left.
    """
    mass = tail_mass(len(losses), level)
    last = len(losses) - max(ceil(mass), 1)
    edge = np.partition(losses, last)[last]
    margin = tied * float(np.abs(losses).max())
    beyond = losses > edge + margin
    at_edge = (losses >= edge - margin) & ~beyond
    chances = beyond / mass
    chances[at_edge] = (1 - beyond.sum() / mass) / at_edge.sum()
    return np.asarray(chances, np.float64)


def tail_mean(losses: Floats, level: float) -> float:
    """CVaR of losses (t,): the mean of the worst 1 - level of them."""
    return float(tail_chances(losses, level) @ losses)


def standalone_cvar(scenarios: Floats, level: float) -> Floats:
    """(n,) CVaR of each asset alone, per period as `scenarios` (t, n)."""
    mass = tail_mass(len(scenarios), level)
    count = max(ceil(mass), 1)
    worst = np.partition(scenarios, count - 1, axis=0)[:count]
    # the edge counts in part
    over = (count - mass) * worst[-1]
    return np.asarray((over - worst.sum(axis=0)) / mass, np.float64)
