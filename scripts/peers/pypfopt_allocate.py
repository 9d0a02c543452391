# SPDX-License-Identifier: MIT
"""Weights by PyPortfolioOpt, timed; `allocation_loop` says how it is asked.

Group caps are constraints that its user adds. Its default solver is the one that cvxpy
chooses.
"""

from importlib.metadata import version

from allocation_loop import Inputs, Way, main
from pypfopt import EfficientCVaR, EfficientFrontier


def capped(frontier, inputs: Inputs):
    if len(inputs.bounds):
        frontier.add_constraint(lambda w: inputs.matrix @ w <= inputs.bounds)
    return frontier


def frontier(inputs: Inputs):
    bounds = (0, inputs.highest)
    made = EfficientFrontier(inputs.mean, inputs.covariance, weight_bounds=bounds)
    return capped(made, inputs)


def minimum_variance(inputs: Inputs):
    made = frontier(inputs)
    made.min_volatility()
    return made


def maximum_sharpe(inputs: Inputs):
    made = frontier(inputs)
    made.max_sharpe(risk_free_rate=0)
    return made


def least_cvar(inputs: Inputs):
    bounds = (0, inputs.highest)
    made = EfficientCVaR(
        inputs.mean, inputs.returns, beta=inputs.level, weight_bounds=bounds
    )
    capped(made, inputs).min_cvar()
    return made


def way(call: str, solve) -> Way:
    return Way(
        call=call,
        solve=solve,
        weights=lambda made: made.weights,
        notes=lambda made: {"solver": made._opt.solver_stats.solver_name},
    )


main(
    {
        "PyPortfolioOpt": version("pyportfolioopt"),
        "cvxpy": version("cvxpy"),
        "OSQP": version("osqp"),
        "Clarabel": version("clarabel"),
        "HiGHS": version("highspy"),
    },
    {
        "minimum-variance": way("EfficientFrontier.min_volatility", minimum_variance),
        "maximum-sharpe": way("EfficientFrontier.max_sharpe", maximum_sharpe),
        "risk-parity": "has no risk parity but the hierarchical kind",
        "cvar": way("EfficientCVaR.min_cvar", least_cvar),
    },
)
