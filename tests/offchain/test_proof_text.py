# SPDX-License-Identifier: MIT
"""What is said of a decision: its model, its risk, its proof."""

import json
import re
from dataclasses import replace

import pytest
from optimize_cases import mixed, mixed_signals
from plan_cases import Tolerances
from rich.console import Console
from snapshots import (
    bytes32,
    cap,
    make_position,
    make_signals,
    make_snapshot,
)

from steelyard.cli.proof_text import proof_lines
from steelyard.cli.tables import print_status
from steelyard.keeper.decide import decide
from steelyard.keeper.model_text import decided_by
from steelyard.keeper.record import json_text
from steelyard.lending import Erc4626
from steelyard.optimize import Preferences
from steelyard.optimize.model_choice import ModelChoice, UnwindingChoice
from steelyard.state import UNLIMITED

SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)


def decided(yearly: float, **limits: int):
    position = make_position("savings", (0,), SAVINGS, market=1, cap=cap(0.4))
    snapshot = make_snapshot(positions=[position], limits=replace(UNLIMITED, **limits))
    signals = make_signals(snapshot, vault_yield_per_year={bytes32(1): yearly})
    preferences = Preferences(horizon_days=365, margin_wad=0)
    return snapshot, decide(snapshot, signals, preferences, Tolerances())


def decided_by_model(**choice):
    """In a vault of six parts."""
    snapshot = mixed()
    signals = make_signals(snapshot, **mixed_signals(snapshot))
    preferences = Preferences(model=ModelChoice(**choice))
    return snapshot, decide(snapshot, signals, preferences, Tolerances())


def lines_by(**choice):
    return list(proof_lines(*decided_by_model(**choice)))


def test_proof_lines__rebalance__model_gap_rounding_checks_and_the_dearest_limit():
    snapshot, decision = decided(0.05)

    model, risk, gap, rounding, checks, limit = proof_lines(snapshot, decision)

    assert model == "decided by largest return less 4 / 2 x variance over 365 days"
    assert risk == "volatility 0.00 % of NAV, before 0.00 %"
    assert gap.startswith("certified: no allowed amounts gain more than 0.00 USDC")
    lost = decision.rounding_loss_assets / 10**6
    assert decision.solution.gain_assets - decision.gain_assets == round(lost * 1e6)
    assert rounding == f"whole amounts and margins took {lost:.2f} USDC of the gain"
    kept = len(decision.plan.checks)
    assert checks == f"{kept} of {kept} limits kept in the contract's own integers"
    # 1,000,000 USDC of NAV: a percent more at 5 % a year
    assert limit == (
        "position savings cap binds: one more percent of NAV would earn 500.00 USDC "
        "at most"
    )


def test_proof_lines__gap_of_a_part_of_a_cent__rounded_up():
    snapshot, decision = decided(0.05)
    stats = replace(decision.solution.stats, certified_gap=4e-9)  # of a million USDC
    solution = replace(decision.solution, stats=stats)

    _, _, gap, *_ = proof_lines(snapshot, replace(decision, solution=solution))

    assert gap == (
        "certified: no allowed amounts gain more than 0.01 USDC beyond these "
        "(4.0e-09 of NAV)"
    )


def test_proof_lines__nothing_pays__no_order_is_told_of():
    snapshot, decision = decided(0.0)

    lines = list(proof_lines(snapshot, decision))

    assert len(lines) == 3
    assert lines[1] == "volatility 0.00 % of NAV"
    assert lines[2].startswith("certified")
    assert decision.rounding_loss_assets == 0


def test_proof_lines__every_order_is_refused__none():
    snapshot, decision = decided(0.05, brake_until=1_800_000_000, brake_is_pause=True)

    assert decision.solution is None
    assert list(proof_lines(snapshot, decision)) == []


def test_proof_lines__cvar__its_own_risk_of_the_whole_amounts():
    snapshot, decision = decided_by_model(goal="utility", aversion=0.3)

    model, risk, *_ = proof_lines(snapshot, decision)

    assert model == "decided by largest return less 0.3 x CVaR 95 % over 30 days"
    after, before = decision.planned.risk, decision.solution.measured_nothing.risk
    assert risk == (
        f"CVaR 95 % {100 * after:.2f} % of NAV, before {100 * before:.2f} %"
    )
    assert "net of 0.3 x CVaR 95 %, gas and costs" in decision.reason


