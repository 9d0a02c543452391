# SPDX-License-Identifier: MIT
"""Measures, goals, doubts and winding up over a vault's amounts."""

from dataclasses import replace

import numpy as np
import pytest
from snapshots import (
    bytes32,
    cap,
    make_pair,
    make_pool,
    make_position,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.lending import Erc4626
from steelyard.optimize import Preferences, build_problem, optimize
from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.models import (
    VARIANCE,
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.outcome import Reason
from steelyard.optimize.problem import GasCosts
from steelyard.optimize.scenarios import column_returns, price_scenarios
from steelyard.optimize.tail.measures import cvar
from steelyard.optimize.terms import evaluate, worst_violation
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault_model import VaultModel

SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)


def wanted(goal, measure=VARIANCE, **rest):
    return VaultModel(model=MeanRisk(goal=goal, measure=measure), **rest)


def other_goal(model, goal):
    return replace(model, model=replace(model.model, goal=goal))


def best(problem, model):
    return optimize(replace(problem, model=model))


def losses(problem, model, allocation):
    tokens = len(problem.claimable)
    uncollected = model.scenarios[:, :tokens] @ problem.claimable
    return -(model.scenarios @ allocation.z) - uncollected


QUARTER = Preferences(
    risk_aversion=4, horizon_days=91.25, margin_wad=0, swap_margin_wad=0
)


@pytest.fixture
def market():
    """A million USDC; a pair with WETH that earns, and savings of both tokens."""
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH")
    pair = make_pair(usdc, weth, 30_000_000)
    snapshot = make_snapshot(
        [usdc, weth],
        [
            make_position("lp", (0, 1), pair, market=1, cap=cap(0.5)),
            make_position("usdc savings", (0,), SAVINGS, market=2, cap=cap(0.5)),
            make_position("weth savings", (1,), SAVINGS, market=3),
        ],
        [make_pool("v2", (0, 1), pair, market=1)],
    )
    signals = make_signals(
        snapshot,
        volatility={"WETH": 0.6},
        returns={"WETH": 0.3},
        pool_fees_per_year={bytes32(1): 8_000_000 * 10**6},
        vault_yield_per_year={bytes32(2): 0.05, bytes32(3): 0.03},
    )
    problem = build_problem(snapshot, signals, QUARTER)
    prices = price_scenarios(signals, problem.horizon_years, 400, seed=3)
    none = np.zeros((400, 0))
    scenarios = column_returns(snapshot, problem.slots, prices, none)
    return problem, scenarios


def test_vault_model__variance_and_utility__what_optimize_finds(market):
    problem, _ = market

    answer = best(problem, wanted(goal=Utility(risk_aversion=4)))

    plain = optimize(problem)
    assert answer.measured.worth == pytest.approx(plain.terms.total, abs=1e-9)


@pytest.mark.parametrize(
    "measure",
    [
        CVaR(level=0.9),
        WorstCase(),
        EntropicVaR(level=0.9),
        WassersteinCVaR(level=0.9, radius=0.01),
    ],
)
def test_vault_model__measures_of_tails__keep_limits_and_beat_their_neighbours(
    market, measure
):
    problem, scenarios = market
    model = wanted(
        goal=Utility(risk_aversion=0.4), measure=measure, scenarios=scenarios
    )

    answer = best(problem, model)

    assert worst_violation(problem, answer.allocation) < 1e-6
    assert answer.measured.worth >= answer.measured_nothing.worth
    # half as much risk aversion: never less risk, never less net
    bolder = best(problem, other_goal(model, Utility(risk_aversion=0.2)))
    assert bolder.measured.risk >= answer.measured.risk - 1e-6
    assert bolder.measured.net >= answer.measured.net - 1e-6


def test_vault_model__risk_at_most__bound_met_and_binding(market):
    problem, scenarios = market
    model = wanted(
        goal=RiskAtMost(limit=0.05), measure=CVaR(level=0.9), scenarios=scenarios
    )

    answer = best(problem, model)

    lost = losses(problem, model, answer.allocation)
    assert cvar(lost, 0.9) == pytest.approx(0.05, abs=1e-5)
    assert answer.measured.risk == pytest.approx(cvar(lost, 0.9), abs=1e-12)
    freer = best(problem, other_goal(model, RiskAtMost(limit=0.06)))
    assert freer.measured.net >= answer.measured.net


def test_vault_model__return_at_least__least_risk_that_reaches_it(market):
    problem, scenarios = market
    model = wanted(
        goal=ReturnAtLeast(expected_return=0.02), measure=CVaR(), scenarios=scenarios
    )

    answer = best(problem, model)

    assert answer.measured.net == pytest.approx(0.02, abs=2e-6)
    assert answer.measured.risk > 0


def test_vault_model__least_risk__the_cheapest_way_to_it(market):
    problem, scenarios = market
    model = wanted(goal=LeastRisk(), measure=CVaR(), scenarios=scenarios)

    answer = best(problem, model)

    # savings of USDC earn without risk, up to their cap; all else stays idle
    assert answer.measured.risk == pytest.approx(0, abs=1e-9)
    assert answer.allocation.values == pytest.approx([0, 0.5, 0], abs=1e-5)


def test_vault_model__cap_that_binds__priced_as_the_difference_says(market):
    problem, scenarios = market
    model = wanted(goal=Utility(risk_aversion=0.4), measure=CVaR(), scenarios=scenarios)
    answer = best(problem, model)
    (row,) = (b for b in answer.binding if b.name == "position usdc savings cap")

    wider = replace(
        problem,
        rows=tuple(
            replace(r, bound=r.bound + 1e-3) if r.name == row.name else r
            for r in problem.rows
        ),
    )
    more = best(wider, model).measured.worth - answer.measured.worth

    assert row.shadow_price == pytest.approx(more / 1e-3, rel=0.02)


def test_vault_model__return_asked_for__is_one_with_gas_paid(market):
    problem, scenarios = market
    model = wanted(
        goal=ReturnAtLeast(expected_return=0.02), measure=CVaR(), scenarios=scenarios
    )
    dear = replace(
        problem, gas=GasCosts(base=1e-5, withdraw=1e-5, swap=1e-5, supply=1e-5)
    )

    free, paid = best(problem, model), best(dear, model)

    assert paid.terms.gas > 2e-5
    assert paid.measured.net >= 0.02 - 1e-9
    assert paid.measured.risk > free.measured.risk


def test_vault_model__return_out_of_reach__nothing_is_done(market):
    problem, scenarios = market
    model = wanted(
        goal=ReturnAtLeast(expected_return=0.5), measure=CVaR(), scenarios=scenarios
    )

    answer = best(problem, model)

    assert not answer.is_rebalance
    assert answer.reason is Reason.INFEASIBLE
    assert answer.conflicts == ("expected return",)
    assert "the nearest has 0.0" in answer.detail


def test_vault_model__distance_of_laws__counts_in_the_risk_that_is_told(market):
    problem, scenarios = market
    measure = WassersteinCVaR(level=0.9, radius=0.002)
    model = wanted(goal=RiskAtMost(limit=0.05), measure=measure, scenarios=scenarios)

    answer = best(problem, model)

    lost = losses(problem, model, answer.allocation)
    size = np.linalg.norm(answer.allocation.z[1:])  # the asset has no law
    assert answer.measured.risk == pytest.approx(cvar(lost, 0.9) + 0.02 * size)
    assert answer.measured.risk == pytest.approx(0.05, abs=1e-5)


def test_vault_model__least_gain_asked_for__smaller_ones_are_left(market):
    problem, scenarios = market
    model = wanted(goal=Utility(risk_aversion=0.4), measure=CVaR(), scenarios=scenarios)
    gain = best(problem, model)
    gained = gain.measured.worth - gain.measured_nothing.worth

    answer = best(replace(problem, least_gain=1.01 * gained), model)

    assert gain.is_rebalance
    assert not answer.is_rebalance


def test_vault_model__gas_and_winding_up__are_in_the_net(market):
    problem, scenarios = market
    bold = Utility(risk_aversion=0.1)
    model = wanted(
        goal=bold, measure=CVaR(), scenarios=scenarios, unwinding=Unwinding()
    )
    dear = replace(
        problem, gas=GasCosts(base=1e-4, withdraw=1e-4, swap=1e-4, supply=1e-4)
    )

    answer = best(dear, model)

    measured, terms = answer.measured, evaluate(dear, answer.allocation)
    by_hand = terms.lp_fees + terms.lending - terms.swap_cost - terms.gas
    by_hand -= losses(dear, model, answer.allocation).mean() + measured.winding_up
    assert terms.gas > 1e-4
    assert measured.winding_up > 1e-6
    assert measured.net == pytest.approx(by_hand, abs=1e-12)


def test_vault_model__largest_ratio__no_mix_of_others_is_better(market):
    problem, scenarios = market
    # half in savings of USDC nets 0.62 % without risk
    model = wanted(
        goal=LargestRatio(risk_free=0.008), measure=CVaR(), scenarios=scenarios
    )

    found = best(problem, model).measured

    ratio = (found.net - 0.008) / found.risk
    assert found.worth == pytest.approx(ratio)
    for limit in (0.5, 0.8, 1.2, 2.0):
        goal = RiskAtMost(limit=limit * found.risk)
        other = best(problem, other_goal(model, goal)).measured
        assert (other.net - 0.008) / other.risk <= ratio * (1 + 1e-5)


def test_vault_model__nothing_nets_more_than_the_rate__nothing_is_done(market):
    problem, scenarios = market
    model = wanted(
        goal=LargestRatio(risk_free=0.9), measure=CVaR(), scenarios=scenarios
    )

    answer = best(problem, model)

    assert answer.reason is Reason.REFUSED
    assert not answer.is_rebalance
    assert "no order nets more than the rate" in answer.detail


def test_vault_model__net_above_the_rate_without_risk__nothing_is_done(market):
    problem, scenarios = market
    model = wanted(
        goal=LargestRatio(risk_free=0.005), measure=CVaR(), scenarios=scenarios
    )

    answer = best(problem, model)

    assert answer.reason is Reason.REFUSED
    assert not answer.is_rebalance
    assert "without risk: no ratio is largest" in answer.detail


def test_vault_model__winding_up_is_limited__less_is_bought(market):
    problem, scenarios = market
    free = wanted(goal=Utility(risk_aversion=0.1), measure=CVaR(), scenarios=scenarios)

    tight = replace(free, unwinding=Unwinding(weight=0.0, limit=5e-4, depth=0.25))
    answer = best(problem, tight)

    assert answer.measured.winding_up == pytest.approx(5e-4, abs=1e-6)
    assert answer.measured.risk < best(problem, free).measured.risk


def test_vault_model__winding_up_in_deeper_pools__is_worth_no_less(market):
    problem, scenarios = market
    base = wanted(goal=Utility(risk_aversion=0.1), measure=CVaR(), scenarios=scenarios)

    worths = [
        best(problem, replace(base, unwinding=Unwinding(slices=n))).measured.worth
        for n in (1, 4, 16)
    ]

    assert worths[0] <= worths[1] + 1e-8 <= worths[2] + 2e-8


def test_vault_model__drawdown_over_one_horizon__refused(market):
    problem, scenarios = market
    measure = ConditionalDrawdown()

    with pytest.raises(ModelRefused, match="no order in time"):
        best(
            problem,
            wanted(goal=LeastRisk(), measure=measure, scenarios=scenarios),
        )


@pytest.mark.parametrize(
    ("goal", "measure", "field"),
    [
        (Utility(risk_aversion=np.nan), CVaR(), "risk_aversion"),
        (Utility(risk_aversion=-1.0), CVaR(), "risk_aversion"),
        (RiskAtMost(limit=np.nan), CVaR(), "limit"),
        (ReturnAtLeast(expected_return=np.inf), CVaR(), "expected_return"),
        (LargestRatio(risk_free=np.nan), CVaR(), "risk_free"),
        (LeastRisk(), CVaR(level=1.0), "level"),
        (LeastRisk(), WassersteinCVaR(radius=np.inf), "radius"),
    ],
)
def test_vault_model__setting_out_of_range__named(market, goal, measure, field):
    problem, scenarios = market
    model = wanted(goal=goal, measure=measure, scenarios=scenarios)

    with pytest.raises(PreferenceInvalid, match=f"^{field} is"):
        best(problem, model)


@pytest.mark.parametrize("rows", [np.zeros((0, 5)), np.full((4, 5), np.nan)])
def test_vault_model__scenarios_that_are_none__refused(market, rows):
    problem, _ = market

    with pytest.raises(PreferenceInvalid, match="scenarios is"):
        best(problem, wanted(goal=LeastRisk(), measure=CVaR(), scenarios=rows))


def test_vault_model__no_scenarios__refused(market):
    problem, _ = market

    with pytest.raises(ModelRefused, match="CVaR: needs scenarios"):
        best(problem, wanted(goal=LeastRisk(), measure=CVaR()))


def test_vault_model__scenarios_of_another_shape__says_what_is_expected(market):
    problem, scenarios = market
    model = wanted(goal=LeastRisk(), measure=CVaR(), scenarios=scenarios[:, 1:])

    with pytest.raises(PreferenceInvalid, match="expected a column for each of"):
        best(problem, model)
