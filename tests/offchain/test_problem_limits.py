# SPDX-License-Identifier: MIT
"""The problem as data: rows and budgets from a snapshot."""

from dataclasses import replace
from math import inf
from types import SimpleNamespace

import numpy as np
import pytest
from problem_cases import (
    PLAIN,
    USDC,
    WETH,
    budgets_named,
    leg_of,
    problem_of,
    rows_named,
)
from snapshots import (
    WAD,
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.keeper.config import OrderConfig
from steelyard.optimize import PositionTarget, Preferences
from steelyard.optimize.queue import queue_rows
from steelyard.optimize.terms import budget_use, leg_outputs, nothing
from steelyard.plan import plan_order
from steelyard.state import UNLIMITED, Bucket, QueueState, TagState


def test_build_rows__cap_with_room__absolute_and_relative_less_margin() -> None:
    reserve = make_reserve(10**6, 10**6)
    position = make_position(
        "aave", (0,), reserve, market=1, cap=cap(0.4, 300_000 * 10**6)
    )
    problem = problem_of(make_snapshot(positions=[position]), Preferences())

    rows = rows_named(problem)
    absolute, relative = rows["position aave absolute cap"], rows["position aave cap"]
    assert absolute.bound == pytest.approx(0.3 * 0.995)
    assert relative.coefficients == pytest.approx([-0.398, 1 - 0.398])
    assert relative.bound == 0


def test_build_rows__above_cap__may_only_fall() -> None:
    reserve = make_reserve(10**7, 10**6)
    position = make_position(
        "aave", (0,), reserve, market=1, units=10**12, cap=cap(0.3)
    )
    unhealed = Preferences(heal_above=inf)
    problem = problem_of(make_snapshot(positions=[position]), unhealed)

    row = rows_named(problem)["position aave may only fall"]
    assert row.bound == pytest.approx(0.5)
    assert row.coefficients.tolist() == [0.0, 1.0]


def test_build_rows__clearly_above_cap__is_brought_back() -> None:
    reserve = make_reserve(10**7, 10**6)
    position = make_position(
        "aave", (0,), reserve, market=1, units=10**12, cap=cap(0.4)
    )
    snapshot = make_snapshot(positions=[position])

    slight = rows_named(problem_of(snapshot, Preferences(heal_above=0.3)))
    clear = rows_named(problem_of(snapshot, Preferences(heal_above=0.2)))

    assert "position aave may only fall" in slight  # 0.5 is less than 0.4 * 1.3
    assert "position aave may only fall" not in clear
    assert clear["position aave cap"].coefficients == pytest.approx([-0.398, 0.602])


def test_build_rows__tag_on_token_and_position__counts_both() -> None:
    tagged = replace(WETH, tags=frozenset({0}))
    pair = make_pair(USDC, tagged, 10**6)
    position = make_position("lp", (0, 1), pair, market=2, tags=frozenset({0}))
    snapshot = make_snapshot(
        [USDC, tagged], [position], tags=[TagState(name="uniswap", cap=cap(0.5))]
    )
    problem = problem_of(snapshot)

    row = rows_named(problem)["tag uniswap cap"]
    assert (row.coefficients + 0.5).tolist() == [0.0, 1.0, 1.5]


def test_build_rows__uncollected_fees__count_in_exposures_and_nav() -> None:
    pool = make_concentrated(USDC, WETH, [(6000, 6000, 10**16)])
    own = replace(range_of(pool, 6000, 6000, 10**15), fees=(20_000 * 10**6, 0))
    position = make_position("lp", (0, 1), pool, market=3, ranges=(own,), cap=cap(0.5))
    snapshot = make_snapshot([replace(USDC, cap=cap(0.99)), WETH], [position])
    problem = problem_of(snapshot, replace(PLAIN, range_widths=()))

    fees = 20_000 * 10**6 / snapshot.nav
    z = np.append(problem.inventory, problem.values)
    assert z.sum() + fees == pytest.approx(1)
    row = rows_named(problem)["position lp cap"]
    assert row.bound - row.coefficients @ z == pytest.approx(
        0.5 - problem.values[0] - fees
    )


def test_build_rows__idle_below_buffer__may_only_rise() -> None:
    reserve = make_reserve(10**7, 10**6)
    position = make_position("aave", (0,), reserve, market=1, units=10**12)
    short = make_snapshot(positions=[position], idle_wad=6 * WAD // 10)
    enough = make_snapshot(positions=[position], idle_wad=4 * WAD // 10)

    assert rows_named(problem_of(short))["idle buffer may only rise"].bound == -0.5
    assert rows_named(problem_of(enough))["idle buffer"].coefficients == (
        pytest.approx([-0.6, 0.4])
    )


def test_build_budgets__half_used__bound_is_the_rest_less_both_margins() -> None:
    half = Bucket(budget_wad=WAD // 50, refill_wad=0, level_wad=WAD // 100)
    limits = replace(UNLIMITED, loss=half, turnover=half)
    problem = problem_of(make_snapshot(limits=limits), Preferences())

    for budget in problem.budgets:
        assert budget.bound == pytest.approx(0.01 * 0.9 * 0.995)


def test_build_budgets__low_nav__is_what_losses_are_measured_against() -> None:
    limits = replace(UNLIMITED, loss=replace(UNLIMITED.loss, budget_wad=WAD // 50))
    snapshot = make_snapshot(limits=limits, nav_low=900_000 * 10**6)

    problem = problem_of(snapshot, replace(PLAIN, budget_margin_wad=0))

    assert budgets_named(problem)["loss budget"].bound == pytest.approx(0.018)


def test_build_budgets__swap__costs_its_loss_and_the_doubt_about_both_tokens() -> None:
    weth = replace(WETH, uncertainty_wad=WAD // 100)
    pair = make_pair(USDC, weth, 5_000_000)
    pool = make_pool("v2", (0, 1), pair, market=2)
    problem = problem_of(make_snapshot([USDC, weth], pools=[pool]))
    leg = problem.legs.index(leg_of(problem, True))
    inputs = np.zeros(len(problem.legs))
    inputs[leg] = 0.1
    swap = replace(nothing(problem), inputs=inputs)

    out = float(leg_outputs(problem, swap)[leg])
    budgets = budgets_named(problem)

    loss = budget_use(problem, budgets["loss budget"], swap)
    assert loss == pytest.approx(0.1 - out + 0.01 * out)
    turnover = budget_use(problem, budgets["turnover budget"], swap)
    assert turnover == pytest.approx((0.1 + out) / 2)


@pytest.mark.parametrize("basis", [0.995, 1.0, 1.01])
def test_build_budgets__liquidity__is_charged_as_the_vault_charges_it(
    basis: float,
) -> None:
    usdc, weth = make_token("USDC", 500_000), make_token("WETH", 250)
    weth = replace(weth, uncertainty_wad=WAD // 100)
    pair = make_pair(usdc, weth, 5_000_000, basis)
    pool = make_concentrated(usdc, weth, [(6000, 6000, 10**17)], basis=basis)
    positions = [
        make_position("v2", (0, 1), pair, market=2),
        make_position("v3", (0, 1), pool, market=3),
    ]
    snapshot = make_snapshot([usdc, weth], positions)
    problem = problem_of(snapshot, replace(PLAIN, range_widths=(0.1,)))
    budgets = budgets_named(problem)
    for slot in range(2):
        values = problem.values.copy()
        values[slot] = 0.05
        moved = replace(nothing(problem), values=values)
        made = problem.slots[slot]
        target = PositionTarget(
            position=made.position,
            tick_lower=made.tick_lower,
            tick_upper=made.tick_upper,
            value=0.05,
            current_value=0.0,
        )
        answer = SimpleNamespace(positions=(target,), swaps=(), inventory=np.ones(2))

        plan = plan_order(snapshot, answer, OrderConfig(), 0)

        loss = budget_use(problem, budgets["loss budget"], moved)
        turnover = budget_use(problem, budgets["turnover budget"], moved)
        # what is supplied is counted at the oracle's price of the pool's amounts
        assert plan.loss_wad / WAD == pytest.approx(loss, rel=0.01, abs=1e-9)
        assert plan.turnover_wad / WAD == pytest.approx(turnover, rel=0.01, abs=1e-9)


def test_build_rows__reduce_only__nothing_but_the_asset_may_rise() -> None:
    pair = make_pair(USDC, WETH, 10**6)
    reserve = make_reserve(10**6, 10**6)
    positions = [
        make_position("lp", (0, 1), pair, market=2),
        make_position("aave", (0,), reserve, market=1),
    ]
    limits = replace(UNLIMITED, brake_until=1_700_000_001)
    free = make_snapshot([USDC, replace(WETH, inventory=10**18)], positions)

    rows = rows_named(problem_of(replace(free, limits=limits)))

    named = {name for name, row in rows.items() if row.kind == "reduce-only"}
    assert named == {
        "token WETH may only fall (reduce-only)",
        "position lp may only fall (reduce-only)",
    }
    token = rows["token WETH may only fall (reduce-only)"]
    assert token.bound == pytest.approx(2_000 * 10**6 / free.nav)
    assert token.coefficients.tolist() == [0.0, 1.0, 0.5, 0.0]
    kinds = {row.kind for row in rows_named(problem_of(free)).values()}
    assert "reduce-only" not in kinds


def test_build_rows__deposit_in_this_very_block__narrows_relative_caps() -> None:
    reserve = make_reserve(10**7, 10**6)
    position = make_position("aave", (0,), reserve, market=1, cap=cap(0.4))
    calm = make_snapshot(positions=[position], idle_wad=WAD // 10)
    flashed = replace(calm, supply_before=calm.total_supply // 2)

    rows = rows_named(problem_of(flashed))

    assert rows["position aave cap"].coefficients == pytest.approx([-0.2, 0.8])
    assert rows["idle buffer"].coefficients == pytest.approx([0.55 - 1, 0.55])


def queued(shares_of_nav: float, waited_seconds: int = 60) -> QueueState:
    """A queue of a million USDC's vault; after an hour it has waited too long."""
    return QueueState(
        shares=round(shares_of_nav * 10**18),
        waiting_since=1_700_000_000 - waited_seconds,
        max_wait_seconds=3600,
    )


def test_queue_rows__request_waits__idle_and_lending_must_cover_it() -> None:
    reserve = make_reserve(10**7, 10**6)
    lent = make_position("aave", (0,), reserve, market=1, units=400_000 * 10**6)
    pair = make_position("lp", (0, 1), make_pair(USDC, WETH, 10**6), market=2)
    tokens = [make_token("USDC", 600_000), WETH]
    snapshot = make_snapshot(tokens, [lent, pair], queue=queued(0.5))

    row = rows_named(problem_of(snapshot))["queue liquidity"]

    assert row.coefficients.tolist() == [-1.0, 0.0, -1.0, 0.0]
    assert row.bound == pytest.approx(-0.5, rel=1e-6)


def test_queue_rows__nobody_waits__is_none() -> None:
    gift = replace(queued(0.5), waiting_since=0)

    assert "queue liquidity" not in rows_named(problem_of(make_snapshot(queue=gift)))


@pytest.mark.parametrize(("waited", "rows"), [(60, 0), (3601, 1)])
def test_queue_rows__out_of_reach__may_only_not_fall_once_it_is_late(
    waited: int, rows: int
) -> None:
    snapshot = make_snapshot(
        [make_token("USDC", 100_000), make_token("WETH", 450)],
        queue=queued(0.5, waited),
    )

    found = queue_rows(snapshot, PLAIN, (), np.array([0.1, 0.9]), {"queue liquidity"})

    assert [row.bound for row in found] == [pytest.approx(-0.1)] * rows
