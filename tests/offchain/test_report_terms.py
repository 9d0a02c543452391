# SPDX-License-Identifier: MIT
"""What a report says of an order's terms, by the model that decided."""

from dataclasses import replace

import pytest
from demo_cases import make_record
from optimize_cases import mixed, mixed_signals
from plan_cases import Tolerances
from snapshots import make_signals

from steelyard.keeper.decide import decide
from steelyard.optimize.model_choice import ModelChoice, UnwindingChoice
from steelyard.optimize.preferences import Preferences
from steelyard.report.as_json import record_json
from steelyard.report.page import render_page
from steelyard.report.summary import report_of
from steelyard.report.tables_orders import decisions, terms


def decided(choice):
    snapshot = mixed()
    signals = make_signals(snapshot, **mixed_signals(snapshot))
    return decide(snapshot, signals, Preferences(model=choice), Tolerances())


def recorded(decision):
    """The demo whose first order was decided so, with a NAV of 2,500,000 USDC."""
    record = make_record()
    day = record.days[0]
    run = replace(day.run, decision=decision)
    return replace(record, days=(replace(day, run=run),))


def table_by(choice):
    decision = decided(choice)
    report = report_of(recorded(decision))
    (run,) = report.orders
    head = report.headline
    return decision, run, terms(run, head.asset_decimals, head.asset)


def names(table):
    return [row[0].text for row in table.rows]


def number(cell):
    return float(cell.text.replace(",", "").replace("\u2212", "-"))


def test_terms__mean_and_variance__all_terms_and_the_volatility():
    _, run, table = table_by(None)

    assert names(table) == [
        "price changes",
        "LP fees",
        "interest",
        "loss-versus-rebalancing",
        "price of risk",
        "selling everything at the end",
        "swap cost",
        "gas",
        "volatility, not in the sum",
    ]
    assert table.note.startswith(
        "Decided by largest return less 4 / 2 x variance over 30 days. As the optimiser"
    )
    summed = [t.chosen for t in run.terms if t.is_summed]
    assert number(table.foot[2]) == pytest.approx(sum(summed) / 1e6, abs=0.01)


def test_terms__limit_of_cvar__no_price_of_risk_but_the_risk_itself():
    choice = ModelChoice(goal="risk-at-most", most_risk=0.09)

    decision, run, table = table_by(choice)

    assert "price of risk" not in names(table)
    assert "price changes, impermanent loss and failures" in names(table)
    risk = table.rows[-1]
    assert risk[0].text == "CVaR 95 %, not in the sum"
    # 9 % of 2,500,000
    assert number(risk[2]) == pytest.approx(0.09 * run.nav_before / 1e6, rel=1e-3)
    assert risk[3].tone == "good"  # it falls
    assert table.foot[0].text == "all that is summed"
    net = decision.solution.measured.net
    assert number(table.foot[2]) == pytest.approx(net * run.nav_before / 1e6, abs=0.1)
    assert run.binding[0] == "risk limit"
    assert "Limits it stands at, the dearest first: risk limit" in table.note


def test_terms__utility_of_cvar__its_price_is_in_the_sum():
    decision, run, table = table_by(ModelChoice(goal="utility", aversion=0.3))

    assert "price of risk" in names(table)
    worth = decision.solution.measured.worth
    assert number(table.foot[2]) == pytest.approx(worth * run.nav_before / 1e6, abs=0.1)


def test_terms__ratio__is_said_below():
    decision, run, table = table_by(
        ModelChoice(measure="worst-case", goal="largest-ratio")
    )

    ratios = (decision.solution.measured_nothing, decision.solution.measured)
    assert run.ratios == tuple(measured.worth for measured in ratios)
    assert f"Its ratio is {run.ratios[1]:.4f}, that of doing nothing" in table.note


def test_terms__diversification__volatilities_are_called_so():
    _, _, table = table_by(ModelChoice(name="maximum-diversification"))

    assert names(table) == [
        "volatility of tokens, weighted",
        "volatility of positions beyond their tokens', weighted",
        "swap cost",
        "gas",
        "volatility, not in the sum",
    ]


def test_terms__growth__is_called_so():
    _, _, table = table_by(ModelChoice(name="kelly"))

    assert "growth by price changes and failures" in names(table)
    assert "price of risk" not in names(table)


def test_terms__recipe_and_winding_up__how_far_and_how_dear():
    _, _, parity = table_by(ModelChoice(name="risk-parity"))
    _, _, wound = table_by(ModelChoice(aversion=0.3, unwinding=UnwindingChoice()))

    assert "distance to the weights wanted, not in the sum" in names(parity)
    assert "towards the weights of risk parity" in parity.note
    assert "winding everything up, not in the sum" in names(wound)


def test_decisions__gain__is_said_to_be_what_it_is():
    report = report_of(recorded(decided(ModelChoice(goal="least-risk"))))

    note = decisions(report).note

    assert note.startswith("Decided by least CVaR 95 % over 30 days.")
    assert "in USDC of less CVaR 95 % over 30 days" in note


def test_page_and_json__of_a_model__have_its_words_and_its_risk():
    record = recorded(decided(ModelChoice(goal="least-risk")))

    (run,) = record_json(record)["runs"]

    assert run["decided_by"] == "least CVaR 95 % over 30 days"
    assert run["terms"][-1]["name"] == "CVaR 95 %"
    assert run["terms"][-1]["is_summed"] is False
    assert "CVaR 95 %, not in the sum" in render_page(report_of(record))
