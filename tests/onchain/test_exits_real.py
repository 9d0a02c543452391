# SPDX-License-Identifier: MIT
"""Leaving a vault that holds positions in the real protocols, paid to the unit."""

import pytest
from slices import (
    Slice,
    gained,
    idle_slices,
    index_ray,
    purse,
    savings_slice,
    slice_of,
    total,
    v2_slice,
    v3_slice,
)
from support import (
    AAVE,
    BTC_POOL,
    ETH,
    LOW,
    SAVINGS,
    TOKENS,
    USDC,
    V2,
    V3,
    World,
    book,
    config_rows,
    deposit,
    double,
    events,
    exit_events,
    net_assets,
    rebalance,
    reverts,
    set_price,
    submit,
    supply,
    swap,
    trade_back_and_forth,
    units_of,
    v3_ticks,
    withdraw,
)
from web3.types import TxReceipt

from steelyard.chain.transactions import call, send
from steelyard.demo import clock, tokens
from steelyard.lending import RAY, scaled_of_assets

DAY = 86_400
IN_SAVINGS = 10_000 * USDC  # of the invested vault
INTEREST = 1_000  # raw USDC that Aave pays on as much in 200 s


def leave(world: World, name: str, amount: int) -> TxReceipt:
    """Alice withdraws assets or redeems shares."""
    move = world.vault.functions[name](amount, world.alice, world.alice)
    return send(world.web3, move, world.alice)


def redeem_in_kind(world: World, shares: int, skip: int = 0) -> TxReceipt:
    view = world.vault.functions
    exit_ = view.redeemInKind(shares, world.alice, world.alice, skip)
    return send(world.web3, exit_, world.alice)


def shares_of(world: World, who: str) -> int:
    return int(call(world.vault.functions.balanceOf(who)))


def idle_of(world: World) -> int:
    return tokens.balance_of(world.asset, world.vault.address)


def pause_aave(world: World, paused: bool) -> None:
    set_ = world.market.aave.configurator.functions.setReservePause
    send(world.web3, set_(world.asset.address, paused), world.curator)


# drawing lending positions


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


# in kind


