# SPDX-License-Identifier: MIT
"""The best way to trade a basket into a basket across all pools.

    bound     no route makes more: the dual's value, gas counted. Arbitrage in circles,
              for which there is nothing in hand, is not of a route (ordering.py)
    swaps     exact integers in order; what they pay is what the chain pays
    received  what is there at the end

Gas is a fixed cost of each pool that is used: pools are left out while that helps
(backward elimination, then one by one), and the bound says how much more any other
choice could make. A pool that refuses its swap is left out and the route found anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from steelyard.route.dual import Dual, Network, best_prices
from steelyard.route.errors import NoRoute, NotConverged, RouteInputInvalid
from steelyard.route.flows import flows_at
from steelyard.route.markets import Market, check_markets
from steelyard.route.network import network_of
from steelyard.route.ordering import best_order, directed, is_circular, leads_there
from steelyard.route.paths import best_path
from steelyard.route.response import Floats
from steelyard.route.schedule import RouteSwap, Schedule, schedule
from steelyard.route.start import spot_prices

MOST_ERROR = 1e-5  # of the value traded: above this the prices were not found
ATTEMPTS = 4  # with pools that refuse left out
FEW_POOLS = 200  # among which the best single path is looked for too
ONE_BY_ONE = 12  # pools that are tried without, when few are used
SLIGHT = 1e-12  # of the value traded: a gain below this is none


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to come out: one basket, or whatever is worth most at given prices."""

    weights: Mapping[int, float]  # raw units of a set, or prices per raw unit
    at_prices: bool = False


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
    search = _Search(markets, tokens, have, wanted, costs)
    kept = np.ones(len(markets), dtype=bool)
    for _ in range(ATTEMPTS):
        found = search.best(kept)
        done = search.executed(found)
        refused = sorted(done.refused)
        if not refused:
            break
        kept[refused] = False
    route = search.route(found, done)
    if not route.failure and not (costs.any() and len(markets) <= FEW_POOLS):
        return route
    path = best_path(markets, have, search.weights, costs, wanted.at_prices)
    other = search.route(found, path, method="path")
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


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The best trades of some pools."""

    network: Network
    dual: Dual
    worths: Floats  # (pools,) at these prices; 0 of those left out
    all_worths: Floats  # (pools,)
    cost: float  # of the pools that trade
    bound: float  # over every choice of pools
    most: float  # the same, circles allowed


class _Search:
    def __init__(
        self,
        markets: Sequence[Market],
        tokens: int,
        have: Mapping[int, int],
        wanted: Wanted,
        costs: Floats,
    ) -> None:
        self.markets, self.have_raw, self.wanted = markets, have, wanted
        self.costs = costs
        self.have, self.want = np.zeros(tokens), np.zeros(tokens)
        for token, amount in have.items():
            self.have[token] = amount
        for token, weight in wanted.weights.items():
            self.want[token] = weight
        self.weights = {t: w for t, w in wanted.weights.items() if w > 0}
        self.last = sorted(self.weights)
        self.network = network_of(markets, tokens)
        self.prices = spot_prices(self.network)

    def best(self, kept: NDArray[np.bool_]) -> _Found:
        """The best trades with gas counted. Raises `NoRoute`."""
        free = self._solve(self._useful(self.network), kept)
        network = self._in_order(free)
        found = best = free if network is None else self._solve(network, kept)
        network = network or self._useful(self.network)
        bound = best.bound
        while (costly := self._costly(found)).any():
            kept = kept & ~costly
            try:
                found = self._solve(network, kept)
            except NoRoute:
                break
            bound = min(bound, found.bound)
            if _net(found) > _net(best):
                best = found
        best = self._exchanged(network, best)
        return replace(best, bound=min(bound, best.bound), most=free.bound)

    def _in_order(self, free: _Found) -> Network | None:
        """The network without circles; None when the trades go in none."""
        log_prices = free.dual.log_prices
        flows = flows_at(free.network, log_prices, free.worths > 0)
        if not is_circular(flows):
            return None
        first = [t for t, amount in self.have_raw.items() if amount > 0]
        order = best_order(flows, np.exp(log_prices), first, self.last)
        blocks = self.network.blocks
        received = [block.respond(log_prices).values for block in blocks]
        return self._useful(directed(self.network, order, received))

    def _useful(self, network: Network) -> Network:
        """Without what leads nowhere."""
        return network.between(leads_there(network, self.last))

    def _solve(self, whole: Network, kept: NDArray[np.bool_]) -> _Found:
        network = whole.only(kept)
        useful = leads_there(network, self.last)
        network = network.between(useful)
        have = np.where(useful, self.have, 0.0)
        if not have.any():
            raise NoRoute(str(sorted(self.have_raw)), str(self.last))
        dual = best_prices(
            network,
            have,
            self.want,
            at_prices=self.wanted.at_prices,
            start=self.prices,
        )
        worths = network.worths(dual.log_prices, len(self.markets))
        worths = np.where(worths > SLIGHT * abs(dual.value), worths, 0.0)
        everything = whole.worths(dual.log_prices, len(self.markets))
        held = float(np.exp(dual.log_prices) @ self.have)
        return _Found(
            network=network,
            dual=dual,
            worths=worths,
            all_worths=everything,
            cost=float(self.costs[worths > 0].sum()),
            bound=held + float(np.maximum(everything - self.costs, 0.0).sum()),
            most=inf,
        )

    def _costly(self, found: _Found) -> NDArray[np.bool_]:
        """The pools to leave out next: the worse half of those not worth their gas."""
        used = (found.worths > 0) & (found.worths < self.costs)
        if not used.any():
            return used
        ratio = np.where(used, found.worths / np.maximum(self.costs, 1e-300), np.inf)
        return np.asarray(used & (ratio <= np.median(ratio[used])))

    def _exchanged(self, network: Network, best: _Found) -> _Found:
        """Better still with one pool less or one more, as long as it is.

        A pool that was left out can gain no more than its worth at the prices now.
        """
        better = bool(self.costs.any())
        used = best.worths > 0
        while better and 1 <= used.sum() <= ONE_BY_ONE:
            better = False
            more = ~used & (best.all_worths > self.costs)
            for pool in np.flatnonzero((used & (self.costs > 0)) | more):
                other = used.copy()
                other[pool] = not used[pool]
                try:
                    found = self._solve(network, other)
                except NoRoute:
                    continue
                if _net(found) > _net(best) * (1 + SLIGHT):
                    best, better, used = found, True, found.worths > 0
                    break
        return best

    def executed(self, found: _Found) -> Schedule:
        """The trades as exact swaps."""
        flows = flows_at(found.network, found.dual.log_prices, found.worths > 0)
        keep = frozenset(self.weights)
        return schedule(self.markets, flows, self.have_raw, keep)

    def route(self, found: _Found, done: Schedule, *, method: str = "dual") -> Route:
        """What some swaps come to, beside the bound that was found."""
        used = sorted({swap.market for swap in done.swaps})
        dual = found.dual
        failure = ""
        if not dual.error <= MOST_ERROR:
            failure = str(NotConverged(dual.error, dual.steps, MOST_ERROR))
        return Route(
            swaps=tuple(done.swaps),
            balances={t: amount for t, amount in done.balances.items() if amount},
            value=self.value(done),
            gas_cost=float(self.costs[used].sum()),
            bound=found.most if method == "path" else found.bound,
            ceiling=found.most,
            steps=dual.steps,
            method=method,
            failure=failure,
        )

    def value(self, done: Schedule) -> float:
        """What is there at the end, in sets or at the prices."""
        held = [(done.balances[token], w) for token, w in self.weights.items()]
        if self.wanted.at_prices:
            return float(sum(amount * weight for amount, weight in held))
        return float(min(amount / weight for amount, weight in held))


def _net(found: _Found) -> float:
    return found.dual.value - found.cost
