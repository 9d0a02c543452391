# SPDX-License-Identifier: MIT
"""The best single path for each token: what remains when the optimiser fails."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from steelyard.amm.errors import PoolError
from steelyard.route.markets import Market, PoolState, swap_exact_in
from steelyard.route.response import Floats
from steelyard.route.schedule import RouteSwap, Schedule
from steelyard.wad import ArithmeticRevert

MOST_HOPS = 3
MOST_PATHS = 20_000


def best_path(
    markets: Sequence[Market],
    have: Mapping[int, int],
    weights: Mapping[int, float],
    costs: Floats,
    at_prices: bool,
) -> Schedule:
    """Each token along its best path into the wanted tokens, whole, one after another.

    Best: value less `costs` of its pools, (pools,). Of several wanted tokens the one
    that pays most at the prices; of a basket, which no single path can make, each gets
    an equal part.
    """
    done = Schedule(balances=defaultdict(int, have))
    for token, amount in have.items():
        if token in weights or amount <= 0:
            continue
        if at_prices or len(weights) == 1:
            unit = 1.0 if at_prices else 1 / next(iter(weights.values()))
            prices = weights if at_prices else dict.fromkeys(weights, unit)
            parts = [(amount, dict(prices))]
        else:
            parts = _split(amount, weights)
        for part, targets in parts:
            best = max(
                _quotes(markets, done, token, part, targets),
                key=lambda found: found[0] - sum(costs[s.market] for s, _ in found[1]),
                default=None,
            )
            for swap, state in best[1] if best else ():
                done.states[swap.market] = state
                done.balances[swap.token_in] -= swap.amount_in
                done.balances[swap.token_out] += swap.amount_out
                done.swaps.append(swap)
    return done


def _split(
    amount: int, weights: Mapping[int, float]
) -> list[tuple[int, dict[int, float]]]:
    parts, left = [], amount
    for token in weights:
        part = amount // len(weights) if token != list(weights)[-1] else left
        parts.append((part, {token: 1.0}))
        left -= part
    return parts


Step = tuple[RouteSwap, PoolState]


def _quotes(
    markets: Sequence[Market],
    done: Schedule,
    token: int,
    amount: int,
    targets: Mapping[int, float],
) -> Iterator[tuple[float, list[Step]]]:
    """(worth, swaps) of paths, as many as `MOST_PATHS` steps lead to."""
    by_token: dict[int, list[int]] = defaultdict(list)
    for number, market in enumerate(markets):
        for one in market.tokens:
            by_token[one].append(number)
    stack: list[tuple[int, int, list[Step], frozenset[int]]] = [
        (token, amount, [], frozenset([token]))
    ]
    for _ in range(MOST_PATHS):
        if not stack:
            return
        here, held, steps, seen = stack.pop()
        if here in targets and steps:
            yield held * targets[here], steps
            continue
        if len(steps) == MOST_HOPS:
            continue
        used = {swap.market for swap, _ in steps}
        for number in by_token[here]:
            if number in used:
                continue
            market = markets[number]
            for place, following in enumerate(market.tokens):
                if following in seen:
                    continue
                step = _step(markets, done, number, here, held, place)
                if step is not None:
                    stack.append(
                        (
                            following,
                            step[0].amount_out,
                            [*steps, step],
                            seen | {following},
                        )
                    )


def _step(
    markets: Sequence[Market],
    done: Schedule,
    number: int,
    token: int,
    amount: int,
    place: int,
) -> Step | None:
    market = markets[number]
    state = done.states.get(number, market.state)
    try:
        after, out = swap_exact_in(state, amount, market.tokens.index(token), place)
    except (PoolError, ArithmeticRevert):
        return None
    if out <= 0:
        return None
    swap = RouteSwap(
        market=number,
        token_in=token,
        token_out=market.tokens[place],
        amount_in=amount,
        amount_out=out,
    )
    return swap, after
