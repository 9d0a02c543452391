# SPDX-License-Identifier: MIT
"""Leaving by price a vault that holds real positions: lending is drawn to the unit."""

import pytest
from exits import (
    IN_SAVINGS,
    INTEREST,
    idle_of,
    leave,
    pause_aave,
    shares_of,
)
from slices import (
    gained,
    index_ray,
    purse,
)
from support import (
    AAVE,
    ETH,
    LOW,
    SAVINGS,
    USDC,
    World,
    book,
    events,
    net_assets,
    reverts,
    units_of,
)

from steelyard.chain.transactions import call, send
from steelyard.demo import tokens
from steelyard.lending import RAY, scaled_of_assets


def test_withdraw__within_idle__draws_nothing(invested):
    held = [units_of(invested, i) for i in (AAVE, SAVINGS)]

    leave(invested, "withdraw", idle_of(invested))

    assert [units_of(invested, i) for i in (AAVE, SAVINGS)] == held
    assert idle_of(invested) == 0


@pytest.mark.parametrize("beyond", [1, 4_000 * USDC, 9_999 * USDC])
def test_withdraw__beyond_idle__draws_aave_first_and_pays_to_the_unit(invested, beyond):
    world, before, idle = invested, purse(invested, invested.alice), idle_of(invested)
    scaled, shares = units_of(world, AAVE), units_of(world, SAVINGS)

    receipt = leave(world, "withdraw", idle + beyond)

    index = index_ray(world, receipt["blockNumber"])
    assert gained(world, world.alice, before)["USDC"] == idle + beyond
    assert scaled - units_of(world, AAVE) == scaled_of_assets(beyond, index)
    assert units_of(world, SAVINGS) == shares
    assert idle_of(world) == 0


def test_withdraw__beyond_aave__draws_all_of_it_then_savings(invested):
    world, before, idle = invested, purse(invested, invested.alice), idle_of(invested)
    scaled, shares = units_of(world, AAVE), units_of(world, SAVINGS)

    receipt = leave(world, "withdraw", idle + 15_000 * USDC)

    (event,) = events(receipt, world.vault, "Withdraw")
    assert event["assets"] == idle + 15_000 * USDC
    assert gained(world, world.alice, before)["USDC"] == idle + 15_000 * USDC
    in_aave = scaled * index_ray(world, receipt["blockNumber"]) // RAY
    assert units_of(world, AAVE) <= 1, "a unit that no whole asset could be drawn for"
    assert shares - units_of(world, SAVINGS) == 15_000 * USDC - in_aave
    assert idle_of(world) == 0


def test_redeem__beyond_idle__pays_what_was_previewed(invested):
    world, before = invested, purse(invested, invested.alice)
    view, shares, alice = world.vault.functions, 70_000 * USDC * 10**6, world.alice
    preview = call(view.previewRedeem(shares))
    assert call(view.redeem(shares, alice, alice), sender=alice) == preview

    receipt = leave(world, "redeem", shares)

    (event,) = events(receipt, world.vault, "Withdraw")
    assert event["assets"] == gained(world, world.alice, before)["USDC"]
    assert preview <= event["assets"] <= preview + INTEREST
    assert preview > 65_000 * USDC


def test_max__lending_binds__exactly_what_can_leave(invested):
    world, view = invested, invested.vault.functions
    alice = world.alice
    in_aave, in_savings = (book(world)["position_assets"][i] for i in (AAVE, SAVINGS))

    most = call(view.maxWithdraw(alice))
    shares = call(view.maxRedeem(alice))

    assert most == idle_of(world) + in_aave + in_savings < net_assets(world)[LOW]
    assert call(view.withdraw(most, alice, alice), sender=alice) > 0
    with reverts("ERC4626ExceededMaxWithdraw", assets=most + 1, max=most):
        call(view.withdraw(most + 1, alice, alice), sender=alice)
    assert most - 1 <= call(view.redeem(shares, alice, alice), sender=alice) <= most
    with reverts("ERC4626ExceededMaxRedeem", shares=shares + 1, max=shares):
        call(view.redeem(shares + 1, alice, alice), sender=alice)
    leave(world, "withdraw", most)
    assert call(view.maxWithdraw(alice)) <= INTEREST


def test_max__balance_binds__all_of_it_though_it_must_be_drawn(invested):
    world, view = invested, invested.vault.functions
    leave(world, "withdraw", idle_of(world))
    send(world.web3, view.transfer(world.bob, 10**10 * 10**6), world.alice)
    held = shares_of(world, world.bob)

    assert call(view.maxRedeem(world.bob)) == held
    most = call(view.maxWithdraw(world.bob))
    assert most == call(view.previewRedeem(held))
    redeem = view.redeem(held, world.bob, world.bob)
    assert call(redeem, sender=world.bob) == most
    send(world.web3, redeem, world.bob)
    assert shares_of(world, world.bob) == 0


def test_max__aave_lent_out__counts_the_cash_that_is_there(invested):
    world, a_token = invested, invested.market_address(AAVE)
    borrow_all_but(world, 3_000 * USDC)

    most = call(world.vault.functions.maxWithdraw(world.alice))

    assert tokens.balance_of(world.asset, a_token) == 3_000 * USDC
    assert most == idle_of(world) + 3_000 * USDC + IN_SAVINGS
    leave(world, "withdraw", most)
    assert tokens.balance_of(world.asset, a_token) == 0


def borrow_all_but(world: World, left: int) -> None:
    """The borrower takes the reserve's cash; his collateral is ETH."""
    pool, borrower = world.market.aave.pool, world.market.actors.borrower
    cash = tokens.balance_of(world.asset, world.market_address(AAVE))
    amount = cash - left
    eth = world.token("ETH")
    collateral = 3 * amount * ETH // (2_000 * USDC)
    tokens.give(world.web3, eth, borrower, collateral, sender=world.curator)
    tokens.approve(world.web3, eth, pool.address, sender=borrower)
    supply_ = pool.functions.supply(eth.address, collateral, borrower, 0)
    send(world.web3, supply_, borrower)
    borrow = pool.functions.borrow(world.asset.address, amount, 2, 0, borrower)
    send(world.web3, borrow, borrower)


def test_max__aave_paused__counts_without_it(invested):
    world, view, alice = invested, invested.vault.functions, invested.alice
    pause_aave(world, True)

    most, shares = call(view.maxWithdraw(alice)), call(view.maxRedeem(alice))

    assert most == idle_of(world) + IN_SAVINGS
    assert most - 1 <= call(view.redeem(shares, alice, alice), sender=alice) <= most
    with reverts("ERC4626ExceededMaxRedeem", max=shares):
        call(view.redeem(shares + 1, alice, alice), sender=alice)
    with reverts("ERC4626ExceededMaxWithdraw", max=most):
        leave(world, "withdraw", most + 1)
    leave(world, "withdraw", most)
    assert call(view.maxWithdraw(alice)) == 0
