# SPDX-License-Identifier: MIT
"""The published protocols do what their papers say, on Anvil and on Ganache."""

import random
import socket
from collections.abc import Iterator
from fractions import Fraction
from math import exp
from pathlib import Path

import pytest
from web3 import Web3

from steelyard.chain.artifacts import link, own_artifact, package_artifact
from steelyard.chain.connection import connect
from steelyard.chain.errors import (
    ContractReverted,
    MissingArtifact,
    RpcTimeout,
    RpcUnreachable,
    TransactionRefused,
    UnknownLibrary,
    UnlinkedLibrary,
    WrongChainId,
)
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo import (
    aave_v3,
    clock,
    erc4626,
    feeds,
    tokens,
    traders,
    uniswap_v2,
    uniswap_v3,
)
from steelyard.demo.aave_v3_deploy import POOL as AAVE_POOL
from steelyard.demo.errors import InvalidMarket, LocalNodeFailed, LocalNodeMissing
from steelyard.demo.market_spec import TokenSpec, default_market
from steelyard.demo.node import LocalNode, local_account, local_node
from steelyard.demo.node_command import CHAIN_IDS
from steelyard.demo.protocols import (
    Market,
    Pair,
    Pool,
    deploy_market,
    feed_prices_e8,
    push_prices,
)

pytestmark = pytest.mark.node

START = 1_583_971_200  # 2020-03-12
YEAR_SECONDS = 365 * 86400
RAY = 10**27
PAIR_CODE_HASH = "96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f"
POOL_CODE_HASH = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"


@pytest.fixture(scope="module")
def node() -> Iterator[LocalNode]:
    with local_node("anvil", timestamp=START) as running:
        yield running


@pytest.fixture(scope="module")
def open_market(node: LocalNode) -> Market:
    history = {"WETH": [(1_900 * 10**8, START - 86400), (1_950 * 10**8, START - 60)]}
    return deploy_market(node.web3, default_market(), history=history)


@pytest.fixture
def market(node: LocalNode, open_market: Market) -> Iterator[Market]:
    taken = clock.snapshot(node.web3)
    yield open_market
    clock.revert(node.web3, taken)


def spot(market: Market, venue: Pair | Pool, token_a: str, token_b: str) -> Fraction:
    """Whole `token_b` per whole `token_a`, from the pool alone."""
    symbol_0, _ = traders.sorted_symbols(market, venue)
    if isinstance(venue, Pair):
        raw = Fraction(*reversed(uniswap_v2.reserves(venue.contract)))
    else:
        raw = Fraction(uniswap_v3.slot0(venue.contract)[0] ** 2, 2**192)
    if symbol_0 != token_a:
        raw = 1 / raw
    decimals = {t.symbol: t.decimals for t in market.spec.tokens}
    return raw * Fraction(10 ** decimals[token_a], 10 ** decimals[token_b])


