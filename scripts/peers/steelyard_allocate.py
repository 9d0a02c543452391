# SPDX-License-Identifier: MIT
"""Weights by Steelyard, timed like its peers; `allocation_loop` says how it is asked.

Timed is what is timed of the others too: putting the problem together from arrays, and
solving it. `allocate` alone is noted beside it.
"""

import time
from importlib.metadata import version

import numpy as np
from allocation_loop import Inputs, Way, main

from steelyard.optimize.allocate import allocate
from steelyard.optimize.models import CVaR, LargestRatio, MeanRisk, RiskBudgeting
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.solution import Status


def prepare(inputs: Inputs):
    n, m = len(inputs.mean), len(inputs.bounds)
    limits = {
        "assets": tuple(f"asset {i}" for i in range(n)),
        "lowest": np.zeros(n),
        "highest": np.full(n, inputs.highest),
        "names": tuple(f"group {i}" for i in range(m)),
        "matrix": inputs.matrix,
        "bounds": inputs.bounds,
    }
    return inputs, limits


def solved(prepared, model, **known):
    _, limits = prepared
    portfolio = Portfolio(polytope=Polytope(**limits), **known)
    begin = time.perf_counter()
    answer = allocate(portfolio, model)
    alone = 1e3 * (time.perf_counter() - begin)
    if answer.status is not Status.OPTIMAL:
        raise RuntimeError(f"{answer.detail}; {'; '.join(answer.tried)}")
    return answer, alone


def minimum_variance(prepared):
    return solved(prepared, MeanRisk(), covariance=prepared[0].covariance)


def maximum_sharpe(prepared):
    return solved(
        prepared,
        MeanRisk(goal=LargestRatio()),
        expected_returns=prepared[0].mean,
        covariance=prepared[0].covariance,
    )


def risk_parity(prepared):
    return solved(prepared, RiskBudgeting(), covariance=prepared[0].covariance)


def least_cvar(prepared):
    inputs = prepared[0]
    model = MeanRisk(measure=CVaR(level=inputs.level))
    return solved(prepared, model, scenarios=inputs.returns)


def notes(brought):
    answer, alone = brought
    proof = answer.certificate
    return {
        "alone": alone,
        "objective": answer.objective,
        "gap": None if proof is None else proof.gap,
        "method": answer.method,
        "tried": list(answer.tried),
    }


def way(call: str, solve) -> Way:
    return Way(
        call=f"allocate(Portfolio, {call})",
        prepare=prepare,
        solve=solve,
        weights=lambda brought: brought[0].weights,
        notes=notes,
    )


main(
    {
        "steelyard": version("steelyard"),
        "DAQP": version("daqp"),
        "PIQP": version("piqp"),
        "HiGHS": version("highspy"),
    },
    {
        "minimum-variance": way("MeanRisk()", minimum_variance),
        "maximum-sharpe": way("MeanRisk(goal=LargestRatio())", maximum_sharpe),
        "risk-parity": way("RiskBudgeting()", risk_parity),
        "cvar": way("MeanRisk(measure=CVaR())", least_cvar),
    },
)
