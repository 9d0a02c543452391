# SPDX-License-Identifier: MIT
"""The keeper and the vault's limits: the same numbers, and no order in vain."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from keeper_cases import Desk, open_desk, write_keystore
from support import (
    AAVE,
    BTC_POOL,
    SAVINGS,
    USDC,
    V2,
    V2_POOL,
    V3,
    V3_POOL,
    World,
    deposit,
    order_events,
    reconfigure,
    relay,
    reverts,
    set_price,
    sign,
    v3_ticks,
    with_limits,
)

from steelyard.chain.snapshot import read_snapshot
from steelyard.chain.spec import BudgetSpec
from steelyard.chain.transactions import call, send
from steelyard.charges import share_wad_up
from steelyard.cli import main
from steelyard.demo import clock
from steelyard.demo.refusals import blank_order
from steelyard.demo.washing import wash_order
from steelyard.headroom import level_now_wad, queue_owed_up
from steelyard.keeper.config import OrderConfig
from steelyard.keeper.opening import open_keeper
from steelyard.keeper.run import Keeper, run_once
from steelyard.keeper.standing import standings
from steelyard.order import Rebalance, Swap
from steelyard.plan import Plan, build_order
from steelyard.plan.build import plan_intents
from steelyard.plan.charging import charge_of, total
from steelyard.plan.records import Intent
from steelyard.plan.steps import swap as swap_step
from steelyard.plan.world import world_of
from steelyard.state import Snapshot
from steelyard.wad import WAD


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return open_desk(world, tmp_path)


@pytest.fixture
def keeper(desk: Desk) -> Iterator[Keeper]:
    with open_keeper(desk.config(), may_sign=True) as opened:
        yield opened


def snapshot_of(world: World) -> Snapshot:
    return read_snapshot(world.web3, world.vault.address, world.system.lens.address)


def limit(desk: Desk, **limits: Any) -> Desk:
    """The desk with other limits in force."""
    spec = with_limits(desk.world.system.spec, **limits)
    return replace(desk, world=reconfigure(desk.world, spec))


def signed(world: World, snapshot: Snapshot, plan: Plan) -> Rebalance:
    return build_order(
        snapshot,
        plan,
        relayer=world.relayer,
        valid_after=snapshot.timestamp,
        deadline=snapshot.timestamp + 300,
        public_after=snapshot.timestamp + 301,
        inputs_hash=b"\0" * 32,
    )


# THE SAME NUMBERS


def entering(world: World, snapshot: Snapshot, lent_usdc: int = 0) -> list[Intent]:
    """Half of the vault into liquidity, a fifth into savings."""
    (buys,) = _swaps(snapshot, ((V2_POOL, 25_000),))
    return [
        buys,
        Intent(
            kind="supply", index=V3, size=20_000 * USDC, ticks=v3_ticks(world, 6000)
        ),
        Intent(kind="supply", index=V2, size=20_000 * USDC),
        Intent(kind="supply", index=SAVINGS, size=20_000 * USDC),
        *(
            [Intent(kind="supply", index=AAVE, size=lent_usdc * USDC)]
            if lent_usdc
            else []
        ),
    ]


def turning(world: World, snapshot: Snapshot) -> list[Intent]:
    """Some of each kind, swaps in pools where the vault's own liquidity stands too."""
    (own,) = snapshot.positions[V3].ranges
    ends = (own.tick_lower, own.tick_upper)
    return [
        Intent(kind="withdraw", index=V3, size=own.liquidity // 2, ticks=ends),
        Intent(kind="withdraw", index=V2, size=snapshot.positions[V2].units // 3),
        Intent(kind="withdraw", index=SAVINGS, size=snapshot.positions[SAVINGS].units),
        *_swaps(snapshot, ((V3_POOL, 2_000), (V2_POOL, 1_000), (BTC_POOL, 500))),
        Intent(kind="supply", index=V3, size=1_500 * USDC, ticks=ends),
        Intent(kind="supply", index=V3, size=1_000 * USDC, ticks=v3_ticks(world, 3000)),
        Intent(kind="supply", index=V2, size=900 * USDC),
    ]


def _swaps(
    snapshot: Snapshot, sizes_usdc: tuple[tuple[int, int], ...]
) -> tuple[Intent, ...]:
    """USDC for the other token of these pools."""
    return tuple(
        Intent(
            kind="swap",
            index=pool,
            size=size * USDC,
            zero_for_one=snapshot.pools[pool].tokens[0] == 0,
        )
        for pool, size in sizes_usdc
    )


def check_carried_out(world: World, intents: list[Intent], slack: int) -> Plan:
    """Plans the intents, sends the order, and compares what the vault says of it."""
    snapshot = snapshot_of(world)
    idle = tuple(10**30 for _ in snapshot.tokens)  # nothing is undone for lying idle
    plan = plan_intents(snapshot, intents, idle, OrderConfig())
    assert plan.changes == ()
    assert len(plan.withdraws + plan.swaps + plan.supplies) == len(intents)
    order = sign(world.system, world.strategist, signed(world, snapshot, plan))

    receipt = relay(world, order)

    (done,) = order_events(world, receipt, "Rebalanced")
    slack_wad = share_wad_up(slack, snapshot.nav)
    assert abs(done["navAfter"] - plan.after.nav) <= slack
    assert abs(done["lossWad"] - plan.loss_wad) <= slack_wad
    assert abs(done["turnoverWad"] - plan.turnover_wad) <= slack_wad
    # what the vault remembers are its running books, not the pools as they are now
    remembered = snapshot_of(world).limits.holdings
    for token in range(len(snapshot.tokens)):
        running = plan.after.inventory[token] + sum(
            own[position.tokens.index(token)]
            for position, own in zip(
                snapshot.positions, plan.after.amounts, strict=True
            )
            if token in position.tokens
        )
        assert abs(remembered[token] - running) <= slack
    return plan


def test_plan__actions_of_every_kind__books_and_charges_to_the_wei(
    world: World,
) -> None:
    clock.mine(world.web3)
    entered = check_carried_out(world, entering(world, snapshot_of(world)), 0)
    clock.time_travel(world.web3, 3600)
    set_price(world, "ETH", 2004)

    turned = check_carried_out(world, turning(world, snapshot_of(world)), 0)

    assert entered.loss_wad > WAD // 1000  # half a percent of doubt about a quarter
    assert turned.loss_wad > WAD // 10_000


def test_plan__lending_too__is_apart_by_what_aave_earns_and_rounds(
    world: World,
) -> None:
    clock.mine(world.web3)
    intents = entering(world, snapshot_of(world), lent_usdc=10_000)
    check_carried_out(world, intents, slack=3)

    # 10,000 USDC earn some ten raw units a second
    check_carried_out(world, turning(world, snapshot_of(world)), slack=200)


def test_standings__busy_vault__are_what_the_limits_lens_says(invested: World) -> None:
    world = invested
    clock.time_travel(world.web3, 1000)
    set_price(world, "ETH", 1990)
    vault, queue = world.vault, world.system.queue
    send(world.web3, vault.functions.approve(queue.address, 10**12), world.alice)
    send(world.web3, queue.functions.request(10**12), world.alice)
    send(world.web3, vault.functions.brake(False), world.curator)
    clock.time_travel(world.web3, 60)

    found = standings(snapshot_of(world))
    lens = call(world.system.limits_lens.functions.limits(vault.address))

    told = [(k.split(" [")[0], up, v, b, r) for k, _, _, up, v, b, r in lens]
    mine = [(s.kind, s.is_ceiling, s.value, s.bound, s.room) for s in found]
    assert len(mine) > 15
    for own, theirs in zip(mine, told, strict=True):
        if own[0] in ("time since the last order", "wait in the queue"):
            assert own[:2] == theirs[:2]  # each call has its own clock on some nodes
            continue
        assert own == theirs


def test_standings__deposit_in_the_snapshots_block__widens_no_cap(
    invested: World,
) -> None:
    world = invested
    before = snapshot_of(world)
    clock.mine(world.web3)
    deposit(world, world.bob, 50_000 * USDC)

    snapshot = snapshot_of(world)
    lens = call(world.system.limits_lens.functions.limits(world.vault.address))

    caps = [s for s in standings(snapshot) if s.kind.endswith("cap")]
    told = [row for row in lens if " cap" in row[0]]
    assert snapshot.supply_before is not None
    assert snapshot.nav > before.nav * 14 // 10
    assert [s.bound for s in caps] == [row[5] for row in told]
    clock.mine(world.web3)
    assert snapshot_of(world).supply_before is None


@pytest.mark.parametrize(
    ("budget", "error"),
    [("turnover", "TurnoverBudgetExceeded"), ("loss", "LossBudgetExceeded")],
)
def test_wash_order__to_and_fro__is_refused_at_the_charge_foreseen(
    world: World, budget: Any, error: str
) -> None:
    small = {
        "loss": BudgetSpec(wad=WAD // 40, refill_wad_per_day=0),
        "turnover": BudgetSpec(wad=WAD, refill_wad_per_day=0),
    }
    world = reconfigure(world, with_limits(world.system.spec, **small))
    snapshot = snapshot_of(world)
    order = wash_order(snapshot, budget)
    assert order is not None
    charge = charged(snapshot, order)
    bucket = getattr(snapshot.limits, budget)
    assets = charge.loss_assets if budget == "loss" else charge.traded_assets
    nav = snapshot.nav_low if budget == "loss" else snapshot.nav
    charge_wad = share_wad_up(assets, nav)

    with reverts(
        error,
        chargeWad=charge_wad,
        levelWad=level_now_wad(snapshot, bucket) + charge_wad,
        budgetWad=bucket.budget_wad,
    ):
        relay(world, sign(world.system, world.strategist, order))


def charged(snapshot: Snapshot, order: Rebalance) -> Any:
    """What an order of swaps is charged, computed here."""
    index = {p.pool.lower(): i for i, p in enumerate(snapshot.pools)}
    token = {t.address.lower(): i for i, t in enumerate(snapshot.tokens)}
    now, charges = world_of(snapshot), []
    for one in order.swaps:
        pool = index[one.pool.lower()]
        first = snapshot.pools[pool].tokens[0] == token[one.token_in.lower()]
        after, _ = swap_step(now, pool, first, one.amount_in)
        charges.append(charge_of(now, after))
        now = after
    return total(charges)


# NO ORDER IN VAIN


def test_run_once__charges__are_as_predicted(keeper: Keeper) -> None:
    record = run_once(keeper)

    assert record.outcome == "rebalanced", record.reason
    by_name = {charge.budget: charge for charge in record.charges}
    assert all(charge.is_as_predicted for charge in record.charges)
    raw_unit_wad = share_wad_up(1, record.before.nav)
    apart = by_name["loss"].charged_wad - record.decision.plan.loss_wad
    assert abs(apart) <= raw_unit_wad  # Aave's rounding
    assert by_name["loss"].charged_wad > WAD // 2000
    assert by_name["turnover"].charged_wad > WAD // 20
    assert record.after is not None
    limits = record.after.limits
    assert limits.loss.level_wad >= by_name["loss"].level_wad
    assert limits.loss.level_wad - by_name["loss"].level_wad < 10**9


def test_run_once__in_the_cooldown__says_until_when_and_reads_no_signals(
    desk: Desk,
) -> None:
    desk = limit(desk, cooldown_seconds=3600)
    steps: list[str] = []
    with open_keeper(desk.config(), may_sign=True) as keeper:
        assert run_once(keeper).outcome == "rebalanced"
        sent = desk.sent
        keeper.progress = steps.append

        record = run_once(keeper)

    assert record.outcome == "nothing"
    assert record.reason.startswith("cooldown until 20")
    assert steps == ["read"]
    assert desk.sent == sent


def test_run_once__paused__says_so(desk: Desk, keeper: Keeper) -> None:
    world = desk.world
    send(world.web3, world.vault.functions.brake(True), world.curator)
    sent = desk.sent

    record = run_once(keeper)

    assert record.reason.startswith("the vault is paused until 20")
    assert desk.sent == sent


def test_run_once__holding_cost_more_than_its_budget__has_it_charged_then_waits(
    invested: World, tmp_path: Path
) -> None:
    # an ether 5 % up costs the liquidity some hundredths of a percent
    desk = open_desk(invested, tmp_path)
    desk = limit(desk, hold=BudgetSpec(wad=10**12, refill_wad_per_day=0))
    set_price(desk.world, "ETH", 2_100)

    with open_keeper(desk.config(), may_sign=True) as keeper:
        settling, waiting = run_once(keeper), run_once(keeper)

    assert settling.outcome == "rebalanced"
    assert "moves nothing" in settling.reason
    assert settling.decision.plan.is_empty
    (charged,) = [e for e in settling.events if e.name == "HoldingCharged"]
    assert charged.arguments["holdWad"] > 10**12
    assert waiting.outcome == "nothing"
    assert "the hold budget of 0.0001 % is used up" in waiting.reason


def test_run_once__turnover_budget_short_of_the_floor__goes_as_far_as_it_allows(
    desk: Desk,
) -> None:
    turnover = BudgetSpec(wad=WAD // 20, refill_wad_per_day=WAD // 20)
    desk = limit(desk, turnover=turnover)

    with open_keeper(desk.config(), may_sign=True) as keeper:
        record = run_once(keeper)

    assert record.outcome == "rebalanced", record.reason
    assert any("turnover budget" in c.reason for c in record.decision.plan.changes)
    by_name = {charge.budget: charge for charge in record.charges}
    used = by_name["turnover"].charged_wad
    # a tenth is kept, a thousandth is the finest cut
    assert used == pytest.approx(0.045 * WAD, rel=0.01)
    assert by_name["turnover"].is_as_predicted


def test_run_once__under_the_brake__does_not_buy(desk: Desk, keeper: Keeper) -> None:
    world = desk.world
    send(world.web3, world.vault.functions.brake(False), world.curator)

    record = run_once(keeper)  # a floor under ETH asks for more of it

    assert record.outcome == "nothing"
    assert record.reason.startswith("under the guardian's brake until 20")


def test_run_once__queue_has_waited_too_long__its_money_stays(desk: Desk) -> None:
    desk = limit(desk, queue_max_wait_seconds=3600)
    world = desk.world
    vault, queue = world.vault, world.system.queue
    shares = call(vault.functions.balanceOf(world.alice)) * 6 // 10
    send(world.web3, vault.functions.approve(queue.address, shares), world.alice)
    send(world.web3, queue.functions.request(shares), world.alice)
    clock.time_travel(world.web3, 7200)
    nearly = {"floors": [{"kind": "token", "name": "ETH", "weight": 0.38}]}

    with open_keeper(desk.config(preferences=nearly), may_sign=True) as keeper:
        record = run_once(keeper)

    assert record.outcome == "rebalanced", record.reason
    found = snapshot_of(world)
    lent = found.positions[AAVE].amounts[0] + found.positions[SAVINGS].amounts[0]
    assert found.asset.inventory + lent >= queue_owed_up(found, found.nav)
    order = blank_order(found, swaps=(greedy_swap(found),))
    with reverts("QueueStarved"):
        relay(world, sign(world.system, world.strategist, order))


def greedy_swap(snapshot: Snapshot) -> Swap:
    """Two thirds of what lies idle, more than the queue leaves."""
    pool = snapshot.pools[V3_POOL]
    other = next(token for token in pool.tokens if token)
    return Swap(
        venue=pool.venue,
        pool=pool.pool,
        token_in=snapshot.asset.address,
        token_out=snapshot.tokens[other].address,
        amount_in=snapshot.asset.inventory * 2 // 3,
        min_amount_out=0,
    )


def test_run_once__two_of_two_signers__order_of_both_keys_is_taken(desk: Desk) -> None:
    second = Account.from_key("0x" + "7c" * 32)
    world = desk.world
    both = sorted((world.strategist.address, second.address), key=lambda a: int(a, 16))
    spec = replace(world.system.spec, signers=tuple(both), threshold=2)
    reconfigure(world, spec)
    write_keystore(desk.folder / "second.json", second.key)
    signer = {
        "keystore": "key.json",
        "password_file": "password",
        "cosigners": [{"keystore": "second.json", "password_file": "password"}],
    }

    with open_keeper(desk.config(signer=signer), may_sign=True) as keeper:
        record = run_once(keeper)

    assert record.outcome == "rebalanced", record.reason
    assert record.signature is not None
    assert len(record.signature) == 2 + 2 * 2 * 65


def test_sign_and_relay__two_machines__order_of_both_is_taken(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = Account.from_key("0x" + "7c" * 32)
    world = desk.world
    both = sorted((world.strategist.address, second.address), key=lambda a: int(a, 16))
    reconfigure(world, replace(world.system.spec, signers=tuple(both), threshold=2))
    write_keystore(desk.folder / "second.json", second.key)
    path, order = str(desk.write()), str(tmp_path / "order.json")
    other = tmp_path / "other"
    other.mkdir()
    signer = {
        "keystore": str(desk.folder / "second.json"),
        "password_file": str(desk.folder / "password"),
    }
    elsewhere = str(replace(desk, folder=other).write(signer=signer))
    sent = desk.sent

    assert main(["plan", "--config", path, "--out", order]) == 0
    assert main(["sign", order, "--config", path]) == 0
    assert main(["relay", order, "--config", path]) == 1
    assert "signatures is 1, expected 2" in capsys.readouterr().err
    assert main(["sign", order, "--config", elsewhere]) == 0
    assert "2 of 2 signatures" in capsys.readouterr().out
    assert main(["relay", order, "--config", path]) == 0
    assert "transaction 0x" in capsys.readouterr().out

    assert desk.sent == (sent[0] + 1, sent[1] + 1)
    assert main(["sign", order, "--config", path]) == 1
    assert "order's nonce is 0, expected 1" in capsys.readouterr().err
