# SPDX-License-Identifier: MIT
"""From what was read to what to do: pure, the same in the keeper and in a replay."""

from dataclasses import dataclass, replace

from steelyard.estimate.signals import Signals
from steelyard.headroom import (
    hold_refusal,
    is_braked,
    is_drawn_down,
    is_hold_unsettled,
    refusal,
    time_text,
)
from steelyard.keeper.gain import plan_breaches, plan_weighed
from steelyard.keeper.model_text import net_of
from steelyard.keeper.own_limits import OF_MODELS, missed_limits
from steelyard.money import assets_down, money
from steelyard.optimize.build import build_problem
from steelyard.optimize.measured import Measured
from steelyard.optimize.outcome import Reason, Status
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import Solution
from steelyard.optimize.solve import optimize
from steelyard.plan import Plan, Tolerances, empty_plan, plan_order
from steelyard.state import Snapshot

MOST_LOSS_DIVISOR = 1000  # of NAV: what rounding a forced answer may cost


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was weighed, and whether it is worth doing."""

    solution: Solution | None  # None: nothing was weighed, every order is refused now
    plan: Plan
    gain_assets: int  # of the plan over doing nothing, net of all, over the horizon
    act: bool
    reason: str
    preferences: Preferences | None = None  # None: nothing was weighed
    planned: Measured | None = None  # the plan, by what they want

    @property
    def rounding_loss_assets(self) -> int:
        """What whole amounts, margins and cuts took of the solution's gain; 0 without a
        solution to carry out."""
        if self.solution is None or not self.solution.is_rebalance:
            return 0
        return self.solution.gain_assets - self.gain_assets


def decide(
    snapshot: Snapshot,
    signals: Signals,
    preferences: Preferences,
    tolerances: Tolerances,
) -> Decision:
    """What to do now. Raises OptimizeError, SignalsInvalid, PlanError."""
    refused = held_back(snapshot, tolerances)
    if refused is not None:
        return refused
    problem, solution = optimise(
        snapshot, signals, preferences, tolerances.output_tolerance_wad
    )
    plan = plan_order(snapshot, solution, tolerances, preferences.budget_margin_wad)
    decision = weigh(snapshot, problem, solution, plan, preferences)
    return settled(snapshot, decision, tolerances)


def held_back(snapshot: Snapshot, tolerances: Tolerances) -> Decision | None:
    """The decision where the vault would refuse every order; None where it need not."""
    reason = refusal(snapshot)
    if reason is None:
        return None
    plan = empty_plan(snapshot, tolerances)
    return Decision(solution=None, plan=plan, gain_assets=0, act=False, reason=reason)


def settled(snapshot: Snapshot, decision: Decision, tolerances: Tolerances) -> Decision:
    """The decision; where it is to do nothing while what holding has cost is more than
    its budget, an order that moves nothing: until it is charged, time does not help."""
    if decision.act or not is_hold_unsettled(snapshot):
        return decision
    return replace(
        decision,
        plan=empty_plan(snapshot, tolerances),
        gain_assets=0,
        act=True,
        reason=f"{decision.reason}; an order that moves nothing has it charged, and "
        "time then refills",
    )


def optimise(
    snapshot: Snapshot,
    signals: Signals,
    preferences: Preferences,
    output_tolerance_wad: int = 0,
) -> tuple[Problem, Solution]:
    """The problem and its best allocation. Raises OptimizeError, SignalsInvalid.

    Where a limit cannot be met within the budgets, the plan goes as far as they allow;
    exposures that cannot be brought back under their caps may only fall.
    """
    unhealed: set[str] = set()
    budgeted = True
    while True:
        problem = build_problem(
            snapshot,
            signals,
            preferences,
            unhealed,
            budgeted=budgeted,
            output_tolerance_wad=output_tolerance_wad,
        )
        solution = optimize(problem)
        if budgeted and {b.name for b in problem.budgets} & set(solution.conflicts):
            budgeted = False
            continue
        conflicts = set(solution.conflicts) - OF_MODELS
        stuck = {name.removesuffix(" cap") for name in conflicts}
        stuck = {name.removesuffix(" absolute") for name in stuck} - unhealed
        if solution.reason is not Reason.INFEASIBLE or not stuck:
            return problem, solution
        unhealed |= stuck


def weigh(
    snapshot: Snapshot,
    problem: Problem,
    solution: Solution,
    plan: Plan,
    preferences: Preferences,
) -> Decision:
    """Whether the plan pays for itself; doing nothing wins ties."""
    planned, gain_assets = _planned(snapshot, problem, solution, plan)
    before, heal_above = solution.measured_nothing, preferences.heal_above
    broken = (*solution.broken, *missed_limits(problem.model, before, heal_above))
    stop = _stop(snapshot, solution, plan, gain_assets, broken, preferences)
    if stop is None and broken:
        stop = _no_cure(snapshot, problem, solution, plan, gain_assets, broken)
    after = missed_limits(problem.model, planned, heal_above)
    if stop is None and not broken and after:
        stop = f"the plan, once cut, would miss the {', '.join(after)}"
    praise = _praise(snapshot, plan, gain_assets, broken, preferences)
    praise += "".join(f"; the {name} is still missed" for name in after)
    return Decision(
        solution=solution,
        plan=plan,
        gain_assets=gain_assets,
        act=stop is None,
        reason=_mode(snapshot) + (stop or praise),
        preferences=preferences,
        planned=planned,
    )


def _planned(
    snapshot: Snapshot, problem: Problem, solution: Solution, plan: Plan
) -> tuple[Measured, int]:
    """(the plan, its gain); a solution without an answer is not weighed again."""
    if solution.status is Status.FALLBACK:
        return solution.measured_nothing, solution.gain_assets
    weighed = plan_weighed(snapshot, problem, plan)
    gain_assets = assets_down(weighed.gain, problem.nav)
    if not solution.is_rebalance:
        gain_assets = min(gain_assets, solution.gain_assets)
    return weighed.after, gain_assets


def _mode(snapshot: Snapshot) -> str:
    """What narrows every order now."""
    if hold := hold_refusal(snapshot):
        return f"{hold}, withdrawals alone: "
    if is_braked(snapshot):
        until = time_text(snapshot.limits.brake_until)
        return f"under the guardian's brake until {until}, reduce-only: "
    return "in a drawdown, reduce-only: " if is_drawn_down(snapshot) else ""


def _stop(
    snapshot: Snapshot,
    solution: Solution,
    plan: Plan,
    gain_assets: int,
    broken: tuple[str, ...],
    preferences: Preferences,
) -> str | None:
    """Why nothing should be done; None when something should."""
    if solution.status is Status.FALLBACK:
        return f"no answer ({solution.reason.value}): {solution.detail}"
    if not solution.is_rebalance:
        most, _ = _gains(snapshot, preferences.min_gain_assets, preferences)
        return f"nothing gains more than {most}"
    if plan.is_empty:
        why = f": {plan.changes[0].reason}" if plan.changes else ""
        return f"no action is left of the rebalance{why}"
    for check in plan.checks:
        if not check.ok:
            return (
                f"the plan would break {check.limit} of {check.subject}: {check.value} "
                f"against {check.bound}"
            )
    least_assets = preferences.min_gain_assets
    if not broken and gain_assets <= least_assets:
        gain, least = _gains(snapshot, gain_assets, preferences)
        return f"a rebalance would gain {gain}, not more than {least}"
    return None


def _no_cure(
    snapshot: Snapshot,
    problem: Problem,
    solution: Solution,
    plan: Plan,
    gain_assets: int,
    broken: tuple[str, ...],
) -> str | None:
    """Why a plan that is forced by a broken limit should not be carried out."""
    before, after = plan_breaches(snapshot, problem, plan)
    asset = snapshot.asset
    if after >= before:
        return f"the plan does not bring back {', '.join(broken)}"
    worst_assets = min(solution.gain_assets, 0) - snapshot.nav // MOST_LOSS_DIVISOR
    if gain_assets < worst_assets:
        lost = money(-gain_assets, asset.decimals)
        return (
            f"the plan loses {lost} {asset.symbol}, much more than the answer it rounds"
        )
    return None


def _praise(
    snapshot: Snapshot,
    plan: Plan,
    gain_assets: int,
    broken: tuple[str, ...],
    preferences: Preferences,
) -> str:
    asset = snapshot.asset
    gain, least = _gains(snapshot, gain_assets, preferences)
    cost = money(plan.before.nav - plan.after.nav, asset.decimals)
    at_once = f"it costs {cost} {asset.symbol} of NAV at once"
    if gain_assets > preferences.min_gain_assets:
        return f"a rebalance gains {gain}, more than {least}; {at_once}"
    named = ", ".join(broken)
    return f"staying breaks {named}, so that a gain of {gain} will do; {at_once}"


def _gains(
    snapshot: Snapshot, gain_assets: int, preferences: Preferences
) -> tuple[str, str]:
    asset = snapshot.asset
    gain = money(gain_assets, asset.decimals)
    least = money(preferences.min_gain_assets, asset.decimals)
    return f"{gain} {asset.symbol} {net_of(preferences)}", f"{least} {asset.symbol}"
