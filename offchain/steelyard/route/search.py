# SPDX-License-Identifier: MIT
"""The pools that are worth their gas, and the best trades through them.

Gas is a fixed cost of each pool that is used: pools are left out while that helps
(backward elimination, then exchanged one by one), and the bound says how much more any
other choice could make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from steelyard.route.dual import Dual, best_prices
from steelyard.route.errors import NoRoute
from steelyard.route.flows import flows_at
from steelyard.route.markets import Market
from steelyard.route.network import network_of
from steelyard.route.ordering import best_order, directed, is_circular, leads_there
from steelyard.route.response import Floats
from steelyard.route.schedule import Flow
from steelyard.route.start import spot_prices
from steelyard.route.tables import Network

ONE_BY_ONE = 12  # pools that are tried without, when few are used
SLIGHT = 1e-12  # of the value traded: a gain below this is none


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to come out: one basket, or whatever is worth most at given prices."""

    weights: Mapping[int, float]  # raw units of a set, or prices per raw unit
    at_prices: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """The best trades of some pools."""

    network: Network
    dual: Dual
    worths: Floats  # (pools,) at these prices; 0 of those left out
    all_worths: Floats  # (pools,)
    cost: float  # of the pools that trade
    bound: float  # over every choice of pools
    most: float  # the same, circles allowed


class Search:
    """One trade, for any choice of pools."""

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

    def best(self, kept: NDArray[np.bool_]) -> Found:
        """The best trades with gas counted. Raises `NoRoute`."""
        free = self._solve(self._useful(self.network), kept)
        flows = flows_at(free.network, free.dual.log_prices, free.worths > 0)
        network = self._in_order(free, flows)
        found = best = self._solve(network, kept) if is_circular(flows) else free
        bound = best.bound
        while (costly := self._costly(found)).any():
            kept = kept & ~costly
            try:
                found = self._solve(network, kept)
            except NoRoute:
                break
            bound = min(bound, found.bound)
            if net_of(found) > net_of(best):
                best = found
        best = self._exchanged(network, best)
        return replace(best, bound=min(bound, best.bound), most=free.bound)

    def _in_order(self, free: Found, flows: Sequence[Flow]) -> Network:
        """The network in which nothing can go in circles."""
        log_prices = free.dual.log_prices
        first = [t for t, amount in self.have_raw.items() if amount > 0]
        order = best_order(flows, np.exp(log_prices), first, self.last)
        received = [block.respond(log_prices).values for block in self.network.blocks]
        return self._useful(directed(self.network, order, received))

    def _useful(self, network: Network) -> Network:
        """Without what leads nowhere."""
        return network.between(leads_there(network, self.last))

    def _solve(self, whole: Network, kept: NDArray[np.bool_]) -> Found:
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
        everything = whole.worths(dual.log_prices, len(self.markets))
        trades = network.has(len(self.markets)) & (
            everything > SLIGHT * abs(dual.value)
        )
        worths = np.where(trades, everything, 0.0)
        held = float(np.exp(dual.log_prices) @ self.have)
        return Found(
            network=network,
            dual=dual,
            worths=worths,
            all_worths=everything,
            cost=float(self.costs[worths > 0].sum()),
            bound=held + float(np.maximum(everything - self.costs, 0.0).sum()),
            most=inf,
        )

    def _costly(self, found: Found) -> NDArray[np.bool_]:
        """The pools to leave out next: the worse half of those not worth their gas."""
        used = (found.worths > 0) & (found.worths < self.costs)
        if not used.any():
            return used
        ratio = np.where(used, found.worths / np.maximum(self.costs, 1e-300), np.inf)
        return np.asarray(used & (ratio <= np.median(ratio[used])))

    def _exchanged(self, network: Network, best: Found) -> Found:
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
                if net_of(found) > net_of(best) * (1 + SLIGHT):
                    best, better, used = found, True, found.worths > 0
                    break
        return best


def net_of(found: Found) -> float:
    """Value less gas."""
    return found.dual.value - found.cost
