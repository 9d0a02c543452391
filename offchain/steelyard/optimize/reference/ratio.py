# SPDX-License-Identifier: MIT
"""The largest ratio of a mean to a risk: one convex program on a free scale.

The numerator, after costs and doubts, is concave. Where it is somewhere positive, the
ratio is largest where weights on a free scale have the least risk at a numerator of at
least 1 (Charnes & Cooper 1962, Schaible 1974). Then steps of Dinkelbach (1967) make it
exact: the least of risk - numerator / ratio, until that is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.raised_ratio import raised_ratio
from steelyard.optimize.reference.candidate import Candidate
from steelyard.optimize.reference.clean import cleaned
from steelyard.optimize.reference.program import (
    Multipliers,
    Program,
    Term,
    bound_at,
    times,
    values_at,
)
from steelyard.optimize.reference.solve import best_found, modelling, solved
from steelyard.optimize.reference.squares import by_squares, refined
from steelyard.optimize.reference.state import Gain, Model

NO_RISK = 1e-10  # in units of usual volatility: less is none, and the ratio endless
NO_GAIN = 1e-12  # likewise


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratio:
    """Most of minus the loss over the objective, both positively homogeneous."""

    program: Program  # its objective is the risk
    loss: tuple[Term, ...]

    def at(self, ratio: float) -> Program:
        """risk + loss / ratio: least 0 at the best ratio."""
        terms = (*self.program.objective, *times(self.loss, 1 / ratio))
        return replace(self.program, objective=terms)


def largest(ratio: Ratio, name: str) -> Candidate:
    """Weights of the largest ratio; the objective is minus it.

    Raises `ModelRefused` where no allowed weights have a gain, `SolveFailed`.
    """
    gain = _largest_gain(ratio, name)
    least = cache(lambda: _least_risk(ratio.program, name))
    cp = modelling()
    model = Model(cp, ratio.program, gain=Gain(terms=ratio.loss, least=gain))

    def certify(weights: Floats, multipliers: Multipliers, method: str) -> Candidate:
        return _candidate(ratio, weights, multipliers, method, least)

    def read(method: str) -> Candidate:
        if not model.problem.value > NO_RISK:
            raise SolveFailed(name, "unbounded")
        first = certify(model.weights(), model.multipliers(), method)
        return refined(first, step)

    def step(last: Candidate) -> Candidate | None:
        return by_squares(cp, ratio.at(-last.objective), last, certify)

    def believes(outcome: str) -> bool:
        """Weights of some gain are known, so that it is not infeasible."""
        return outcome == "unbounded"

    return _priced(ratio, best_found(cp, model.problem, read, name, believes))


def _priced(ratio: Ratio, best: Candidate) -> Candidate:
    """With rows priced by the ratio instead of risk + loss / ratio.

    A bound that is looser by one lowers that by the row's price; the ratio that makes
    it 0 again is higher by price x ratio / risk.
    """
    program, multipliers = replace(ratio.program, limits=()), best.multipliers
    risk, _ = values_at(program, best.weights, multipliers)
    rows = multipliers.rows * (-best.objective / risk)
    return replace(best, multipliers=replace(multipliers, rows=rows))


def _largest_gain(ratio: Ratio, name: str) -> float:
    gain = -solved(replace(ratio.program, objective=ratio.loss), name).objective
    if not gain > NO_GAIN:
        raise ModelRefused(name, "no weights allowed have a mean above the risk-free")
    return gain


def _least_risk(program: Program, name: str) -> float:
    """No allowed weights have less; 0 where that is not known."""
    try:
        return max(solved(program, name).bound, 0.0)
    except SolveFailed:
        return 0.0


def _candidate(
    ratio: Ratio,
    weights: Floats,
    multipliers: Multipliers,
    method: str,
    least: Callable[[], float],
) -> Candidate:
    allowed = cleaned(ratio.program.polytope, weights)
    count = len(ratio.program.objective)
    after = replace(multipliers, terms=multipliers.terms[count:])
    risk, _ = values_at(replace(ratio.program, limits=()), allowed, multipliers)
    loss, passed = values_at(
        replace(ratio.program, objective=ratio.loss), allowed, after
    )
    if not (risk > NO_RISK and loss < 0):
        outcome = "inaccurate" if risk > NO_RISK else "unbounded"
        raise SolveFailed(method, outcome)
    best = -loss / risk

    def excess(size: float) -> float:
        return -size * bound_at(ratio.at(size), allowed, multipliers)

    return Candidate(
        weights=allowed,
        multipliers=multipliers,
        objective=-best,
        bound=-raised_ratio(best, risk, excess, least),
        excess=passed,
        method=method,
    )