def test_proof_lines__limit_of_risk__binds_with_its_price():
    snapshot, decision = decided_by_model(goal="risk-at-most", most_risk=0.09)

    *_, limit, _ = proof_lines(snapshot, decision)

    row = decision.solution.binding[0]
    earned = -(-row.shadow_price * snapshot.nav // 10**6) / 100  # a percent, in cents
    assert limit.startswith("risk limit of 9 % binds: one more percent of NAV would")
    assert f"earn {earned:,.2f} USDC at most" in limit


def test_proof_lines__return_asked_for__less_of_it_would_lower_the_risk():
    snapshot, decision = decided_by_model(
        goal="return-at-least", expected_return=0.003, level=0.9
    )

    lines = list(proof_lines(snapshot, decision))

    assert lines[0].endswith(
        "least CVaR 90 % at a return of 0.3 % or more over 30 days"
    )
    assert re.search(r"CVaR 90 % lower by more than 0\.0[01] USDC", lines[2])
    price = -decision.solution.binding[0].shadow_price
    assert (
        f"asking 0.1 % of NAV less would lower CVaR 90 % by {price / 10:.3g} % of NAV"
        in lines[5]
    )


def test_proof_lines__ratio__gap_is_what_may_be_netted_beyond_it():
    lines = lines_by(measure="worst-case", goal="largest-ratio", risk_free=0.001)

    assert "largest ratio of return beyond 0.1 % to worst loss" in lines[0]
    assert re.fullmatch(r"ratio 0\.\d{4}, before 0\.\d{4}", lines[2])
    assert "more than this ratio times their worst loss" in lines[3]
    assert "of NAV" not in lines[3]


def test_proof_lines__diversification__what_nothing_earns():
    lines = lines_by(name="maximum-diversification")

    assert "largest diversification ratio" in lines[0]
    assert re.fullmatch(r"ratio 1\.\d{4}, before 1\.\d{4}", lines[2])


def test_proof_lines__recipe__how_far_its_weights_are():
    snapshot, decision = decided_by_model(name="risk-parity")

    lines = list(proof_lines(snapshot, decision))

    assert "risk parity: equal shares of volatility" in lines[0]
    near, far = re.findall(r"(\d+\.\d\d) %", lines[2])
    gained = decision.gain_assets / snapshot.nav
    assert float(far) - float(near) == pytest.approx(100 * gained, abs=0.011)
    assert "stand nearer to the weights of risk parity" in lines[3]
    assert "would lower the squared distance by" in lines[-1]
    assert "towards the weights of risk parity" in decision.reason


def test_proof_lines__winding_up__what_it_costs():
    unwinding = UnwindingChoice(weight=0, limit=0.033)

    lines = lines_by(goal="utility", aversion=0.2, unwinding=unwinding)

    assert lines[0].endswith("winding up for 3.3 % of NAV or less")
    cost = re.fullmatch(
        r"winding everything up costs (.*) % of NAV, before (.*) %", lines[2]
    )
    assert cost is not None
    assert float(cost[1]) <= 3.3 * 1.02 < float(cost[2])


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"aversion": 3.0, "measure": "variance"}, "less 3 / 2 x variance over"),
        ({"goal": "least-risk", "measure": "entropic-var"}, "least entropic VaR 95 %"),
        (
            {"name": "kelly", "drawdown": 0.2},
            "kelly: largest growth, a fall by 20 % with a chance of 10 % at most",
        ),
        (
            {"aversion": 1.0, "unwinding": UnwindingChoice()},
            "CVaR 95 % over 30 days, winding up counted",
        ),
        (
            {"aversion": 1.0, "unwinding": UnwindingChoice(weight=0.5)},
            "winding up counted 0.5 times",
        ),
        ({"name": "hierarchical-equal-risk"}, "equal volatility to each branch"),
    ],
)
def test_decided_by__every_kind_of_model__in_words(choice, said):
    assert said in decided_by(Preferences(model=ModelChoice(**choice)))


def test_json_text__decision__has_the_model_and_its_measures():
    _, decision = decided_by_model(goal="risk-at-most", most_risk=0.09)

    data = json.loads(json_text(decision))

    assert data["preferences"]["model"]["goal"] == "risk-at-most"
    assert data["planned"]["risk"] == decision.planned.risk
    assert data["solution"]["measured_nothing"]["risk"] > 0.09
    assert data["solution"]["binding"][0]["name"] == "risk limit"


def test_print_status__model__is_named():
    console = Console(width=100, force_terminal=False, color_system=None)
    preferences = Preferences(model=ModelChoice(name="kelly"))

    with console.capture() as capture:
        print_status(console, make_snapshot(), (), decided_by(preferences))

    assert "the keeper decides by kelly: largest growth, over 30 days" in capture.get()
