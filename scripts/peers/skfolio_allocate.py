# SPDX-License-Identifier: MIT
"""Weights by skfolio, timed; `allocation_loop` says how it is asked.

Its estimators fit returns; the moments are given to them ready, by a prior, so that no
time goes to estimating and all packages see the same numbers. Its default solver.
"""

from importlib.metadata import version

from allocation_loop import Inputs, Way, main
from skfolio import RiskMeasure
from skfolio.optimization import MeanRisk, ObjectiveFunction, RiskBudgeting
from skfolio.prior import BasePrior, ReturnDistribution


class Given(BasePrior):
    """Moments that are known."""

    def __init__(self, mean=None, covariance=None):
        self.mean = mean
        self.covariance = covariance

    def fit(self, X, y=None, **fit_params):  # noqa: ARG002, N803
        self.return_distribution_ = ReturnDistribution(
            mu=self.mean, covariance=self.covariance, returns=X
        )
        return self


def limits(inputs: Inputs) -> dict:
    rows = {}
    if len(inputs.bounds):
        rows = {"left_inequality": inputs.matrix, "right_inequality": inputs.bounds}
    prior = Given(inputs.mean, inputs.covariance)
    return {"prior_estimator": prior, "max_weights": inputs.highest, **rows}


def minimum_variance(inputs: Inputs):
    model = MeanRisk(risk_measure=RiskMeasure.VARIANCE, **limits(inputs))
    return model.fit(inputs.returns)


def maximum_sharpe(inputs: Inputs):
    model = MeanRisk(
        objective_function=ObjectiveFunction.MAXIMIZE_RATIO,
        risk_measure=RiskMeasure.STANDARD_DEVIATION,
        **limits(inputs),
    )
    return model.fit(inputs.returns)


def risk_parity(inputs: Inputs):
    model = RiskBudgeting(risk_measure=RiskMeasure.VARIANCE, **limits(inputs))
    return model.fit(inputs.returns)


def least_cvar(inputs: Inputs):
    model = MeanRisk(
        risk_measure=RiskMeasure.CVAR, cvar_beta=inputs.level, **limits(inputs)
    )
    return model.fit(inputs.returns)


def way(call: str, solve) -> Way:
    return Way(call=call, solve=solve, weights=lambda model: model.weights_)


main(
    {"skfolio": version("skfolio"), "Clarabel": version("clarabel")},
    {
        "minimum-variance": way("MeanRisk(VARIANCE).fit, Clarabel", minimum_variance),
        "maximum-sharpe": way(
            "MeanRisk(MAXIMIZE_RATIO, STANDARD_DEVIATION).fit, Clarabel",
            maximum_sharpe,
        ),
        "risk-parity": way("RiskBudgeting(VARIANCE).fit, Clarabel", risk_parity),
        "cvar": way("MeanRisk(CVAR).fit, Clarabel", least_cvar),
    },
)
