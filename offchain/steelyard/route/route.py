# SPDX-License-Identifier: MIT
"""The best way to trade a basket into a basket across all pools.

    bound     no route makes more: the dual's value, gas counted. Arbitrage in circles,
              for which there is nothing in hand, is not of a route (ordering.py)
    swaps     exact integers in order; what they pay is what the chain pays
    received  what is there at the end

A pool that refuses its swap is left out and the route found anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from steelyard.route.errors import NoRoute, NotConverged, RouteInputInvalid
from steelyard.route.flows import flows_at
from steelyard.route.markets import Market, check_markets
from steelyard.route.paths import best_path
from steelyard.route.schedule import RouteSwap, Schedule, schedule
from steelyard.route.search import Found, Search, Wanted

MOST_ERROR = 1e-6  # of the value traded: above this the prices were not found
ATTEMPTS = 3  # more, with pools that refuse left out
FEW_POOLS = 200  # among which the best single path is looked for too


@dataclass(frozen=True, kw_only=True)
class Route:
    """What to swap, in order, and the proof. Tokens and markets are numbers."""

    swaps: tuple[RouteSwap, ...]
    balances: Mapping[int, int]  # of every token at the end, raw
    value: float  # sets of the basket, or worth at the prices; gas not taken off
    gas_cost: float  # in the same unit
    bound: float  # of value less gas: no route in this order of tokens makes more
    ceiling: float  # no trades at all do, arbitrage in circles included
    steps: int  # of Newton's method
    method: str  # "dual", or "path" where a single path is better
    failure: str = ""  # of the search for the best prices

    @property
    def net(self) -> float:
        """Value less gas."""
        return self.value - self.gas_cost

    @property
    def gap(self) -> float:
        """How much more another route could make, as a share of the bound; at most."""
        if self.bound in (0.0, inf):
            return self.bound
        return (self.bound - self.net) / abs(self.bound)


def best_route(
    markets: Sequence[Market],
    tokens: int,
    have: Mapping[int, int],
    wanted: Wanted,
    *,
    gas_price: float = 0.0,
) -> Route:
    """Trades `have` (raw units by token) into `wanted`.

    `gas_price`: cost of a unit of gas in the unit of the value. Raises
    `RouteInputInvalid`, `NoRoute`. Where the best prices were not found `failure` says
    so, and the best single path is taken when it is better; so it is where gas counts.
    """
    _check(markets, tokens, have, wanted, gas_price)
    costs = np.array([market.gas * gas_price for market in markets])
    search = Search(markets, tokens, have, wanted, costs)
    kept = np.ones(len(markets), dtype=bool)
    found = search.best(kept)
    done = _executed(search, found)
    for _ in range(ATTEMPTS):
        if not done.refused:
            break
        kept[sorted(done.refused)] = False
        try:
            found = search.best(kept)
        except NoRoute:  # all others lead nowhere: what was executed is the answer
            break
        done = _executed(search, found)
    route = _route(search, found, done)
    if not route.failure and not (costs.any() and len(markets) <= FEW_POOLS):
        return route
    path = best_path(markets, have, search.weights, costs, wanted.at_prices)
    other = _route(search, found, path, method="path")
    return other if other.net > route.net else route


def _check(
    markets: Sequence[Market],
    tokens: int,
    have: Mapping[int, int],
    wanted: Wanted,
    gas_price: float,
) -> None:
    check_markets(tuple(markets), tokens)
    for name, table in (("have", have), ("wanted", wanted.weights)):
        for token, amount in table.items():
            if not 0 <= token < tokens:
                raise RouteInputInvalid(name, token, f"tokens from 0 to {tokens - 1}")
            if not amount >= 0 or amount == inf:
                raise RouteInputInvalid(f"{name} of token {token}", amount, "0 or more")
    if not any(have.values()):
        raise RouteInputInvalid("have", dict(have), "something to sell")
    if not any(wanted.weights.values()):
        raise RouteInputInvalid("wanted", dict(wanted.weights), "something to buy")
    if not 0 <= gas_price < inf:
        raise RouteInputInvalid("gas_price", gas_price, "0 or more")


def _executed(search: Search, found: Found) -> Schedule:
    """The trades as exact swaps."""
    flows = flows_at(found.network, found.dual.log_prices, found.worths > 0)
    keep = frozenset(search.weights)
    return schedule(search.markets, flows, search.have_raw, keep)


def _route(
    search: Search, found: Found, done: Schedule, *, method: str = "dual"
) -> Route:
    """What some swaps come to, beside the bound that was found."""
    dual = found.dual
    failure = ""
    if not dual.error <= MOST_ERROR:
        failure = str(NotConverged(dual.error, dual.steps, MOST_ERROR))
    return Route(
        swaps=tuple(done.swaps),
        balances={t: amount for t, amount in done.balances.items() if amount},
        value=_value(search, done),
        gas_cost=float(sum(search.costs[swap.market] for swap in done.swaps)),
        bound=found.most if method == "path" else found.bound,
        ceiling=found.most,
        steps=dual.steps,
        method=method,
        failure=failure,
    )


def _value(search: Search, done: Schedule) -> float:
    """What is there at the end, in sets or at the prices."""
    held = [(done.balances[token], w) for token, w in search.weights.items()]
    if search.wanted.at_prices:
        return float(sum(amount * weight for amount, weight in held))
    return float(min(amount / weight for amount, weight in held))
