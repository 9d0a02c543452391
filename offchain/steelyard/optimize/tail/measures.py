# SPDX-License-Identifier: MIT
"""Measures of the tail of losses, exact for equally likely scenarios.

UNITS  Losses are minus returns, per period. A level is the share of scenarios that is
       not the tail: 0 or more and under 1.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.problem import Floats

ROUNDING = 1e-9  # of a scenario: level x count misses a whole number by less
EQUAL = 1e-12  # entropies that differ by less, relative, are the same
MOST_STEPS = 200  # halving alone needs about 60
LEAST_SLOPE = 1e-200  # where entropy no longer rises, Newton's step is out of bounds


def checked_level(level: float) -> float:
    """The level; raises `PreferenceInvalid` outside 0 to under 1."""
    if not 0 <= level < 1:
        raise PreferenceInvalid("level", level, "0 or more and under 1")
    return level


def tail_weights(losses: Floats, level: float) -> Floats:
    """(t,) the probabilities within 1 / ((1 - level) t) under which losses are worst.

    All on the largest losses, the last of them by a fraction (Rockafellar & Uryasev
    2002, proposition 8). Raises `PreferenceInvalid`.
    """
    most = 1 / ((1 - checked_level(level)) * len(losses))
    order = np.argsort(-losses, kind="stable")
    weights = np.empty(len(losses))
    weights[order] = np.clip(1 - most * np.arange(len(losses)), 0.0, most)
    return weights


def cvar(losses: Floats, level: float) -> float:
    """Mean of the worst 1 - level of losses (t,); the last scenario by a fraction.

    Rockafellar & Uryasev (2002). Raises `PreferenceInvalid`.
    """
    return float(tail_weights(losses, level) @ losses)


def value_at_risk(losses: Floats, level: float) -> float:
    """The least loss that `level` of the losses (t,) do not pass.

    Raises `PreferenceInvalid`.
    """
    within = int(np.ceil(checked_level(level) * len(losses) - ROUNDING))
    return float(np.sort(losses)[max(within, 1) - 1])


def worst(losses: Floats) -> float:
    """The largest loss of (t,)."""
    return float(losses.max())


def drawdowns(returns_path: Floats) -> Floats:
    """(t,) how far the uncompounded sum of returns (t,) is under its highest so far.

    The highest starts from 0, before the first return (Chekhlov, Uryasev & Zabarankin
    2005).
    """
    path = np.cumsum(returns_path)
    return np.asarray(np.maximum.accumulate(np.maximum(path, 0.0)) - path, np.float64)


def conditional_drawdown(returns_path: Floats, level: float) -> float:
    """Mean of the worst 1 - level of drawdowns of returns (t,), in their order of time.

    Raises `PreferenceInvalid`.
    """
    return cvar(drawdowns(returns_path), level)


def entropic_var(losses: Floats, level: float) -> float:
    """Least over s > 0 of (log mean exp(s losses) - log(1 - level)) / s.

    Ahmadi-Javid (2012), definition 3.1; losses (t,). Between CVaR of the same level and
    the largest loss. Any s gives at least the measure; an error in the best s enters
    squared. Raises `PreferenceInvalid`.
    """
    return chernoff(losses, level, entropic_sharpness(losses, level))


def chernoff(losses: Floats, level: float, sharpness: float) -> float:
    """The bound of value at risk by this s: 0 for the mean, infinite for the largest.

    Chernoff (1952). Raises `PreferenceInvalid`.
    """
    top = losses.max()
    if np.isinf(sharpness):
        return float(top)
    if sharpness == 0:
        return float(losses.mean())
    entropy = -np.log1p(-checked_level(level))
    logarithm = np.log(np.mean(np.exp(sharpness * (losses - top))))
    return float(top + (logarithm + entropy) / sharpness)


def entropic_weights(losses: Floats, level: float) -> Floats:
    """(t,) the probabilities under which losses are worst, of those whose entropy
    relative to equal ones is at most -log(1 - level).

    The dual of `entropic_var` (Ahmadi-Javid 2012, theorem 3.3), at its best s.
    Raises `PreferenceInvalid`.
    """
    return tilted(losses, entropic_sharpness(losses, level))


def entropic_sharpness(losses: Floats, level: float) -> float:
    """The best s of `entropic_var`; infinite where the largest loss is the measure.

    Entropy of the tilted probabilities rises with s; Newton's steps within brackets.
    """
    entropy = -np.log1p(-checked_level(level))
    ties = np.count_nonzero(losses == losses.max())
    if entropy * (1 + EQUAL) >= np.log(len(losses) / ties):
        return np.inf
    if entropy == 0:
        return 0.0
    low, high = 0.0, np.inf
    s = np.sqrt(2 * entropy) / losses.std()
    for _ in range(MOST_STEPS):
        value, slope = _entropy(losses, s)
        low, high = (s, high) if value < entropy else (low, s)
        step = s + (entropy - value) / max(slope, LEAST_SLOPE)
        if not low < step < high:
            step = 2 * s if np.isinf(high) else (low + high) / 2
        if step == s or abs(value - entropy) <= 4e-16 * entropy:
            break
        s = step
    return float(s)


def tilted(losses: Floats, sharpness: float) -> Floats:
    """(t,) probabilities in proportion to exp(sharpness x losses)."""
    if np.isinf(sharpness):
        raised = (losses == losses.max()).astype(np.float64)
    else:
        raised = np.exp(sharpness * (losses - losses.max()))
    return np.asarray(raised / raised.sum(), np.float64)


def relative_entropy(weights: Floats) -> float:
    """Sum of p log(t p) over probabilities p (t,): 0 where all are equal."""
    held = weights[weights > 0]
    return float(held @ np.log(len(weights) * held))


def _entropy(losses: Floats, s: float) -> tuple[float, float]:
    """Relative entropy of the tilted probabilities, and its slope by s."""
    below = losses - losses.max()
    raised = np.exp(s * below)
    total = raised.sum()
    mean = raised @ below / total
    variance = raised @ (below - mean) ** 2 / total
    value = s * mean - np.log(total / len(losses))
    return float(value), float(s * variance)
