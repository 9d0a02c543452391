# SPDX-License-Identifier: MIT
"""Shares: what they cost, what they pay, and that those who stay never lose by it."""

from collections.abc import Iterator

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.core import (
    given,
)  # Brownie's own takes snapshots that collide with ours
from models import is_zero_for_one, v2_model
from support import (
    ETH,
    SAVINGS,
    USDC,
    V2,
    V2_POOL,
    World,
    book,
    buy_eth,
    events,
    net_assets,
    order_events,
    rebalance,
    reverts,
    supply,
    swap,
)
from web3 import Web3
from worlds import new_world, pair_world

from steelyard.amm.constant_product import amount_out
from steelyard.chain.transactions import call, send
from steelyard.demo import clock, feeds, tokens
from steelyard.order import UINT_MAX
from steelyard.wad import WAD

DECIMALS = [(6, 18), (8, 6), (18, 8), (18, 18)]  # of the asset, of the token
VIRTUAL = 10**6
ZERO = "0x" + "00" * 20
NOBODY = Web3.to_checksum_address("0x" + "dead".rjust(40, "0"))  # owns the seed


@pytest.fixture(scope="module", params=DECIMALS, ids=str)
def pair_vault(request, web3: Web3, strategist: LocalAccount) -> World:
    """A vault of a seed over one v2 pair; alice and bob hold a million assets each."""
    return with_purses(pair_world(web3, strategist, *request.param))


@pytest.fixture
def pair(pair_vault: World) -> Iterator[World]:
    taken = clock.snapshot(pair_vault.web3)
    yield pair_vault
    clock.revert(pair_vault.web3, taken)


@pytest.fixture(scope="module")
def mixed_vault(pair_vault: World, strategist: LocalAccount) -> World:
    """Another vault there: asset, token and LP, 100,000 of alice's assets in all."""
    other = pair_vault.system.spec
    world = new_world(pair_vault.web3, pair_vault.market, other, strategist)
    with_purses(world)
    move(world, "deposit", 100_000 * unit(world), world.alice)
    buy_token(world, 40_000)
    half = {"USDC": 25_000 * unit(world), "ETH": 10 * token_unit(world)}
    rebalance(world, supplies=[supply(world, V2, half)])
    return world


@pytest.fixture
def mixed(mixed_vault: World) -> Iterator[World]:
    taken = clock.snapshot(mixed_vault.web3)
    yield mixed_vault
    clock.revert(mixed_vault.web3, taken)


def with_purses(world: World) -> World:
    for who in (world.alice, world.bob):
        amount = 10**6 * unit(world)
        tokens.give(world.web3, world.asset, who, amount, sender=world.curator)
        tokens.approve(world.web3, world.asset, world.vault.address, sender=who)
    return world


def unit(world: World) -> int:
    return int(10 ** world.market.spec.tokens[0].decimals)


