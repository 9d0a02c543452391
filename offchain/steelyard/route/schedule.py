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

ROUNDS = 40  # of partial sales around a circle of tokens
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

    A token is sold when all that flows into it has come. Where tokens flow in a circle
    none is ever ready: then the one of which most is there is sold as far as it goes.
    """
    done = Schedule(balances=defaultdict(int, have))
    pending = list(flows)
    for _ in range(len(flows) + ROUNDS):
        if not pending:
            break
        waiting = {flow.token_out for flow in pending}
        sellers = {flow.token_in for flow in pending}
        ready = [token for token in sellers if token not in waiting]
        if ready:
            token, last = ready[0], True
        else:
            token, last = max(sellers, key=lambda t: _share(t, pending, done)), False
        sold = [flow for flow in pending if flow.token_in == token]
        rest = [flow for flow in pending if flow.token_in != token]
        before = len(done.swaps)
        pending = rest + _sell(markets, sold, done, token, token in keep, last)
        if not last and len(done.swaps) == before:
            break
    return done


def _share(token: int, pending: Sequence[Flow], done: Schedule) -> float:
    wanted = sum(flow.amount_in for flow in pending if flow.token_in == token)
    return done.balances[token] / wanted if wanted > 0 else 0.0


def _sell(
    markets: Sequence[Market],
    flows: Sequence[Flow],
    done: Schedule,
    token: int,
    kept: bool,
    last: bool,
) -> list[Flow]:
    """Sells a token into its flows, in proportion; what is still wanted afterwards."""
    wanted = sum(flow.amount_in for flow in flows)
    there = done.balances[token]
    selling = min(there, int(wanted)) if kept or not last else there
    if wanted <= 0 or selling <= 0:
        return [] if last else list(flows)
    left, still, open_share = selling, wanted, []
    for flow in sorted(flows, key=lambda f: f.amount_in):
        part = int(left * (flow.amount_in / still)) if still > flow.amount_in else left
        left, still = left - part, still - flow.amount_in
        _swap(markets, flow, part, done)
        more = flow.amount_in - part
        if not last and more > 1e-9 * flow.amount_in:
            open_share.append(
                Flow(
                    market=flow.market,
                    token_in=flow.token_in,
                    token_out=flow.token_out,
                    amount_in=more,
                )
            )
    return open_share


def _swap(markets: Sequence[Market], flow: Flow, amount: int, done: Schedule) -> None:
    """One swap; several where the pool takes no more than a part at once."""
    market = markets[flow.market]
    places = market.tokens.index(flow.token_in), market.tokens.index(flow.token_out)
    part, left = amount, amount
    while left > amount // SLIVER + 1 or left == amount > 0:
        part = min(part, left)
        state = done.states.get(flow.market, market.state)
        try:
            after, out = swap_exact_in(state, part, *places)
        except (PoolError, ArithmeticRevert):
            if part <= amount // MOST_PARTS:
                done.refused.add(flow.market)
                return
            # a pool that is drained to its end takes a sliver less than was computed
            part = amount - amount // SLIVER - 1 if part == amount else part // 2 + 1
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
