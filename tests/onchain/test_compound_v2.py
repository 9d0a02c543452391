# SPDX-License-Identifier: MIT
"""A vault that lends on the real Compound V2."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from lending_cases import BORROWED, LENT, SUPPLIED, LendingCases, lend
from protocol_cases import (
    POSITION,
    SEED,
    amounts_of,
    ask,
    leave,
    nothing_left,
    order_navs,
    redeem_in_kind,
    shares_of,
    token_market,
    undone,
    units_of,
    vault_world,
    withdraw_all,
)
from support import (
    ETH,
    USDC,
    World,
    order_events,
    reconfigure,
    reverts,
)
from web3.contract import Contract

from steelyard.chain.config_args import market_hex
from steelyard.chain.spec import PositionSpec
from steelyard.chain.transactions import call, send
from steelyard.demo import clock, compound_v2, tokens
from steelyard.demo.compound_v2 import CompoundV2
from steelyard.wad import WAD

RESERVES_WAD = WAD // 10  # of the interest
BLOCKS_A_YEAR = 2_102_400
INSUFFICIENT_CASH = 14  # ErrorReporter.sol
COMPTROLLER_REJECTION = 3


@dataclass(frozen=True, kw_only=True)
class Case:
    """A vault with one position, in a market of which three fifths are lent out."""

    protocol: ClassVar = "compound-v2"
    illiquid: ClassVar = {"error": "ProtocolRefused", "code": INSUFFICIENT_CASH}

    world: World
    compound: CompoundV2
    c_usdc: Contract
    c_eth: Contract

    def borrow_the_rest(self, left: int = 0) -> None:
        """Somebody borrows all but `left` of what the market still has."""
        taken = call(self.c_usdc.functions.getCash()) - left
        who = self.world.market.actors.borrower
        send(self.world.web3, self.c_usdc.functions.borrow(taken), who)

    def lend_more(self) -> None:
        """Somebody else lends, so that the market can pay again."""
        web3, maker = self.world.web3, self.world.market.actors.maker
        compound_v2.lend(web3, self.c_usdc, self.world.asset, LENT, sender=maker)


@pytest.fixture(scope="module")
def shared(web3, strategist) -> Case:
    market = token_market(web3, "USDC", "ETH")
    who = market.actors
    compound = compound_v2.deploy_compound_v2(web3, sender=who.deployer)
    usdc, eth = market.tokens["USDC"], market.tokens["ETH"]
    c_usdc, c_eth = (
        compound_v2.list_market(web3, compound, *listed, sender=who.deployer)
        for listed in ((usdc, 6, 1), (eth, 18, 2_000))
    )
    reserves = c_usdc.functions._setReserveFactor(RESERVES_WAD)
    send(web3, reserves, who.deployer)
    compound_v2.lend(web3, c_usdc, usdc, LENT, sender=who.maker)
    compound_v2.lend(web3, c_eth, eth, 5_000 * ETH, sender=who.borrower)
    compound_v2.borrow(web3, compound, c_eth, c_usdc, BORROWED, sender=who.borrower)
    world = vault_world(
        web3,
        market,
        strategist,
        positions=[PositionSpec(protocol="compound-v2", market=c_usdc.address)],
    )
    return Case(world=world, compound=compound, c_usdc=c_usdc, c_eth=c_eth)


@pytest.fixture
def case(shared: Case) -> Iterator[Case]:
    with undone(shared.world):
        yield shared


@pytest.fixture
def lending(case: Case) -> Case:
    """The case once the vault has lent."""
    lend(case.world)
    return case


class TestLending(LendingCases):
    """What lending promises, on this protocol."""


def test_supply__order__c_tokens_and_amount_appear(case):
    receipt = lend(case.world)

    (event,) = order_events(case.world, receipt, "Supplied")
    assert event["units"] == units_of(case.world) > 0
    assert event["amounts"] == [SUPPLIED]
    assert SUPPLIED - 1 <= amounts_of(case.world)[0] <= SUPPLIED
    assert nothing_left(case.world, POSITION, case.c_usdc.address)


@pytest.mark.parametrize("blocks", [0, 1, 500])
def test_amount__some_blocks_later__is_compounds_own_rate(lending, blocks):
    world, c_usdc = lending.world, lending.c_usdc
    clock.mine(world.web3, blocks)

    rate_wad = call(c_usdc.functions.exchangeRateCurrent())

    assert amounts_of(world) == [units_of(world) * rate_wad // WAD]
    assert (rate_wad > call(c_usdc.functions.exchangeRateStored())) == (blocks > 0)


def test_withdraw__all__what_the_books_said_is_what_came(lending):
    world = lending.world
    clock.mine(world.web3, 500)
    said = amounts_of(world)[0]

    paid, receipt = withdraw_all(world)

    before, after = order_navs(world, receipt)
    per_block = (0.02 + 0.2 * 600 / 1_040) / BLOCKS_A_YEAR * 600 / 1_040 * 0.9
    assert before == after
    assert said <= paid[0] <= said + 10_000, "a block later"
    assert paid[0] / SUPPLIED - 1 == pytest.approx(per_block * 501, rel=0.02)
    assert units_of(world) == 0
    assert amounts_of(world) == [0]


def test_supply__minting_paused__reverts_and_nothing_is_lost(lending):
    world = lending.world
    pause = lending.compound.comptroller.functions._setMintPaused
    send(world.web3, pause(lending.c_usdc.address, True), world.curator)

    with reverts("Error", reason="mint is paused"):
        lend(world)
    paid, _ = withdraw_all(world)

    assert paid[0] >= SUPPLIED - 1, "the way out stays open"


def test_supply__comptroller_says_no__its_code_is_named(case):
    world = case.world
    other = compound_v2.deploy_compound_v2(world.web3, sender=world.curator)
    move = case.c_usdc.functions._setComptroller(other.comptroller.address)
    send(world.web3, move, world.curator)
    moved = reconfigure(world, world.system.spec)

    with reverts("ProtocolRefused", code=COMPTROLLER_REJECTION):
        lend(moved)


def test_amount__c_tokens_sent_to_the_adapter__not_counted(lending):
    world, c_usdc = lending.world, lending.c_usdc
    units, said = units_of(world), amounts_of(world)[0]
    adapter = world.adapter(POSITION).address
    gift = c_usdc.functions.transfer(adapter, units)

    send(world.web3, gift, world.market.actors.maker)

    assert units_of(world) == units
    assert said <= amounts_of(world)[0] <= said + 10_000, "interest of a block"


def test_redeem__underlying_lies_in_the_adapter__is_not_paid_out(lending):
    world = lending.world
    tokens.give(
        world.web3,
        world.asset,
        world.adapter(POSITION).address,
        5 * USDC,
        sender=world.curator,
    )

    paid, _ = withdraw_all(world)

    assert SUPPLIED - 1 <= paid[0] <= SUPPLIED + 10_000
    assert tokens.balance_of(world.asset, world.adapter(POSITION).address) == 5 * USDC


@pytest.mark.parametrize("change", ["rates", "reserves", "comptroller"])
def test_parameters__changed_by_the_admin__orders_refused_and_exits_not(
    lending, change
):
    world = lending.world
    listed = ask(world, "parameters")

    change_parameter(lending, change)

    numbers = {"market": market_hex(lending.c_usdc.address), "listed": listed}
    with reverts("ParametersChanged", **numbers):
        lend(world, USDC)
    with reverts("ParametersChanged", **numbers):
        withdraw_all(world)
    redeem_in_kind(world, shares_of(world, world.alice) // 2)
    assert tokens.balance_of(world.asset, world.alice) >= 30_000 * USDC - 2
    if change != "comptroller":
        assert leave(world, 40_000 * USDC) == 40_000 * USDC


def change_parameter(case: Case, change: str) -> None:
    world, c_usdc = case.world, case.c_usdc
    other = compound_v2.deploy_compound_v2(world.web3, sender=world.curator)
    function = {
        "rates": c_usdc.functions._setInterestRateModel(other.rates.address),
        "reserves": c_usdc.functions._setReserveFactor(WAD // 5),
        "comptroller": c_usdc.functions._setComptroller(other.comptroller.address),
    }[change]
    send(world.web3, function, world.curator)


def test_draw__withdrawal_beyond_idle__takes_c_tokens(lending):
    world, c_usdc = lending.world, lending.c_usdc
    units = units_of(world)

    assert leave(world, 80_000 * USDC) == 80_000 * USDC

    taken = units - units_of(world)
    rate_wad = call(c_usdc.functions.exchangeRateStored())
    drawn = 20_000 * USDC - SEED  # beyond 60,000 that lay idle
    assert (taken - 1) * rate_wad < drawn * WAD <= taken * rate_wad, "rounded up"
    balance = call(c_usdc.functions.balanceOf(world.adapter(POSITION).address))
    assert balance == units_of(world)
