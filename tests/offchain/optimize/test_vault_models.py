# SPDX-License-Identifier: MIT
"""Tail risk, limits, ratios and winding up over a vault's amounts."""

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
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    LargestRatio,
    LeastRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.optimize_by import optimize_by
from steelyard.optimize.problem import GasCosts
from steelyard.optimize.scenarios import column_returns, price_scenarios
from steelyard.optimize.tail.measures import cvar
from steelyard.optimize.terms import evaluate, worst_violation
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault_model import VaultModel, losses, risk_of

SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)
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


def test_optimize_by__variance_and_utility__what_optimize_finds(market):
    problem, _ = market

    answer = optimize_by(problem, VaultModel(goal=Utility(risk_aversion=4)))

    best = optimize(problem)
    assert answer.measured.worth == pytest.approx(best.terms.total, abs=1e-8)


@pytest.mark.parametrize(
    "measure",
    [
        CVaR(level=0.9),
        WorstCase(),
        EntropicVaR(level=0.9),
        WassersteinCVaR(level=0.9, radius=0.01),
    ],
)
def test_optimize_by__measures_of_tails__keep_limits_and_beat_their_neighbours(
    market, measure
):
    problem, scenarios = market
    model = VaultModel(
        goal=Utility(risk_aversion=0.4), measure=measure, scenarios=scenarios
    )

    answer = optimize_by(problem, model)

    assert worst_violation(problem, answer.allocation) < 1e-6
    assert answer.measured.worth >= answer.measured_nothing.worth
    # half as much risk aversion: never less risk, never less net
    bolder = optimize_by(problem, replace(model, goal=Utility(risk_aversion=0.2)))
    assert bolder.measured.risk >= answer.measured.risk - 1e-6
    assert bolder.measured.net >= answer.measured.net - 1e-6


def test_optimize_by__risk_at_most__bound_met_and_binding(market):
    problem, scenarios = market
    model = VaultModel(
        goal=RiskAtMost(limit=0.05), measure=CVaR(level=0.9), scenarios=scenarios
    )

    answer = optimize_by(problem, model)

    lost = losses(problem, model, answer.allocation)
    assert cvar(lost, 0.9) == pytest.approx(0.05, abs=1e-5)
    assert risk_of(problem, model, answer.allocation) == pytest.approx(
        cvar(lost, 0.9), abs=1e-12
    )
    freer = optimize_by(problem, replace(model, goal=RiskAtMost(limit=0.06)))
    assert freer.measured.net >= answer.measured.net


def test_optimize_by__return_at_least__least_risk_that_reaches_it(market):
    problem, scenarios = market
    model = VaultModel(
        goal=ReturnAtLeast(expected_return=0.02), measure=CVaR(), scenarios=scenarios
    )

    answer = optimize_by(problem, model)

    assert answer.measured.net == pytest.approx(0.02, abs=2e-6)
    assert answer.measured.risk > 0


def test_optimize_by__least_risk__the_cheapest_way_to_it(market):
    problem, scenarios = market
    model = VaultModel(goal=LeastRisk(), measure=CVaR(), scenarios=scenarios)

    answer = optimize_by(problem, model)

    # savings of USDC earn without risk, up to their cap; all else stays idle
    assert answer.measured.risk == pytest.approx(0, abs=1e-9)
    assert answer.allocation.values == pytest.approx([0, 0.5, 0], abs=1e-5)


def test_optimize_by__cap_that_binds__priced_as_the_difference_says(market):
    problem, scenarios = market
    model = VaultModel(
        goal=Utility(risk_aversion=0.4), measure=CVaR(), scenarios=scenarios
    )
    answer = optimize_by(problem, model)
    (row,) = (b for b in answer.binding if b.name == "position usdc savings cap")

    wider = replace(
        problem,
        rows=tuple(
            replace(r, bound=r.bound + 1e-3) if r.name == row.name else r
            for r in problem.rows
        ),
    )
    more = optimize_by(wider, model).measured.worth - answer.measured.worth

    assert row.shadow_price == pytest.approx(more / 1e-3, rel=0.02)


def test_optimize_by__return_is_before_gas__gas_does_not_change_the_risk(market):
    problem, scenarios = market
    model = VaultModel(
        goal=ReturnAtLeast(expected_return=0.02), measure=CVaR(), scenarios=scenarios
    )
    dear = replace(
        problem, gas=GasCosts(base=1e-5, withdraw=1e-5, swap=1e-5, supply=1e-5)
    )

    free, paid = optimize_by(problem, model), optimize_by(dear, model)

    assert paid.measured.risk == pytest.approx(free.measured.risk, rel=1e-3)
    gas = evaluate(dear, paid.allocation).gas
    assert gas > 2e-5
    assert paid.measured.net + gas >= 0.02 - 2e-6


def test_optimize_by__return_out_of_reach__nothing_is_done(market):
    problem, scenarios = market
    model = VaultModel(
        goal=ReturnAtLeast(expected_return=0.5), measure=CVaR(), scenarios=scenarios
    )

    answer = optimize_by(problem, model)

    assert not answer.is_rebalance
    assert answer.solver == "none"
    assert answer.detail == "infeasible: nothing is done"


def test_optimize_by__distance_of_laws__counts_in_the_risk_that_is_told(market):
    problem, scenarios = market
    measure = WassersteinCVaR(level=0.9, radius=0.002)
    model = VaultModel(
        goal=RiskAtMost(limit=0.05), measure=measure, scenarios=scenarios
    )

    answer = optimize_by(problem, model)

    lost = losses(problem, model, answer.allocation)
    size = np.linalg.norm(answer.allocation.z[1:])  # the asset has no law
    assert answer.measured.risk == pytest.approx(cvar(lost, 0.9) + 0.02 * size)
    assert answer.measured.risk == pytest.approx(0.05, abs=1e-5)


