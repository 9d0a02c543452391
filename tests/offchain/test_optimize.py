# SPDX-License-Identifier: MIT
"""The optimiser on cases that a reader can check by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
from optimize_cases import YEAR, savings, solved
from snapshots import (
    bytes32,
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_snapshot,
    make_token,
)

from steelyard.amm.constant_product import amount_out
from steelyard.optimize import Reason, Status, as_data
from steelyard.state import TagState


def test_optimize__falling_rate__supplies_as_much_as_the_others() -> None:
    # below the kink interest is x / (S + x)^2 times a constant: best at x = S = 300,000
    reserve = make_reserve(200_000, 100_000)
    snapshot = make_snapshot(positions=[make_position("aave", (0,), reserve, market=1)])

    problem, solution = solved(snapshot)

    assert solution.status is Status.OPTIMAL
    assert solution.positions[0].value == pytest.approx(0.3, abs=1e-3)
    # 600,000 in all, 100,000 borrowed: 16.7 % used, 0.83 % paid
    rate = (1 / 6) * (0.04 / 6 / 0.8) * 0.9
    assert solution.terms.lending == pytest.approx(0.3 * rate, rel=1e-6)
    assert solution.gain_assets == int(solution.terms.total * problem.nav)


@pytest.mark.parametrize(("yield_dai", "moves"), [(0.052, False), (0.20, True)])
def test_optimize__swap_costs__stop_a_small_improvement(
    yield_dai: float, moves: bool
) -> None:
    usdc, dai = make_token("USDC", 0), make_token("DAI")
    pair = make_pair(usdc, dai, 20_000_000)
    snapshot = make_snapshot(
        [usdc, dai],
        [savings(1, units=10**12), savings(2, token=1)],
        [make_pool("v2", (0, 1), pair, market=3)],
    )
    yields = {bytes32(1): 0.05, bytes32(2): yield_dai}

    _, solution = solved(snapshot, vault_yield_per_year=yields)

    assert solution.is_rebalance is moves
    assert (len(solution.swaps) == 1) is moves
    assert (solution.reason is Reason.NOTHING_PAYS) is not moves


def test_optimize__swap__loses_what_the_pair_takes() -> None:
    usdc, dai = make_token("USDC", 1_000_000), make_token("DAI")
    pair = make_pair(usdc, dai, 20_000_000)
    snapshot = make_snapshot(
        [usdc, dai], [savings(2, token=1)], [make_pool("v2", (0, 1), pair, market=3)]
    )

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 0.2})

    (swap,) = solution.swaps
    got = amount_out(pair, int(swap.amount_in), True)
    assert swap.value_out == pytest.approx(got * problem.unit_values[1], rel=1e-6)
    assert solution.terms.swap_cost == pytest.approx(swap.value_in - swap.value_out)
    assert solution.positions[0].value == pytest.approx(swap.value_out, abs=1e-7)


def test_optimize__fees_diluted__liquidity_where_marginal_fee_equals_the_yield() -> (
    None
):
    # F x / (L + x) + c (1 - x): best at x = sqrt(F L / c) - L
    usdc, dai = make_token("USDC", 500_000), make_token("DAI", 500_000)
    pair = make_pair(usdc, dai, 200_000)  # L = 0.4 of NAV
    snapshot = make_snapshot(
        [usdc, dai],
        [
            make_position("lp", (0, 1), pair, market=3),
            savings(1),
            savings(2, token=1),
        ],
    )
    fees, rate = 0.05, 0.05

    _, solution = solved(
        snapshot,
        pool_fees_per_year={bytes32(3): fees * snapshot.nav},
        vault_yield_per_year={bytes32(1): rate, bytes32(2): rate},
    )

    lp = next(p for p in solution.positions if p.position == 0)
    best = (fees * 0.4 / rate) ** 0.5 - 0.4
    assert lp.value == pytest.approx(best, abs=1e-4)
    assert solution.terms.lp_fees == pytest.approx(fees * best / (0.4 + best), rel=1e-3)


def test_optimize__volatile_pair__carry_is_sigma_squared_over_eight() -> None:
    usdc, weth = make_token("USDC", 500_000), make_token("WETH", 250)
    pair = make_pair(usdc, weth, 200_000)
    snapshot = make_snapshot(
        [usdc, weth], [make_position("lp", (0, 1), pair, market=3, cap=cap(0.2))]
    )

    _, solution = solved(
        snapshot,
        volatility={"WETH": 0.8},
        pool_fees_per_year={bytes32(3): 1.0 * snapshot.nav},
    )

    assert solution.terms.lvr == pytest.approx(0.2 * 0.08, rel=1e-6)


def test_optimize__gas_above_the_gain__does_nothing() -> None:
    snapshot = make_snapshot(positions=[savings(1)])
    signals = {"vault_yield_per_year": {bytes32(1): 0.05}}
    dear = 10**17  # 450,000 gas cost 45e21 wei: 90,000,000 USDC

    _, cheap = solved(snapshot, **signals, gas_price_wei=10**9)
    _, solution = solved(snapshot, **signals, gas_price_wei=dear)

    assert cheap.is_rebalance
    assert cheap.terms.gas * snapshot.nav == pytest.approx(0.9 * 10**6)
    assert solution.reason is Reason.NOTHING_PAYS
    assert solution.status is Status.OPTIMAL
    assert solution.gain_assets == 0
    assert solution.terms == solution.terms_nothing


def test_optimize__one_action_not_worth_its_gas__is_left_out() -> None:
    positions = [savings(1, cap=cap(0.5)), savings(2, cap=cap(0.0001))]
    snapshot = make_snapshot(positions=positions)
    yields = {bytes32(1): 0.05, bytes32(2): 0.05}

    _, both = solved(snapshot, vault_yield_per_year=yields)
    # an action costs 60 USDC; 100 USDC at 5 % bring 5 a year
    _, solution = solved(snapshot, vault_yield_per_year=yields, gas_price_wei=10**11)

    assert [p.position for p in both.positions] == [0, 1]
    assert [p.position for p in solution.positions] == [0]


def test_optimize__gain_under_the_least_wanted__does_nothing() -> None:
    snapshot = make_snapshot(positions=[savings(1)])
    yields = {bytes32(1): 0.05}

    _, solution = solved(
        snapshot,
        replace(YEAR, min_gain_assets=51_000 * 10**6),
        vault_yield_per_year=yields,
    )

    assert solution.reason is Reason.NOTHING_PAYS
    assert "gains 49999" in solution.detail or "gains 50000" in solution.detail


def test_optimize__nothing_to_gain__doing_nothing_wins_the_tie() -> None:
    snapshot = make_snapshot(positions=[savings(1), savings(2, units=10**11)])

    problem, solution = solved(snapshot)

    assert solution.reason is Reason.NOTHING_PAYS
    assert np.array_equal(solution.inventory, problem.inventory)
    assert solution.swaps == ()


def test_optimize__two_protocols_alike__failure_risk_splits_them() -> None:
    tags = (TagState(name="a", cap=cap()), TagState(name="b", cap=cap()))
    positions = [
        savings(1, tags=frozenset({0})),
        savings(2, tags=frozenset({1})),
    ]
    snapshot = make_snapshot(positions=positions, tags=tags)

    _, solution = solved(
        snapshot,
        replace(YEAR, risk_aversion=4.0),
        vault_yield_per_year={bytes32(1): 0.05, bytes32(2): 0.05},
        failure_probability_per_year={"a": 0.05, "b": 0.05},
    )

    # 0.05 = 4 * 0.05 * 0.95 * x
    best = 0.05 / (4 * 0.05 * 0.95)
    assert [p.value for p in solution.positions] == pytest.approx([best] * 2, abs=1e-5)


def test_optimize__narrow_and_wide_range__pool_of_both_is_diluted_once() -> None:
    usdc, weth = make_token("USDC", 500_000), make_token("WETH", 250)
    pool = make_concentrated(usdc, weth, [(6000, 6000, 10**17)])
    lp = make_position("lp", (0, 1), pool, market=3)
    snapshot = make_snapshot([usdc, weth], [lp])

    problem, solution = solved(
        snapshot,
        replace(YEAR, range_widths=(0.05, 0.5)),
        pool_fees_per_year={bytes32(3): 0.5 * snapshot.nav},
        volatility={"WETH": 0.3},
    )

    (fee_pool,) = problem.fee_pools
    own = sum(s * solution.allocation.values[slot] for slot, s in fee_pool.shares)
    assert solution.terms.lp_fees == pytest.approx(0.5 * own / (1 + own))
    assert 0 < solution.terms.lp_fees < 0.5


def test_as_data__solution__is_json() -> None:
    snapshot = make_snapshot(positions=[savings(1)])

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    data = json.loads(json.dumps(as_data(problem, solution)))
    assert data["status"] == "optimal"
    assert data["terms"]["lending"] == pytest.approx(0.05, rel=1e-6)
    assert data["terms_nothing"]["total"] == 0
