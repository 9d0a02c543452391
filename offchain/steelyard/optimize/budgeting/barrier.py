# SPDX-License-Identifier: MIT
"""What risk budgeting minimises, and the proof that nothing allowed is lower.

With a risk r that grows with the size of the portfolio, budgets b that sum to 1 and
weights w over 0, the objective is

    F(w) = log r(w) - sum of b log w.

Without limits its only minimum has the risk shares w g / r = b, g the gradient of r
(Spinu 2013: F is 1/2 x'Cx - sum of b log x at the best size of x, less 1/2). The size
of w does not move F; so limits are read relative to the sum of weights, as a cone, over
which Spinu's problem stays convex: limits do not cost uniqueness. This is the form of
Richard & Roncalli (2019) with their set made a cone.

PROOF  Let g . v <= r(v) for all v (true of the gradient of a convex r: a covariance
       must be positive semidefinite), and let h be g plus the limits at their prices,
       each limit written as k . v <= 0. For all v allowed h . v <= r(v), and, log being
       concave,

           log h . v >= sum of b log (h v / b), hence F(v) >= sum of b log (h / b).

       Without limits the gap is the Kullback-Leibler divergence of the budgets from the
       risk shares, sum of b log (b / share): 0 only where they agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

ROUNDING = 1e-9  # a bound above the objective by more proves nothing
NO_RISK = 1e-7  # of the sum of standalone risks: what rounding leaves of none

LEAST_UNIT = 0.01  # of that sum: a start of less risk is no measure of the best


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Multipliers of the limits, all at least 0: risk per unit of weight."""

    rows: Floats  # (m,)
    highest: Floats  # (n,)
    lowest: Floats  # (n,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Risk:
    """The measure at some weights, per period."""

    value: float
    gradient: Floats  # (n,) nowhere above the measure when multiplied with weights


def no_prices(polytope: Polytope) -> Prices:
    n = len(polytope.assets)
    return Prices(
        rows=np.zeros(len(polytope.names)), highest=np.zeros(n), lowest=np.zeros(n)
    )


def budget_objective(risk: float, weights: Floats, budgets: Floats) -> float:
    """log of the risk less the mean log of the weights, by budgets."""
    return float(np.log(risk) - budgets @ np.log(weights))


def budget_bound(
    polytope: Polytope, budgets: Floats, gradient: Floats, prices: Prices
) -> float:
    """At most the least objective over all weights allowed, whatever the prices.

    `gradient` (n,) as in `Risk`. Minus infinity where the prices say nothing.
    """
    p = polytope
    paid = prices.rows @ p.bounds
    paid += prices.highest @ p.highest - prices.lowest @ p.lowest
    slopes = gradient + prices.rows @ p.matrix + prices.highest - prices.lowest
    slopes -= paid / p.total
    if not slopes.min() > 0:
        return -np.inf
    return float(budgets @ np.log(slopes / budgets))


def at_total(polytope: Polytope, sizes: Floats) -> Floats:
    """(n,) weights in proportion to `sizes`; what rounding puts outside is clipped."""
    weights = sizes * (polytope.total / sizes.sum())
    return np.asarray(np.clip(weights, polytope.lowest, polytope.highest), np.float64)


def spread(weights: Floats, risk: Risk, budgets: Floats) -> float:
    """Most by which a share of the risk differs from its budget."""
    shares = weights * risk.gradient / risk.value
    return float(np.abs(shares - budgets).max())


def as_found(
    polytope: Polytope,
    budgets: Floats,
    weights: Floats,
    risk: Risk,
    prices: Prices,
    method: str,
) -> Found:
    """With its proof and the spread of risk shares; raises `SolveFailed`."""
    objective = budget_objective(risk.value, weights, budgets)
    bound = budget_bound(polytope, budgets, risk.gradient, prices)
    if not bound <= objective + ROUNDING:  # prices too large for their digits
        raise SolveFailed(method, "inaccurate")
    return Found(
        weights=weights,
        objective=objective,
        bound=bound,
        row_prices=prices.rows / risk.value,
        method=f"{method}; risk shares within "
        f"{spread(weights, risk, budgets):.1e} of budgets",
    )
