# SPDX-License-Identifier: MIT
"""A vault's model as terms of z: what is net, and convex charges for all the rest.

UNITS   Everything over the horizon, as a share of NAV before. Net is what is expected
        less all costs but risk: prices, fees and interest, less swaps, exit or winding
        up, and doubts. Risk is the measure of what prices and failures take; fees and
        interest are taken to be certain.
Impermanent loss is counted once: as carry under the variance, which knows no paths;
scenario by scenario under every other measure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import log, log1p

import numpy as np

from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.models import (
    Goal,
    Kelly,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Utility,
    Variance,
)
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.reference.smooth import (
    LogLoss,
    LogMoment,
    SquaredLength,
)
from steelyard.optimize.terms import Allocation, evaluate, nothing
from steelyard.optimize.vault.aim_terms import (
    charged,
    doubted,
    doubts,
    exposures,
    of_losses,
    volatility,
    with_means,
)
from steelyard.optimize.vault.charges import Charge
from steelyard.optimize.vault.recipes import recipe
from steelyard.optimize.vault.winding_up import WindingUp
from steelyard.optimize.vault.worth import DRAWDOWN, WINDING_UP
from steelyard.optimize.vault_model import VaultModel

RUIN = 1e-9  # of NAV: less left is rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Limit:
    """A charge that is at most so much."""

    name: str
    charge: Charge
    most: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Aim:
    """What is wanted as terms of z."""

    goal: Goal
    plain: Problem  # whose terms are net: no risk, or that of a utility of variance
    doubts: tuple[Charge, ...] = ()  # taken off net
    risk: tuple[Charge, ...] = ()  # whose sum it is; none where net has it already
    winding_up: Charge | None = None  # what it costs
    weight: float = 1.0  # of that in net
    limits: tuple[Limit, ...] = ()
    is_measured: bool = True  # whether `risk` is what people call risk
    has_scale: bool = True  # False: twice as much of everything is as good
    # (n_slots,) over the horizon, in the yields of `plain`: what scenarios expect
    slot_means: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def is_distance(self) -> bool:
        """Whether `risk` is the square of how far a recipe's weights are."""
        return any(isinstance(each.function, SquaredLength) for each in self.risk)

    @property
    def costs(self) -> tuple[Charge, ...]:
        """All that is taken off net."""
        if self.winding_up is None or not self.weight:
            return self.doubts
        return (*self.doubts, replace(self.winding_up, weight=self.weight))

    def net(self, allocation: Allocation) -> float:
        """Before gas."""
        terms = evaluate(self.plain, allocation)
        return terms.total + terms.gas - charged(self.costs, allocation.z)

    def risk_of(self, allocation: Allocation) -> float:
        """By the model's measure; 0 where net has it already."""
        return charged(self.risk, allocation.z)

    def missed(self, z: Floats) -> float:
        """Most by which a limit is, at least 0."""
        over = (each.charge.plane(z).value - each.most for each in self.limits)
        return max([0.0, *over])


def aim_of(problem: Problem, wanted: VaultModel) -> Aim:
    """The terms of the model; `wanted` was checked. Raises `ModelRefused`,
    `SolveFailed`."""
    match wanted.model:
        case MeanRisk():
            return _mean_risk(problem, wanted, wanted.model)
        case MaximumDiversification():
            return _diversification(problem)
        case Kelly():
            return _growth(problem, wanted, wanted.model)
        case _:
            return _tracking(problem, wanted)


def _mean_risk(problem: Problem, wanted: VaultModel, model: MeanRisk) -> Aim:
    at_worst = doubted(problem, model)
    plain, means = replace(at_worst, risk_aversion=0.0, model=None), np.zeros(0)
    if not isinstance(model.measure, Variance):
        assert wanted.scenarios is not None
        plain, means = with_means(plain, wanted.scenarios)
        risk = of_losses(problem, model, wanted.scenarios)
    elif isinstance(model.goal, Utility):
        plain = replace(plain, risk_aversion=model.goal.risk_aversion)
        risk = ()
    else:
        risk = (volatility(at_worst),)
    aim = Aim(
        goal=model.goal,
        plain=plain,
        doubts=doubts(at_worst, model),
        risk=risk,
        slot_means=means,
    )
    return _winding_up(problem, wanted, aim)