@pytest.fixture
def laden(invested: World) -> World:
    """The vault with ETH and BTC in it too, and uncollected fees of two V3 ranges."""
    world = invested
    rebalance(world, swaps=[swap(world, BTC_POOL, "USDC", "BTC", 8_000 * USDC)])
    some = {"USDC": 1_000 * USDC, "ETH": ETH // 2}
    near = supply(world, V3, some, ticks=v3_ticks(world, 600))
    rebalance(world, supplies=[near])
    trade_back_and_forth(world, 1, 500_000)
    trade_back_and_forth(world, 0, 500_000)
    return world


@pytest.mark.parametrize("part", [2, 3, 7_777])
def test_redeem_in_kind__everything_works__slice_of_each_to_the_unit(laden, part):
    world, before = laden, purse(laden, laden.alice)
    shares = shares_of(world, world.alice) // part
    share = slice_of(world, shares)
    others = [
        idle_slices(world, share),
        v2_slice(world, share),
        v3_slice(world, share),
        savings_slice(world, share),
    ]
    scaled = units_of(world, AAVE)

    receipt = redeem_in_kind(world, shares)

    aave = {"USDC": share.of(scaled) * index_ray(world, receipt["blockNumber"]) // RAY}
    paid = gained(world, world.alice, before)
    assert paid == total(*others, aave)
    assert min(paid.values()) > 0
    for amounts in (*others, aave):
        assert amounts["USDC"] > 0
    (event,) = exit_events(world, receipt, "RedeemedInKind")
    assert (event["owner"], event["shares"]) == (world.alice, shares)
    assert exit_events(world, receipt, "TokenSetAside") == []
    assert exit_events(world, receipt, "SliceSetAside") == []


def test_redeem_in_kind__those_who_stay__keep_their_units_and_more(laden):
    world = laden
    held = [units_of(world, i) for i in (V2, V3, AAVE, SAVINGS)]
    shares = shares_of(world, world.alice) // 3
    share = slice_of(world, shares)
    price = call(world.vault.functions.sharePriceWad())

    redeem_in_kind(world, shares)

    left = [units_of(world, i) for i in (V2, V3, AAVE, SAVINGS)]
    spared = [
        now - (then - share.of(then)) for now, then in zip(left, held, strict=True)
    ]
    assert spared[0] == spared[2] == spared[3] == 0
    assert 0 <= spared[1] <= 1, "two ranges, each rounded down"
    assert call(world.vault.functions.sharePriceWad()) >= price
    supply_ = call(world.vault.functions.totalSupply())
    assert supply_ == share.whole - 10**6 - shares


def test_redeem_in_kind__to_another_with_an_allowance__he_is_paid(laden):
    world, before = laden, purse(laden, laden.bob)
    view, shares = laden.vault.functions, 10**9 * 10**6
    share = slice_of(world, shares)
    exit_ = view.redeemInKind(shares, world.bob, world.alice, 0)
    with reverts("ERC20InsufficientAllowance", spender=world.bob, needed=shares):
        send(world.web3, exit_, world.bob)

    send(world.web3, view.approve(world.bob, shares), world.alice)
    send(world.web3, exit_, world.bob)

    assert gained(world, world.bob, before)["BTC"] == idle_share_of_btc(world, share)
    assert call(view.allowance(world.alice, world.bob)) == 0


def idle_share_of_btc(world: World, share: Slice) -> int:
    """Of what was there before the slice left: held is what remains of it."""
    held = tokens.balance_of(world.token("BTC"), world.vault.address)
    before = held * share.whole // (share.whole - share.part)
    return next(
        share.of(b) for b in range(before - 2, before + 3) if b - share.of(b) == held
    )


def test_redeem_in_kind__more_shares_than_held__refused(laden):
    held = shares_of(laden, laden.alice)

    with reverts("ERC20InsufficientBalance", balance=held, needed=held + 1):
        redeem_in_kind(laden, held + 1)


def test_redeem_in_kind__position_and_token_skipped__stay_with_the_others(laden):
    world, before = laden, purse(laden, laden.alice)
    shares = shares_of(world, world.alice) // 2
    held, eth = (
        units_of(world, V3),
        tokens.balance_of(world.token("ETH"), world.vault.address),
    )
    btc = tokens.balance_of(world.token("BTC"), world.vault.address)
    share = slice_of(world, shares)
    pair_eth = v2_slice(world, share)["ETH"]

    redeem_in_kind(world, shares, skip=1 << V3 | 1 << 128 + 2)

    assert units_of(world, V3) == held
    assert tokens.balance_of(world.token("BTC"), world.vault.address) == btc
    assert gained(world, world.alice, before)["BTC"] == 0
    assert gained(world, world.alice, before)["ETH"] == pair_eth + share.of(eth)


@pytest.mark.parametrize("gas", [600_000, 900_000, 1_100_000])
def test_redeem_in_kind__sent_with_little_gas__nothing_is_set_aside_by_it(laden, gas):
    view, alice = laden.vault.functions, laden.alice
    shares = shares_of(laden, alice)

    with reverts("GasTooLow"):
        exit_ = view.redeemInKind(shares, alice, alice, 0)
        send(laden.web3, exit_, alice, gas=gas)

    assert shares_of(laden, alice) == shares


def test_redeem_in_kind__price_falls__units_stay_the_same(laden):
    world, shares = laden, 10**9 * 10**6
    share = slice_of(world, shares)
    expected = [part(world, share)["ETH"] for part in (idle_slices, v2_slice, v3_slice)]
    set_price(world, "ETH", 1_000)
    before = purse(world, world.alice)

    redeem_in_kind(world, shares)

    assert gained(world, world.alice, before)["ETH"] == sum(expected)


# what cannot be paid now


def test_redeem_in_kind__aave_paused__its_slice_becomes_a_claim_in_units(laden):
    world, before = laden, purse(laden, laden.alice)
    shares = shares_of(world, world.alice) // 2
    share, scaled = slice_of(world, shares), units_of(world, AAVE)
    expected = total(
        idle_slices(world, share),
        v2_slice(world, share),
        v3_slice(world, share),
        savings_slice(world, share),
    )
    pause_aave(world, True)

    receipt = redeem_in_kind(world, shares)

    adapter, market = world.adapter(AAVE), world.market_hex(AAVE)
    units = share.of(scaled)
    assert gained(world, world.alice, before) == expected
    (aside,) = exit_events(world, receipt, "SliceSetAside")
    assert (aside["adapter"], aside["account"]) == (adapter.address, world.alice)
    (reserved,) = events(receipt, adapter, "Reserved")
    assert (reserved["account"], reserved["units"]) == (world.alice, units)
    assert call(adapter.functions.claimOf(market, 0, 0, world.alice)) == units
    assert units_of(world, AAVE) == scaled - units
    index = index_ray(world, receipt["blockNumber"])
    in_books = call(
        world.system.lens.functions.book(world.vault.address),
        block=receipt["blockNumber"],
    )[2][AAVE]
    assert in_books == [(scaled - units) * index // RAY]


def test_claim__aave_open_again__pays_with_interest_once(laden):
    world = laden
    shares = shares_of(world, world.alice) // 2
    share, scaled = slice_of(world, shares), units_of(world, AAVE)
    units = share.of(scaled)
    pause_aave(world, True)
    redeem_in_kind(world, shares)
    adapter, market = world.adapter(AAVE), world.market_hex(AAVE)
    claim = adapter.functions.claim(market, 0, 0, world.alice)
    with reverts("Error", reason="29"):  # RESERVE_PAUSED
        send(world.web3, claim, world.bob)
    then = units * index_ray(world) // RAY
    clock.time_travel(world.web3, 30 * DAY)
    pause_aave(world, False)
    before, kept = purse(world, world.alice), units_of(world, AAVE)

    receipt = send(world.web3, claim, world.bob)

    paid = gained(world, world.alice, before)["USDC"]
    assert paid == units * index_ray(world, receipt["blockNumber"]) // RAY
    assert paid > then + then // 1000
    assert units_of(world, AAVE) == kept, "the vault's own units are not touched"
    (event,) = events(receipt, adapter, "Claimed")
    assert (event["account"], event["units"]) == (world.alice, units)
    with reverts(
        "NothingToClaim", item=int.from_bytes(bytes.fromhex(market[2:]), "big")
    ):
        send(world.web3, claim, world.bob)


def test_order__claims_outstanding__cannot_reach_what_is_set_aside(laden):
    world = laden
    shares = shares_of(world, world.alice) // 2
    pause_aave(world, True)
    redeem_in_kind(world, shares)
    pause_aave(world, False)
    adapter, market = world.adapter(AAVE), world.market_hex(AAVE)
    claimed = call(adapter.functions.claimOf(market, 0, 0, world.alice))

    rebalance(world, withdraws=[withdraw(world, AAVE)])

    left = balance_in_aave(world)
    assert units_of(world, AAVE) <= 1
    assert left >= claimed
    send(world.web3, adapter.functions.claim(market, 0, 0, world.alice), world.bob)
    assert balance_in_aave(world) <= 2


def balance_in_aave(world: World) -> int:
    """Scaled aTokens of the adapter, its vault's and the claimants'."""
    a_token = world.web3.eth.contract(
        address=world.market_address(AAVE),
        abi=[
            {
                "type": "function",
                "name": "scaledBalanceOf",
                "stateMutability": "view",
                "inputs": [{"name": "user", "type": "address"}],
                "outputs": [{"name": "", "type": "uint256"}],
            }
        ],
    )
    return int(call(a_token.functions.scaledBalanceOf(world.adapter(AAVE).address)))


BLACK = 3  # the blacklist token's place in the configuration


@pytest.fixture
def blacklisting(world: World) -> tuple[World, object]:
    """The world with one more token, of which the vault holds seven."""
    token = double(world, "BlacklistToken", 18)
    config = config_rows(world)
    config[TOKENS].append([token.address, *config[TOKENS][1][1:]])
    submit(world, config)
    send(world.web3, token.functions.mint(world.vault.address, 7 * ETH), world.curator)
    return world, token


def bar(world: World, token, who: str, listed: bool = True) -> None:
    send(world.web3, token.functions.setBlacklisted(who, listed), world.curator)


def test_redeem_in_kind__receiver_blacklisted__claim_on_that_token_alone(blacklisting):
    world, token = blacklisting
    bar(world, token, world.alice)
    before, idle = purse(world, world.alice), 100_000 * USDC
    shares = shares_of(world, world.alice) // 2
    share = slice_of(world, shares)

    receipt = redeem_in_kind(world, shares)

    owed = share.of(7 * ETH)
    assert gained(world, world.alice, before)["USDC"] == share.of(idle)
    (aside,) = exit_events(world, receipt, "TokenSetAside")
    assert aside == {"token": token.address, "account": world.alice, "amount": owed}
    view = world.vault.functions
    assert call(view.claims(token.address, world.alice)) == [owed, owed]
    assert call(view.excluded()) == (0, [0, 0, 0, owed])
    assert book(world)["inventory"][BLACK] == 7 * ETH - owed
    assert tokens.balance_of(token, world.vault.address) == 7 * ETH


def test_claim__token__paid_to_him_once_he_may_have_it(blacklisting):
    world, token = blacklisting
    bar(world, token, world.alice)
    shares = shares_of(world, world.alice) // 2
    owed = slice_of(world, shares).of(7 * ETH)
    redeem_in_kind(world, shares)
    nav = net_assets(world)
    claim = world.vault.functions.claim(token.address, world.alice)
    with reverts("Blacklisted", account=world.alice):
        send(world.web3, claim, world.bob)
    bar(world, token, world.alice, False)

    receipt = send(world.web3, claim, world.bob)

    assert tokens.balance_of(token, world.alice) == owed
    assert exit_events(world, receipt, "TokenClaimed") == [
        {"token": token.address, "account": world.alice, "amount": owed}
    ]
    assert net_assets(world) == nav, "it had left the books before"
    numbers = {"item": int(token.address, 16), "account": world.alice}
    with reverts("NothingToClaim", **numbers):
        send(world.web3, claim, world.bob)


def test_redeem_in_kind__vault_blacklisted__both_wait_for_their_part(blacklisting):
    world, token = blacklisting
    view = world.vault.functions
    shares = shares_of(world, world.alice) // 4
    send(world.web3, view.transfer(world.bob, shares), world.alice)
    bar(world, token, world.vault.address)
    first = slice_of(world, shares).of(7 * ETH)
    redeem_in_kind(world, shares)

    second = slice_of(world, shares).of(7 * ETH - first)
    leave_ = view.redeemInKind(shares, world.bob, world.bob, 0)
    send(world.web3, leave_, world.bob)

    claims = [call(view.claims(token.address, w)) for w in (world.alice, world.bob)]
    assert claims == [[first, first + second], [second, first + second]]
    bar(world, token, world.vault.address, False)
    for who, owed in ((world.alice, first), (world.bob, second)):
        send(world.web3, view.claim(token.address, who), world.relayer)
        assert tokens.balance_of(token, who) == owed
    assert call(view.excluded()) == (0, [0, 0, 0, 0])


# the queue


@pytest.fixture
def queued(invested: World) -> World:
    """Alice has asked for 90,000 USDC's worth; 74,000 can be paid, 10,000 are bob's."""
    world = invested
    deposit(world, world.bob, 10_000 * USDC)
    ask(world, world.alice, 90_000 * USDC * 10**6)
    return world


def ask(world: World, who: str, shares: int) -> TxReceipt:
    queue = world.system.queue
    send(world.web3, world.vault.functions.approve(queue.address, shares), who)
    return send(world.web3, queue.functions.request(shares), who)


def fill(world: World, entries: int = 10) -> TxReceipt:
    return send(world.web3, world.system.queue.functions.fill(entries), world.relayer)


def test_queue__waiting__others_take_out_only_what_it_leaves(queued):
    world, view = queued, queued.vault.functions
    queue = world.system.queue.address
    found = book(world)
    liquid = found["inventory"][0] + sum(
        found["position_assets"][i] for i in (AAVE, SAVINGS)
    )
    nav_low = net_assets(world)[LOW]

    own = call(view.previewRedeem(shares_of(world, queue)))

    assert 84_000 * USDC < liquid < own < nav_low
    assert call(view.maxWithdraw(world.bob)) == 0
    assert call(view.maxWithdraw(queue)) == liquid
    with reverts("ERC4626ExceededMaxWithdraw", max=0):
        send(world.web3, view.withdraw(1, world.bob, world.bob), world.bob)


def test_queue__filled_by_anyone__draws_all_lending_and_pays_in_part(queued):
    world, queue = queued, queued.system.queue
    before = tokens.balance_of(world.asset, queue.address)

    receipt = fill(world)

    (event,) = events(receipt, queue, "Filled")
    (paid,) = events(receipt, world.vault, "Withdraw")
    assert (event["shares"], event["assets"]) == (paid["shares"], paid["assets"])
    assert tokens.balance_of(world.asset, queue.address) - before == event["assets"]
    assert event["assets"] > 83_900 * USDC
    assert units_of(world, AAVE) <= 1
    owner, waiting, assets, _ = call(queue.functions.requests(0))
    assert owner == world.alice
    assert waiting == 90_000 * USDC * 10**6 - event["shares"]
    assert assets == event["assets"]
    assert call(queue.functions.bounds()) == [0, 1]


def test_queue__pool_position_unwound_by_an_order__the_rest_is_filled(queued):
    world, queue = queued, queued.system.queue
    first = events(fill(world), queue, "Filled")[0]["assets"]
    rebalance(world, withdraws=[withdraw(world, V2)])

    receipt = fill(world)

    (event,) = events(receipt, queue, "Filled")
    assert call(queue.functions.requests(0))[1] == 0
    assert call(queue.functions.bounds()) == [1, 1]
    assert call(queue.functions.waitingSince()) == 0
    before = purse(world, world.alice)
    claim = queue.functions.claim(0, world.alice)
    (claimed,) = events(send(world.web3, claim, world.alice), queue, "Claimed")
    assert gained(world, world.alice, before)["USDC"] == first + event["assets"]
    assert claimed["assets"] == first + event["assets"]
    worth = 90_000 * USDC * (100 - 1) // 100
    assert first + event["assets"] > worth, "low prices and the swap have cost 1 %"


def test_queue__aave_paused__filled_from_the_rest_and_later_from_aave(queued):
    world, queue = queued, queued.system.queue
    in_aave = book(world)["position_assets"][AAVE]
    pause_aave(world, True)
    (without,) = events(fill(world), queue, "Filled")
    pause_aave(world, False)

    (event,) = events(fill(world), queue, "Filled")

    assert 73_900 * USDC < without["assets"] < 74_100 * USDC
    assert event["assets"] == pytest.approx(in_aave, abs=INTEREST)


def test_queue__waited_too_long__order_may_not_sink_what_it_is_owed(queued):
    world = queued
    buy = swap(world, 0, "USDC", "ETH", 1_000 * USDC)
    rebalance(world, swaps=[buy])
    clock.time_travel(world.web3, 3 * DAY + 10)

    with reverts("QueueStarved"):
        rebalance(world, swaps=[buy])
    sell = swap(world, 0, "ETH", "USDC", ETH // 4)
    rebalance(world, swaps=[sell])
    lend = supply(world, SAVINGS, {"USDC": 1_000 * USDC})
    rebalance(world, supplies=[lend])
    fill(world)
    assert rebalance(world)["status"] == 1


def test_queue__cancelled__shares_come_back_and_exits_open_again(queued):
    world, queue, view = queued, queued.system.queue, queued.vault.functions
    with reverts("NotRequestOwner", id=0, owner=world.alice, caller=world.bob):
        send(world.web3, queue.functions.cancel(0), world.bob)

    receipt = send(world.web3, queue.functions.cancel(0), world.alice)

    (event,) = events(receipt, queue, "Cancelled")
    assert event == {"id": 0, "shares": 90_000 * USDC * 10**6}
    held = shares_of(world, world.bob)
    assert call(view.maxRedeem(world.bob)) == held
    assert call(queue.functions.fill(1), sender=world.bob) == [0, 0]


def test_queue__least_request__smaller_refused(invested):
    world, queue = invested, invested.system.queue
    least = world.system.spec.least_queue_shares
    assert call(queue.functions.leastShares()) == least

    with reverts("RequestTooSmall", shares=least - 1, leastShares=least):
        ask(world, world.alice, least - 1)
    (event,) = events(ask(world, world.alice, least), queue, "Requested")
    assert event == {"id": 0, "owner": world.alice, "shares": least}
