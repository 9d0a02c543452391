# SPDX-License-Identifier: MIT
"""What an allocation is worth by what the problem wants: the true formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from math import sqrt

from steelyard.optimize.models import LargestRatio, Utility
from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import Allocation, Terms, evaluate, nothing
from steelyard.optimize.vault.aim import Aim, aim_of
from steelyard.optimize.vault.aim_terms import charged, volatility
from steelyard.optimize.vault.worth import NO_RISK, missed_by, worth_of


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Shares of NAV before, over the horizon."""

    terms: Terms  # of net, and the risk that a utility charges
    net: float  # what is expected less all costs, gas too, but risk
    risk: float  # by the model's measure; the volatility where it has none
    winding_up: float  # what it costs; 0 where the model does not ask
    worth: float  # what is maximised: a ratio, minus a squared distance, or net
    missed: float  # most by which a limit of the goal or of winding up is missed


class Counts(Enum):
    """What a gain is, as a share of NAV before."""

    MONEY = "money"  # of net, or of risk where that is wanted
    RATIO = "ratio"  # net at the same risk
    WEIGHTED = "weighted"  # volatility of the parts at the same volatility of the whole
    DISTANCE = "distance"  # to a recipe's weights


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """An order and doing nothing, by the same model."""

    before: Measured
    after: Measured
    gain: float
    counts: Counts = Counts.MONEY


def weigh(problem: Problem, allocation: Allocation) -> Weighed:
    """By the problem's own model. Raises `ModelRefused`, `SolveFailed`."""
    if problem.model is None:
        return weigh_plainly(problem, allocation)
    return weigh_by(aim_of(problem, problem.model), problem, allocation)


def weigh_plainly(problem: Problem, allocation: Allocation) -> Weighed:
    """By mean and variance."""
    before = plainly(problem, nothing(problem))
    after = plainly(problem, allocation)
    return Weighed(before=before, after=after, gain=after.worth - before.worth)


def weigh_by(aim: Aim, problem: Problem, allocation: Allocation) -> Weighed:
    """By a model's terms.

    A ratio gains what its risk nets more than at the ratio of doing nothing, or at none
    where that is under 0 or has no risk; weights of a recipe, how much less (in
    Euclidean length) stands elsewhere.
    """
    before, after = by_aim(aim, nothing(problem)), by_aim(aim, allocation)
    gain = after.worth - before.worth
    counts = Counts.MONEY
    if isinstance(aim.goal, LargestRatio):
        had = max(before.worth, 0.0) if before.risk > NO_RISK else 0.0
        gain = (after.worth - had) * after.risk
        counts = Counts.RATIO if aim.has_scale else Counts.WEIGHTED
    if aim.is_distance:
        far, near = aim.risk_of(nothing(problem)), aim.risk_of(allocation)
        gain = sqrt(max(far, 0.0)) - sqrt(max(near, 0.0))
        counts = Counts.DISTANCE
    return Weighed(before=before, after=after, gain=gain, counts=counts)


def plainly(problem: Problem, allocation: Allocation) -> Measured:
    """By mean and variance."""
    terms = evaluate(problem, allocation)
    return Measured(
        terms=terms,
        net=terms.total + terms.risk,
        risk=charged((volatility(problem),), allocation.z),
        winding_up=0.0,
        worth=terms.total,
        missed=0.0,
    )


def by_aim(aim: Aim, allocation: Allocation) -> Measured:
    """By a model's terms."""
    z, goal, plain = allocation.z, aim.goal, evaluate(aim.plain, allocation)
    wound = 0.0 if aim.winding_up is None else aim.winding_up.plane(z).value
    risk = aim.risk_of(allocation)
    moved = float(aim.slot_means @ allocation.values) if len(aim.slot_means) else 0.0
    weighed = goal.risk_aversion * risk if isinstance(goal, Utility) else 0.0
    terms = replace(
        plain,
        expected_return=plain.expected_return + moved - charged(aim.doubts, z),
        lending=plain.lending - moved,
        exit_cost=plain.exit_cost + aim.weight * wound,
        risk=plain.risk + weighed,
    )
    net = terms.total + weighed  # a variance that is charged is in it
    limits = [missed_by(goal, net, risk), aim.missed(z)]
    has_risk = bool(aim.risk) and aim.is_measured
    return Measured(
        terms=terms,
        net=net + plain.risk,
        risk=risk if has_risk else charged((volatility(aim.plain),), z),
        winding_up=wound,
        worth=worth_of(goal, net, risk),
        missed=max(limits),
    )
