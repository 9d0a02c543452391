# SPDX-License-Identifier: MIT
"""What must hold of any model over amounts, whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from math import log, log1p

import numpy as np
import pytest
from model_cases import MEASURES, WINDINGS, scenarios_of
from test_vault_models_certificate import allowed_orders

from steelyard.bench.vault_cases import vault_case
from steelyard.bench.vault_parts import member, pieces_of, slot_of
from steelyard.optimize import Solution, optimize
from steelyard.optimize.allocate import allocate
from steelyard.optimize.measured import by_aim
from steelyard.optimize.models import (
    CVaR,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    MaximumDiversification,
    MeanRisk,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
)
from steelyard.optimize.outcome import Reason
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats, GasCosts, Leg, Problem, Row
from steelyard.optimize.terms import nothing, worst_violation
from steelyard.optimize.vault.aim import aim_of
from steelyard.optimize.vault.aim_terms import exposures, volatility
from steelyard.optimize.vault_model import VaultModel

ALIKE = 2e-9  # of NAV: twice what a certified gap may be
GAS = GasCosts(base=1e-5, withdraw=1e-5, swap=1e-5, supply=1e-5)
WHOLE = Kelly(drawdown=0.1)

OPTIMISED: dict[str, tuple[Model, str]] = {
    "utility, variance": (MeanRisk(goal=Utility(risk_aversion=4.0)), "none"),
    "utility, cvar, wound up": (
        MeanRisk(measure=MEASURES["cvar"], goal=Utility(risk_aversion=0.3)),
        "in net",
    ),
    "least, worst": (MeanRisk(measure=MEASURES["worst"]), "none"),
    "limit, entropic": (
        MeanRisk(measure=MEASURES["entropic"], goal=RiskAtMost(limit=0.03)),
        "none",
    ),
    "limit, variance": (MeanRisk(goal=RiskAtMost(limit=0.03)), "none"),
    "return, wasserstein": (
        MeanRisk(
            measure=MEASURES["wasserstein"], goal=ReturnAtLeast(expected_return=0.006)
        ),
        "none",
    ),
    "ratio, variance": (MeanRisk(goal=LargestRatio(risk_free=0.004)), "none"),
    "ratio, cvar": (
        MeanRisk(measure=MEASURES["cvar"], goal=LargestRatio(risk_free=0.004)),
        "none",
    ),
    "diversification": (MaximumDiversification(), "none"),
    "growth": (Kelly(), "none"),
    "growth, drawdowns rare": (WHOLE, "none"),
}
RECIPES: dict[str, Model] = {
    "equal risk": RiskBudgeting(),
    "equal tails": RiskBudgeting(measure=CVaR(level=0.9)),
    "bisection": HierarchicalRiskParity(),
    "tree": HierarchicalEqualRisk(clusters=3),
}
EVERY = {**OPTIMISED, **{name: (model, "none") for name, model in RECIPES.items()}}


def case_of(name: str, seed: int = 0, problem: Problem | None = None) -> Problem:
    """With the model and its scenarios in it; tails of recipes need some more."""
    problem = vault_case(seed) if problem is None else problem
    model, winding = EVERY[name]
    count = 120 if name in RECIPES else 60
    return replace(
        problem,
        model=VaultModel(
            model=model,
            scenarios=scenarios_of(problem, np.random.default_rng(seed), count),
            unwinding=WINDINGS[winding],
        ),
    )


def worth_of(problem: Problem) -> float:
    """Of the best order that is found."""
    answer = optimize(problem)
    assert answer.reason in (Reason.REBALANCE_PAYS, Reason.NOTHING_PAYS)
    return answer.measured.worth


def missing(answer: Solution) -> float:
    """What the certificate leaves open."""
    assert answer.stats.certified_gap is not None
    return answer.stats.certified_gap


@pytest.mark.parametrize("name", sorted(EVERY))
def test_optimize__token_counted_in_other_units__same_amounts(name: str) -> None:
    problem = case_of(name)
    units = problem.unit_values * np.array([1.0, 1e-3, 1e6, 1.0, 1e3])

    answer = optimize(replace(problem, unit_values=units))

    assert answer.allocation.z == pytest.approx(optimize(problem).allocation.z)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_optimize__nav_a_thousand_times_larger__same_shares(name: str) -> None:
    problem = case_of(name)

    answer = optimize(replace(problem, nav=1000 * problem.nav))

    before = optimize(problem)
    assert (answer.allocation.z == before.allocation.z).all()
    assert answer.gain_assets == pytest.approx(1000 * before.gain_assets, abs=1000)


@pytest.mark.parametrize("name", sorted(OPTIMISED))
def test_optimize__cap_relaxed__worth_no_less(name: str) -> None:
    problem = case_of(name)
    worth, rows = worth_of(problem), problem.rows

    for i in (1, 5 + 9):
        wider = [
            replace(r, bound=r.bound + 0.02 * (i == k)) for k, r in enumerate(rows)
        ]
        assert worth_of(replace(problem, rows=tuple(wider))) >= worth - ALIKE


@pytest.mark.parametrize("name", sorted(OPTIMISED))
@pytest.mark.parametrize(("token", "earns"), [(0, 0.09), (1, -0.02)])
def test_optimize__position_added__worth_no_less(
    name: str, token: int, earns: float
) -> None:
    problem = case_of(name)

    wider = with_position(problem, token, earns)

    assert worth_of(wider) >= worth_of(problem) - ALIKE


def with_position(problem: Problem, token: int, earns: float) -> Problem:
    """One more: savings of a token, empty now, which no cap counts but as NAV."""
    composition = member(5, [token])
    slot = slot_of("more", len(problem.slots), composition, 0.0)
    model = problem.model
    assert model is not None
    assert model.scenarios is not None

    def longer(row: Row) -> Row:
        coefficient = row.coefficients[:5].min()  # what any amount counts
        return replace(row, coefficients=np.append(row.coefficients, coefficient))

    tags = problem.tag_exposure
    return replace(
        problem,
        slots=(*problem.slots, replace(slot, yield_per_year=earns)),
        rows=tuple(longer(row) for row in problem.rows if row.name != "idle buffer"),
        budgets=tuple(
            replace(
                budget,
                per_raised=np.append(budget.per_raised, 0.0),
                per_lowered=np.append(budget.per_lowered, 0.0),
            )
            for budget in problem.budgets
        ),
        tag_exposure=np.column_stack([tags, np.zeros(len(tags))]),
        model=replace(
            model,
            scenarios=np.column_stack([model.scenarios, model.scenarios[:, token]]),
        ),
    )


@pytest.mark.parametrize("name", sorted(EVERY))
def test_optimize__pools_without_depth__no_swap(name: str) -> None:
    problem = case_of(name)
    dry = tuple(with_capacity(leg, 0.0) for leg in problem.legs)

    answer = optimize(replace(problem, legs=dry))

    assert not answer.swaps
    assert not answer.allocation.inputs.any()


@pytest.mark.parametrize("name", sorted(OPTIMISED))
def test_optimize__one_pool_without_depth__others_are_used(name: str) -> None:
    problem = case_of(name)
    legs = [with_capacity(e, 0.0) if e.pool == 10 else e for e in problem.legs]

    answer = optimize(replace(problem, legs=tuple(legs)))

    assert all(swap.pool != 10 for swap in answer.swaps)
    assert answer.measured.worth <= worth_of(problem) + ALIKE


def with_capacity(leg: Leg, share: float) -> Leg:
    """That share of what each of its pieces takes."""
    pieces = [replace(each, capacity=share * each.capacity) for each in leg.pieces]
    return replace(leg, pieces=tuple(pieces))


@pytest.mark.parametrize("name", sorted(OPTIMISED))
def test_optimize__gas__never_raises_worth(name: str) -> None:
    problem = case_of(name)

    answer = optimize(replace(problem, gas=GAS))

    assert answer.measured.worth <= worth_of(problem) + ALIKE
    assert worst_violation(problem, answer.allocation) <= 1e-9


def quiet_case(name: str) -> Problem:
    """Nothing earns, moves or costs, but swaps do."""
    problem = vault_case(0)
    still = replace(
        problem,
        expected_returns=np.zeros(5),
        exit_rates=np.zeros(5),
        fee_pools=(),
        lending=(),
        slots=tuple(
            replace(slot, yield_per_year=0.0, lvr_per_year=0.0)
            for slot in problem.slots
        ),
    )
    still = case_of(name, problem=still)
    assert still.model is not None
    assert still.model.scenarios is not None
    none = replace(still.model, scenarios=np.zeros_like(still.model.scenarios))
    return replace(still, model=none)


@pytest.mark.parametrize(
    "name", ["least, worst", "limit, entropic", "growth", "growth, drawdowns rare"]
)
def test_optimize__nothing_is_better_than_all_as_it_is__nothing_is_done(
    name: str,
) -> None:
    problem = quiet_case(name)

    answer = optimize(problem)

    assert answer.reason is Reason.NOTHING_PAYS
    assert (answer.allocation.z == nothing(problem).z).all()
    assert answer.gain_assets == 0


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_optimize__tighter_risk_limit__never_nets_more(measure: str) -> None:
    def net(limit: float) -> float:
        goal = RiskAtMost(limit=limit)
        problem = with_model(MeanRisk(measure=MEASURES[measure], goal=goal))
        answer = optimize(problem)
        assert answer.measured.risk <= limit + 1e-9
        return answer.measured.net

    nets = [net(limit) for limit in (0.005, 0.01, 0.02, 0.04, 0.08)]

    assert (np.diff(nets) >= -ALIKE).all()


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_optimize__more_return_asked_for__never_less_risk(measure: str) -> None:
    def risk(asked: float) -> float:
        goal = ReturnAtLeast(expected_return=asked)
        problem = with_model(MeanRisk(measure=MEASURES[measure], goal=goal))
        answer = optimize(problem)
        assert answer.measured.net >= asked - 1e-9
        return answer.measured.risk

    risks = [risk(asked) for asked in (0.001, 0.003, 0.005, 0.006)]

    assert (np.diff(risks) >= -ALIKE).all()


def with_model(model: Model, seed: int = 0) -> Problem:
    """Over the same problem and scenarios."""
    problem = vault_case(seed)
    scenarios = scenarios_of(problem, np.random.default_rng(seed), 60)
    return replace(problem, model=VaultModel(model=model, scenarios=scenarios))


@pytest.mark.parametrize("drawdown", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("seed", range(2))
def test_optimize__growth_with_rare_drawdowns__kept_in_the_scenarios(
    seed: int, drawdown: float
) -> None:
    problem = with_model(Kelly(drawdown=drawdown, probability=0.1), seed)

    answer = optimize(problem)

    assert problem.model is not None
    assert problem.model.scenarios is not None
    scenarios = problem.model.scenarios
    grown = 1 + scenarios @ answer.allocation.z + scenarios[:, :5] @ problem.claimable
    power = log(0.1) / log1p(-drawdown)
    assert (grown**-power).mean() <= 1 + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_optimize__maximum_diversification__no_other_order_has_a_higher_ratio(
    seed: int,
) -> None:
    problem = with_model(MaximumDiversification(), seed)
    roots = np.sqrt(
        np.diag(exposures(problem).T @ problem.covariance @ exposures(problem))
        + problem.tag_variance @ problem.tag_exposure**2
    )
    years = np.sqrt(problem.horizon_years)

    answer = optimize(problem)

    assert problem.model is not None
    aim = aim_of(problem, problem.model)
    for order in allowed_orders(problem, np.random.default_rng(seed), 60):
        assert by_aim(aim, order).worth <= answer.measured.worth + missing(answer)
    # by hand: uncollected fees count as tokens, swaps as what they cost
    swapped = answer.terms.swap_cost
    weighed = roots @ answer.allocation.z + roots[:5] @ problem.claimable
    spread = answer.measured.risk
    assert answer.measured.worth == pytest.approx((weighed * years - swapped) / spread)


@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.parametrize("seed", range(2))
def test_optimize__recipe__no_other_order_is_nearer(seed: int, name: str) -> None:
    problem = case_of(name, seed)

    answer = optimize(problem)

    assert problem.model is not None
    aim = aim_of(problem, problem.model)
    assert aim.is_distance
    for order in allowed_orders(problem, np.random.default_rng(seed), 60):
        assert by_aim(aim, order).worth <= answer.measured.worth + missing(answer)


@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.parametrize("seed", range(2))
def test_optimize__recipe_and_swaps_are_free__weights_of_allocate(
    seed: int, name: str
) -> None:
    problem = free_case(seed)
    scenarios = scenarios_of(problem, np.random.default_rng(seed), 120)
    model = RECIPES[name]

    answer = optimize(
        replace(problem, model=VaultModel(model=model, scenarios=scenarios))
    )

    expected = weights_by_allocate(problem, model, scenarios)
    assert answer.allocation.z[1:] == pytest.approx(expected, abs=2e-6)


def free_case(seed: int) -> Problem:
    """Pools as deep as one likes, without fees; no limits, and nothing earns: what is
    net counts a little beside distance, and would tilt the weights."""
    problem = vault_case(seed)
    legs = tuple(
        replace(
            leg,
            pieces=tuple(
                replace(each, thinned=())
                for each in pieces_of([1e9], 1.0, 0.0, width=0.5)
            ),
        )
        for leg in problem.legs[:20]
    )
    return replace(
        problem,
        claimable=np.zeros(5),
        expected_returns=np.zeros(5),
        exit_rates=np.zeros(5),
        legs=legs,
        slots=tuple(
            replace(slot, yield_per_year=0.0, lvr_per_year=0.0)
            for slot in problem.slots
        ),
        rows=(),
        budgets=(),
        lending=(),
        fee_pools=(),
    )


def weights_by_allocate(problem: Problem, model: Model, scenarios: Floats) -> Floats:
    """Of all but the asset, whatever is there put to work."""
    matrix = volatility(problem).matrix[:, 1:]
    count = matrix.shape[1]
    polytope = Polytope(
        assets=tuple(str(i) for i in range(count)),
        lowest=np.zeros(count),
        highest=np.ones(count),
        names=(),
        matrix=np.zeros((0, count)),
        bounds=np.zeros(0),
    )
    portfolio = Portfolio(
        polytope=polytope, covariance=matrix.T @ matrix, scenarios=scenarios[:, 1:]
    )
    return allocate(portfolio, model).weights
