# SPDX-License-Identifier: MIT
"""The best trades as a list of swaps in exact integers, one after the other.

Each swap sells what is there by then; what it pays is what the chain will pay, since
it is computed with the pools' own integers from the state that the swaps before it
left. So nothing is promised that is not there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from steelyard.amm.errors import PoolError
from steelyard.route.markets import Market, PoolState, swap_exact_in
from steelyard.wad import ArithmeticRevert

SLIVER = 10**7  # of a trade, that is not worth another swap
MOST_PARTS = 64  # of one trade, where a pool caps what one swap may move


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A trade wanted in one pool: raw units, floats."""

    market: int
    token_in: int
    token_out: int
    amount_in: float


@dataclass(frozen=True, kw_only=True)
class RouteSwap:
    """One swap, exact. Tokens are the network's."""

    market: int
    token_in: int
    token_out: int
    amount_in: int
    amount_out: int


@dataclass(kw_only=True)
class Schedule:
    """Swaps so far, what they leave in hand, and the pools after them."""

    balances: dict[int, int]
    swaps: list[RouteSwap] = field(default_factory=list)
    states: dict[int, PoolState] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)  # pools that a swap was refused by


def schedule(
    markets: Sequence[Market],
    flows: Sequence[Flow],
    have: Mapping[int, int],
    keep: frozenset[int],
) -> Schedule:
    """Executes `flows` from `have`; of tokens in `keep` what flows ask for is sold,
    of all others everything.

    A token is sold when all that flows into it has come; in a circle none ever is.
    """
    done = Schedule(balances=defaultdict(int, have))
    pending = list(flows)
    while pending:
        waiting = {flow.token_out for flow in pending}
        ready = {flow.token_in for flow in pending} - waiting
        if not ready:
            break
        token = min(ready)
        sold = [flow for flow in pending if flow.token_in == token]
        pending = [flow for flow in pending if flow.token_in != token]
        _sell(markets, sold, done, is_kept=token in keep)
    return done


def _sell(
    markets: Sequence[Market], flows: Sequence[Flow], done: Schedule, *, is_kept: bool
) -> None:
    """Sells one token into its flows, in proportion, the largest last."""
    wanted = sum(flow.amount_in for flow in flows)
    left = done.balances[flows[0].token_in]
    if is_kept:
        left = min(left, int(wanted))
    for flow in sorted(flows, key=lambda flow: flow.amount_in):
        part = left
        if wanted > flow.amount_in:
            part = int(left * (flow.amount_in / wanted))
        left, wanted = left - part, wanted - flow.amount_in
        if part > 0:
            _swap(markets, flow, part, done)


def _swap(markets: Sequence[Market], flow: Flow, amount: int, done: Schedule) -> None:
    """One swap; several where the pool takes no more than a part at once."""
    market = markets[flow.market]
    places = market.tokens.index(flow.token_in), market.tokens.index(flow.token_out)
    sliver = amount // SLIVER + 1
    part = left = amount
    while left > 0:
        part = min(part, left)
        state = done.states.get(flow.market, market.state)
        try:
            after, out = swap_exact_in(state, part, *places)
        except (PoolError, ArithmeticRevert):
            if part <= max(1, amount // MOST_PARTS):
                done.refused.add(flow.market)
                return
            # a pool that is drained to its end takes a sliver less than was computed
            part = amount - sliver if part == amount > 2 * sliver else part // 2
            continue
        if out <= 0:
            return
        left -= part
        done.states[flow.market] = after
        done.balances[flow.token_in] -= part
        done.balances[flow.token_out] += out
        done.swaps.append(
            RouteSwap(
                market=flow.market,
                token_in=flow.token_in,
                token_out=flow.token_out,
                amount_in=part,
                amount_out=out,
            )
        )
        if left <= sliver:
            return
