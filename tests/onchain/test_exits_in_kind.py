# SPDX-License-Identifier: MIT
"""Leaving in kind: a slice of every token and every real position, to the unit."""

import pytest
from exits import (
    pause_aave,
    redeem_in_kind,
    shares_of,
)
from slices import (
    Slice,
    aave_slice,
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
    SAVINGS,
    TOKENS,
    USDC,
    V2,
    V3,
    World,
    book,
    config_rows,
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

from steelyard.chain.transactions import call, send
from steelyard.demo import clock, tokens
from steelyard.lending import RAY

DAY = 86_400


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

    aave = aave_slice(share, scaled, index_ray(world, receipt["blockNumber"]))
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
    token = double(world, "HostileToken", 18)
    config = config_rows(world)
    config[TOKENS].append([token.address, *config[TOKENS][1][1:]])
    submit(world, config)
    send(world.web3, token.functions.mint(world.vault.address, 7 * ETH), world.curator)
    return world, token


def bar(world: World, token, who: str, listed: bool = True) -> None:
    send(world.web3, token.functions.setBlocked(who, listed), world.curator)


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
    with reverts("Blocked", account=world.alice):
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