def _winding_up(problem: Problem, wanted: VaultModel, aim: Aim) -> Aim:
    """With the cost of winding up, in the place of the exit at the pools' fees."""
    unwinding = wanted.unwinding
    if unwinding is None:
        return aim
    cost = Charge(
        function=WindingUp(problem, unwinding),
        matrix=exposures(problem),
        offset=problem.claimable,
    )
    limits: tuple[Limit, ...] = ()
    if unwinding.limit is not None:
        limits = (Limit(name=WINDING_UP, charge=cost, most=unwinding.limit),)
    return replace(
        aim,
        plain=replace(aim.plain, exit_rates=np.zeros(len(problem.inventory))),
        winding_up=cost,
        weight=unwinding.weight,
        limits=limits,
    )


def _diversification(problem: Problem) -> Aim:
    """Weighted volatility, less what swaps cost, in place of what is expected."""
    risk, years = volatility(problem), problem.horizon_years
    tokens = len(problem.inventory)
    each = np.linalg.norm(risk.matrix, axis=0) / years
    apart = each[tokens:] - each[:tokens] @ problem.compositions
    plain = _earning(problem, each[:tokens], apart)
    return Aim(goal=LargestRatio(), plain=plain, risk=(risk,), has_scale=False)


def _growth(problem: Problem, wanted: VaultModel, model: Kelly) -> Aim:
    """Minus the mean logarithm of what prices and failures leave, as the risk; what is
    certain counts beside it. Drawdowns are kept rare by what is not certain alone.
    Raises `ModelRefused`."""
    assert wanted.scenarios is not None
    tokens = len(problem.inventory)
    plain = replace(problem, model=None, risk_aversion=0.0)
    loss = Charge(
        function=LogLoss(),
        matrix=wanted.scenarios,
        offset=wanted.scenarios[:, :tokens] @ problem.claimable,
    )
    if (loss.matrix @ nothing(problem).z + loss.offset).min() <= RUIN - 1:
        why = "all that stands now is lost in a scenario: no logarithm, so no gain"
        raise ModelRefused("Kelly", why)
    aim = Aim(
        goal=Utility(risk_aversion=1.0),
        plain=with_means(plain, np.zeros((1, wanted.scenarios.shape[1])))[0],
        risk=(loss,),
        is_measured=False,
    )
    if model.drawdown is None:
        return aim
    power = log(model.probability) / log1p(-model.drawdown)
    rare = replace(loss, function=LogMoment(power=power))
    limit = Limit(name=DRAWDOWN, charge=rare, most=0.0)
    return replace(aim, limits=(limit,))


def _tracking(problem: Problem, wanted: VaultModel) -> Aim:
    """The squared distance to a recipe's weights, as the risk; of what is as near, what
    costs least to reach."""
    found = recipe(problem, wanted, volatility(problem))
    columns = len(problem.inventory) + len(problem.slots)
    distance = Charge(
        function=SquaredLength(),
        matrix=np.eye(columns)[list(found.columns)],
        offset=-found.weights,
    )
    none = np.zeros(len(problem.inventory))
    plain = _earning(problem, none, np.zeros(len(problem.slots)))
    return Aim(goal=LeastRisk(), plain=plain, risk=(distance,), is_measured=False)


def _earning(problem: Problem, tokens: Floats, slots: Floats) -> Problem:
    """The problem in which tokens and slots earn this a year, and nothing else does."""
    return replace(
        problem,
        model=None,
        risk_aversion=0.0,
        expected_returns=tokens,
        exit_rates=np.zeros(len(tokens)),
        fee_pools=(),
        lending=(),
        slots=tuple(
            replace(slot, yield_per_year=float(rate), lvr_per_year=0.0)
            for slot, rate in zip(problem.slots, slots, strict=True)
        ),
    )
