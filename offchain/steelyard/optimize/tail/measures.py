# SPDX-License-Identifier: MIT
"""Measures of the tail of losses, exact for equally likely scenarios.

UNITS  Losses are minus returns, per period. A level is the share of scenarios that is
       not the tail: 0 or more and under 1, which `checks` sees to.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.problem import Floats

TIED = 1e-12  # of the largest loss: losses at the tail's edge that differ by less
EQUAL = 1e-12  # entropies that differ by less, relative, are the same
MOST_STEPS = 200  # halving alone needs about 60
LEAST_SLOPE = 1e-200  # where entropy no longer rises, Newton's step is out of bounds


def tail_weights(losses: Floats, level: float) -> Floats:
    """(t,) the probabilities within 1 / ((1 - level) t) under which losses are worst.

    All on the largest losses, the last of them by a fraction (Rockafellar & Uryasev
    2002, proposition 8). Where several tie at the edge of the tail they are not unique:
    those within `TIED` of it share what is left alike.
    """
    by_rank = _weights_by_rank(len(losses), level)
    last = len(losses) - np.count_nonzero(by_rank)
    edge = np.partition(losses, last)[last]
    margin = TIED * float(np.abs(losses).max())
    beyond = losses > edge + margin
    at_edge = (losses >= edge - margin) & ~beyond
    left = 1 - by_rank[0] * np.count_nonzero(beyond)
    shared = np.clip(left / np.count_nonzero(at_edge), 0.0, by_rank[0])
    return np.where(beyond, by_rank[0], np.where(at_edge, shared, 0.0))


def cvar(losses: Floats, level: float) -> float:
    """Mean of the worst 1 - level of losses (t,); the last scenario by a fraction.

    Rockafellar & Uryasev (2002).
    """
    return float(cvar_of_each(losses[:, None], level)[0])


def cvar_of_each(losses: Floats, level: float) -> Floats:
    """(n,) as `cvar`, of each column of losses (t, n)."""
    by_rank = _weights_by_rank(len(losses), level)
    count = np.count_nonzero(by_rank)
    largest = np.partition(-losses, count - 1, axis=0)[:count]  # the edge is last
    return -(by_rank[:count] @ largest)


def _weights_by_rank(count: int, level: float) -> Floats:
    """(count,) probability of the largest loss, of the next, and so on."""
    most = 1 / ((1 - level) * count)
    return np.clip(1 - most * np.arange(count), 0.0, most)


def worst(losses: Floats) -> float:
    """The largest loss of (t,)."""
    return float(losses.max())


def price_of_length(level: float, radius: float) -> float:
    """What CVaR is worth more per Euclidean length of weights where laws may be as far
    as `radius` (Mohajerin Esfahani & Kuhn 2018, section 7.1)."""
    return radius / (1 - level)


def drawdowns(returns_path: Floats) -> Floats:
    """(t,) how far the uncompounded sum of returns (t,) is under its highest so far.

    The highest starts from 0, before the first return (Chekhlov, Uryasev & Zabarankin
    2005).
    """
    path = np.cumsum(returns_path)
    return np.asarray(np.maximum.accumulate(np.maximum(path, 0.0)) - path, np.float64)


def conditional_drawdown(returns_path: Floats, level: float) -> float:
    """Mean of the worst 1 - level of drawdowns of returns (t,), in order of time."""
    return cvar(drawdowns(returns_path), level)


def entropic_var(losses: Floats, level: float) -> float:
    """Least over s > 0 of (log mean exp(s losses) - log(1 - level)) / s.

    Ahmadi-Javid (2012), definition 3.1; losses (t,). Between CVaR of the same level and
    the largest loss. Any s gives at least the measure; an error in the best s enters
    squared.
    """
    return chernoff(losses, level, entropic_sharpness(losses, level))


def chernoff(losses: Floats, level: float, sharpness: float) -> float:
    """The bound of value at risk by this s: 0 for the mean, infinite for the largest.

    Chernoff (1952).
    """
    top = losses.max()
    if np.isinf(sharpness):
        return float(top)
    if sharpness == 0:
        return float(losses.mean())
    entropy = -np.log1p(-level)
    logarithm = np.log(np.mean(np.exp(sharpness * (losses - top))))
    return float(top + (logarithm + entropy) / sharpness)


def entropic_sharpness(losses: Floats, level: float) -> float:
    """The best s of `entropic_var`; infinite where the largest loss is the measure.

    Entropy of the tilted probabilities rises with s; Newton's steps within brackets.
    """
    entropy = -np.log1p(-level)
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
