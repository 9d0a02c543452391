# SPDX-License-Identifier: MIT
"""Exact Uniswap v3 quotes by degenbot's model of the pool, timed.

Run by the interpreter of degenbot's own environment. Reads a pool and amounts as
JSON, answers as JSON; steelyard.bench.concentrated knows both. The pool is put
together from what is given: degenbot's constructor would ask a chain for the same.
"""

import json
import sys
import time
from importlib.metadata import version

from degenbot.uniswap.types import UniswapV3LiquidityAtTick, UniswapV3PoolState
from degenbot.uniswap.v3_liquidity_pool import UniswapV3Pool

MIN_SQRT_RATIO = 4295128739


def main() -> None:
    asked = json.load(sys.stdin)
    pool = object.__new__(UniswapV3Pool)
    pool.address = "0x" + "00" * 20
    pool.fee, pool.tick_spacing = asked["fee_pips"], asked["tick_spacing"]
    pool.sparse_liquidity_map = False  # the whole map is known: its faster way
    pool._state = UniswapV3PoolState(
        pool=pool.address,
        liquidity=asked["liquidity"],
        sqrt_price_x96=asked["sqrt_price_x96"],
        tick=asked["tick"],
        tick_bitmap={},
        tick_data={
            tick: UniswapV3LiquidityAtTick(liquidity_net=net, liquidity_gross=gross)
            for tick, net, gross in asked["ticks"]
        },
    )
    seconds, outs = [], []
    for amount in asked["amounts_in"]:
        started = time.perf_counter()
        _, amount1, *_ = pool._calculate_swap(
            zero_for_one=True,
            amount_specified=amount,
            sqrt_price_limit_x96=MIN_SQRT_RATIO + 1,
        )
        seconds.append(time.perf_counter() - started)
        outs.append(-amount1)
    answer = {"version": version("degenbot"), "amounts_out": outs, "seconds": seconds}
    print(json.dumps(answer))


main()
