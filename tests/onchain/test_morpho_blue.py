# SPDX-License-Identifier: MIT
"""A vault that lends on the real Morpho Blue."""

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
    reverts,
)

from steelyard.chain.spec import HubSpec, PositionSpec
from steelyard.chain.transactions import send
from steelyard.demo import clock, morpho_blue, tokens
from steelyard.demo.morpho_blue import MorphoBlue, Params
from steelyard.wad import WAD

YEAR_SECONDS = 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class Case:
    """A vault with one position, in a market of which three fifths are lent out and a
    tenth of the interest is Morpho's."""

    protocol: ClassVar = "morpho-blue"
    illiquid: ClassVar = {"error": "Error", "reason": "insufficient liquidity"}

    world: World
    blue: MorphoBlue
    params: Params
    market: str

    def totals(self) -> tuple[int, ...]:
        return morpho_blue.totals(self.blue, self.market)

    def borrow_the_rest(self, left: int = 0) -> None:
        """Somebody borrows all but `left` of what the market still has."""
        web3, who = self.world.web3, self.world.market.actors.borrower
        supplied, _, borrowed, *_ = self.totals()
        amounts = (1_000 * ETH, supplied - borrowed - left)
        eth = self.world.token("ETH")
        morpho_blue.borrow(web3, self.blue, self.params, eth, amounts, sender=who)

    def lend_more(self) -> None:
        """Somebody else lends, so that the market can pay again."""
        web3, maker = self.world.web3, self.world.market.actors.maker
        usdc = self.world.asset
        morpho_blue.lend(web3, self.blue, self.params, usdc, LENT, sender=maker)


@pytest.fixture(scope="module")
def shared(web3, strategist) -> Case:
    market = token_market(web3, "USDC", "ETH")
    who = market.actors
    blue = morpho_blue.deploy_morpho_blue(
        web3, price_e36=2_000 * 10 ** (36 + 6 - 18), sender=who.deployer
    )
    usdc, eth = market.tokens["USDC"], market.tokens["ETH"]
    params = morpho_blue.create_market(web3, blue, usdc, eth, sender=who.deployer)
    send(web3, blue.morpho.functions.setFee(params, WAD // 10), who.deployer)
    morpho_blue.lend(web3, blue, params, usdc, LENT, sender=who.maker)
    both = (1_000 * ETH, BORROWED)
    morpho_blue.borrow(web3, blue, params, eth, both, sender=who.borrower)
    market_id = morpho_blue.market_id(params)
    world = vault_world(
        web3,
        market,
        strategist,
        positions=[PositionSpec(protocol="morpho-blue", market=market_id)],
        hubs=[HubSpec(protocol="morpho-blue", address=blue.morpho.address)],
    )
    return Case(world=world, blue=blue, params=params, market=market_id)


@pytest.fixture
def case(shared: Case) -> Iterator[Case]:
    with undone(shared.world):
        yield shared


@pytest.fixture
def lending(case: Case) -> Case:
    """The case once the vault has lent."""
    lend(case.world)
    return case


def set_fee(case: Case, fee_wad: int) -> None:
    function = case.blue.morpho.functions.setFee(case.params, fee_wad)
    send(case.world.web3, function, case.world.curator)


class TestLending(LendingCases):
    """What lending promises, on this protocol."""


def test_supply__order__shares_and_amount_appear(case):
    receipt = lend(case.world)

    (event,) = order_events(case.world, receipt, "Supplied")
    assert event["units"] == units_of(case.world) > 0
    assert event["amounts"] == [SUPPLIED]
    assert SUPPLIED - 1 <= amounts_of(case.world)[0] <= SUPPLIED + 1
    assert nothing_left(case.world, POSITION, case.blue.morpho.address)


def test_amount__three_months_later__is_what_the_withdrawal_pays(lending):
    world = lending.world
    clock.time_travel(world.web3, 90 * 86_400)
    said = amounts_of(world)[0]

    paid, receipt = withdraw_all(world)

    before, after = order_navs(world, receipt)
    rate = 600 / 1_040 * 600 / 1_040 * 90 / 365 * 0.9
    assert before == after, "what the books said is what came, to the unit"
    assert said <= paid[0] <= said + said * 2 // 10**7, "of a block or two later"
    assert paid[0] / SUPPLIED - 1 == pytest.approx(rate, rel=0.1)
    assert units_of(world) == 0
    assert amounts_of(world) == [0]


def test_supply__of_others_on_behalf_of_the_adapter__not_counted(lending):
    world = lending.world
    units, said = units_of(world), amounts_of(world)[0]
    usdc, maker = world.asset, world.market.actors.maker
    tokens.approve(world.web3, usdc, lending.blue.morpho.address, sender=maker)
    gift = lending.blue.morpho.functions.supply(
        lending.params, SUPPLIED, 0, world.adapter(POSITION).address, b""
    )

    send(world.web3, gift, maker)

    assert units_of(world) == units
    assert said <= amounts_of(world)[0] <= said + 10_000, "interest of a block"


def test_parameters__market_fee_changed__orders_refused_and_exits_not(lending):
    world = lending.world
    listed = ask(world, "parameters")

    set_fee(lending, WAD // 5)

    numbers = {"market": lending.market, "listed": listed}
    with reverts("ParametersChanged", **numbers):
        lend(world, USDC)
    with reverts("ParametersChanged", **numbers):
        withdraw_all(world)
    assert leave(world, 70_000 * USDC) == 70_000 * USDC
    redeem_in_kind(world, shares_of(world, world.alice) // 2)
    assert tokens.balance_of(world.asset, world.alice) > 70_000 * USDC


def test_draw__withdrawal_beyond_idle__takes_shares_rounded_up(lending):
    world = lending.world
    units = units_of(world)

    leave(world, 80_000 * USDC)

    supplied, shares, *_ = lending.totals()
    taken = units - units_of(world)
    drawn = 20_000 * USDC - SEED  # beyond 60,000 that lay idle
    assert (taken - 1) * (supplied + 1) < drawn * (shares + 10**6)
    assert taken * (supplied + 1) >= drawn * (shares + 10**6)


def test_drawable__tokens_are_out_on_a_flash_loan__tells_what_is_there(lending):
    world, morpho = lending.world, lending.blue.morpho.address
    usdc = world.asset
    left = 300 * USDC
    out = usdc.functions.transfer(world.bob, tokens.balance_of(usdc, morpho) - left)
    make_request = world.web3.provider.make_request
    make_request("anvil_impersonateAccount", [morpho])
    make_request("anvil_setBalance", [morpho, hex(10**18)])

    send(world.web3, out, morpho)
    make_request("anvil_stopImpersonatingAccount", [morpho])

    assert ask(world, "drawable") == left
    assert amounts_of(world)[0] >= SUPPLIED - 1, "lent out is not lost"


def test_amount__bad_debt__falls_on_the_position(lending):
    world, blue = lending.world, lending.blue
    who = world.market.actors
    said = amounts_of(world)[0]
    crash = blue.oracle.functions.setPrice(100 * 10 ** (36 + 6 - 18))
    send(world.web3, crash, who.deployer)
    tokens.approve(world.web3, world.asset, blue.morpho.address, sender=who.trader)

    seize = blue.morpho.functions.liquidate(
        lending.params, who.borrower, 1_000 * ETH, 0, b""
    )
    send(world.web3, seize, who.trader)

    # 1,000 ETH fetch less than 100,000 of 600,000 that are owed to 1,040,000
    assert amounts_of(world)[0] < said - said * 500 // 1_040