def test_optimize_by__least_gain_asked_for__smaller_ones_are_left(market):
    problem, scenarios = market
    model = VaultModel(
        goal=Utility(risk_aversion=0.4), measure=CVaR(), scenarios=scenarios
    )
    gain = optimize_by(problem, model)
    gained = gain.measured.worth - gain.measured_nothing.worth

    answer = optimize_by(replace(problem, least_gain=1.01 * gained), model)

    assert gain.is_rebalance
    assert not answer.is_rebalance


def test_optimize_by__gas_and_winding_up__are_in_the_net(market):
    problem, scenarios = market
    bold = Utility(risk_aversion=0.1)
    model = VaultModel(
        goal=bold, measure=CVaR(), scenarios=scenarios, unwinding=Unwinding()
    )
    dear = replace(
        problem, gas=GasCosts(base=1e-4, withdraw=1e-4, swap=1e-4, supply=1e-4)
    )

    answer = optimize_by(dear, model)

    measured, terms = answer.measured, evaluate(dear, answer.allocation)
    by_hand = terms.lp_fees + terms.lending - terms.swap_cost - terms.gas
    by_hand -= losses(dear, model, answer.allocation).mean() + measured.winding_up
    assert terms.gas > 1e-4
    assert measured.winding_up > 1e-6
    assert measured.net == pytest.approx(by_hand, abs=1e-12)


def test_optimize_by__largest_ratio__no_mix_of_others_is_better(market):
    problem, scenarios = market
    # half in savings of USDC nets 0.62 % without risk
    model = VaultModel(
        goal=LargestRatio(risk_free=0.008), measure=CVaR(), scenarios=scenarios
    )

    best = optimize_by(problem, model).measured

    ratio = (best.net - 0.008) / best.risk
    assert best.worth == pytest.approx(ratio)
    for limit in (0.5, 0.8, 1.2, 2.0):
        goal = RiskAtMost(limit=limit * best.risk)
        other = optimize_by(problem, replace(model, goal=goal)).measured
        assert (other.net - 0.008) / other.risk <= ratio * (1 + 1e-5)


def test_optimize_by__nothing_nets_more_than_the_rate__refused(market):
    problem, scenarios = market
    model = VaultModel(
        goal=LargestRatio(risk_free=0.9), measure=CVaR(), scenarios=scenarios
    )

    with pytest.raises(ModelRefused, match="nothing allowed nets more than risk_free"):
        optimize_by(problem, model)


def test_optimize_by__net_above_the_rate_without_risk__refused(market):
    problem, scenarios = market
    model = VaultModel(
        goal=LargestRatio(risk_free=0.005), measure=CVaR(), scenarios=scenarios
    )

    with pytest.raises(ModelRefused, match="without risk: the ratio has no bound"):
        optimize_by(problem, model)


def test_optimize_by__winding_up_is_limited__less_is_bought(market):
    problem, scenarios = market
    free = VaultModel(
        goal=Utility(risk_aversion=0.1), measure=CVaR(), scenarios=scenarios
    )

    tight = replace(free, unwinding=Unwinding(weight=0.0, limit=5e-4, depth=0.25))
    answer = optimize_by(problem, tight)

    assert answer.measured.winding_up == pytest.approx(5e-4, abs=1e-6)
    assert answer.measured.risk < optimize_by(problem, free).measured.risk


def test_optimize_by__winding_up_in_deeper_pools__is_worth_no_less(market):
    problem, scenarios = market
    base = VaultModel(
        goal=Utility(risk_aversion=0.1), measure=CVaR(), scenarios=scenarios
    )

    worths = [
        optimize_by(
            problem, replace(base, unwinding=Unwinding(slices=n))
        ).measured.worth
        for n in (1, 4, 16)
    ]

    assert worths[0] <= worths[1] + 1e-8 <= worths[2] + 2e-8


def test_optimize_by__drawdown_over_one_horizon__refused(market):
    problem, scenarios = market
    measure = ConditionalDrawdown()

    with pytest.raises(ModelRefused, match="no order in time"):
        optimize_by(
            problem,
            VaultModel(goal=LeastRisk(), measure=measure, scenarios=scenarios),
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
def test_optimize_by__setting_out_of_range__named(market, goal, measure, field):
    problem, scenarios = market
    model = VaultModel(goal=goal, measure=measure, scenarios=scenarios)

    with pytest.raises(PreferenceInvalid, match=f"^{field} is"):
        optimize_by(problem, model)


@pytest.mark.parametrize("rows", [np.zeros((0, 5)), np.full((4, 5), np.nan)])
def test_optimize_by__scenarios_that_are_none__refused(market, rows):
    problem, _ = market

    with pytest.raises(PreferenceInvalid, match="scenarios is"):
        optimize_by(
            problem, VaultModel(goal=LeastRisk(), measure=CVaR(), scenarios=rows)
        )


def test_optimize_by__no_scenarios__refused(market):
    problem, _ = market

    with pytest.raises(ModelRefused, match="CVaR: needs scenarios"):
        optimize_by(problem, VaultModel(goal=LeastRisk(), measure=CVaR()))


def test_optimize_by__scenarios_of_another_shape__says_what_is_expected(market):
    problem, scenarios = market
    model = VaultModel(goal=LeastRisk(), measure=CVaR(), scenarios=scenarios[:, 1:])

    with pytest.raises(PreferenceInvalid, match="expected a column for each of"):
        optimize_by(problem, model)
