# SPDX-License-Identifier: MIT
"""The convex problem in cvxpy, compiled once and solved many times.

The objective is per year, so that its size is that of a rate.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.concave import Lines
from steelyard.optimize.cones.order import ConicOrder
from steelyard.optimize.cones.risk import carried_cost
from steelyard.optimize.cones.solvers import Outcome, RawSolution, attempts
from steelyard.optimize.problem import Floats, Problem


class ConicModel:
    """Holds the compiled problem; bounds and lines are its parameters."""

    def __init__(self, problem: Problem, *, elastic: bool = False) -> None:
        self._cp: Any = import_module("cvxpy")  # here: importing it takes a second
        cp = self._cp
        self._problem = problem
        self._order = ConicOrder(cp, problem, elastic=elastic)
        objective = cp.Maximize(self._aim())
        if elastic:
            objective = cp.Minimize(cp.sum(self._order.excess))
        self._compiled: Any = cp.Problem(objective, self._order.constraints)

    def solve(
        self, lowest: Floats, highest: Floats, open_legs: Floats, drawn: list[Lines]
    ) -> RawSolution:
        """The best allocation inside these bounds; legs that are 0 stay unused."""
        self._order.set_to(lowest, highest, open_legs, drawn)
        return self._run()

    def _aim(self) -> Any:
        """What is maximised, per year."""
        problem, order = self._problem, self._order
        once = problem.exit_rates @ order.exposure() + order.swap_cost()
        carried = carried_cost(self._cp, problem, order)
        return order.income() - carried - once / problem.horizon_years

    def _run(self) -> RawSolution:
        doubtful: RawSolution | None = None
        for outcome, solver in attempts(self._cp, self._compiled):
            if outcome in ("optimal", "infeasible", "unbounded"):
                return self._read(outcome, solver)
            if outcome == "inaccurate":
                if doubtful:  # twice: what follows it is checked by the true formulas
                    return doubtful
                doubtful = self._read(outcome, solver)
        return doubtful or self._read("failed", "none")

    def _read(self, outcome: Outcome, solver: str) -> RawSolution:
        problem = self._problem
        values, inputs = problem.values.copy(), np.zeros(len(problem.legs))
        duals, objective = np.zeros(len(problem.limit_names)), -np.inf
        if outcome in ("optimal", "inaccurate"):
            objective = float(self._compiled.value)
            values, inputs = self._order.allocation()
            duals = self._order.duals()
        return RawSolution(
            outcome=outcome,
            solver=solver,
            objective=objective,
            values=values,
            inputs=inputs,
            duals=duals,
        )
