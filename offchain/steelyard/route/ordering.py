# SPDX-License-Identifier: MIT
"""An order of tokens in which a route can be executed, and the network that obeys it.

Where pools disagree by more than their fees the best trades go around in circles. That
is arbitrage, for which more of some token is wanted than there is. So tokens get an
order, and each may only be sold for later ones: every such route can be executed, one
swap a pool. The order is the one that gives up least of the trades first found.

SOURCE  Eades, Lin, Smyth: "A Fast and Effective Heuristic for the Feedback Arc Set
        Problem" (1993).
"""

from collections.abc import Sequence

import numpy as np

from steelyard.route.response import Bools, Floats, Ints
from steelyard.route.schedule import Flow
from steelyard.route.tables import Network


def is_circular(flows: Sequence[Flow]) -> bool:
    """Whether some token flows back into itself."""
    left = {(flow.token_in, flow.token_out) for flow in flows}
    while left:
        heads = {head for head, _ in left}
        stay = {(a, b) for a, b in left if b in heads}
        if len(stay) == len(left):
            return True
        left = stay
    return False


def best_order(
    flows: Sequence[Flow], prices: Floats, first: Sequence[int], last: Sequence[int]
) -> Ints:
    """Place of each token (n,): `first` before all, `last` after all."""
    count = len(prices)
    values = np.zeros((count, count))
    for flow in flows:
        values[flow.token_in, flow.token_out] += flow.amount_in * prices[flow.token_in]
    begin, end = set(first) - set(last), set(last)
    middle = set(range(count)) - begin - end
    ordered = [
        token for group in (begin, middle, end) for token in _sorted(group, values)
    ]
    places = np.empty(count, dtype=np.int64)
    places[ordered] = np.arange(count)
    return places


def _sorted(tokens: set[int], values: Floats) -> list[int]:
    """Sources first, sinks last; in between whoever sells most more than it buys."""
    left = sorted(tokens)
    front: list[int] = []
    back: list[int] = []
    while left:
        inner = values[np.ix_(left, left)]
        out, into = inner.sum(axis=1), inner.sum(axis=0)
        if not out.all():
            back.append(left.pop(int(np.argmin(out))))
        elif not into.all():
            front.append(left.pop(int(np.argmin(into))))
        else:
            front.append(left.pop(int(np.argmax(out - into))))
    return [*front, *reversed(back)]


def directed(network: Network, order: Ints, received: Sequence[Floats]) -> Network:
    """The network in which tokens are sold only for later ones.

    `received`: values that each block's pools paid (m, k) when anything was allowed. A
    pool of several tokens takes those before some place and pays those from it on: the
    place that keeps most of what it did.
    """
    return Network(
        tokens=network.tokens,
        edges=[edge.directed(order) for edge in network.edges],
        blocks=[
            block.directed(*_split(order[block.tokens], values))
            for block, values in zip(network.blocks, received, strict=True)
        ],
    )


def _split(places: Ints, received: Floats) -> tuple[Bools, Bools]:
    """(tokens that may come in, tokens that may go out), each (m, k)."""
    cuts = np.sort(places, axis=1)[:, 1:, None]  # (m, k - 1, 1)
    before = places[:, None, :] < cuts
    paid = np.maximum(-received, 0.0)[:, None, :]
    bought = np.maximum(received, 0.0)[:, None, :]
    kept = np.where(before, paid, bought).sum(axis=2)
    # of equal ones the last: all come in, one goes out
    best = kept.shape[1] - 1 - np.argmax(kept[:, ::-1], axis=1)
    enter = before[np.arange(len(places)), best]
    return enter, ~enter


def leads_there(network: Network, wanted: Sequence[int]) -> Bools:
    """Which tokens can be sold, however often, into one that is wanted, (n,)."""
    arcs = np.zeros((network.tokens, network.tokens), dtype=bool)
    for edge in network.edges:
        falls, rises = edge.allows()
        arcs[edge.token0[falls], edge.token1[falls]] = True
        arcs[edge.token1[rises], edge.token0[rises]] = True
    for block in network.blocks:
        count = block.tokens.shape[1]
        for i in range(count):
            for j in range(count):
                both = block.may_enter[:, i] & block.may_leave[:, j]
                if i != j:
                    arcs[block.tokens[both, i], block.tokens[both, j]] = True
    found = np.zeros(network.tokens, dtype=bool)
    found[list(wanted)] = True
    while True:
        more = found | (arcs & found[None, :]).any(axis=1)
        if (more == found).all():
            return found
        found = more
