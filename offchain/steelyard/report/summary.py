# SPDX-License-Identifier: MIT
"""From the record of a demo to everything that a report says."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from steelyard.market.history import str_time
from steelyard.report.exposure import (
    cap_rows,
    idle_name,
    items_of,
    weights_of,
)
from steelyard.report.ledger import Carry
from steelyard.report.refusals import refusal_row
from steelyard.report.runs import gas_assets_up, run_row
from steelyard.report.view import (
    GasRow,
    Headline,
    Income,
    Moment,
    MovementRow,
    Report,
    RunRow,
)
from steelyard.report.view_limits import FeesRow

if TYPE_CHECKING:
    from steelyard.demo.record import DemoRecord, Point


def report_of(record: "DemoRecord") -> Report:
    """Everything that the tables, the plots and the JSON of a demo show."""
    runs = tuple(run_row(day) for day in record.days)
    moments = tuple(_moments(record))
    carries, pools = _carries(record), _pools(record)
    return Report(
        headline=_headline(record, runs, moments),
        items=items_of(record.closed),
        moments=moments,
        runs=runs,
        caps=cap_rows(record.closed),
        liquidity=tuple(c for c in carries if c.position in pools),
        lending=tuple(c for c in carries if c.position not in pools),
        income=tuple(_income(record)),
        gas=tuple(_gas(record, runs)),
        movements=tuple(
            MovementRow(
                at=m.at,
                who=m.who,
                kind=m.kind,
                assets=m.assets,
                shares=m.shares,
                gas_used=m.gas_used,
            )
            for m in record.movements
        ),
        refusals=tuple(refusal_row(r, record.closed) for r in record.refusals),
        fees=FeesRow(
            management_wad=record.fees.management_wad,
            performance_wad=record.fees.performance_wad,
            shares=record.fees.shares,
            assets=record.fees.assets,
        ),
        seconds=dict(record.seconds),
        share_decimals=record.closed.share_decimals,
        config_hash=record.closed.config_hash,
    )


def _headline(
    record: "DemoRecord", runs: Sequence[RunRow], moments: Sequence[Moment]
) -> Headline:
    scenario, opened, closed = record.scenario, record.opened, record.closed
    history = scenario.history
    return Headline(
        vault_name=closed.name,
        vault=closed.vault,
        asset=closed.asset.symbol,
        asset_decimals=closed.asset.decimals,
        chain=record.chain,
        chain_id=record.chain_id,
        client=record.client,
        is_fork=scenario.options.fork_url is not None,
        is_simulated=scenario.is_simulated,
        source=history.source,
        seed=scenario.options.seed,
        first_day=str_time(history.times[-len(scenario.closes)]),
        last_day=str_time(history.times[-1]),
        days=len(scenario.closes) - 1,
        repairs=tuple(str(repair) for repair in history.repairs),
        basket=tuple(t.symbol for t in closed.tokens[1:]),
        opened_at=opened.timestamp,
        nav_opened=opened.nav,
        nav_closed=closed.nav,
        share_price_opened_wad=opened.share_price_wad,
        share_price_closed_wad=closed.share_price_wad,
        share_price_change=closed.share_price_wad / opened.share_price_wad - 1,
        basket_change=moments[-1].basket_change if moments else 0.0,
        rebalances=sum(run.is_order for run in runs),
        decisions=len(runs),
    )


def _moments(record: "DemoRecord") -> list[Moment]:
    """The opening, before any order, then every point of the record."""
    if not record.points:
        return []
    first = record.points[0]
    symbols = [t.symbol for t in record.opened.tokens]
    positions = {p.name for p in record.closed.positions}
    moments = [_opening(record, symbols[1:])]
    for point in record.points:
        prices = _prices_over(first, point, symbols)
        volatile = [prices[s] for s in symbols[1:]]
        growth = point.share_price_wad / record.opened.share_price_wad
        moments.append(
            Moment(
                at=point.at,
                nav=point.nav,
                share_price_change=growth - 1,
                basket_change=sum(volatile) / len(volatile) - 1 if volatile else 0.0,
                prices={s: prices[s] for s in symbols[1:]},
                weights={
                    name if name in positions else idle_name(name): weight
                    for name, weight in point.weights.items()
                },
            )
        )
    return moments


def _opening(record: "DemoRecord", basket: Sequence[str]) -> Moment:
    opened = record.opened
    return Moment(
        at=opened.timestamp,
        nav=opened.nav,
        share_price_change=0.0,
        basket_change=0.0,
        prices=dict.fromkeys(basket, 1.0),
        weights=weights_of(opened),
    )


def _prices_over(
    first: "Point", point: "Point", symbols: Sequence[str]
) -> dict[str, float]:
    """Prices in the asset, the first symbol, over those of the first point."""

    def growth(symbol: str) -> float:
        return point.prices_e8[symbol] / first.prices_e8[symbol]

    return {symbol: growth(symbol) / growth(symbols[0]) for symbol in symbols}


def _carries(record: "DemoRecord") -> list[Carry]:
    """One a position: the sum over all days, in the order of the vault."""
    together: dict[str, Carry] = {}
    for carry in (c for day in record.days for c in day.carries):
        so_far = together.get(carry.position)
        together[carry.position] = Carry(
            position=carry.position,
            protocol=carry.protocol,
            fees=carry.fees + (so_far.fees if so_far else 0),
            impermanent_loss=carry.impermanent_loss
            + (so_far.impermanent_loss if so_far else 0),
        )
    order = {p.name: i for i, p in enumerate(record.closed.positions)}
    return sorted(together.values(), key=lambda c: order.get(c.position, len(order)))


def _pools(record: "DemoRecord") -> set[str]:
    """Positions with two sides or more; the others earn interest."""
    return {p.name for p in record.closed.positions if len(p.tokens) > 1}


def _income(record: "DemoRecord") -> list[Income]:
    """Running sums at the end of each day."""
    pools = _pools(record)
    rows = []
    fees = loss = interest = 0
    for day in record.days:
        for carry in day.carries:
            if carry.position in pools:
                fees += carry.fees
                loss += carry.impermanent_loss
            else:
                interest += carry.fees
        row = Income(at=day.at, fees=fees, impermanent_loss=loss, interest=interest)
        rows.append(row)
    return rows


def _gas(record: "DemoRecord", runs: Sequence[RunRow]) -> list[GasRow]:
    """Keeper's orders, then what depositors did, then everything else."""
    orders = [run for run in runs if run.is_order]
    rows = []
    if orders:
        rows.append(
            GasRow(
                kind="rebalance",
                transactions=len(orders),
                gas=sum(run.gas_used for run in orders),
                assets=sum(run.gas_assets for run in orders),
            )
        )
    by_kind: dict[str, list[tuple[int, int]]] = {}
    for m in record.movements:
        by_kind.setdefault(m.kind, []).append((m.at, m.gas_used))
    for kind, gas in record.gas.items():
        if kind.split()[0] not in {*by_kind, "rebalance"}:  # counted already
            by_kind[kind] = [(record.opened.timestamp, gas)]
    rows.extend(_gas_row(record, kind, spent) for kind, spent in by_kind.items())
    return rows


def _gas_row(
    record: "DemoRecord", kind: str, spent: Iterable[tuple[int, int]]
) -> GasRow:
    """Transactions by (time, gas), at the gas price that the nearest run saw."""
    pairs = list(spent)
    assets = 0
    for at, gas in pairs:
        if record.days:
            day = min(record.days, key=lambda d: abs(d.at - at))
            assets += gas_assets_up(day.run, gas, None)
    total = sum(gas for _, gas in pairs)
    return GasRow(kind=kind, transactions=len(pairs), gas=total, assets=assets)
