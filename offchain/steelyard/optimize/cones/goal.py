# SPDX-License-Identifier: MIT
"""A measure and a goal over a vault's amounts, in cvxpy: the reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.optimize.cones.model import ConicModel
from steelyard.optimize.cones.risk import carried_cost, deviations, variance
from steelyard.optimize.cones.unwinding import ConicUnwinding
from steelyard.optimize.models import (
    LargestRatio,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    Variance,
)
from steelyard.optimize.problem import Problem
from steelyard.optimize.reference.measures import risk_expression
from steelyard.optimize.vault.worth import TIE_BREAK
from steelyard.optimize.vault_model import VaultModel


def states(wanted: VaultModel) -> bool:
    """Whether it is stated here: ratios take rounds, and doubts are not."""
    model = wanted.model
    if not isinstance(model, MeanRisk) or model.doubts:
        return False
    return not isinstance(model.goal, LargestRatio)


class ConicGoal(ConicModel):
    """`ConicModel` with another aim. A return that is asked for is one before gas."""

    def __init__(self, problem: Problem, wanted: VaultModel) -> None:
        assert isinstance(wanted.model, MeanRisk)
        self._wanted, self._model = wanted, wanted.model
        super().__init__(problem)

    def _aim(self) -> Any:
        """What is maximised, per year; the goal's limits become constraints."""
        problem, model, years = self._problem, self._model, self._problem.horizon_years
        net, goal = self._net(), model.goal
        limits = self._order.constraints
        if isinstance(goal, Utility) and isinstance(model.measure, Variance):
            spread = variance(self._cp, problem, self._order) * years
            return (net - goal.risk_aversion / 2 * spread) / years
        risk = self._risk()
        match goal:
            case Utility(risk_aversion=aversion):
                return (net - aversion * risk) / years
            case ReturnAtLeast(expected_return=least):
                limits.append(net >= least)
            case RiskAtMost(limit=limit):
                limits.append(risk <= limit)
                return net / years
            case _:
                pass
        return (TIE_BREAK * net - risk) / years

    def _net(self) -> Any:
        """What is expected over the horizon, less all costs but risk and gas."""
        problem, order, model = self._problem, self._order, self._model
        years = problem.horizon_years
        net = order.income() * years - order.swap_cost()
        if isinstance(model.measure, Variance):
            net = net - carried_cost(self._cp, problem, order, risk_aversion=0) * years
        else:
            net = net - self._cp.sum(self._losses()) / len(self._scenarios())
        if self._wanted.unwinding is None:
            return net - problem.exit_rates @ order.exposure()
        wound = ConicUnwinding(
            self._cp, problem, self._wanted.unwinding, order.exposure()
        )
        order.constraints += wound.constraints
        if self._wanted.unwinding.limit is not None:
            order.constraints.append(wound.cost <= self._wanted.unwinding.limit)
        return net - self._wanted.unwinding.weight * wound.cost

    def _risk(self) -> Any:
        cp, problem, order = self._cp, self._problem, self._order
        if isinstance(self._model.measure, Variance):
            spread = cp.norm(deviations(cp, problem, order), 2)
            return np.sqrt(problem.horizon_years) * spread
        stated = risk_expression(
            cp, self._model.measure, losses=self._losses(), exposures=order.z[1:]
        )
        order.constraints += list(stated.constraints)
        return stated.value

    def _scenarios(self) -> Any:
        assert self._wanted.scenarios is not None
        return self._wanted.scenarios

    def _losses(self) -> Any:
        scenarios, problem = self._scenarios(), self._problem
        uncollected = scenarios[:, : len(problem.claimable)] @ problem.claimable
        return -(scenarios @ self._order.z) - uncollected
