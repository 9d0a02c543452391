# SPDX-License-Identifier: MIT
"""Snapshots and runs as tables for people."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from steelyard.cli.limits_table import (
    charges_table,
    limits_table,
    print_order_state,
)
from steelyard.cli.proof_text import proof_lines
from steelyard.keeper.exposures import Exposure, exposures
from steelyard.keeper.record import RunRecord, SwapResult
from steelyard.money import TOKEN_PLACES, money
from steelyard.state import Snapshot

TITLES = {"token": "Tokens", "position": "Positions", "tag": "Tags"}


def print_status(
    console: Console,
    snapshot: Snapshot,
    runs: Sequence[Mapping[str, object]],
    decides_by: str,
) -> None:
    """What the vault holds, how full its caps are, what the keeper looks for, and its
    last runs."""
    asset = snapshot.asset
    console.print(
        f"[bold]{snapshot.name}[/bold] {snapshot.vault}\n"
        f"chain {snapshot.chain_id}, block {snapshot.block_number}, "
        f"{_time(snapshot.timestamp)}\n"
        f"NAV {money(snapshot.nav, asset.decimals)} {asset.symbol}, "
        f"share price {snapshot.share_price_wad / 1e18:.6f}, "
        f"idle {money(asset.inventory, asset.decimals)} {asset.symbol}, "
        f"next order nonce {snapshot.nonce}"
    )
    for position in snapshot.positions:
        if position.is_impaired:
            console.print(f"[bold]impaired[/bold]: {position.name} counts as nothing")
    print_order_state(console, snapshot)
    console.print(limits_table(snapshot))
    found = exposures(snapshot)
    for kind in TITLES:
        of_kind = [e for e in found if e.kind == kind]
        if of_kind:
            console.print(_exposure_table(snapshot, kind, of_kind, None))
    console.print(f"the keeper decides by {decides_by}")
    if runs:
        table = Table(title="Last runs", title_justify="left")
        for name in ("time", "outcome", "reason"):
            table.add_column(name)
        for run in runs:
            at = int(str(run["at"]))
            table.add_row(_time(at), str(run["outcome"]), str(run["reason"] or ""))
        console.print(table)


def print_run(console: Console, record: RunRecord) -> None:
    """The decision, the weights around it, and its swaps."""
    before, plan = record.before, record.decision.plan
    console.print(f"[bold]{record.outcome}[/bold]: {record.reason}")
    for note in record.notes:
        console.print(f"  {note}", style="dim")
    if record.outcome != "nothing":
        _print_actions(console, record)
        after = None if record.after is None else exposures(record.after)
        found = [e for e in exposures(before) if e.kind == "position"]
        later = None if after is None else [e for e in after if e.kind == "position"]
        console.print(_exposure_table(before, "position", found, later))
    if record.charges:
        console.print(charges_table(record.charges))
    elif record.outcome == "planned":
        console.print(
            f"  charged to the loss budget {plan.loss_wad / 1e16:.4f}% of NAV, "
            f"to the turnover budget {plan.turnover_wad / 1e16:.4f}%"
        )
    for line in proof_lines(record.before, record.decision):
        console.print(f"  {line}", style="dim")
    for change in plan.changes:
        console.print(
            f"  {change.kind} {change.subject}: {change.planned} of {change.wanted}, "
            f"{change.reason}",
            style="dim",
        )
    if record.tx_hash is not None:
        price_gwei = (record.gas_price_wei or 0) / 1e9
        console.print(
            f"transaction {record.tx_hash}\n"
            f"gas {record.gas_used:,} at {price_gwei:.3f} gwei; order digest "
            f"{record.digest}"
        )
    took = ", ".join(f"{k} {v:.2f} s" for k, v in record.timings_seconds.items())
    console.print(took, style="dim")


def _print_actions(console: Console, record: RunRecord) -> None:
    before, plan = record.before, record.decision.plan
    names = {p.market.lower(): p for p in before.positions}
    for withdraw, paid in zip(plan.withdraws, plan.predicted_withdraws, strict=True):
        position = names[withdraw.market.lower()]
        console.print(
            f"  withdraw {_amounts(before, position.tokens, paid)} from {position.name}"
        )
    if plan.swaps:
        console.print(_swap_table(record))
    for supply, outcome in zip(plan.supplies, plan.predicted_supplies, strict=True):
        position = names[supply.market.lower()]
        ticks = ""
        if (supply.tick_lower, supply.tick_upper) != (0, 0):
            ticks = f", ticks {supply.tick_lower} to {supply.tick_upper}"
        console.print(
            f"  supply {_amounts(before, position.tokens, outcome.amounts)} "
            f"to {position.name}{ticks}"
        )


def _swap_table(record: RunRecord) -> Table:
    table = Table(title="Swaps", title_justify="left")
    table.add_column("pool")
    for name in ("in", "predicted out", "executed out", "below oracle"):
        table.add_column(name, justify="right")
    tokens = {t.address.lower(): t for t in record.before.tokens}
    pools = {p.pool.lower(): p.name for p in record.before.pools}
    plan = record.decision.plan
    results: Sequence[SwapResult | None] = record.swaps or [None] * len(plan.swaps)
    for swap, predicted, result in zip(
        plan.swaps, plan.predicted_swaps, results, strict=True
    ):
        paid, got = tokens[swap.token_in.lower()], tokens[swap.token_out.lower()]
        table.add_row(
            pools[swap.pool.lower()],
            f"{money(swap.amount_in, paid.decimals, TOKEN_PLACES)} {paid.symbol}",
            f"{money(predicted, got.decimals, TOKEN_PLACES)} {got.symbol}",
            "" if result is None else _executed(result, got.decimals),
            ""
            if result is None
            else f"{1 - result.executed_out / result.oracle_out:.3%}",
        )
    return table


def _executed(result: SwapResult, decimals: int) -> str:
    difference = result.executed_out - result.predicted_out
    text = f"{money(result.executed_out, decimals, TOKEN_PLACES)} {result.token_out}"
    return f"{text} ({'exact' if difference == 0 else f'{difference:+d} wei'})"


def _exposure_table(
    snapshot: Snapshot,
    kind: str,
    found: Sequence[Exposure],
    later: Sequence[Exposure] | None,
) -> Table:
    asset = snapshot.asset
    table = Table(title=TITLES[kind], title_justify="left")
    table.add_column("name")
    columns = [asset.symbol, "weight", "cap", "room", "full"]
    for name in [*columns, *(["weight after"] if later is not None else [])]:
        table.add_column(name, justify="right")
    for i, exposure in enumerate(found):
        row = [
            exposure.name,
            money(exposure.assets, asset.decimals),
            f"{exposure.weight_wad / 1e16:.2f}%",
            money(exposure.cap_assets, asset.decimals),
            money(exposure.room_assets, asset.decimals),
            f"{exposure.fullness:.0%}{'' if exposure.room_assets else ' binds'}",
        ]
        if later is not None:
            row.append(f"{later[i].weight_wad / 1e16:.2f}%")
        table.add_row(*row)
    return table


def _amounts(snapshot: Snapshot, tokens: Sequence[int], amounts: Sequence[int]) -> str:
    return " and ".join(
        f"{money(amount, token.decimals, TOKEN_PLACES)} {token.symbol}"
        for t, amount in zip(tokens, amounts, strict=True)
        if amount and (token := snapshot.tokens[t])
    )


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
