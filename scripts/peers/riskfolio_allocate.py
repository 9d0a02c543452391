# SPDX-License-Identifier: MIT
"""Weights by Riskfolio-Lib, timed; `allocation_loop` says how it is asked.

A `Portfolio` is made for each data set and given the moments, which its optimisers read
from there. Its default solvers: Clarabel first.
"""

from importlib.metadata import version

import numpy as np
import pandas as pd
import riskfolio
from allocation_loop import Inputs, Way, main


def prepare(inputs: Inputs):
    names = [f"a{i}" for i in range(len(inputs.mean))]
    frames = {
        "returns": pd.DataFrame(inputs.returns, columns=names),
        "mu": pd.DataFrame([inputs.mean], columns=names),
        "cov": pd.DataFrame(inputs.covariance, index=names, columns=names),
    }
    return inputs, frames


def portfolio(prepared):
    inputs, frames = prepared
    rows = {}
    if len(inputs.bounds):
        rows = {
            "ainequality": inputs.matrix,
            "binequality": inputs.bounds.reshape(-1, 1),
        }
    made = riskfolio.Portfolio(
        returns=frames["returns"],
        upperlng=inputs.highest,
        alpha=1 - inputs.level,
        **rows,
    )
    made.mu, made.cov = frames["mu"], frames["cov"]
    return made


def minimum_variance(prepared):
    return portfolio(prepared).optimization(model="Classic", rm="MV", obj="MinRisk")


def maximum_sharpe(prepared):
    return portfolio(prepared).optimization(model="Classic", rm="MV", obj="Sharpe")


def risk_parity(prepared):
    return portfolio(prepared).rp_optimization(model="Classic", rm="MV")


def least_cvar(prepared):
    return portfolio(prepared).optimization(model="Classic", rm="CVaR", obj="MinRisk")


def way(call: str, solve) -> Way:
    return Way(
        call=call,
        prepare=prepare,
        solve=solve,
        weights=lambda frame: np.asarray(frame["weights"]),
    )


main(
    {"Riskfolio-Lib": version("riskfolio-lib"), "Clarabel": version("clarabel")},
    {
        "minimum-variance": way(
            "Portfolio.optimization(MV, MinRisk), Clarabel", minimum_variance
        ),
        "maximum-sharpe": way(
            "Portfolio.optimization(MV, Sharpe), Clarabel", maximum_sharpe
        ),
        "risk-parity": way("Portfolio.rp_optimization(MV), Clarabel", risk_parity),
        "cvar": way("Portfolio.optimization(CVaR, MinRisk), Clarabel", least_cvar),
    },
)
