# SPDX-License-Identifier: MIT
"""The best trades at given prices as flows from token to token."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from steelyard.route.response import Floats
from steelyard.route.schedule import Flow
from steelyard.route.tables import Network


def flows_at(
    network: Network, log_prices: Floats, used: NDArray[np.bool_]
) -> list[Flow]:
    """What each pool in `used` buys and sells, in raw units.

    A pool that sells several tokens for several others does it pair by pair.
    """
    values: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for edge in network.edges:
        answer = edge.respond(log_prices)
        for i in np.flatnonzero(used[edge.pool] & (answer.values0 != 0)):
            pool = values[int(edge.pool[i])]
            pool[int(edge.token0[i])] += float(answer.values0[i])
            pool[int(edge.token1[i])] += float(answer.values1[i])
    for block in network.blocks:
        received = block.respond(log_prices).values
        for i in np.flatnonzero(used[block.pool]):
            for token, value in zip(block.tokens[i], received[i], strict=True):
                values[int(block.pool[i])][int(token)] += float(value)
    prices = np.exp(log_prices)
    flows = []
    for market, changes in values.items():
        flows += _pairs(market, changes, prices)
    return flows


def _pairs(market: int, changes: dict[int, float], prices: Floats) -> list[Flow]:
    """A pool's trades pair by pair: the first in pays the first out, and so on."""
    paid = [(token, -value) for token, value in changes.items() if value < 0]
    bought = [(token, value) for token, value in changes.items() if value > 0]
    total_paid = sum(value for _, value in paid)
    total_bought = sum(value for _, value in bought)
    if total_paid <= 0 or total_bought <= 0:
        return []
    flows, at, open_share = [], 0, bought[0][1] / total_bought
    for token, value in paid:
        share = value / total_paid
        while share > 1e-12:
            part = min(share, open_share) if at < len(bought) - 1 else share
            flows.append(
                Flow(
                    market=market,
                    token_in=token,
                    token_out=bought[at][0],
                    amount_in=part * total_paid / float(prices[token]),
                )
            )
            share, open_share = share - part, open_share - part
            if open_share <= 1e-12 and at < len(bought) - 1:
                at += 1
                open_share = bought[at][1] / total_bought
    return flows
