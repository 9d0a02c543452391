# SPDX-License-Identifier: MIT
"""Weights by cvxportfolio, timed; `allocation_loop` says how it is asked.

One step of its single-period policy from all cash, with the covariance given and no
market data. Its default solver is the one that cvxpy chooses.
"""

from importlib.metadata import version

import numpy as np
import pandas as pd
from allocation_loop import Inputs, Way, main
from cvxportfolio import (
    FactorMaxLimit,
    FullCovariance,
    LongOnly,
    MaxWeights,
    NoCash,
    SinglePeriodOptimization,
)

TODAY = pd.Timestamp("2024-01-01")


def prepare(inputs: Inputs):
    names = [f"a{i}" for i in range(len(inputs.mean))]
    covariance = pd.DataFrame(inputs.covariance, index=names, columns=names)
    held = pd.Series(0.0, index=[*names, "cash"])
    held["cash"] = 1.0
    groups = pd.DataFrame(inputs.matrix.T, index=names)
    caps = pd.Series(inputs.bounds, index=groups.columns)
    return inputs.highest, covariance, held, groups, caps


def minimum_variance(prepared):
    highest, covariance, held, groups, caps = prepared
    constraints = [LongOnly(), NoCash(), MaxWeights(highest)]
    if len(caps):
        constraints.append(FactorMaxLimit(groups, caps))
    policy = SinglePeriodOptimization(
        -FullCovariance(covariance), constraints, include_cash_return=False
    )
    trades, _, _ = policy.execute(held, market_data=None, t=TODAY)
    return trades + held


RATIO = "states mean less risk aversion times risk, not their ratio"

main(
    {
        "cvxportfolio": version("cvxportfolio"),
        "cvxpy": version("cvxpy"),
        "OSQP": version("osqp"),
        "Clarabel": version("clarabel"),
    },
    {
        "minimum-variance": Way(
            call="SinglePeriodOptimization(-FullCovariance).execute",
            prepare=prepare,
            solve=minimum_variance,
            weights=lambda held: np.asarray(held)[:-1],
        ),
        "maximum-sharpe": RATIO,
        "risk-parity": "has no risk parity",
        "cvar": "has no CVaR",
    },
)