def seed(world: World) -> int:
    return max(1, unit(world) // 1000)


def token_unit(world: World) -> int:
    return int(10 ** world.market.spec.tokens[1].decimals)


def buy_token(world: World, assets: int) -> None:
    item = swap(world, V2_POOL, "USDC", "ETH", assets * unit(world))
    rebalance(world, swaps=[item])


def move(world: World, name: str, amount: int, who: str) -> int:
    """Deposits, mints, withdraws or redeems for oneself; what the vault returned."""
    owner = (who,) if name in ("deposit", "mint") else (who, who)
    function = world.vault.functions[name](amount, *owner)
    returned = int(call(function, sender=who))
    send(world.web3, function, who)
    return returned


def shares_of(world: World, who: str) -> int:
    return int(call(world.vault.functions.balanceOf(who)))


def assets_of(world: World, who: str) -> int:
    return tokens.balance_of(world.asset, who)


def price_parts(world: World) -> tuple[int, int]:
    """Middle assets and shares, virtual ones included: their quotient is the price."""
    return net_assets(world)[1] + 1, call(world.vault.functions.totalSupply()) + VIRTUAL


def test_submit__first__seed_is_nobodys(pair):
    view = pair.vault.functions

    assert shares_of(pair, NOBODY) == seed(pair) * VIRTUAL
    assert call(view.totalSupply()) == seed(pair) * VIRTUAL
    assert assets_of(pair, pair.vault.address) == seed(pair)
    assert net_assets(pair) == (seed(pair),) * 3
    assert call(view.sharePriceWad()) == WAD


def test_deposit__seeded_vault__one_share_for_one_asset(pair):
    paid = 1_000 * unit(pair)

    receipt = send(pair.web3, pair.vault.functions.deposit(paid, pair.bob), pair.alice)

    assert shares_of(pair, pair.bob) == paid * VIRTUAL
    assert call(pair.vault.functions.totalAssets()) == paid + seed(pair)
    assert call(pair.vault.functions.sharePriceWad()) == WAD
    assert events(receipt, pair.vault, "Deposit") == [
        {
            "sender": pair.alice,
            "owner": pair.bob,
            "assets": paid,
            "shares": paid * VIRTUAL,
        }
    ]
    assert events(receipt, pair.vault, "Transfer") == [
        {"from": ZERO, "to": pair.bob, "value": paid * VIRTUAL}
    ]


def test_vault__units__asset_decimals_and_six_more(pair):
    view = pair.vault.functions

    assert call(view.decimals()) == pair.market.spec.tokens[0].decimals + 6
    assert call(view.asset()) == pair.asset.address
    assert call(view.name()) == "Pair"
    assert call(view.symbol()) == "PAIR"


@pytest.mark.parametrize("name", ["deposit", "mint", "withdraw", "redeem"])
def test_preview__equals_the_move_in_the_same_block(mixed, name):
    who = mixed.alice
    shares = name in ("mint", "redeem")
    amount = 12_345_678 * unit(mixed) // 1000 * (VIRTUAL if shares else 1) + 1
    preview = call(mixed.vault.functions[f"preview{name.capitalize()}"](amount))

    moved = move(mixed, name, amount, who)

    assert moved == preview > 0


def test_deposit__pays_exactly_and_mints_what_was_previewed(mixed):
    paid, before = 777 * unit(mixed) + 1, assets_of(mixed, mixed.bob)

    minted = move(mixed, "deposit", paid, mixed.bob)

    assert shares_of(mixed, mixed.bob) == minted
    assert before - assets_of(mixed, mixed.bob) == paid


def test_withdraw__to_another_receiver__event_and_balances(mixed):
    out, before = 777 * unit(mixed) + 1, assets_of(mixed, mixed.bob)
    held = shares_of(mixed, mixed.alice)

    receipt = send(
        mixed.web3,
        mixed.vault.functions.withdraw(out, mixed.bob, mixed.alice),
        mixed.alice,
    )

    burnt = held - shares_of(mixed, mixed.alice)
    assert assets_of(mixed, mixed.bob) - before == out
    assert events(receipt, mixed.vault, "Withdraw") == [
        {
            "sender": mixed.alice,
            "receiver": mixed.bob,
            "owner": mixed.alice,
            "assets": out,
            "shares": burnt,
        }
    ]


def test_redeem__someone_elses_shares__only_with_an_allowance(mixed):
    redeem = mixed.vault.functions.redeem(VIRTUAL, mixed.bob, mixed.alice)
    with reverts("ERC20InsufficientAllowance", spender=mixed.bob, needed=VIRTUAL):
        send(mixed.web3, redeem, mixed.bob)

    approve = mixed.vault.functions.approve(mixed.bob, VIRTUAL)
    receipt = send(mixed.web3, approve, mixed.alice)
    send(mixed.web3, redeem, mixed.bob)

    assert events(receipt, mixed.vault, "Approval") == [
        {"owner": mixed.alice, "spender": mixed.bob, "value": VIRTUAL}
    ]
    assert call(mixed.vault.functions.allowance(mixed.alice, mixed.bob)) == 0


def test_deposit__too_small_for_a_share__refused(mixed):
    with reverts("DepositTooSmall", assets=0):
        move(mixed, "deposit", 0, mixed.bob)


def test_deposit__a_million_times_the_seed_donated__too_small(pair):
    gift = (seed(pair) + 1) * 10**6
    tokens.give(pair.web3, pair.asset, pair.vault.address, gift, sender=pair.curator)

    with reverts("DepositTooSmall", assets=1):
        move(pair, "deposit", 1, pair.bob)


def test_max__idle_binds__exactly_what_can_leave(mixed):
    view, idle = mixed.vault.functions, assets_of(mixed, mixed.vault.address)
    most = call(view.maxWithdraw(mixed.alice))
    assert most == idle < net_assets(mixed)[0]

    with reverts("ERC4626ExceededMaxWithdraw", assets=idle + 1, max=idle):
        move(mixed, "withdraw", idle + 1, mixed.alice)
    move(mixed, "withdraw", idle, mixed.alice)

    assert assets_of(mixed, mixed.vault.address) == 0
    assert call(view.maxWithdraw(mixed.alice)) == 0
    assert call(view.maxRedeem(mixed.alice)) == 0


def test_max_redeem__idle_binds__pays_no_more_than_idle(mixed):
    view, idle = mixed.vault.functions, assets_of(mixed, mixed.vault.address)
    most = call(view.maxRedeem(mixed.alice))
    assert most < shares_of(mixed, mixed.alice)

    with reverts("ERC4626ExceededMaxRedeem", shares=most + 1, max=most):
        move(mixed, "redeem", most + 1, mixed.alice)
    paid = move(mixed, "redeem", most, mixed.alice)

    assert idle - 1 <= paid <= idle


def test_max__balance_binds__all_of_it(mixed):
    move(mixed, "deposit", 100 * unit(mixed), mixed.bob)
    held = shares_of(mixed, mixed.bob)
    view = mixed.vault.functions

    assert call(view.maxRedeem(mixed.bob)) == held
    assert call(view.maxWithdraw(mixed.bob)) == call(view.previewRedeem(held))
    move(mixed, "redeem", held, mixed.bob)
    assert shares_of(mixed, mixed.bob) == 0


def test_max__deposits__no_limit_and_none_held(mixed):
    view = mixed.vault.functions

    assert call(view.maxDeposit(mixed.bob)) == UINT_MAX
    assert call(view.maxMint(mixed.bob)) == UINT_MAX
    assert call(view.maxRedeem(mixed.bob)) == 0
    assert call(view.maxWithdraw(mixed.bob)) == 0


def test_convert__middle_between_the_two_previews(mixed):
    view, shares = mixed.vault.functions, 1_000 * unit(mixed) * VIRTUAL

    worth = call(view.convertToAssets(shares))

    assert call(view.previewRedeem(shares)) < worth < call(view.previewMint(shares))
    assert call(view.convertToShares(worth)) == pytest.approx(shares, rel=1e-5)


@pytest.mark.parametrize("assets", [1, 333, 10**6, 10**9 + 1])
def test_round_trip__uncertain_tokens_held__loses_the_uncertainty(mixed, assets):
    before = assets_of(mixed, mixed.bob)
    shares = move(mixed, "deposit", assets, mixed.bob)

    paid = move(mixed, "redeem", shares, mixed.bob)

    assert paid <= assets
    assert assets_of(mixed, mixed.bob) <= before
    if assets > 10**5:
        low, middle, high = net_assets(mixed)
        assert low < middle < high
        assert paid == pytest.approx(assets * low / high, rel=1e-3)


def test_round_trip__mint_then_withdraw__never_profits(mixed):
    shares = 12_345 * unit(mixed) * VIRTUAL + 1
    paid = move(mixed, "mint", shares, mixed.bob)

    most = call(mixed.vault.functions.maxWithdraw(mixed.bob))

    assert most < paid
    move(mixed, "withdraw", most, mixed.bob)
    assert shares_of(mixed, mixed.bob) >= 0


def test_deposit__token_rises__newcomers_pay_for_it(mixed):
    feed = mixed.market.feeds["ETH"]
    before = move(mixed, "deposit", 1_000 * unit(mixed), mixed.bob)
    feeds.push_answer(
        mixed.web3, feed, 3_000 * 10**8, mixed.now(), sender=mixed.curator
    )

    after = move(mixed, "deposit", 1_000 * unit(mixed), mixed.bob)

    assert after < before * 95 // 100


steps = st.lists(
    st.tuples(
        st.sampled_from(["deposit", "mint", "withdraw", "redeem"]),
        st.integers(1, 10**9),
        st.booleans(),
    ),
    min_size=4,
    max_size=6,
)


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # undone below
)
@given(steps=steps)
def test_invariant__no_move_lowers_the_share_price(mixed, steps):
    taken = clock.snapshot(mixed.web3)
    spent = 0
    for name, size, by_alice in steps:
        who = mixed.alice if by_alice else mixed.bob
        assets, shares = price_parts(mixed)
        purse = assets_of(mixed, who)

        move(mixed, name, allowed_size(mixed, name, size, who), who)

        assets_after, shares_after = price_parts(mixed)
        assert assets_after * shares >= assets * shares_after
        spent += 0 if by_alice else purse - assets_of(mixed, who)
    worth = call(mixed.vault.functions.previewRedeem(shares_of(mixed, mixed.bob)))
    assert worth <= spent, "bob came with no share and gained nothing"
    clock.revert(mixed.web3, taken)


