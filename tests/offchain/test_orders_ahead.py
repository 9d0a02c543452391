# SPDX-License-Identifier: MIT
"""`plan --orders`: what several orders would do, in amounts, in words and as JSON."""

import json
from argparse import Namespace
from dataclasses import replace
from math import inf, nan

import pytest
from optimize_cases import mixed, mixed_signals
from snapshots import (
    bytes32,
    make_pair,
    make_pool,
    make_position,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.cli import main
from steelyard.cli.orders import orders_asked
from steelyard.cli.orders_text import orders_data, orders_lines
from steelyard.keeper.orders import orders_ahead, share_left
from steelyard.lending import Erc4626
from steelyard.money import assets_down
from steelyard.optimize import Preferences, build_problem, optimize
from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.model_choice import ModelChoice
from steelyard.optimize.outcome import Reason
from steelyard.optimize.periods.plan import plan_periods
from steelyard.optimize.preferences import Floor
from steelyard.state import UNLIMITED

SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)
MONTH = Preferences(risk_aversion=0, exit_cost_share=0)
DAY = 86_400


def dear_way(yearly=0.4, **limits):
    """A million USDC; savings of DAI pay, behind a pair of four million a side."""
    usdc, dai = (
        make_token(symbol, whole, slippage_wad=10**18, deviation_wad=10**18)
        for symbol, whole in (("USDC", 1_000_000), ("DAI", 0))
    )
    snapshot = make_snapshot(
        [usdc, dai],
        [make_position("savings", (1,), SAVINGS, market=2)],
        [make_pool("v2 USDC/DAI", (0, 1), make_pair(usdc, dai, 4_000_000), market=3)],
        limits=replace(UNLIMITED, **limits),
    )
    return snapshot, make_signals(snapshot, vault_yield_per_year={bytes32(2): yearly})


def ahead_of(snapshot, signals, preferences=MONTH, *, orders=2, refill_hours=0.0):
    return orders_ahead(
        snapshot, signals, preferences, 0, orders=orders, refill_hours=refill_hours
    )


def lines_of(snapshot, ahead, preferences=MONTH):
    return list(orders_lines(snapshot, preferences, ahead))


def args(orders=None, refill_hours=None):
    return Namespace(orders=orders, refill_hours=refill_hours)


@pytest.mark.parametrize(
    ("hours", "refill_hours", "left"),
    [(24, 24, 0.5), (48, 24, 0.25), (24, 48, 0.5**0.5), (1, 0, 0.0)],
)
def test_share_left__half_after_each_refill_time(hours, refill_hours, left):
    assert share_left(hours, refill_hours) == pytest.approx(left)


def test_orders_ahead__pools_refill__second_order_takes_up_where_the_first_stopped():
    snapshot, signals = dear_way()

    ahead = ahead_of(snapshot, signals)

    assert [order.at - snapshot.timestamp for order in ahead.orders] == [0, 15 * DAY]
    for order in ahead.orders:
        swap, supply = order.moves
        assert (swap.kind, swap.name) == ("swap", "v2 USDC/DAI")
        assert (supply.kind, supply.name) == ("supply", "savings")
        lost = swap.amounts["USDC"] - swap.paid_out["DAI"] // 10**12
        assert order.swap_cost_assets == pytest.approx(lost, abs=2)
        assert supply.amounts["DAI"] == pytest.approx(swap.paid_out["DAI"], rel=1e-6)
    first, second = (order.moves[0].amounts["USDC"] for order in ahead.orders)
    assert first > second > 0  # half of the time is left to earn


def test_orders_ahead__gains__are_the_plans_over_nothing_and_over_one_order():
    snapshot, signals = dear_way()
    problem = build_problem(snapshot, signals, MONTH)
    plan = plan_periods(problem, 3, stays=0.5)
    one = optimize(problem).terms.total

    ahead = ahead_of(snapshot, signals, orders=3, refill_hours=240)  # ten days apart

    assert ahead.stays == 0.5
    assert ahead.gain_assets == assets_down(plan.gain, snapshot.nav)
    over_one = assets_down(plan.value - one, snapshot.nav)
    assert ahead.gain_over_one_assets == over_one > 0
    assert ahead.gap == plan.gap


