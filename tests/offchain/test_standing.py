# SPDX-License-Identifier: MIT
"""Every limit with its value, its bound and its room, in data and in words."""

from dataclasses import replace
from io import StringIO
from typing import Any

from rich.console import Console
from snapshots import WAD, cap, make_snapshot, make_token

from steelyard.cli.limits_table import charges_table, limits_table, print_order_state
from steelyard.headroom import order_state
from steelyard.keeper.record import ChargeResult
from steelyard.keeper.standing import Standing, as_data, standings
from steelyard.state import UNLIMITED, Bucket, QueueState, Snapshot, TagState

NOW = 1_700_000_000  # of make_snapshot


def snapshot_of(**limits: Any) -> Snapshot:
    """A million USDC and 100 WETH in two tagged tokens, an hour after an order."""
    usdc = make_token("USDC", 800_000, cap=cap(0.9))
    weth = make_token("WETH", 100, tags=frozenset({0}), cap=cap(0.2))
    changes = {"ordered_at": NOW - 3600, "cooldown_seconds": 600, **limits}
    return make_snapshot(
        [usdc, weth],
        tags=[TagState(name="volatile", cap=cap(0.5))],
        idle_wad=WAD // 10,
        limits=replace(UNLIMITED, **changes),
    )


def named(snapshot: Snapshot) -> dict[str, Standing]:
    return {f"{s.kind} {s.name}".strip(): s for s in standings(snapshot)}


def text_of(*shown: Any) -> str:
    console = Console(file=StringIO(), width=80, highlight=False)
    for item in shown:
        console.print(item)
    return console.file.getvalue()  # type: ignore[attr-defined]


def said(snapshot: Snapshot) -> str:
    console = Console(file=StringIO(), width=100, highlight=False)
    print_order_state(console, snapshot)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_standings__caps_and_buffer__room_is_what_is_left() -> None:
    found = named(snapshot_of())

    assert found["token cap USDC"].room == 100_000 * 10**6
    assert found["token cap WETH"].binds
    assert found["tag cap volatile"].room == 300_000 * 10**6
    idle = found["idle buffer"]
    assert (idle.value, idle.bound) == (800_000 * 10**6, 100_000 * 10**6)
    assert idle.room == 700_000 * 10**6


def test_standings__budgets__are_levels_of_now() -> None:
    half = Bucket(budget_wad=WAD // 50, level_wad=WAD // 100, refill_wad=WAD // 10**6)

    loss = named(snapshot_of(loss=half))["loss budget"]

    assert loss.value == WAD // 100 - 3600 * WAD // 10**6
    assert loss.bound == WAD // 50
    assert as_data(loss)["room"] == loss.bound - loss.value


def test_standings__clocks__bind_while_they_run() -> None:
    queue = QueueState(shares=1, waiting_since=NOW - 100, max_wait_seconds=50)
    calm = named(snapshot_of())
    busy = snapshot_of(cooldown_seconds=3601, brake_until=NOW + 5, brake_is_pause=True)
    bound = named(replace(busy, queue=queue))

    assert calm["time since the last order"].room == 3000
    assert not calm["reduce-only until"].binds
    assert "wait in the queue" not in calm
    for kind in ("time since the last order", "wait in the queue", "paused until"):
        assert bound[kind].binds
    ready = named(snapshot_of(cooldown_seconds=3600))["time since the last order"]
    assert (ready.room, ready.binds) == (0, False)


def test_standings__mark__is_the_least_share_price() -> None:
    found = named(snapshot_of(mark_wad=WAD, drawdown_wad=WAD // 10))

    price = found["share price in a drawdown"]
    assert (price.value, price.bound) == (WAD, 9 * WAD // 10)


def test_print_order_state__pause_and_cooldown__says_how_long() -> None:
    paused = snapshot_of(brake_until=NOW + 60, brake_is_pause=True)
    cooling = snapshot_of(cooldown_seconds=3600 + 90)

    assert "paused until 2023-11-14 22:14:20 UTC" in said(paused)
    assert "no orders now: the vault is paused" in said(paused)
    assert "cooldown: 0:01:30 left" in said(cooling)
    assert said(snapshot_of()) == "orders may pass\n"


def test_print_order_state__brake_and_drawdown__says_what_may_pass() -> None:
    braked = snapshot_of(brake_until=NOW + 60)
    drawn = snapshot_of(in_drawdown=True, mark_wad=2 * WAD)
    falling = snapshot_of(mark_wad=2 * WAD, drawdown_wad=WAD // 10, turned_at=NOW - 60)

    assert "reduce-only by the guardian until" in said(braked)
    assert "in a drawdown" in said(drawn)
    for snapshot in (braked, drawn):
        assert "orders that reduce risk may pass" in said(snapshot)
    assert "about to enter a drawdown: first seen at 2023-11-14 22:12:20" in said(
        falling
    )


def test_order_state__json__says_the_same() -> None:
    state = order_state(snapshot_of(cooldown_seconds=3601))

    assert str(state["refused_for"]).startswith("cooldown until")
    assert state["ready_at"] == NOW + 1
    assert not state["is_reduce_only"]


def test_limits_table__eighty_columns__one_line_a_limit() -> None:
    text = text_of(limits_table(snapshot_of(cooldown_seconds=7200)))

    rows = [line for line in text.splitlines() if line.startswith("│")]
    assert len(rows) == 6
    assert "0:00:00 │ binds" in text
    assert "≥ 100,000.00" in text


def test_charges_table__apart_from_the_prediction__says_by_how_much() -> None:
    charge = ChargeResult(
        budget="loss",
        predicted_wad=WAD // 1000,
        charged_wad=WAD // 1000,
        level_wad=WAD // 500,
        budget_wad=WAD // 50,
    )
    more = replace(charge, charged_wad=WAD // 1000 + 10**12)

    assert "│    no │" in text_of(charges_table([charge]))
    assert "+0.0001000%" in text_of(charges_table([more]))