def allowed_size(world: World, name: str, size: int, who: str) -> int:
    """At most what may leave; of what comes in, about 0.00001 to 10,000 assets."""
    amount = size * unit(world) // 10**5 + 1
    if name in ("mint", "redeem"):
        amount *= VIRTUAL
    if name in ("deposit", "mint"):
        return amount
    return min(amount, call(world.vault.functions[f"max{name.capitalize()}"](who)))


def test_donation__belongs_to_the_shareholders(mixed):
    before, gift = price_parts(mixed), 10_000 * unit(mixed)
    worth = call(mixed.vault.functions.convertToAssets(shares_of(mixed, mixed.alice)))

    give = mixed.asset.functions.transfer(mixed.vault.address, gift)
    send(mixed.web3, give, mixed.bob)

    view = mixed.vault.functions
    assert price_parts(mixed)[0] == before[0] + gift
    gained = call(view.convertToAssets(shares_of(mixed, mixed.alice))) - worth
    assert gained == pytest.approx(gift, rel=1e-6)
    assert gained <= gift


@pytest.mark.parametrize("first", [1, 1_000, 10**6])
@pytest.mark.parametrize("gift", [10**3, 10**6, 10**9])
def test_inflation_attack__attacker_loses_more_than_the_victim(pair, first, gift):
    paid = 1_000 * unit(pair)
    move(pair, "deposit", first, pair.bob)
    give = pair.asset.functions.transfer(pair.vault.address, gift * unit(pair) // 10**4)
    purse = assets_of(pair, pair.bob)
    send(pair.web3, give, pair.bob)
    donated = purse - assets_of(pair, pair.bob)

    move(pair, "deposit", paid, pair.alice)

    view = pair.vault.functions
    worth = {
        who: call(view.previewRedeem(shares_of(pair, who)))
        for who in (pair.alice, pair.bob)
    }
    attacker_loss = first + donated - worth[pair.bob]
    victim_loss = paid - worth[pair.alice]
    assert victim_loss <= paid // 1000 + 2
    assert attacker_loss >= 100 * victim_loss - 200


def test_swap__decimals_of_both_tokens__paid_as_the_pair_quotes(mixed):
    sold, symbols = token_unit(mixed) * 3 // 2, ["ETH", "USDC"]
    curve = v2_model(mixed.market.pairs[0].contract)
    expected = amount_out(curve, sold, is_zero_for_one(mixed, symbols))

    receipt = rebalance(mixed, swaps=[swap(mixed, V2_POOL, *symbols, sold, expected)])

    (event,) = order_events(mixed, receipt, "Swapped")
    assert event["amountOut"] == expected
    assert event["oracleAmountOut"] == 3_000 * unit(mixed)
    assert expected == pytest.approx(3_000 * unit(mixed), rel=0.01)


def test_supply__decimals_of_both_tokens__worth_what_went_in(mixed):
    (lp,) = book(mixed)["position_assets"]

    assert lp == pytest.approx(40_000 * unit(mixed), rel=0.02)


def test_previews__all_protocols__equal_the_moves(world):
    buy_eth(world)
    rebalance(
        world,
        supplies=[
            supply(world, V2, {"USDC": 6_000 * USDC, "ETH": 3 * ETH}),
            supply(world, SAVINGS, {"USDC": 10_000 * USDC}),
        ],
    )
    tokens.approve(world.web3, world.asset, world.vault.address, sender=world.bob)
    preview = call(world.vault.functions.previewDeposit(1_000 * USDC))

    minted = move(world, "deposit", 1_000 * USDC, world.bob)

    assert minted == preview == shares_of(world, world.bob)
