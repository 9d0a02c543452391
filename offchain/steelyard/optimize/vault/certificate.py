# SPDX-License-Identifier: MIT
"""How far from the best an allocation can be, whoever found it."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import Allocation, evaluate, nothing
from steelyard.optimize.vault.arrays import as_arrays
from steelyard.optimize.vault.domain import whole
from steelyard.optimize.vault.lagrangian import lagrangian
from steelyard.optimize.vault.prices import Prices


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Over the horizon, as shares of NAV before; gas included."""

    value: float  # of the allocation, by the true formulas
    bound: float  # nothing allowed is worth more; no solver is trusted for it

    @property
    def gap(self) -> float:
        return max(self.bound - self.value, 0.0)


def certify(problem: Problem, allocation: Allocation, prices: Prices) -> Certificate:
    """The allocation's value, and the bound of the whole problem under these prices.

    Valid for any prices. One bound without branches: kinks and gas may leave a gap.
    """
    arrays = as_arrays(problem)
    bound = lagrangian(arrays, whole(arrays), allocation.z, prices).bound
    still = evaluate(problem, nothing(problem)).total  # pays no gas at all
    return Certificate(
        value=evaluate(problem, allocation).total,
        bound=max(bound - problem.gas.base, still),
    )
