# SPDX-License-Identifier: MIT
"""Shares of real Curve and Balancer pools against the value formulas.

The pools trade at random; then their prices, put into the formulas, give back their
balances, and what leaves with a share is what the formulas say.
"""

import random

import pytest
from web3 import Web3
from web3.contract import Contract

from steelyard.amm.holding import StableHolding, WeightedHolding, amounts, value
from steelyard.amm.stable_value import stable_invariant
from steelyard.amm.weighted_value import weighted_invariant
from steelyard.chain.transactions import call, send
from steelyard.demo import balancer_v2, clock, curve, tokens

DECIMALS = (6, 18, 8, 18)
CASES = 10
ROUNDING = 1e-9  # relative
EXIT_PROPORTIONAL = 1
SHARE = 7  # a seventh leaves
WEIGHTS = (0.4, 0.3, 0.2, 0.1)


@pytest.fixture(scope="module")
def who(web3: Web3) -> str:
    return web3.eth.accounts[0]


@pytest.fixture(scope="module")
def coins(web3: Web3, who: str) -> list[Contract]:
    made = []
    for place, decimals in enumerate(DECIMALS):
        coin = tokens.deploy_token(web3, f"C{place}", decimals, sender=who)
        tokens.give(web3, coin, who, 10 ** (12 + decimals), sender=who)
        made.append(coin)
    return made


@pytest.fixture(scope="module")
def shared_curve(web3: Web3, who: str, coins: list[Contract]) -> Contract:
    factory = curve.deploy_curve(web3, sender=who)
    each = [10 ** (6 + d) for d in DECIMALS]
    return curve.create_pool(web3, factory, coins, each, sender=who)


@pytest.fixture(scope="module")
def shared_balancer(
    web3: Web3, who: str, coins: list[Contract]
) -> tuple[balancer_v2.BalancerV2, balancer_v2.BalancerPool]:
    weth = tokens.deploy_weth(web3, sender=who)
    balancer = balancer_v2.deploy_balancer_v2(web3, weth=weth.address, sender=who)
    each = [10 ** (6 + d) for d in DECIMALS]
    weights = [round(10 * w) * 10**17 for w in WEIGHTS]
    pool = balancer_v2.create_weighted_pool(
        web3, balancer, coins, weights, each, sender=who
    )
    return balancer, pool


@pytest.fixture(autouse=True)
def undone(web3: Web3):
    taken = clock.snapshot(web3)
    yield
    clock.revert(web3, taken)


def decimals_of(coin: Contract) -> int:
    return int(call(coin.functions.decimals()))


@pytest.mark.parametrize("seed", range(CASES))
def test_curve_share__after_random_trades__holds_what_the_prices_say(
    web3: Web3, who: str, coins: list[Contract], shared_curve: Contract, seed: int
) -> None:
    rng = random.Random(seed)
    pool = shared_curve
    for _ in range(4):
        i, j = rng.sample(range(4), 2)
        amount = int(10 ** (rng.uniform(3, 5.6) + DECIMALS[i]))
        curve.swap(web3, pool, (i, j), amount, sender=who)
    raw = [call(pool.functions.balances(i)) for i in range(4)]
    held = [b / 10**d for b, d in zip(raw, DECIMALS, strict=True)]
    supply = call(pool.functions.totalSupply())
    virtual_price = call(pool.functions.get_virtual_price())

    invariant = stable_invariant(held, curve.AMPLIFICATION)
    prices = curve_prices(held, invariant)
    holding = StableHolding(
        invariant=invariant, amplification=curve.AMPLIFICATION, coins=4
    )

    # the contract's own D, which its virtual price carries
    assert invariant == pytest.approx(virtual_price * supply / 1e36, rel=ROUNDING)
    assert amounts(holding, prices) == pytest.approx(held, rel=1e-7)
    worth = sum(b * p for b, p in zip(held, prices, strict=True))
    assert float(value(holding, prices)) == pytest.approx(worth, rel=ROUNDING)
    # the contract trades a little at those prices, less its fee
    for i, j in ((0, 1), (1, 3), (2, 0)):
        got = curve.quote(pool, (i, j), 10 ** DECIMALS[i]) / 10 ** DECIMALS[j]
        kept = 1 - curve.FEE_E10 / 10**10
        assert got == pytest.approx(prices[i] / prices[j] * kept, rel=2e-5)

    burnt = supply // SHARE
    before = [tokens.balance_of(coin, who) for coin in coins]
    remove = pool.get_function_by_signature("remove_liquidity(uint256,uint256[4])")
    send(web3, remove(burnt, [0] * 4), who)
    got = [tokens.balance_of(c, who) - b for c, b in zip(coins, before, strict=True)]

    part = StableHolding(
        invariant=invariant * burnt / supply,
        amplification=curve.AMPLIFICATION,
        coins=4,
    )
    paid = [amount / 10**d for amount, d in zip(got, DECIMALS, strict=True)]
    worth = sum(a * p for a, p in zip(paid, prices, strict=True))
    assert float(value(part, prices)) == pytest.approx(worth, rel=ROUNDING, abs=1e-5)


