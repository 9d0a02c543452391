# SPDX-License-Identifier: MIT
"""Growth-optimal weights as a program: Kelly (1956), and with rare drawdowns.

The chance that wealth ever falls under 1 - drawdown is at most `probability` where
mean growth^-power <= 1, power = log(probability) / log(1 - drawdown): sufficient, not
necessary (Busseti, Ryu & Boyd 2016, section 3). Stated by its logarithm, as in their
section 4.

Growth in a scenario is 1 + returns . w - cost_rates . |w - current|: costs are paid
when the weights are taken. What is not invested earns nothing.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.checks import needed
from steelyard.optimize.models import Kelly
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.reference.mean_risk import Scaled, held, size_limits
from steelyard.optimize.reference.program import Affine, Limit, Program, Term
from steelyard.optimize.reference.smooth import LogLoss, LogMoment


def growth_of(portfolio: Portfolio) -> Affine:
    """(t,) growth of wealth in each scenario, less 1. Raises `PortfolioInvalid`."""
    returns, costs = needed(portfolio, "scenarios", "Kelly"), portfolio.cost_rates
    count = len(returns)
    by_move = None
    if costs is not None and costs.any():
        by_move = np.tile(-costs, (count, 1))
    return Affine(offset=np.zeros(count), by_weight=returns, by_move=by_move)


def program_of(portfolio: Portfolio, model: Kelly) -> Scaled:
    """Least of minus the mean logarithm of growth, over the returns' usual size.

    The limit is over that and its power, so that solvers see numbers around 1.
    """
    growth = growth_of(portfolio)
    unit = float(np.sqrt((growth.by_weight**2).mean())) or 1.0
    limits = size_limits(portfolio)
    if model.drawdown is not None:
        power = float(np.log(model.probability) / np.log1p(-model.drawdown))
        moment = Term(
            factor=1 / (power * unit), function=LogMoment(power=power), of=growth
        )
        limits = (*limits, Limit(terms=(moment,), bound=0.0))
    return Scaled(
        program=Program(
            polytope=portfolio.polytope,
            current=held(portfolio),
            objective=(Term(factor=1 / unit, function=LogLoss(), of=growth),),
            limits=limits,
        ),
        factor=unit,
    )
