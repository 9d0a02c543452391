# SPDX-License-Identifier: MIT
"""The optimiser at caps, budgets, floors and bands, on cases checked by hand."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from optimize_cases import SAVINGS, YEAR, buying, savings, solved
from snapshots import (
    WAD,
    bytes32,
    cap,
    make_pair,
    make_pool,
    make_position,
    make_snapshot,
    make_token,
)

from steelyard.optimize import Band, Floor, Reason, Status
from steelyard.optimize.terms import token_exposure, worst_violation
from steelyard.state import UNLIMITED, Bucket


def test_optimize__cap_in_the_way__binds_at_the_cap_with_a_shadow_price() -> None:
    snapshot = make_snapshot(positions=[savings(1, cap=cap(0.4))])

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.positions[0].value == pytest.approx(0.4, abs=1e-7)
    assert solution.gain_assets == pytest.approx(20_000 * 10**6, rel=1e-6)
    (row,) = solution.binding
    assert row.name == "position savings 1 cap"
    assert row.shadow_price == pytest.approx(0.05, rel=1e-4)


def test_optimize__idle_buffer__is_kept_with_its_margin() -> None:
    snapshot = make_snapshot(positions=[savings(1)], idle_wad=WAD // 10)
    preferences = replace(YEAR, margin_wad=WAD // 100)

    _, solution = solved(snapshot, preferences, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.inventory[0] == pytest.approx(0.101, abs=1e-7)


def test_optimize__above_its_cap__falls_or_stays_but_never_rises() -> None:
    over = savings(1, units=600_000 * 10**6, cap=cap(0.3))
    snapshot = make_snapshot([make_token("USDC", 400_000)], [over, savings(2)])

    unhealed = replace(YEAR, heal_above=inf)

    _, stays = solved(snapshot, unhealed, vault_yield_per_year={bytes32(1): 0.05})
    _, falls = solved(snapshot, unhealed, vault_yield_per_year={bytes32(2): 0.05})

    assert stays.reason is Reason.NOTHING_PAYS
    assert stays.positions[0].value == pytest.approx(0.6)
    assert [p.value for p in falls.positions] == pytest.approx([0.0, 1.0], abs=1e-6)


def test_optimize__clearly_above_its_cap__is_brought_back_at_a_cost() -> None:
    over = savings(1, units=600_000 * 10**6, cap=cap(0.3))
    snapshot = make_snapshot([make_token("USDC", 400_000)], [over])

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.is_rebalance
    assert solution.positions[0].value == pytest.approx(0.3, abs=1e-6)
    assert solution.gain_assets < 0


def test_optimize__turnover_budget__stops_the_swap_and_has_a_price() -> None:
    turnover = Bucket(budget_wad=WAD // 5, refill_wad=0, level_wad=WAD // 10)
    snapshot = buying(replace(UNLIMITED, turnover=turnover))

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 0.5})

    (swap,) = solution.swaps
    # a tenth is left, a tenth of that is kept
    assert (swap.value_in + swap.value_out) / 2 == pytest.approx(0.09, rel=1e-5)
    (row,) = solution.binding
    assert row.name == "turnover budget"
    # half a unit out of 0.5 a year, for what goes in and comes out
    assert row.shadow_price == pytest.approx(0.5, rel=0.05)
    assert worst_violation(problem, solution.allocation) <= 1e-7


def test_optimize__loss_budget__counts_the_doubt_about_both_tokens() -> None:
    loss = Bucket(budget_wad=WAD // 200, refill_wad=0, level_wad=0)
    snapshot = buying(replace(UNLIMITED, loss=loss), uncertainty_wad=WAD // 100)

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 0.5})

    (swap,) = solution.swaps
    lost = swap.value_in - swap.value_out + 0.01 * swap.value_out
    assert lost == pytest.approx(0.0045, rel=1e-4)
    assert 0.2 < swap.value_in < 0.35  # 0.3 % of fee, 0.5 % of impact, 1 % of doubt
    assert [row.name for row in solution.binding] == ["loss budget"]


def test_optimize__reduce_only__sells_and_lends_but_buys_nothing() -> None:
    limits = replace(UNLIMITED, brake_until=1_700_000_001)
    snapshot = buying(limits, inventory=100)
    lent = make_position("savings 1", (0,), SAVINGS, market=1)
    snapshot = replace(snapshot, positions=(*snapshot.positions, lent))

    _, buy = solved(snapshot, vault_yield_per_year={bytes32(2): 0.5})
    _, sell = solved(snapshot, vault_yield_per_year={bytes32(1): 0.5})

    assert buy.swaps == ()
    # what is there may still be put to work: its exposure does not rise
    assert [(p.position, round(p.value, 6)) for p in buy.positions] == [(0, 0.166667)]
    assert [(s.pool, s.zero_for_one) for s in sell.swaps] == [(0, False)]


def test_optimize__floor_out_of_the_budgets_reach__names_both() -> None:
    turnover = Bucket(budget_wad=WAD // 10, refill_wad=0, level_wad=0)
    snapshot = buying(replace(UNLIMITED, turnover=turnover))
    floors = (Floor(kind="token", name="WETH", weight=0.3),)

    _, solution = solved(snapshot, replace(YEAR, floors=floors))

    assert solution.reason is Reason.INFEASIBLE
    assert set(solution.conflicts) == {"token WETH floor", "turnover budget"}


@pytest.mark.parametrize("target", [0.05, 0.1])
def test_optimize__net_delta_target__met_by_pair_and_tokens_together(
    target: float,
) -> None:
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH")
    pair = make_pair(usdc, weth, 50_000_000)
    snapshot = make_snapshot(
        [usdc, weth],
        [make_position("lp", (0, 1), pair, market=3)],
        [make_pool("v2", (0, 1), pair, market=3)],
    )
    delta = Band(name="delta", of={"token WETH": 1.0}, lowest=target, highest=target)

    problem, solution = solved(
        snapshot,
        replace(YEAR, bands=(delta,)),
        pool_fees_per_year={bytes32(3): 10_000_000 * 10**6},
    )

    # half of each unit in the pair is WETH, and the pair earns
    nav = solution.allocation.z.sum()
    held = token_exposure(problem, solution.allocation)
    assert held[1] == pytest.approx(target * nav, abs=1e-6)
    assert solution.allocation.values[0] == pytest.approx(2 * target * nav, abs=1e-4)


def test_optimize__bands_that_cannot_both_be__named() -> None:
    snapshot = make_snapshot(positions=[savings(1), savings(2)])
    both = {"position savings 1": 1.0, "position savings 2": 1.0}
    much = Band(name="much", of=both, lowest=0.8)
    little = Band(name="little", of=both, highest=0.5)

    _, solution = solved(snapshot, replace(YEAR, bands=(much, little)))

    assert solution.reason is Reason.INFEASIBLE
    assert set(solution.conflicts) == {"band much lowest", "band little highest"}


def test_optimize__floor_against_cap__names_both() -> None:
    usdc, dai = make_token("USDC", 1_000_000), make_token("DAI", cap=cap(0.2))
    pair = make_pair(usdc, dai, 50_000_000)
    snapshot = make_snapshot([usdc, dai], [], [make_pool("v2", (0, 1), pair, market=3)])
    floor = Floor(kind="token", name="DAI", weight=0.3)

    problem, solution = solved(snapshot, replace(YEAR, floors=(floor,)))

    assert solution.status is Status.FALLBACK
    assert solution.reason is Reason.INFEASIBLE
    assert solution.conflicts == ("token DAI cap", "token DAI floor")
    assert "token DAI cap, token DAI floor" in solution.detail
    assert np.array_equal(solution.inventory, problem.inventory)


def test_optimize__floor_within_reach__is_met_at_a_cost() -> None:
    usdc, dai = make_token("USDC", 1_000_000), make_token("DAI")
    pair = make_pair(usdc, dai, 50_000_000)
    snapshot = make_snapshot([usdc, dai], [], [make_pool("v2", (0, 1), pair, market=3)])
    floor = Floor(kind="token", name="DAI", weight=0.3)

    _, solution = solved(snapshot, replace(YEAR, floors=(floor,)))

    assert solution.is_rebalance
    assert solution.gain_assets < 0
    nav_after = solution.inventory.sum()
    assert solution.inventory[1] / nav_after == pytest.approx(0.3, abs=1e-6)
