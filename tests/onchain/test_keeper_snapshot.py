# SPDX-License-Identifier: MIT
"""What is read of the chain is what the contracts say."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keeper_cases import Counted, Desk, days_pass, open_desk
from support import (
    AAVE,
    SAVINGS,
    V2,
    V3,
    World,
    net_assets,
    reconfigure,
    units_of,
    with_token,
)
from worlds import unconfigured

from steelyard.chain.errors import ContractReverted
from steelyard.chain.fees_log import block_at, read_fees
from steelyard.chain.readers.base import FactsStale
from steelyard.chain.sender import read_gas_fees
from steelyard.chain.snapshot import SnapshotUnsettled, read_snapshot
from steelyard.chain.transactions import call
from steelyard.chain.vault_facts import SnapshotCache, VaultNotConfigured
from steelyard.demo import clock, tokens, traders
from steelyard.keeper.journal import Journal
from steelyard.keeper.signals import YEAR_SECONDS, observe, read_signals
from steelyard.lending import RAY, AaveReserve


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return open_desk(world, tmp_path)


def snapshot_of(world: World, cache: SnapshotCache | None = None) -> Any:
    vault, lens = world.vault.address, world.system.lens.address
    return read_snapshot(world.web3, vault, lens, cache)


def test_read_snapshot__invested__is_what_the_contracts_say(invested: World) -> None:
    snapshot = snapshot_of(invested)

    assert snapshot.nav == net_assets(invested)[1]
    assert snapshot.name == invested.system.spec.name
    assert (
        snapshot.config_hash == "0x" + call(invested.vault.functions.configHash()).hex()
    )
    assert snapshot.timestamp == invested.now()
    for index in (V2, V3, AAVE, SAVINGS):
        position = snapshot.positions[index]
        assert position.units == units_of(invested, index) > 0
        assert sum(position.amounts) > 0
    assert [token.symbol for token in snapshot.tokens] == ["USDC", "ETH", "BTC"]
    assert snapshot.positions[V3].name in (
        "uniswap-v3 USDC/ETH 0.3%",
        "uniswap-v3 ETH/USDC 0.3%",
    )


def test_read_snapshot__a_day_later__has_aave_s_index_now(invested: World) -> None:
    clock.time_travel(invested.web3, 86400)
    assert invested.market.aave is not None
    income = invested.market.aave.pool.functions.getReserveNormalizedIncome

    position = snapshot_of(invested).positions[AAVE]

    assert isinstance(position.state, AaveReserve)
    assert position.state.index_ray == call(income(invested.asset.address)) > RAY
    worth = position.units * position.state.index_ray // RAY
    assert position.amounts == (worth,)


def test_read_snapshot__v3_fees_earned__are_the_adapters(invested: World) -> None:
    pool = invested.market.pools[0]
    traders.swap(invested.web3, invested.market, pool, "USDC", "ETH", 10**11)
    cache = SnapshotCache()

    snapshot = snapshot_of(invested, cache)

    (held,) = snapshot.positions[V3].ranges
    market = bytes.fromhex(invested.market_hex(V3)[2:])
    fees = call(
        invested.adapter(V3).functions.feesOwed(
            market, held.tick_lower, held.tick_upper
        )
    )
    assert held.fees == tuple(fees)
    assert sum(fees) > 0
    assert snapshot.pools[1].state == snapshot.positions[V3].state


def test_read_snapshot__seen_before__asks_the_node_once(invested: World) -> None:
    counted = Counted(invested.web3.provider.endpoint_uri)
    vault, lens = invested.vault.address, invested.system.lens.address
    cache = SnapshotCache()
    first = read_snapshot(counted.web3, vault, lens, cache)
    counted.methods.clear()

    second = read_snapshot(counted.web3, vault, lens, cache)

    assert second == first
    assert counted.methods.count("eth_call") == 1
    assert set(counted.methods) <= {"eth_call", "eth_getBlockByNumber"}
    assert len(counted.methods) <= 2


def test_read_fees__one_trade__is_its_share_of_what_came_in(invested: World) -> None:
    pair = invested.market.pairs[0]
    before = snapshot_of(invested)
    traders.swap(invested.web3, invested.market, pair, "USDC", "ETH", 10**12)
    after = snapshot_of(invested)

    fees = read_fees(invested.web3, after, before.block_number)

    earned = {after.positions[i].market: 0.0 for i in (V2, V3)}
    earned[after.positions[V2].market] = 10**12 * 0.003
    assert fees == pytest.approx(earned)


def test_read_fees__swaps_of_the_vault__are_left_out(invested: World) -> None:
    snapshot = snapshot_of(invested)

    fees = read_fees(invested.web3, snapshot, snapshot.block_number - 1)

    assert set(fees.values()) == {0.0}


def test_block_at__any_time__is_the_last_block_until_then(world: World) -> None:
    web3, last = world.web3, world.web3.eth.block_number
    times = [int(web3.eth.get_block(n)["timestamp"]) for n in range(last + 1)]

    for wanted in (times[last // 2], times[last // 3] + 1, times[-1], times[-1] + 9):
        number, when = block_at(web3, wanted, last, times[-1])

        assert when == times[number] <= wanted
        assert number == last or times[number + 1] >= when
        assert not [n for n in range(number + 1, last + 1) if times[n] < wanted]


def test_block_at__before_the_chain__is_its_first_block(world: World) -> None:
    last = world.web3.eth.block_number

    assert block_at(world.web3, 0, last, world.now())[0] == 0


def signals_of(desk: Desk, journal: Journal | None = None) -> Any:
    cache = SnapshotCache()
    snapshot = snapshot_of(desk.world, cache)
    assert cache.facts is not None
    return snapshot, read_signals(
        desk.world.web3,
        snapshot,
        desk.config(),
        sources=[token.source for token in cache.facts.tokens[1:]],
        gas_price_wei=5,
        journal=journal,
    )


def test_read_signals__forty_days__are_estimated_from_the_feeds(desk: Desk) -> None:
    snapshot, reading = signals_of(desk)

    signals = reading.signals
    volatility = np.sqrt(np.diag(signals.covariance))
    assert volatility[0] == 0
    assert 0.1 < volatility[1] < 2
    assert 0.1 < volatility[2] < 2
    assert signals.native_price_e36 == snapshot.tokens[1].price_e36
    assert signals.gas_price_wei == 5
    assert "40 daily returns" in reading.notes[0]


def test_read_signals__savings_paid_interest__is_their_yearly_yield(
    desk: Desk,
) -> None:
    world = desk.world
    savings = world.market.savings
    assert savings is not None
    days_pass(world, 8)  # so that the node still knows the state of a window ago
    before = call(savings.functions.totalAssets())
    started = world.web3.eth.get_block(world.web3.eth.block_number - 1)["timestamp"]
    tokens.give(
        world.web3, world.asset, savings.address, before // 100, sender=world.curator
    )

    snapshot, reading = signals_of(desk)

    # one percent since the last block that is at least a window old
    years = (snapshot.timestamp - started) / YEAR_SECONDS
    market = snapshot.positions[SAVINGS].market
    found = reading.signals.vault_yield_per_year[market]
    assert found == pytest.approx(0.01 / years, rel=1e-3)


def test_read_signals__journal_knows_an_older_price__uses_it(
    desk: Desk, tmp_path: Path
) -> None:
    snapshot = snapshot_of(desk.world)
    half_ago = snapshot.timestamp - YEAR_SECONDS // 73  # five days
    item, price_e36 = next(
        (k, v) for k, v in observe(snapshot).items() if k.startswith("share_price_e36")
    )
    with Journal(tmp_path / "journal.sqlite", snapshot.chain_id) as journal:
        journal.add_observations(half_ago, {item: price_e36 * 1000 // 1001})

        _, reading = signals_of(desk, journal)

    market = snapshot.positions[SAVINGS].market
    found = reading.signals.vault_yield_per_year[market]
    assert found == pytest.approx(0.001 * 73, rel=1e-3)


def test_read_gas_fees__local_chain__outbids_the_next_block(world: World) -> None:
    fees = read_gas_fees(world.web3)

    base_fee_wei = world.web3.eth.get_block("latest")["baseFeePerGas"]
    assert fees.tip_wei is not None
    assert fees.max_fee_wei >= base_fee_wei
    assert fees.tip_wei <= fees.expected_wei <= fees.max_fee_wei


def test_read_snapshot__vault_without_configuration__is_refused(world: World) -> None:
    vault, lens = unconfigured(world).address, world.system.lens.address

    with pytest.raises(VaultNotConfigured, match=vault):
        read_snapshot(world.web3, vault, lens)


def test_read_snapshot__other_configuration__is_read_anew(world: World) -> None:
    cache = SnapshotCache()
    before = snapshot_of(world, cache)
    reconfigure(world, with_token(world.system.spec, "ETH", slippage_wad=7))

    after = snapshot_of(world, cache)

    assert after.config_hash != before.config_hash
    assert after.tokens[1].slippage_wad == 7


def test_read_snapshot__price_too_old__says_which_feed(world: World) -> None:
    clock.time_travel(world.web3, 401 * 86_400)

    with pytest.raises(ContractReverted) as caught:
        snapshot_of(world)

    assert caught.value.name == "StalePrice"
    feed = world.market.feeds["USDC"].address
    assert caught.value.arguments["feed"].lower() in (
        feed.lower(),
        world.market.feeds["ETH"].address.lower(),
    )


def test_read_snapshot__changes_every_time__gives_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(*_args: object) -> None:
        raise FactsStale("rate strategy")

    monkeypatch.setattr("steelyard.chain.snapshot.read_moving", changed)

    with pytest.raises(SnapshotUnsettled, match="4 readings"):
        snapshot_of(world)
