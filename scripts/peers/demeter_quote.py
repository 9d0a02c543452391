# SPDX-License-Identifier: MIT
"""The same trades by demeter's model of a Uniswap v3 pool, timed.

Run by the interpreter of demeter's own environment. demeter has no ticks in a swap: it
trades any amount at the price of the moment, so what it answers is no quote of a trade
that moves the price.
"""

import json
import sys
import time
from decimal import Decimal
from importlib.metadata import version

from demeter import Broker, MarketInfo, MarketTypeEnum, TokenInfo
from demeter.uniswap import UniLpMarket, UniV3Pool


def main() -> None:
    asked = json.load(sys.stdin)
    token0, token1 = TokenInfo("t0", 18), TokenInfo("t1", 18)
    fee_percent = asked["fee_pips"] / 10**4
    pool = UniV3Pool(token0, token1, fee_percent, token1)
    market = UniLpMarket(MarketInfo("pool", MarketTypeEnum.uniswap_v3), pool)
    broker = Broker()
    broker.add_market(market)
    amounts = [Decimal(amount) / 10**18 for amount in asked["amounts_in"]]
    broker.set_balance(token0, sum(amounts))
    broker.set_balance(token1, 0)
    price = (Decimal(asked["sqrt_price_x96"]) / 2**96) ** 2
    seconds, outs = [], []
    for amount in amounts:
        started = time.perf_counter()
        _fee, out = market.swap(amount, token0, token1, price, False)
        seconds.append(time.perf_counter() - started)
        outs.append(int(out * 10**18))
    answer = {
        "version": version("zelos-demeter"),
        "amounts_out": outs,
        "seconds": seconds,
    }
    print(json.dumps(answer))


main()
