# SPDX-License-Identifier: MIT
"""How fast concentrated pools are quoted, by this program and by others, in one run."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from steelyard.amm import constant_product, quotes
from steelyard.amm.concentrated import Concentrated, checked_pool, swap_exact_in
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.ladder import amount_out, ladder_of
from steelyard.amm.tick_math import Q96, get_sqrt_ratio_at_tick
from steelyard.amm.uniswap_v4 import ConcentratedV4, swap_exact_in_v4
from steelyard.chain.artifacts import project_root

TICKS = 100  # initialised, that the swap crosses
RANGES = 110
SPACING = 60
RUNS = 200
FIRST_RUNS = 21
QUOTES = 1_000_000
PEERS = {  # environment under .toolchain/peers, made by `make peers`
    "degenbot": "scripts/peers/degenbot_quote.py",
    "demeter": "scripts/peers/demeter_quote.py",
}


def measure_concentrated() -> dict[str, Any]:
    """Exact quotes through 100 ticks, ours and the peers'; a million float quotes."""
    pool = nested_pool()
    first = amount_through(pool, TICKS)
    # No amount twice: degenbot remembers every step that it has seen.
    amounts = [first + 1_000_003 * i for i in range(RUNS)]
    outs = [swap_exact_in(pool, amount, True).amount_out for amount in amounts]
    ladder = ladder_of(pool, True)
    assert outs == [amount_out(ladder, amount) for amount in amounts]
    v4 = _as_v4(pool)
    exact = {
        "walk, first": _first(lambda: swap_exact_in(pool, first, True)),
        "walk": _milliseconds(lambda x: swap_exact_in(pool, x, True), amounts),
        "walk, v4": _milliseconds(lambda x: swap_exact_in_v4(v4, x, True), amounts),
        "ladder, built": _milliseconds(lambda _: ladder_of(pool, True), amounts),
        "ladder, quote": _milliseconds(lambda x: amount_out(ladder, x), amounts),
    }
    return {
        "unit": "ms",
        "ticks crossed": swap_exact_in(pool, first, True).ticks_crossed,
        "exact": exact,
        "peers": {name: _peer(name, pool, amounts, outs, exact) for name in PEERS},
        "quotes of an array": QUOTES,
        "array": _arrays(pool, float(first)),
    }


def nested_pool() -> Concentrated:
    """Ranges around price 1, each one spacing wider than the last on both sides."""
    ranges = [(60 * i, 10**20 + i * 10**18) for i in range(1, RANGES + 1)]
    below = [(-edge, liquidity) for edge, liquidity in reversed(ranges)]
    above = [(edge, -liquidity) for edge, liquidity in ranges]
    return checked_pool(
        Concentrated(
            sqrt_price_x96=Q96,
            tick=0,
            liquidity=sum(liquidity for _, liquidity in ranges),
            fee_pips=3000,
            tick_spacing=SPACING,
            ticks=(*below, *above),
        )
    )


def amount_through(pool: Concentrated, ticks: int) -> int:
    """What a swap of token0 takes that ends half way past so many ticks."""
    tick = -SPACING * ticks - SPACING // 2
    limit = get_sqrt_ratio_at_tick(tick)
    return swap_exact_in(pool, 2**128, True, limit).amount_in


def _as_v4(pool: Concentrated) -> ConcentratedV4:
    return ConcentratedV4(
        sqrt_price_x96=pool.sqrt_price_x96,
        tick=pool.tick,
        liquidity=pool.liquidity,
        lp_fee_pips=pool.fee_pips,
        tick_spacing=pool.tick_spacing,
        ticks=pool.ticks,
    )


def _arrays(pool: Concentrated, most: float) -> dict[str, float]:
    """A million quotes at once."""
    pair = ConstantProduct(reserve0=10**22, reserve1=3 * 10**13)
    amounts = np.random.default_rng(1).uniform(1.0, most, QUOTES)
    times = [0] * 20
    return {
        "constant product": _milliseconds(
            lambda _: constant_product.quote_out(pair, amounts, True), times
        ),
        "concentrated": _milliseconds(
            lambda _: quotes.quote_out(pool, amounts, True), times
        ),
    }


def _peer(
    name: str,
    pool: Concentrated,
    amounts: list[int],
    outs: list[int],
    own: dict[str, float],
) -> dict[str, Any]:
    """Its version, its time and how many times ours it takes; or why it is absent."""
    python = project_root() / ".toolchain" / "peers" / name / "bin" / "python"
    if not python.exists():
        return {"absent": f"no .toolchain/peers/{name}: run `make peers`"}
    asked = {
        "sqrt_price_x96": pool.sqrt_price_x96,
        "tick": pool.tick,
        "liquidity": pool.liquidity,
        "fee_pips": pool.fee_pips,
        "tick_spacing": pool.tick_spacing,
        "ticks": [[tick, net, abs(net)] for tick, net in pool.ticks],
        "amounts_in": amounts,
    }
    done = subprocess.run(
        [str(python), str(project_root() / PEERS[name])],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        return {"absent": (done.stderr.strip().splitlines() or ["no answer"])[-1]}
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    milliseconds = median(answer["seconds"]) * 1e3
    return {
        "version": answer["version"],
        "first": round(answer["seconds"][0] * 1e3, 4),
        "quote": round(milliseconds, 4),
        "times the walk": round(milliseconds / own["walk"], 2),
        "times the ladder": round(milliseconds / own["ladder, quote"], 1),
        "exact": answer["amounts_out"] == outs,
        "out over exact": round(answer["amounts_out"][0] / outs[0], 6),
    }


def _first(work: Callable[[], object]) -> float:
    """Median of runs that know no square-root price yet."""
    times = []
    for _ in range(FIRST_RUNS):
        get_sqrt_ratio_at_tick.cache_clear()
        times.append(_milliseconds(lambda _: work(), [0]))
    return median(times)


def _milliseconds(work: Callable[[int], object], arguments: Sequence[int]) -> float:
    """Median of single runs."""
    times = []
    for argument in arguments:
        started = time.perf_counter()
        work(argument)
        times.append(time.perf_counter() - started)
    return round(median(times) * 1e3, 4)
