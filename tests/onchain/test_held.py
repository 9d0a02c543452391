# SPDX-License-Identifier: MIT
"""A keeper counts markets that it has no model of, and leaves them alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from protocol_cases import (
    put_in_vault,
    read_book,
    token_market,
    undone,
    units_of,
    vault_world,
)
from support import ETH, USDC, World, rebalance, set_price, supply

from steelyard.chain.snapshot import read_snapshot
from steelyard.chain.spec import HubSpec, PoolSpec, PositionSpec
from steelyard.demo import compound_v2, curve, erc4626, morpho_blue, tokens
from steelyard.estimate.signals import Signals
from steelyard.keeper.decide import decide
from steelyard.optimize.preferences import Preferences
from steelyard.order import Supply
from steelyard.state import Held, Snapshot
from steelyard.wad import WAD

SAVINGS, MORPHO, COMPOUND, CURVE = range(4)
HELD = (MORPHO, COMPOUND, CURVE)
SYMBOLS = ("USDC", "DAI", "USDT", "FRAX")
UNITS = (USDC, ETH, USDC, ETH)  # raw units of one dollar of each


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    output_tolerance_wad: int = WAD // 1_000
    liquidity_tolerance_wad: int = WAD // 1_000
    weight_tolerance_wad: int = WAD // 100
    share_price_tolerance_wad: int = WAD // 1_000


@pytest.fixture(scope="module")
def shared(web3, strategist) -> World:
    """A vault with 10,000 dollars in each of three markets, the rest of it idle."""
    market = token_market(web3, *SYMBOLS)
    who = market.actors
    usdc, dai = market.tokens["USDC"], market.tokens["DAI"]
    savings = erc4626.deploy_savings_vault(web3, usdc, "sv", sender=who.maker)
    blue = morpho_blue.deploy_morpho_blue(web3, price_e36=10**24, sender=who.deployer)
    params = morpho_blue.create_market(web3, blue, usdc, dai, sender=who.deployer)
    compound = compound_v2.deploy_compound_v2(web3, sender=who.deployer)
    c_usdc = compound_v2.list_market(web3, compound, usdc, 6, 1, sender=who.deployer)
    factory = curve.deploy_curve(web3, sender=who.deployer)
    coins = [market.tokens[symbol] for symbol in SYMBOLS]
    depth = [1_000_000 * unit for unit in UNITS]
    pool = curve.create_pool(web3, factory, coins, depth, sender=who.maker).address
    tokens.approve(web3, usdc, savings.address, sender=who.maker)
    erc4626.deposit(web3, savings, 1_000_000 * USDC, sender=who.maker)
    markets = (
        ("erc4626", savings.address),
        ("morpho-blue", morpho_blue.market_id(params)),
        ("compound-v2", c_usdc.address),
        ("curve", pool),
    )
    world = vault_world(
        web3,
        market,
        strategist,
        positions=[PositionSpec(protocol=p, market=m) for p, m in markets],
        pools=[PoolSpec(protocol="curve", pool=pool)],
        hubs=[HubSpec(protocol="morpho-blue", address=blue.morpho.address)],
    )
    for symbol, unit in zip(SYMBOLS[1:], UNITS[1:], strict=True):
        put_in_vault(world, symbol, 2_500 * unit)
    four = {s: 2_500 * unit for s, unit in zip(SYMBOLS, UNITS, strict=True)}
    one = {"USDC": 10_000 * USDC}
    rebalance(
        world,
        supplies=[
            supply(world, MORPHO, one),
            supply(world, COMPOUND, one),
            supply(world, CURVE, four),
        ],
    )
    return world


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    with undone(shared):
        yield shared


def snapshot_of(world: World) -> Snapshot:
    vault, lens = world.vault.address, world.system.lens.address
    return read_snapshot(world.web3, vault, lens)


def signals_of(snapshot: Snapshot) -> Signals:
    """Savings earn a tenth a year; nothing else moves or earns."""
    count = len(snapshot.tokens)
    return Signals(
        expected_returns=np.zeros(count),
        covariance=np.zeros((count, count)),
        pool_fees_per_year={},
        vault_yield_per_year={snapshot.positions[SAVINGS].market: 0.1},
        gas_price_wei=0,
        native_price_e36=2_000 * 10**24,
        default_failure_probability_per_year=0.0,
    )


def test_read_snapshot__held_markets__count_as_the_vault_says(world):
    set_price(world, "DAI", 0.99)

    snapshot = snapshot_of(world)

    book = read_book(world)
    assert snapshot.nav == book["nav"]
    for index in HELD:
        position = snapshot.positions[index]
        assert position.state == Held()
        assert position.units == units_of(world, index) > 0
        assert position.amounts == tuple(book["amounts"][index])
        assert sum(position.amounts) > 0
    assert snapshot.pools == (), "no curve to trade along"


def test_read_snapshot__held_markets__have_names_of_their_own(world):
    names = [position.name for position in snapshot_of(world).positions]

    assert len(set(names)) == len(names)
    for index, start in zip(HELD, ("morpho-blue", "compound-v2", "curve"), strict=True):
        assert names[index].startswith(f"{start} USDC")


def test_decide__held_markets__are_neither_entered_nor_left(world):
    snapshot = snapshot_of(world)
    before = [units_of(world, index) for index in HELD]

    decision = decide(snapshot, signals_of(snapshot), Preferences(), Tolerances())

    plan = decision.plan
    assert decision.act, decision.reason
    (only,) = plan.supplies
    assert isinstance(only, Supply)
    assert only.adapter == world.adapter(SAVINGS).address
    assert plan.withdraws == plan.swaps == ()
    rebalance(world, supplies=plan.supplies)
    assert [units_of(world, index) for index in HELD] == before
    after = read_book(world)
    assert after["positionAssets"][SAVINGS] > 70_000 * USDC
    assert after["nav"] == pytest.approx(plan.after.nav, rel=1e-6)
