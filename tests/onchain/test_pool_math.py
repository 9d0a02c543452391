# SPDX-License-Identifier: MIT
"""The formulas of weighted and stable pools against exact arithmetic."""

import random
from collections.abc import Iterator
from decimal import Context, Decimal, localcontext
from math import prod

import pytest
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.transactions import call, deploy
from steelyard.wad import WAD

EXACT = Context(prec=60)  # Brownie's compiler forbids to change the usual one
E36 = 10**36
WEIGHTED_ERROR = Decimal(2) / 10**16
STABLE_DECIMALS = (6, 18, 8, 18)


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(EXACT):
        yield


@pytest.fixture(scope="module")
def math(web3) -> Contract:
    return deploy(web3, own_artifact("PoolMathHarness"), sender=web3.eth.accounts[0])


def weighted_case(seed: int):
    """Balances worth one cent to ten billion dollars, any weights, any decimals."""
    rng = random.Random(seed)
    count = rng.randint(2, 8)
    cuts = sorted(rng.sample(range(1, 100), count - 1))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    weights = [part * WAD // 100 for part in parts]
    decimals = [rng.choice((6, 8, 18)) for _ in range(count)]
    dollars = [10 ** rng.uniform(-3, 5) for _ in range(count)]
    asset = rng.choice((6, 18))  # decimals
    prices = [
        int(price * 10 ** (36 + asset - d))
        for price, d in zip(dollars, decimals, strict=True)
    ]
    balances = [
        int(10 ** rng.uniform(-2, 10) / price * 10**d) + 1
        for price, d in zip(dollars, decimals, strict=True)
    ]
    return balances, weights, prices, rng.randint(1, WAD)


def exact_worth(balances, weights, prices, part_wad) -> Decimal:
    logarithm = sum(
        Decimal(w) / WAD * (Decimal(b) * p / E36 / (Decimal(w) / WAD)).ln()
        for b, w, p in zip(balances, weights, prices, strict=True)
    )
    return logarithm.exp() * part_wad / WAD


@pytest.mark.parametrize("seed", range(60))
def test_weighted__any_pool__a_hair_below_the_exact_worth(math, seed):
    case = weighted_case(seed)
    exact = exact_worth(*case)

    worth = call(math.functions.weightedWorth(*case))

    assert worth <= exact
    assert worth >= exact * (1 - WEIGHTED_ERROR) - 2


@pytest.mark.parametrize("seed", range(60))
def test_weighted__amounts__are_the_worth_by_weight(math, seed):
    case = weighted_case(seed)
    _, weights, prices, *_ = case
    exact = exact_worth(*case)

    amounts = call(math.functions.weightedAmounts(*case))

    for amount, weight, price in zip(amounts, weights, prices, strict=True):
        most = exact * weight / WAD * E36 / price
        assert most * (1 - WEIGHTED_ERROR) - 2 <= amount <= most


def test_weighted__balanced_pool__worth_its_balances(math):
    # 80 / 20: 800 dollars of a token at 2,000 and 200 of the asset
    balances, weights = [4 * 10**17, 200 * 10**6], [8 * WAD // 10, 2 * WAD // 10]
    prices = [2_000 * 10**24, E36]
    case = (balances, weights, prices, WAD // 2)

    amounts = call(math.functions.weightedAmounts(*case))

    assert call(math.functions.weightedWorth(*case)) == 500 * 10**6 - 1
    assert 2 * 10**17 * (1 - 1e-15) <= amounts[0] <= 2 * 10**17
    assert amounts[1] == 100 * 10**6 - 1
    assert call(math.functions.weightedDeviation(balances, weights, prices)) <= 1


def test_weighted__traded_along_its_curve__is_never_worth_more(math):
    weights, prices = [8 * WAD // 10, 2 * WAD // 10], [2_000 * 10**24, E36]
    fair = call(
        math.functions.weightedWorth(
            [4 * 10**21, 2_000_000 * 10**6], weights, prices, WAD
        )
    )

    for factor in (0.1, 0.5, 0.999, 1.001, 2, 10):
        # B0^0.8 B1^0.2 stays: B1 moves by the inverse of B0, to the fourth
        skewed = [int(4 * 10**21 * factor), int(2_000_000 * 10**6 / factor**4)]
        worth = call(math.functions.weightedWorth(skewed, weights, prices, WAD))
        assert worth == pytest.approx(fair, rel=1e-7)
        at_spot = skewed[0] * 2_000 // 10**12 + skewed[1]
        assert at_spot >= worth


def test_weighted_deviation__price_moved_by_a_tenth__says_a_tenth(math):
    balances, weights = [4 * 10**17, 200 * 10**6], [8 * WAD // 10, 2 * WAD // 10]

    for dollars, expected in ((2_200, 0.1), (1_800, 1 / 0.9 - 1)):
        prices = [dollars * 10**24, E36]
        deviation = call(math.functions.weightedDeviation(balances, weights, prices))
        assert deviation / WAD == pytest.approx(expected, rel=1e-9)


def shaken(rng: random.Random, prices: list[int], doubt: Decimal) -> list[Decimal]:
    """Prices within a doubt of those that were read, often at its very ends."""
    ends = (-doubt, doubt, Decimal(0), doubt * Decimal(rng.uniform(-1, 1)))
    return [Decimal(price) * (1 + rng.choice(ends)) for price in prices]


@pytest.mark.parametrize("seed", range(30))
def test_weighted__true_prices_within_the_doubt__overstated_by_the_concavity_at_most(
    math, seed
):
    rng = random.Random(seed)
    balances, weights, prices, part_wad = weighted_case(seed)
    doubt = Decimal(rng.choice((1, 5, 50))) / 1000
    case = (balances, weights, prices, part_wad)
    amounts = call(math.functions.weightedAmounts(*case))
    most = call(math.functions.weightedConcavity(*case, int(doubt * WAD)))

    for _ in range(20):
        true = shaken(rng, prices, doubt)
        books = sum(a * p / E36 for a, p in zip(amounts, true, strict=True))
        assert books - exact_worth(balances, weights, true, part_wad) <= most


def test_weighted__one_price_low_and_one_high__comes_to_half_the_concavity(math):
    case = ([10**15] * 2, [WAD // 2] * 2, [E36] * 2, WAD)
    doubt = Decimal("0.05")
    amounts = call(math.functions.weightedAmounts(*case))
    most = call(math.functions.weightedConcavity(*case, int(doubt * WAD)))

    true = [Decimal(E36) * (1 + doubt), Decimal(E36) * (1 - doubt)]
    books = sum(a * p / E36 for a, p in zip(amounts, true, strict=True))
    gap = books - exact_worth(case[0], case[1], true, WAD)

    assert gap <= most <= gap * Decimal("2.001")


def stable_prices(*dollars: float) -> list[int]:
    return [
        round(price * 100) * 10 ** (36 + 6 - d - 2)
        for price, d in zip(dollars, STABLE_DECIMALS, strict=False)
    ]


def scaling(count: int) -> list[int]:
    return [10 ** (36 - d) for d in STABLE_DECIMALS[:count]]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_stable__worth__is_the_invariant_at_the_lowest_price(math, count):
    prices = stable_prices(1, 1.01, 0.99, 1)[:count]
    lowest = {2: 1.0, 3: 0.99, 4: 0.99}[count]

    worth = call(math.functions.stableWorth(10**21, scaling(count), prices))
    amounts = call(math.functions.stableAmounts(10**21, scaling(count), prices))

    assert worth == round(1_000 * 10**6 * lowest)
    sides = [a * p // E36 for a, p in zip(amounts, prices, strict=True)]
    assert worth - 2 * count <= sum(sides) <= worth
    assert max(sides) - min(sides) <= 1


def stable_pool(balances: list[int], amplification: int):
    """Types of StableSwap.Pool, with the invariant to the last digit."""
    n, x = len(balances), [Decimal(b) for b in balances]
    a = Decimal(amplification) * n
    d = sum(x)
    for _ in range(200):
        p = d ** (n + 1) / (n**n * prod(x))
        d = (a * sum(x) + n * p) * d / ((a - 1) * d + (n + 1) * p)
    return (balances, [10**18] * n if n > 4 else scaling(n), int(d), int(a) * WAD)


@pytest.mark.parametrize("amplification", [1, 85, 5_000])
@pytest.mark.parametrize(
    "skew", [(1, 1), (1, 1, 1, 1), (1, 30, 5), (1000, 1), (9,) * 5]
)
def test_stable_invariant__any_balances__within_two_units(math, amplification, skew):
    balances = [part * 10**24 + 7 * i for i, part in enumerate(skew)]
    exact = stable_pool(balances, amplification)[2]

    found = call(
        math.functions.stableInvariant(balances, amplification * len(skew) * WAD)
    )

    assert abs(found - exact) <= 2


def marginal_price(balances, amplification, i, j) -> float:
    """Coins j for a little more of coin i, from the invariant alone."""
    little = balances[i] // 10**7
    moved = list(balances)
    moved[i] += little
    invariant = stable_pool(balances, amplification)[2]
    low, high = 0, balances[j]
    for _ in range(200):  # the balance of j that keeps the invariant
        moved[j] = (low + high) // 2
        if stable_pool(moved, amplification)[2] < invariant:
            low = moved[j]
        else:
            high = moved[j]
    return (balances[j] - high) / little


@pytest.mark.parametrize("amplification", [10, 200])
@pytest.mark.parametrize("skew", [(1, 1, 1), (1, 3, 1), (5, 1, 2)])
def test_stable_deviation__is_the_invariants_own_slope(math, amplification, skew):
    balances = [part * 10**24 for part in skew]
    pool, prices = stable_pool(balances, amplification), stable_prices(1, 1, 1)
    spot = marginal_price(balances, amplification, 0, 1)

    pair = math.functions.stablePairDeviation(pool, 0, 1, *prices[:2])
    back = math.functions.stablePairDeviation(pool, 1, 0, prices[1], prices[0])

    expected = max(spot, 1 / spot) - 1
    assert call(pair) / WAD == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert abs(call(pair) - call(back)) <= 1
    assert call(math.functions.stableDeviation(pool, prices)) >= call(pair) - 1


def test_stable_deviation__balanced_but_off_peg__is_the_peg_band(math):
    pool = stable_pool([10**24] * 3, 1_000)

    deviation = call(math.functions.stableDeviation(pool, stable_prices(1, 1.02, 0.98)))

    assert deviation / WAD == pytest.approx(1.02 / 0.98 - 1, rel=1e-9)


@pytest.mark.parametrize("seed", range(30))
def test_stable__true_prices_within_the_doubt__overstated_by_twice_it_at_most(
    math, seed
):
    rng = random.Random(seed)
    prices = stable_prices(1, 1 + rng.randint(-2, 2) / 100, 1)
    invariant, doubt = 10**24, Decimal(rng.choice((1, 5, 50))) / 1000
    amounts = call(math.functions.stableAmounts(invariant, scaling(3), prices))
    worth = call(math.functions.stableWorth(invariant, scaling(3), prices))

    for _ in range(20):
        true = shaken(rng, prices, doubt)
        books = sum(a * p / E36 for a, p in zip(amounts, true, strict=True))
        lowest = min(p * WAD / s for p, s in zip(true, scaling(3), strict=True))
        assert books - invariant * lowest / E36 <= 2 * doubt * (worth + 1)