def compounded(rate_ray: int, seconds: int) -> float:
    """Growth of a debt, in the integers of Aave's MathUtils, which round down.

    The cubic term vanishes at everyday rates: a year at 3% ends 4.5e-6 below exp.
    """
    square_ray = _ray_mul(rate_ray, rate_ray) // YEAR_SECONDS**2
    cube_ray = _ray_mul(square_ray, rate_ray) // YEAR_SECONDS
    pairs = seconds * (seconds - 1) * square_ray // 2
    triples = seconds * (seconds - 1) * (seconds - 2) * cube_ray // 6
    return (RAY + rate_ray * seconds // YEAR_SECONDS + pairs + triples) / RAY


def _ray_mul(a: int, b: int) -> int:
    return (a * b + RAY // 2) // RAY


def venues(market: Market) -> list[Pair | Pool]:
    return [*market.pairs, *market.pools]


def code_hash(path: str) -> str:
    return Web3.keccak(hexstr=package_artifact(path).bytecode).hex()


def test_artifacts__pair_and_pool__are_mainnets_bytecode() -> None:
    hashes = (code_hash(uniswap_v2.PAIR), code_hash(uniswap_v3.POOL))

    assert hashes == (PAIR_CODE_HASH, POOL_CODE_HASH)


def test_uniswap_v2__swap__pays_constant_product_to_the_wei(
    node: LocalNode, market: Market
) -> None:
    usdc, weth = market.tokens["USDC"], market.tokens["WETH"]
    reserve = dict(
        zip(
            traders.sorted_symbols(market, market.pairs[0]),
            uniswap_v2.reserves(market.pairs[0].contract),
            strict=True,
        )
    )
    paid = 12_345 * 10**6
    expected = paid * 997 * reserve["WETH"] // (reserve["USDC"] * 1000 + paid * 997)
    quoted = uniswap_v2.quote_exact_in(market.v2, [usdc.address, weth.address], paid)

    got = uniswap_v2.swap_exact_in(
        node.web3, market.v2, (usdc, weth), paid, sender=market.actors.trader
    )

    assert got == expected == quoted


@pytest.mark.parametrize("paid_usd", [10_000, 3_000_000])
def test_uniswap_v3__swap__equals_quote(
    node: LocalNode, market: Market, paid_usd: int
) -> None:
    usdc, wbtc = market.tokens["USDC"], market.tokens["WBTC"]
    paid = paid_usd * 10**6
    quoted, crossed = uniswap_v3.quote_exact_in(
        market.v3, usdc.address, wbtc.address, 3000, paid
    )

    got = uniswap_v3.swap_exact_in(
        node.web3, market.v3, usdc, wbtc, 3000, paid, sender=market.actors.trader
    )

    assert got == quoted > 0
    assert (crossed > 0) == (paid_usd > 1_000_000)


def test_uniswap_v3__ranges__are_usable_and_wide_enough() -> None:
    assert uniswap_v3.ticks_around(-7, 600, 60) == (-660, 600)
    assert uniswap_v3.ticks_around(0, 600, 60) == (-600, 600)
    assert uniswap_v3.ticks_around(5, None, 200) == (-887200, 887200)


def test_market__pools__open_at_the_feeds_prices(market: Market) -> None:
    prices = feed_prices_e8(market)

    for venue in venues(market):
        ends = (venue.spec.token_a, venue.spec.token_b)
        fair = Fraction(prices[ends[0]], prices[ends[1]])

        assert abs(spot(market, venue, *ends) / fair - 1) < Fraction(1, 10**6)


def test_aave__one_year__pays_the_curves_rates(node: LocalNode, market: Market) -> None:
    assert market.aave is not None
    web3, usdc, maker = node.web3, market.tokens["USDC"], market.actors.maker
    held, owed = aave_v3.reserve_tokens(market.aave, usdc.address)
    a_token, debt = (
        web3.eth.contract(address=address, abi=usdc.abi) for address in (held, owed)
    )
    lent_before = tokens.balance_of(a_token, maker)
    owed_before = tokens.balance_of(debt, market.actors.borrower)
    supply_ray, borrow_ray = aave_v3.rates_ray(market.aave, usdc.address)
    last = call(market.aave.pool.functions.getReserveData(usdc.address))[6]

    now = clock.travel_to(web3, last + YEAR_SECONDS)

    years = (now - last) / YEAR_SECONDS
    lent = tokens.balance_of(a_token, maker) / lent_before
    grown = tokens.balance_of(debt, market.actors.borrower) / owed_before
    assert borrow_ray / RAY == pytest.approx(0.04 * 0.6 / 0.8, rel=1e-4)
    assert supply_ray / RAY == pytest.approx(0.03 * 0.6 * 0.9, rel=1e-4)
    assert lent == pytest.approx(1 + supply_ray / RAY * years, rel=1e-6)
    assert grown == pytest.approx(compounded(borrow_ray, now - last), rel=1e-9)
    assert grown == pytest.approx(exp(borrow_ray / RAY * years), rel=1e-5)


def test_aave__repay_and_withdraw__return_the_tokens(
    node: LocalNode, market: Market
) -> None:
    assert market.aave is not None
    link, weth = market.tokens["LINK"], market.tokens["WETH"]
    trader, amount = market.actors.trader, 10**18
    aave_v3.supply(node.web3, market.aave, weth, 5 * amount, sender=trader)
    before = tokens.balance_of(weth, trader)

    aave_v3.borrow(node.web3, market.aave, weth.address, amount, sender=trader)
    aave_v3.repay(node.web3, market.aave, weth, 2 * amount, sender=trader)
    aave_v3.withdraw(node.web3, market.aave, weth.address, 3 * amount, sender=trader)

    assert 3 * amount - 10**12 < tokens.balance_of(weth, trader) - before <= 3 * amount
    with pytest.raises(ContractReverted):
        aave_v3.borrow(node.web3, market.aave, link.address, amount, sender=trader)


def test_savings__interest_paid__raises_every_share(
    node: LocalNode, market: Market
) -> None:
    assert market.savings is not None
    vault, asset = market.savings, market.asset
    shares = tokens.balance_of(vault, market.actors.maker)

    paid = erc4626.pay_interest(
        node.web3, vault, asset, 5 * 10**16, 73 * 86400, sender=market.actors.deployer
    )

    assert paid == 50_000 * 10**6  # 5% of 5 million for a fifth of a year
    worth = call(vault.functions.convertToAssets(shares))
    assert 5_050_000 * 10**6 - 2 <= worth <= 5_050_000 * 10**6


def test_feed__history_and_push__are_rounds_in_order(
    node: LocalNode, market: Market
) -> None:
    feed, link = market.feeds["WETH"], market.feeds["LINK"]

    push_prices(node.web3, market, {"WETH": 2_100 * 10**8}, START + 10**6)

    answers = [call(feed.functions.getRoundData(i))[1] for i in (1, 2, 3, 4)]
    assert answers == [price * 10**8 for price in (1_900, 1_950, 2_000, 2_100)]
    assert call(feed.functions.latestRoundData())[3] == START + 10**6
    assert call(link.functions.latestAnswer()) == 15 * 10**8


@pytest.mark.parametrize("round_id", [0, 4])
def test_feed__round_not_written__reverts(market: Market, round_id: int) -> None:
    with pytest.raises(ContractReverted) as caught:
        call(market.feeds["WETH"].functions.getRoundData(round_id))

    assert caught.value.name == "RoundUnknown"
    assert caught.value.arguments == {"roundId": round_id, "lastRoundId": 3}


def test_feed__bad_rounds__revert(node: LocalNode, market: Market) -> None:
    owner, feed = market.actors.deployer, market.feeds["WETH"]
    push = feed.functions.push
    cases = [
        (push([1], []), owner, "LengthsDiffer"),
        (push([1], [START - 10]), owner, "RoundOutOfOrder"),
        (push([1 << 191], [START + 10**6]), owner, "SafeCastOverflowedIntDowncast"),
        (push([1], [START + 10**6]), market.actors.maker, "OwnableUnauthorizedAccount"),
    ]

    for function, sender, name in cases:
        with pytest.raises(ContractReverted) as caught:
            send(node.web3, function, sender)

        assert caught.value.name == name


def test_feed__push__emits_answer_updated(node: LocalNode, market: Market) -> None:
    feed = market.feeds["LINK"]

    receipt = send(
        node.web3, feed.functions.push([7], [START + 10**6]), market.actors.deployer
    )

    [event] = feed.events.AnswerUpdated().process_receipt(receipt)
    assert dict(event["args"]) == {
        "current": 7,
        "roundId": 2,
        "updatedAt": START + 10**6,
    }


def test_push_rounds__more_than_one_batch__all_arrive(node: LocalNode) -> None:
    sender = node.accounts[0]
    feed = feeds.deploy_feed(node.web3, "TEST / USD", sender=sender)
    rounds = [(1_000 + i, i) for i in range(feeds.ROUNDS_PER_TRANSACTION + 1)]

    feeds.push_rounds(node.web3, feed, rounds, sender=sender)

    last = call(feed.functions.latestRoundData())
    assert (last[0], last[1]) == (len(rounds), rounds[-1][0])


def test_arbitrage__new_prices__every_spot_follows(
    node: LocalNode, market: Market
) -> None:
    prices = feed_prices_e8(market)
    moved = {**prices, "WETH": prices["WETH"] * 6 // 5, "LINK": prices["LINK"] // 2}

    trades = traders.arbitrage(node.web3, market, moved)

    assert {trade.pool for trade in trades} >= {"v2:USDC/WETH", "v3:USDC/WETH:500"}
    for venue in venues(market):
        ends = (venue.spec.token_a, venue.spec.token_b)
        fair = Fraction(moved[ends[0]], moved[ends[1]])
        assert abs(spot(market, venue, *ends) / fair - 1) < Fraction(1, 10**6)


def test_arbitrage__within_fee__stops_at_the_fee(
    node: LocalNode, market: Market
) -> None:
    prices = feed_prices_e8(market)
    moved = {**prices, "WETH": prices["WETH"] * 6 // 5}
    inside = {**prices, "WETH": prices["WETH"] * 1002 // 1000}

    quiet = traders.arbitrage(node.web3, market, inside, within_fee=True)
    traders.arbitrage(node.web3, market, moved, within_fee=True)

    assert [trade.pool for trade in quiet] == ["v3:USDC/WETH:500"]
    gap = spot(market, market.pairs[0], "WETH", "USDC") / 2_400
    assert gap == pytest.approx(Fraction(997, 1000), rel=1e-4)


def test_noise_trades__random_directions__leave_fees_in_the_pools(
    node: LocalNode, market: Market
) -> None:
    pair = market.pairs[0].contract
    before = uniswap_v2.reserves(pair)

    trades = traders.noise_trades(node.web3, market, random.Random(1), 3_000_000)

    after = uniswap_v2.reserves(pair)
    assert len(trades) == 2 * len(venues(market))
    assert all(trade.amount_in > 0 < trade.amount_out for trade in trades)
    assert after[0] * after[1] > before[0] * before[1]


def test_send__local_account__signs_and_explains_reverts(
    node: LocalNode, market: Market
) -> None:
    signer = local_account(4)
    token = market.tokens["USDC"]
    send(node.web3, token.functions.mint(signer.address, 5), signer)
    overdraw = token.functions.transfer(node.accounts[0], 6)

    with pytest.raises(ContractReverted) as estimated:
        send(node.web3, overdraw, signer)
    with pytest.raises(ContractReverted) as mined:
        send(node.web3, overdraw, signer, gas=10**5)

    assert tokens.balance_of(token, signer.address) == 5
    for caught in (estimated, mined):
        assert caught.value.name == "ERC20InsufficientBalance"
        assert caught.value.arguments["needed"] == 6


def test_send__account_without_ether__is_refused(
    node: LocalNode, market: Market
) -> None:
    poor = local_account(60)

    with pytest.raises(TransactionRefused, match=r"(?i)insufficient funds"):
        send(node.web3, market.tokens["USDC"].functions.mint(poor.address, 1), poor)


def test_send__too_little_gas__names_it(node: LocalNode, market: Market) -> None:
    function = market.tokens["USDC"].functions.mint(node.accounts[0], 1)

    with pytest.raises(ContractReverted) as caught:
        send(node.web3, function, node.accounts[0], gas=25_000)

    assert caught.value.name == "OutOfGas"


def test_deploy__reason_string__is_decoded(node: LocalNode, market: Market) -> None:
    same = node.accounts[0]

    with pytest.raises(ContractReverted) as caught:
        send(node.web3, market.v2.factory.functions.createPair(same, same), same)

    assert caught.value.arguments == {"reason": "UniswapV2: IDENTICAL_ADDRESSES"}


def test_deploy__unlinked_pool__is_not_sent(node: LocalNode) -> None:
    pool = package_artifact(f"{AAVE_POOL}Pool.sol/Pool.json")

    with pytest.raises(UnlinkedLibrary, match="Pool needs the address of library"):
        deploy(node.web3, pool, node.accounts[0], sender=node.accounts[0])


def test_artifacts__not_there_or_not_used__are_named() -> None:
    pool = package_artifact(f"{AAVE_POOL}Pool.sol/Pool.json")

    with pytest.raises(MissingArtifact, match=r"Nothing\.json: run `make build`"):
        own_artifact("Nothing")
    with pytest.raises(UnknownLibrary, match="Pool does not use library Nothing"):
        link(pool, {"Nothing": "0x" + "11" * 20})


def test_local_node__program_missing__tells_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_ROOT", str(tmp_path))

    for kind in CHAIN_IDS:
        with pytest.raises(LocalNodeMissing, match="make setup"), local_node(kind):
            pytest.fail("a node without a program has started")


@pytest.mark.parametrize(
    ("symbols", "decimals", "price_e8", "named"),
    [
        ((), 18, 1, "tokens"),
        (("A", "A"), 18, 1, "tokens"),
        (("A",), 19, 1, "A decimals"),
        (("A",), 18, 0, "A price_e8"),
        (("WETH",), 6, 1, "WETH decimals"),
    ],
)
def test_default_market__impossible_token__is_named(
    symbols: tuple[str, ...], decimals: int, price_e8: int, named: str
) -> None:
    listed = [
        TokenSpec(symbol=symbol, decimals=decimals, price_e8=price_e8)
        for symbol in symbols
    ]

    with pytest.raises(InvalidMarket, match=named):
        default_market(listed)


def test_connect__wrong_chain__names_both(node: LocalNode) -> None:
    with pytest.raises(WrongChainId, match=r"on chain 31337, expected 1$"):
        connect(node.rpc_url, expected_chain_id=1)


def test_connect__nobody_there__hides_the_key() -> None:
    with pytest.raises(RpcUnreachable) as caught:
        connect("http://127.0.0.1:9/v3/secret", expected_chain_id=None)

    assert "http://127.0.0.1:9:" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_connect__silent_host__times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(RpcTimeout, match=r"no answer in 0\.2 s"):
            connect(url, expected_chain_id=None, timeout_seconds=0.2)


@pytest.mark.usefixtures("market")
def test_clock__travel_and_revert__restore_the_chain(node: LocalNode) -> None:
    start = node.web3.eth.get_block("latest")["timestamp"]
    taken = clock.snapshot(node.web3)

    later = clock.time_travel(node.web3, 86400)
    clock.revert(node.web3, taken)

    assert 86400 <= later - start < 86400 + 60
    assert clock.mine(node.web3) - start < 60
    with pytest.raises(LocalNodeFailed, match="expected"):
        clock.travel_to(node.web3, START - 1)
    with pytest.raises(LocalNodeFailed, match="is not known"):
        clock.revert(node.web3, "0xffff")


def test_ganache__whole_market__opens_and_trades() -> None:
    with local_node("ganache", timestamp=START) as running:
        market = deploy_market(running.web3, default_market())
        prices = {**feed_prices_e8(market), "WETH": 2_200 * 10**8}

        traders.arbitrage(running.web3, market, prices)

        assert running.chain_id == 1337
        for venue in (venues(market)[0], venues(market)[4]):
            gap = spot(market, venue, "WETH", "USDC") / 2_200 - 1
            assert abs(gap) < Fraction(1, 10**6)
        with pytest.raises(ContractReverted) as caught:
            push_prices(running.web3, market, {"WETH": 1}, START - 1)
        assert caught.value.name == "RoundOutOfOrder"
