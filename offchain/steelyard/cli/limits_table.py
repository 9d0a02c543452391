# SPDX-License-Identifier: MIT
"""Limits of orders, and what a run was charged, as tables for people."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from steelyard.headroom import (
    hold_refusal,
    is_drawn_down,
    is_paused,
    is_reduce_only,
    ready_at,
    refusal,
    time_text,
)
from steelyard.keeper.record import ChargeResult
from steelyard.keeper.standing import Standing, standings
from steelyard.money import money
from steelyard.state import Snapshot
from steelyard.wad import WAD

CAPS = ("token cap", "position cap", "tag cap")  # shown with the exposures


def print_order_state(console: Console, snapshot: Snapshot) -> None:
    """Whether an order could pass now, and what narrows it."""
    limits, now = snapshot.limits, snapshot.timestamp
    until = time_text(limits.brake_until)
    if is_paused(snapshot):
        console.print(f"[bold]paused[/bold] until {until}")
    elif now < limits.brake_until:
        console.print(f"[bold]reduce-only[/bold] by the guardian until {until}")
    if is_drawn_down(snapshot):
        console.print("[bold]in a drawdown[/bold]: orders may only reduce risk")
    elif limits.turned_at:
        seen = time_text(limits.turned_at)
        turns = "leave" if limits.in_drawdown else "enter"
        console.print(f"about to {turns} a drawdown: first seen at {seen}")
    if now < ready_at(snapshot):
        left = timedelta(seconds=ready_at(snapshot) - now)
        console.print(f"cooldown: {left} left, until {time_text(ready_at(snapshot))}")
    refused = refusal(snapshot)
    hold = hold_refusal(snapshot)
    word = "that reduce risk may pass" if is_reduce_only(snapshot) else "may pass"
    if hold is not None:
        word = f"of withdrawals alone may pass: {hold}"
    console.print(f"orders {word}" if refused is None else f"no orders now: {refused}")


def limits_table(snapshot: Snapshot) -> Table:
    """Every limit but the caps, which stand with the exposures, and the brake, which is
    said in words; leverage where there is any."""
    table = Table(title="Limits of orders", title_justify="left")
    table.add_column("limit")
    for name in ("now", "bound", "room", ""):
        table.add_column(name, justify="right")
    for standing in standings(snapshot):
        if standing.kind in CAPS or standing.unit == "unix seconds":
            continue
        if standing.kind == "gross exposure" and snapshot.limits.leverage_wad <= WAD:
            continue
        sign = "\N{LESS-THAN OR EQUAL TO}"
        if not standing.is_ceiling:
            sign = "\N{GREATER-THAN OR EQUAL TO}"
        table.add_row(
            standing.kind,
            _value(snapshot, standing, standing.value),
            f"{sign} {_value(snapshot, standing, standing.bound)}",
            _value(snapshot, standing, standing.room),
            "binds" if standing.binds else "",
        )
    return table


def _value(snapshot: Snapshot, standing: Standing, value: int) -> str:
    if standing.unit == "assets":
        return money(value, snapshot.asset.decimals)
    if standing.unit == "seconds":
        is_ever = value >= snapshot.timestamp - snapshot.limits.cooldown_seconds
        return "-" if is_ever else str(timedelta(seconds=value))
    if standing.kind.startswith("share price"):
        return f"{value / 1e18:.6f}"
    return f"{value / 1e16:.3f}%"


def charges_table(charges: Sequence[ChargeResult]) -> Table:
    """What an order was charged, beside what was predicted."""
    table = Table(title="Budgets charged", title_justify="left")
    table.add_column("budget")
    for name in ("predicted", "charged", "apart", "level after", "budget"):
        table.add_column(name, justify="right")
    for charge in charges:
        apart = charge.charged_wad - charge.predicted_wad
        table.add_row(
            charge.budget,
            f"{charge.predicted_wad / 1e16:.6f}%",
            f"{charge.charged_wad / 1e16:.6f}%",
            "no" if charge.is_as_predicted else f"{apart / 1e16:+.7f}%",
            f"{charge.level_wad / 1e16:.3f}%",
            f"{charge.budget_wad / 1e16:.3f}%",
        )
    return table
