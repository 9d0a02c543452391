# SPDX-License-Identifier: MIT
"""What a vault that lends promises, whatever the protocol; its test file says
`class TestLending(LendingCases)` and has a fixture `lending`.

`lending` is a case of one position that has lent, in a market of which three fifths are
lent out. It has `world`, `protocol`, `borrow_the_rest(left)`, `lend_more()` and
`illiquid`: the error of a market that cannot pay.
"""

from typing import Any

import pytest
from protocol_cases import (
    POSITION,
    SEED,
    amounts_of,
    ask,
    leave,
    market_bytes,
    prices_e36,
    redeem_in_kind,
    shares_of,
    slice_of,
    units_of,
)
from support import UINT_MAX, USDC, World, rebalance, reverts, supply, withdraw

from steelyard.chain.transactions import call, send
from steelyard.demo import tokens

LENT = 1_000_000 * USDC  # by others
BORROWED = 600_000 * USDC
SUPPLIED = 40_000 * USDC  # by the vault


def lend(world: World, amount: int = SUPPLIED) -> Any:
    return rebalance(world, supplies=[supply(world, POSITION, {"USDC": amount})])


class LendingCases:
    def test_withdraw__part__units_go_and_the_rest_stays(self, lending):
        world = lending.world
        units, said = units_of(world), amounts_of(world)[0]

        rebalance(world, withdraws=[withdraw(world, POSITION, units // 4)])

        assert units_of(world) == units - units // 4
        assert amounts_of(world)[0] == pytest.approx(said * 3 / 4, rel=1e-6)
        with reverts("LiquidityNotHeld", units=units, held=units - units // 4):
            rebalance(world, withdraws=[withdraw(world, POSITION, units)])

    def test_drawable__all_lent_out_but_a_little__tells_the_little(self, lending):
        world = lending.world
        everything = ask(world, "drawable")
        lending.borrow_the_rest(left=1_000 * USDC)

        little = ask(world, "drawable")

        assert SUPPLIED - 1 <= everything <= SUPPLIED + 10_000
        assert little == 1_000 * USDC
        assert (
            call(world.vault.functions.maxWithdraw(world.alice)) == 61_000 * USDC + SEED
        )
        assert leave(world, 61_000 * USDC + SEED) == 61_000 * USDC + SEED
        assert ask(world, "drawable") == 0

    def test_redeem_in_kind__liquid_market__slice_is_paid(self, lending):
        world = lending.world
        units, shares = units_of(world), shares_of(world, world.alice)
        slice_ = slice_of(world, units, shares // 2)

        receipt = redeem_in_kind(world, shares // 2)

        paid = tokens.balance_of(world.asset, world.alice)
        assert units_of(world) == units - slice_
        assert 50_000 * USDC - 2 <= paid <= 50_000 * USDC + 10_000, "half, and interest"
        assert receipt["gasUsed"] < 500_000

    def test_redeem_in_kind__all_lent_out__set_aside_and_claimed_later(self, lending):
        world = lending.world
        lending.borrow_the_rest()
        units, shares = units_of(world), shares_of(world, world.alice)
        slice_ = slice_of(world, units, shares // 2)
        said = amounts_of(world)[0]

        redeem_in_kind(world, shares // 2)

        idle_half = tokens.balance_of(world.asset, world.alice)
        assert 0 <= idle_half - 30_000 * USDC <= SEED
        assert ask(world, "claimOf", 0, 0, world.alice) == slice_
        assert units_of(world) == units - slice_
        assert amounts_of(world)[0] == pytest.approx(said / 2, rel=1e-5), (
            "claims left out"
        )

        claim = world.adapter(POSITION).functions.claim(
            market_bytes(world), 0, 0, world.alice
        )
        with reverts(**lending.illiquid):
            send(world.web3, claim, world.bob)
        lending.lend_more()
        send(world.web3, claim, world.bob)

        claimed = tokens.balance_of(world.asset, world.alice) - idle_half
        assert claimed == pytest.approx(said / 2, rel=1e-5)
        with reverts("NothingToClaim"):
            send(world.web3, claim, world.bob)

    def test_adapter__called_by_anyone_else__refused(self, lending):
        world = lending.world
        adapter = world.adapter(POSITION)

        with reverts("NotVault", caller=world.bob, vault=world.vault.address):
            steal = adapter.functions.withdraw(market_bytes(world), 0, 0, UINT_MAX)
            send(world.web3, steal, world.bob)
        assert call(adapter.functions.protocol()) == lending.protocol
        assert ask(world, "deviationWad", prices_e36(world)) == 0