def test_orders_ahead__pools_that_hardly_refill__one_order_is_as_good():
    ahead = ahead_of(*dear_way(), refill_hours=1e9)

    assert [len(order.moves) for order in ahead.orders] == [2, 0]
    assert ahead.gain_over_one_assets == 0


def test_orders_ahead__one_order_is_under_the_least_gain__counted_all_the_same():
    snapshot, signals = dear_way()
    alone = ahead_of(snapshot, signals)
    one_gains = alone.gain_assets - alone.gain_over_one_assets
    preferences = replace(MONTH, min_gain_assets=one_gains + 10**6)

    ahead = ahead_of(snapshot, signals, preferences)

    assert ahead.gain_over_one_assets == alone.gain_over_one_assets


def test_orders_ahead__cooldown_longer_than_the_time_between__refused():
    snapshot, signals = dear_way(cooldown_seconds=15 * DAY + 1)

    with pytest.raises(PreferenceInvalid, match=r"1296000 s, expected .* 1296001 s"):
        ahead_of(snapshot, signals)


def test_orders_lines__two_orders__moves_times_gains_and_what_is_signed():
    snapshot, signals = dear_way()
    ahead = ahead_of(snapshot, signals, refill_hours=180)  # two half-times in 15 days

    head, *lines = lines_of(snapshot, ahead)

    assert head == (
        "2 orders over 30 days: half of a swap's impact is gone in 180 hours, 25 % of "
        "it is left at the next"
    )
    assert lines[0] == "  order 1, now, 2023-11-14 22:13:20 UTC"
    assert lines[1].startswith("    swap ")
    assert " USDC for about " in lines[1]
    assert lines[1].endswith(" DAI in v2 USDC/DAI")
    assert lines[2].endswith(" DAI to savings")
    assert lines[3].endswith(" USDC in swaps, 0.00 USDC of gas")
    assert lines[4] == "  order 2, in 15 days, 2023-11-29 22:13:20 UTC"
    gained, more = ahead.gain_assets / 1e6, ahead.gain_over_one_assets / 1e6
    assert lines[8] == (
        f"  they gain {gained:,.2f} USDC over doing nothing and {more:,.2f} USDC over "
        "the best single order, over 30 days net of risk, gas and costs, before "
        "margins and whole amounts"
    )
    assert lines[9].startswith("  certified: no 2 allowed orders gain more than 0.0")
    assert "only the first of these would be signed" in lines[10]
    assert len(lines) == 11


def test_orders_lines__ranges_and_withdrawals__are_named():
    snapshot = mixed()
    signals = make_signals(snapshot, **mixed_signals(snapshot))

    text = "\n".join(lines_of(snapshot, ahead_of(snapshot, signals), Preferences()))

    assert " USDC from aave\n" in text
    assert " DAI to v3, ticks 276260 to 276390\n" in text


def test_orders_lines__nothing_pays__says_over_what():
    snapshot, signals = dear_way(yearly=0.0)
    preferences = replace(MONTH, min_gain_assets=5_000_000)

    ahead = ahead_of(snapshot, signals, preferences)

    assert lines_of(snapshot, ahead, preferences)[:2] == [
        "2 orders over 30 days: pools are back at rest by the next",
        "  none found that gain more than 5.00 USDC: nothing moves",
    ]
    assert (ahead.gain_assets, ahead.gain_over_one_assets) == (0, 0)


def test_orders_lines__doing_nothing_breaks_a_limit__gain_is_a_loss_and_said():
    snapshot, signals = dear_way(yearly=0.0)
    preferences = replace(MONTH, floors=(Floor(kind="token", name="DAI", weight=0.1),))

    ahead = ahead_of(snapshot, signals, preferences)

    assert ahead.pays
    assert -(10**10) < ahead.gain_assets < 0
    lines = lines_of(snapshot, ahead, preferences)
    assert "  doing nothing would break a limit" in lines