def curve_prices(held: list[float], invariant: float) -> list[float]:
    """Marginal prices in the first coin: slopes a + c / x of the invariant."""
    c = invariant
    for balance in held:
        c *= invariant / (4 * balance)
    slopes = [curve.AMPLIFICATION * 4 + c / balance for balance in held]
    return [slope / slopes[0] for slope in slopes]


@pytest.mark.parametrize("seed", range(CASES))
def test_balancer_share__after_random_trades__holds_what_the_prices_say(
    web3: Web3, who: str, shared_balancer, seed: int
) -> None:
    rng = random.Random(seed)
    balancer, pool = shared_balancer
    decimals = [decimals_of(coin) for coin in pool.coins]
    for _ in range(4):
        i, j = rng.sample(range(4), 2)
        amount = int(10 ** (rng.uniform(3, 5.3) + decimals[i]))
        pair = pool.coins[i], pool.coins[j]
        balancer_v2.swap(web3, balancer, pool, pair, amount, sender=who)
    weights = [w / 10**18 for w in call(pool.contract.functions.getNormalizedWeights())]
    held = [b / 10**d for b, d in zip(balances(balancer, pool), decimals, strict=True)]

    invariant = weighted_invariant(held, weights)
    holding = WeightedHolding(invariant=invariant, weights=tuple(weights))
    prices = [held[0] / weights[0] * w / b for w, b in zip(weights, held, strict=True)]

    # the contract's powers are good to about 1e-14 each
    told = call(pool.contract.functions.getInvariant()) / 1e18
    assert invariant == pytest.approx(told, rel=ROUNDING)
    assert amounts(holding, prices) == pytest.approx(held, rel=ROUNDING)
    kept = 1 - balancer_v2.FEE_WAD / 1e18
    for i, j in ((0, 1), (1, 3), (2, 0)):
        pair = pool.coins[i], pool.coins[j]
        got = balancer_v2.quote(balancer, pool, pair, 10 ** decimals[i])
        ratio = got / 10 ** decimals[j]
        assert ratio == pytest.approx(prices[i] / prices[j] * kept, rel=1e-4)

    supply = call(pool.contract.functions.getActualSupply())
    burnt = supply // SHARE
    before = [tokens.balance_of(coin, who) for coin in pool.coins]
    balancer_v2.exit_pool(web3, balancer, pool, EXIT_PROPORTIONAL, burnt, sender=who)
    paid = [
        (tokens.balance_of(c, who) - b) / 10**d
        for c, b, d in zip(pool.coins, before, decimals, strict=True)
    ]

    # the exit first mints what the protocol is owed of fees: none is set here
    part = WeightedHolding(invariant=invariant * burnt / supply, weights=tuple(weights))
    assert amounts(part, prices) == pytest.approx(paid, rel=ROUNDING, abs=1e-6)


def balances(
    balancer: balancer_v2.BalancerV2, pool: balancer_v2.BalancerPool
) -> list[int]:
    _, found, _ = call(balancer.vault.functions.getPoolTokens(pool.pool_id))
    return list(found)
