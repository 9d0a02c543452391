# SPDX-License-Identifier: MIT
"""Random pools and trades, the models against the real bytecode, to the wei.

`python tests/onchain/pool_fuzz.py --cases 5000 --seed 1` starts its own Anvil, prints
the counts per curve and ends with 1 when any case differs.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eth_abi.abi import encode
from pool_judges import (
    GIVEN_IN,
    GIVEN_OUT,
    WEIGHTS,
    Judges,
    ask_curve,
    ask_harness,
    ask_join,
    ask_stable,
    ask_stable_join,
    ask_weighted,
    new_judges,
    own_place,
    scaling_of,
    weights_of,
)

from steelyard import fair_pools
from steelyard.amm import (
    balancer_stable,
    balancer_stable_liquidity,
    stable_swap,
    stable_swap_liquidity,
    weighted,
    weighted_liquidity,
)
from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.errors import PoolError
from steelyard.amm.stable_math import A_PRECISION
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.weighted import WeightedPool
from steelyard.demo.node import local_node
from steelyard.wad import UINT112_MAX, WAD, ArithmeticRevert, div_wad_down

EXACT_TOKENS_JOIN, ALL_TOKENS_JOIN, SHARES_EXIT, STABLE_EXIT = 1, 3, 1, 2
MOST_SHARES = 10**26
LOCKED_SHARES = 10**6  # of a Balancer pool, for ever


@dataclass
class Tally:
    """How many cases were compared; a revert on both sides is a case too."""

    curve: str
    cases: int = 0
    reverts: int = 0
    mismatches: list[str] = field(default_factory=list)

    def compare(self, case: object, model: Any, chain: Any) -> None:
        self.cases += 1
        self.reverts += chain is None
        if model != chain:
            self.mismatches.append(f"{case}: model {model}, chain {chain}")


def or_none(function: Callable[..., Any], *args: Any) -> Any:
    """None where the model says that the contract reverts."""
    try:
        return function(*args)
    except (PoolError, ArithmeticRevert):
        return None


def second(result: tuple[Any, Any] | None) -> Any:
    """What a move of liquidity gives, without the pool afterwards."""
    return None if result is None else result[1]


def log_uniform(rng: random.Random, low: float, high: float) -> int:
    """A whole number between 10^low and 10^high, all lengths alike."""
    return max(1, int(10 ** rng.uniform(low, high)) + rng.randrange(10))


def pair_of(rng: random.Random, count: int) -> tuple[int, int]:
    i, j = rng.sample(range(count), 2)
    return i, j


def amount_of(rng: random.Random, balance: int) -> int:
    """Dust, a usual trade, or more than the pool would like."""
    low, high = rng.choice(((-30, -6), (-6, -0.5), (-0.7, -0.3), (-0.5, 3)))
    return max(1, min(UINT112_MAX, int(balance * 10 ** rng.uniform(low, high))))


def joined(rng: random.Random, balance: int) -> int:
    """What comes in of a token: none, or what the Vault can still count."""
    return rng.choice((0, min(amount_of(rng, balance), UINT112_MAX - balance)))


def weighted_case(rng: random.Random, weights: Sequence[int], scaling: Sequence[int]):
    """Any balances from one raw unit to 1e33: ill-scaled pools are the rule here."""
    top = rng.choice((12, 25, 33))
    return WeightedPool(
        balances=tuple(log_uniform(rng, 0, top) for _ in weights),
        weights_wad=tuple(weights),
        scaling=tuple(scaling),
        swap_fee_wad=rng.choice((0, 10**12, 3 * 10**15, 10**17, rng.randrange(10**17))),
        supply=log_uniform(rng, 7, 30),
    )


def stable_balances(rng: random.Random, scaling: Sequence[int]) -> tuple[int, ...]:
    """Near the peg, skewed, all but drained, tiny, or of any size each."""
    shape = rng.choice(("peg", "peg", "skewed", "drained", "tiny", "any"))
    width = {"peg": 0.3, "skewed": 3.0, "drained": 1.0, "tiny": 1.0, "any": 13.0}[shape]
    size = rng.uniform(0, 6) if shape == "tiny" else rng.uniform(15, 31)
    scaled = [log_uniform(rng, max(0.0, size - width), size) for _ in scaling]
    raw = [max(1, s * WAD // f) for s, f in zip(scaled, scaling, strict=True)]
    if shape == "drained":
        raw[rng.randrange(len(raw))] = log_uniform(rng, 0, 5)
    return tuple(min(UINT112_MAX, balance) for balance in raw)


def balancer_stable_case(rng: random.Random, scaling: Sequence[int]) -> BalancerStable:
    return BalancerStable(
        balances=stable_balances(rng, scaling),
        scaling=tuple(scaling),
        amplification=rng.choice((1_000, 5_000_000, rng.randint(1_000, 5_000_000))),
        swap_fee_wad=rng.choice((10**12, 4 * 10**14, 10**17, rng.randrange(10**17))),
        supply=log_uniform(rng, 7, 30),
    )


def curve_case(rng: random.Random) -> StableSwap:
    rates = tuple(10 ** (36 - rng.choice((6, 8, 18))) for _ in range(4))
    most = 10**8
    return StableSwap(
        balances=stable_balances(rng, rates),
        rates=rates,
        amplification=rng.choice((100, 20_000, most, rng.randint(100, most))),
        fee_e10=rng.choice((0, 4 * 10**6, 10**8, rng.randrange(10**8))),
        supply=log_uniform(rng, 6, 30),
    )


def fuzz_weighted(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("weighted swap")
    pools = [(p, weights_of(p), scaling_of(p)) for p in judges.weighted]
    while tally.cases < cases:
        pool, weights, scaling = rng.choice(pools)
        model = weighted_case(rng, weights, scaling)
        i, j = pair_of(rng, len(weights))
        if rng.random() < 0.1:  # at the very edge of what a swap may move
            paid = weighted.most_in(model, i) + rng.randint(-2, 2)
            bought = weighted.most_out(model, j) + rng.randint(-2, 2)
        else:
            paid = amount_of(rng, model.balances[i])
            bought = amount_of(rng, model.balances[j])
        for kind, amount, function in (
            (GIVEN_IN, max(1, paid), weighted.amount_out),
            (GIVEN_OUT, max(1, bought), weighted.amount_in),
        ):
            found = ask_weighted(judges, pool, model, kind, amount, (i, j))
            expected = or_none(function, model, amount, i, j)
            tally.compare((model, kind, amount, i, j), expected, found)
    return tally


def fuzz_weighted_liquidity(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("weighted join and exit")
    pools = [(p, weights_of(p), scaling_of(p)) for p in judges.weighted]
    while tally.cases < cases:
        pool, weights, scaling = rng.choice(pools)
        model = weighted_case(rng, weights, scaling)
        amounts = [joined(rng, balance) for balance in model.balances]
        shares = amount_of(rng, model.supply)
        exiting = min(shares, model.supply - LOCKED_SHARES)
        data = encode(
            ["uint256", "uint256[]", "uint256"], [EXACT_TOKENS_JOIN, amounts, 0]
        )
        found = ask_join(judges, pool, model, "queryJoin", data)
        expected = or_none(weighted_liquidity.add_liquidity, model, amounts)
        tally.compare((model, amounts), second(expected), found and found[0])

        data = encode(["uint256", "uint256"], [ALL_TOKENS_JOIN, shares])
        found = ask_join(judges, pool, model, "queryJoin", data)
        expected = or_none(weighted_liquidity.amounts_for_shares, model, shares)
        tally.compare((model, "join", shares), expected, found and found[1])

        data = encode(["uint256", "uint256"], [SHARES_EXIT, exiting])
        found = ask_join(judges, pool, model, "queryExit", data)
        expected = or_none(weighted_liquidity.remove_liquidity, model, exiting)
        paid = found and found[1]
        tally.compare((model, "exit", exiting), second(expected), paid)
    return tally


def fuzz_balancer_stable(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("Balancer stable swap")
    pools = [(p, scaling_of(p)) for p in judges.stable]
    while tally.cases < cases:
        pool, scaling = rng.choice(pools)
        model = balancer_stable_case(rng, scaling)
        i, j = pair_of(rng, len(scaling))
        for kind, amount, function in (
            (GIVEN_IN, amount_of(rng, model.balances[i]), balancer_stable.amount_out),
            (GIVEN_OUT, amount_of(rng, model.balances[j]), balancer_stable.amount_in),
        ):
            found = ask_stable(judges, pool, model, kind, amount, (i, j))
            expected = or_none(function, model, amount, i, j)
            tally.compare((model, kind, amount, i, j), expected, found)
    return tally


def fuzz_balancer_stable_liquidity(
    judges: Judges, rng: random.Random, cases: int
) -> Tally:
    tally = Tally("Balancer stable join and exit")
    pools = [(p, scaling_of(p)) for p in judges.stable]
    while tally.cases < cases:
        pool, scaling = rng.choice(pools)
        model = balancer_stable_case(rng, scaling)
        amounts = [joined(rng, balance) for balance in model.balances]
        shares = min(amount_of(rng, model.supply), model.supply - LOCKED_SHARES)
        data = encode(
            ["uint256", "uint256[]", "uint256"], [EXACT_TOKENS_JOIN, amounts, 0]
        )
        found = ask_stable_join(judges, pool, model, "queryJoin", data)
        expected = or_none(balancer_stable_liquidity.add_liquidity, model, amounts)
        tally.compare((model, amounts), second(expected), found and found[0])

        data = encode(["uint256", "uint256"], [STABLE_EXIT, shares])
        found = ask_stable_join(judges, pool, model, "queryExit", data)
        own = own_place(pool)
        paid = found and (*found[1][:own], *found[1][own + 1 :])
        expected = or_none(balancer_stable_liquidity.remove_liquidity, model, shares)
        tally.compare((model, "exit", shares), second(expected), paid)
    return tally


def fuzz_curve(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("Curve get_dy, virtual price")
    while tally.cases < cases:
        model = curve_case(rng)
        i, j = pair_of(rng, 4)
        amount = amount_of(rng, model.balances[i])
        found = ask_curve(judges, model, "get_dy(int128,int128,uint256)", i, j, amount)
        expected = or_none(stable_swap.amount_out, model, amount, i, j)
        tally.compare((model, amount, i, j), expected, found)
        found = ask_curve(judges, model, "get_virtual_price()")
        tally.compare(model, or_none(stable_swap.virtual_price_wad, model), found)
    return tally


def fuzz_curve_liquidity(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("Curve join and exit")
    while tally.cases < cases:
        model = replace(curve_case(rng), supply=rng.randrange(10**6, MOST_SHARES))
        amounts = [joined(rng, balance) for balance in model.balances]
        found = ask_curve(
            judges, model, "add_liquidity(uint256[4],uint256)", amounts, 0
        )
        expected = or_none(stable_swap_liquidity.add_liquidity, model, amounts)
        tally.compare((model, amounts), second(expected), found)

        shares = min(amount_of(rng, model.supply), model.supply)
        coin = rng.randrange(4)
        found = ask_curve(
            judges, model, "calc_withdraw_one_coin(uint256,int128)", shares, coin
        )
        expected = or_none(
            stable_swap_liquidity.remove_liquidity_one_coin, model, shares, coin
        )
        tally.compare((model, shares, coin), second(expected), found)

        shares = min(shares, 10**20)  # what the caller has
        found = ask_curve(
            judges,
            model,
            "remove_liquidity(uint256,uint256[4])",
            shares,
            [0] * 4,
            returns="uint256[4]",
        )
        expected = or_none(stable_swap_liquidity.remove_liquidity, model, shares)
        tally.compare((model, shares), second(expected), found)
    return tally


def prices_case(rng: random.Random, scaling: Sequence[int], width: float) -> list[int]:
    """Asset units per raw unit, e36, of tokens worth alike but for 10^width."""
    asset = 10 ** rng.choice((6, 18))
    return [
        int(factor * asset * 10 ** rng.uniform(-width, width)) for factor in scaling
    ]


def fuzz_fair_weighted(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("fair value, weighted")
    while tally.cases < cases:
        parts = [part * WAD // 100 for part in rng.choice(WEIGHTS)]
        scaling = [10 ** (36 - rng.choice((6, 8, 18))) for _ in parts]
        model = weighted_case(rng, parts, scaling)
        units = rng.randint(1, model.supply)
        prices = prices_case(rng, scaling, rng.choice((0.01, 5)))
        table = (model.balances, model.weights_wad, prices)
        found = ask_harness(
            judges,
            "weightedAmounts(uint256[],uint256[],uint256[],uint256)",
            *table,
            div_wad_down(units, model.supply),
            returns="int256[]",
        )
        expected = or_none(fair_pools.weighted_amounts, model, units, prices)
        tally.compare((model, units, prices), expected, found)
        found = ask_harness(
            judges, "weightedDeviation(uint256[],uint256[],uint256[])", *table
        )
        expected = or_none(fair_pools.weighted_deviation_wad_up, model, prices)
        tally.compare((model, prices), expected, found)
    return tally


def fuzz_fair_stable(judges: Judges, rng: random.Random, cases: int) -> Tally:
    tally = Tally("fair value, stable")
    while tally.cases < cases:
        model = curve_case(rng)
        prices = prices_case(rng, model.rates, 0.05)
        scaled = stable_swap.scaled_balances(model)
        amplification_wad = model.amplification * 4 * WAD // A_PRECISION
        invariant = ask_harness(
            judges, "stableInvariant(uint256[],uint256)", scaled, amplification_wad
        )
        expected = or_none(fair_pools.stable_invariant, scaled, amplification_wad)
        tally.compare((model, "D"), expected, invariant)
        if invariant is None:
            continue
        part = rng.randint(0, invariant)
        found = ask_harness(
            judges,
            "stableAmounts(uint256,uint256[],uint256[])",
            part,
            model.rates,
            prices,
            returns="int256[]",
        )
        expected = or_none(fair_pools.stable_amounts, part, model.rates, prices)
        tally.compare((model, part, prices), expected, found)
        found = ask_harness(
            judges,
            "stableDeviation((uint256[],uint256[],uint256,uint256),uint256[])",
            (scaled, model.rates, invariant, amplification_wad),
            prices,
        )
        expected = or_none(fair_pools.stable_deviation_wad_up, model, prices)
        tally.compare((model, prices), expected, found)
    return tally


CURVES = (
    fuzz_weighted,
    fuzz_weighted_liquidity,
    fuzz_balancer_stable,
    fuzz_balancer_stable_liquidity,
    fuzz_curve,
    fuzz_curve_liquidity,
    fuzz_fair_weighted,
    fuzz_fair_stable,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000, help="per curve")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = 0
    with local_node("anvil") as node:
        judges = new_judges(node.web3, node.accounts[0])
        for fuzz in CURVES:
            start = time.monotonic()
            tally = fuzz(judges, random.Random(options.seed), options.cases)
            seconds = time.monotonic() - start
            print(
                f"{tally.curve}: {tally.cases} cases, {tally.reverts} of them reverts, "
                f"{len(tally.mismatches)} mismatches, {seconds:.0f} s",
                flush=True,
            )
            for line in tally.mismatches[:5]:
                print("  " + line)
            failed += len(tally.mismatches)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
