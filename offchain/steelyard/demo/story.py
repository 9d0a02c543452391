# SPDX-License-Identifier: MIT
"""The demo from an empty chain to a record of everything that happened on it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from steelyard.chain.deploy import VaultSystem, deploy_system
from steelyard.demo import people
from steelyard.demo.days import STEPS_PER_DAY, Step, day_path, feed_answers, live
from steelyard.demo.keeping import demo_keeper, keep_open
from steelyard.demo.leaving import fees_paid, fill, leave
from steelyard.demo.node import LocalNode, local_account, local_node
from steelyard.demo.opening import DAY_SECONDS, open_market
from steelyard.demo.progress import Days, Narrator
from steelyard.demo.protection import refused_orders
from steelyard.demo.protocols import Market
from steelyard.demo.record import Day, DemoRecord, Point, Refusal
from steelyard.demo.scenario import LEAD_DAYS, Options, Scenario, prepare
from steelyard.demo.stage import (
    DEPLOYER,
    FIRST_DEPOSITOR,
    STRATEGIST,
    TREASURY,
    Stage,
)
from steelyard.demo.vault_spec import demo_vault
from steelyard.keeper.run import run_once
from steelyard.report.ledger import carries
from steelyard.state import Snapshot


def play(
    options: Options, narrator: Narrator, tell: Callable[[DemoRecord], None]
) -> None:
    """Runs the whole demo and tells of it; with `keep`, the chain stays up after.

    Raises InvalidScenario before anything starts.
    """
    scenario = prepare(options)
    narrator.say(_announce(scenario))
    for repair in scenario.history.repairs:
        narrator.say(f"  repaired: {repair}")
    start = None if options.fork_url else scenario.opening - 3600
    with (
        local_node(options.chain, fork_url=options.fork_url, timestamp=start) as node,
        TemporaryDirectory() as folder,
    ):
        opening, market, system = _set(scenario, narrator, node)
        strategist = local_account(STRATEGIST)
        with demo_keeper(node, system, strategist, Path(folder)) as keeper:
            stage = Stage(
                node=node,
                scenario=scenario,
                narrator=narrator,
                market=market,
                system=system,
                keeper=keeper,
                rng=np.random.default_rng(options.seed),
                opening=opening,
            )
            tell(_perform(stage))
        if options.keep:  # the journal is free again, for the command line
            keep_open(node, keeper.config, narrator)


def _set(
    scenario: Scenario, narrator: Narrator, node: LocalNode
) -> tuple[int, Market, VaultSystem]:
    """The opening [unix seconds on the chain], the market and the vault."""
    with narrator.chapter(f"real protocols on {node.kind}"):
        opening, market = open_market(scenario, node)
    with narrator.chapter("the vault, its adapters and its limits"):
        strategist, deployer = local_account(STRATEGIST), node.accounts[DEPLOYER]
        spec = demo_vault(market, strategist.address, node.accounts[TREASURY])
        system = deploy_system(node.web3, spec, deployer)
    return opening, market, system


def _perform(stage: Stage) -> DemoRecord:
    narrator, scenario, system = stage.narrator, stage.scenario, stage.system
    depositors = stage.node.accounts[FIRST_DEPOSITOR : FIRST_DEPOSITOR + 3]
    with narrator.chapter("three depositors pay in"):
        stage.movements += people.pay_in(
            stage.web3, system.vault, stage.market.asset, depositors
        )
    opened = stage.snapshot()
    total = scenario.options.days
    with narrator.days("the market lives, the keeper keeps", total) as days:
        _keep(stage, 0, 0, opened, days)
        for number in range(1, total + 1):
            start = stage.days[-1].run.after or stage.days[-1].run.before
            trades = _live_a_day(stage, number, days)
            if number == (total + 1) // 2:
                leave(stage, days)
            if number == total:
                fill(stage, days)
            _keep(stage, number, trades, start, days)
    closed = stage.snapshot()
    with narrator.chapter("orders that the vault refuses"):
        refusals = _refusals(stage)
    return DemoRecord(
        scenario=scenario,
        chain=stage.node.kind,
        chain_id=stage.node.chain_id,
        client=stage.web3.client_version,
        seconds=narrator.seconds,
        gas=_gas(stage),
        movements=tuple(stage.movements),
        points=tuple(stage.points),
        days=tuple(stage.days),
        refusals=tuple(refusals),
        fees=fees_paid(stage, closed),
        opened=opened,
        closed=closed,
    )


def _live_a_day(stage: Stage, number: int, days: Days) -> int:
    """The market lives from one close to the next; number of trades."""
    closes, shift = stage.scenario.closes, (number - 1) * DAY_SECONDS
    path = day_path(
        stage.scenario.history,
        stage.scenario.lead,
        (closes[number - 1], closes[number]),
        stage.opening + shift,
        stage.rng,
    )
    trades = 0
    for step in path:
        trades += len(live(stage.web3, stage.market, step, stage.rng))
        stage.points.append(_point(stage.snapshot(), step))
        days.advance(1 / STEPS_PER_DAY)
    return trades


def _keep(stage: Stage, number: int, trades: int, since: Snapshot, days: Days) -> None:
    run = run_once(stage.keeper)
    stage.days.append(
        Day(
            number=number,
            at=run.before.timestamp,
            trades=trades,
            carries=tuple(carries(since, run.before)),
            run=run,
        )
    )
    after = run.after or run.before
    prices_e8 = feed_answers(
        stage.scenario.history.assets, stage.scenario.closes[number]
    )
    stage.points.append(_point(after, Step(at=after.timestamp, prices_e8=prices_e8)))
    days.say(
        f"  day {number}: {run.outcome}, {run.reason}; "
        f"share price {after.share_price_wad / 1e18:.6f}"
    )


def _refusals(stage: Stage) -> list[Refusal]:
    narrator = stage.narrator
    return refused_orders(
        stage.web3,
        stage.system,
        local_account(STRATEGIST),
        stage.node.accounts[DEPLOYER],  # who administers the demo's vault
        lambda r: narrator.say(f"  refused, {r.title}: {r.error}"),
    )


def _point(snapshot: Snapshot, step: Step) -> Point:
    prices = [token.price_e36 for token in snapshot.tokens]
    values = {
        position.name: sum(
            amount * prices[index] // 10**36
            for amount, index in zip(position.amounts, position.tokens, strict=True)
        )
        for position in snapshot.positions
        if position.units
    }
    for token in snapshot.tokens:
        if token.inventory:
            values[token.symbol] = token.inventory * token.price_e36 // 10**36
    return Point(
        at=snapshot.timestamp,
        prices_e8=step.prices_e8,
        nav=snapshot.nav,
        share_price_wad=snapshot.share_price_wad,
        weights={name: value / snapshot.nav for name, value in values.items()},
    )


def _gas(stage: Stage) -> dict[str, int]:
    used = {f"{m.kind} by {m.who}": m.gas_used for m in stage.movements}
    for day in stage.days:
        if day.run.gas_used:
            used[f"rebalance on day {day.number}"] = day.run.gas_used
    return used


def _announce(scenario: Scenario) -> str:
    history, options = scenario.history, scenario.options
    kind = "SIMULATED prices" if scenario.is_simulated else "REPLAYED prices"
    first, last = history.times[LEAD_DAYS], history.times[-1]
    return (
        f"[bold]{kind}[/bold]: {history.source}, {first.astype('datetime64[D]')} to "
        f"{last.astype('datetime64[D]')}, {options.days} days of "
        f"{', '.join(history.assets)}"
    )