def test_orders_lines__no_bound__says_so():
    snapshot, signals = dear_way()
    ahead = replace(ahead_of(snapshot, signals), gap=None, missed=2e-7)

    lines = lines_of(snapshot, ahead)

    unproved = "  not certified: what other orders might gain has no proved bound"
    assert unproved in lines
    assert "  a limit is missed by up to 0.20 USDC" in lines


def test_orders_lines__later_orders_left_out__says_why():
    snapshot, signals = dear_way()
    detail = "gains 1 assets over the horizon; later orders are left out (x: y)"
    ahead = replace(ahead_of(snapshot, signals), detail=detail)

    assert "  later orders are left out (x: y)" in lines_of(snapshot, ahead)


def test_orders_lines__no_answer__says_the_solvers_word():
    snapshot, signals = dear_way()
    ahead = replace(
        ahead_of(snapshot, signals),
        reason=Reason.INFEASIBLE,
        detail="no limits met",
        gain_assets=None,
        gain_over_one_assets=None,
        gap=None,
    )

    lines = lines_of(snapshot, ahead)

    assert lines[1:] == ["  no answer (infeasible): no limits met"]


def test_orders_lines__nothing_was_weighed__one_line():
    snapshot, _ = dear_way()

    assert len(lines_of(snapshot, None)) == 1
    assert orders_data(None) == {"orders": [], "orders_plan": None}


def test_orders_data__two_orders__plain_json():
    snapshot, signals = dear_way()
    ahead = ahead_of(snapshot, signals)

    data = json.loads(json.dumps(orders_data(ahead)))

    assert [order["at"] for order in data["orders"]] == [o.at for o in ahead.orders]
    swap = data["orders"][0]["moves"][0]
    assert swap["amounts"] == {"USDC": ahead.orders[0].moves[0].amounts["USDC"]}
    plan = data["orders_plan"]
    assert plan["reason"] == "rebalance pays"
    assert plan["gain_assets"] == ahead.gain_assets
    assert plan["gap"] == ahead.gap


def test_orders_asked__defaults__and_none_where_not_asked():
    assert orders_asked(args(), Preferences()) is None
    asked = orders_asked(args(8), Preferences())
    assert (asked.orders, asked.refill_hours) == (8, 24.0)
    assert orders_asked(args(2, 0.0), Preferences()).refill_hours == 0.0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (args(1), "--orders is 1, expected 2 to 8"),
        (args(9), "--orders is 9, expected 2 to 8"),
        (args(None, 6.0), "--refill-hours is 6.0, expected --orders with it"),
        (args(2, -1.0), "--refill-hours is -1.0, expected 0 or more"),
        (args(2, inf), "--refill-hours is inf"),
        (args(2, nan), "--refill-hours is nan"),
    ],
)
def test_orders_asked__outside__refused(typed, said):
    with pytest.raises(PreferenceInvalid, match=said):
        orders_asked(typed, Preferences())


def test_orders_asked__model_of_its_own__refused():
    preferences = Preferences(model=ModelChoice(name="kelly"))

    with pytest.raises(ModelRefused, match="kelly: several orders are planned by mean"):
        orders_asked(args(2), preferences)


def test_plan__orders_outside__is_one_line_before_anything_is_read(tmp_path, capsys):
    path = tmp_path / "steelyard.toml"
    path.write_text(
        'rpc_url = "http://127.0.0.1:9"\nchain_id = 1\n'
        f'vault = "0x{"1a" * 20}"\nlens = "0x{"2b" * 20}"\n'
    )

    code = main(["plan", "--orders", "9", "--config", str(path)])

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err == "error: --orders is 9, expected 2 to 8\n"


def test_help__plan__teaches_what_refilling_is(capsys):
    with pytest.raises(SystemExit):
        main(["plan", "--help"])

    text = capsys.readouterr().out
    assert "what 2 to 8 orders over the horizon" in " ".join(text.split())
    assert "half of a swap's move is gone after so" in text
