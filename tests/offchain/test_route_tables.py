# SPDX-License-Identifier: MIT
"""Tables of pools: best trades are those of the pools, and bend as they say."""

from typing import Any

import numpy as np
import pytest
from route_cases import KINDS, Case, random_case

from steelyard.route.markets import swap_exact_in
from steelyard.route.network import network_of
from steelyard.route.ordering import directed
from steelyard.route.start import spot_prices

STEP = 1e-6  # of a log price


def prices_of(case: Case) -> Any:
    pairs = zip(case.dollars, case.decimals, strict=True)
    return np.array([np.log(dollars / 10**decimals) for dollars, decimals in pairs])


def tables(case: Case, log_prices: Any, *, order: Any = None) -> list[Any]:
    """Each table of the case's network, in units worth e^log_prices."""
    network = network_of(case.markets, len(case.decimals))
    if order is not None:
        received = [block.respond(log_prices).values for block in network.blocks]
        network = directed(network, order, received)
    network = network.in_units(log_prices)
    return [*network.edges, *network.blocks]


def rows(table: Any, log_prices: Any) -> tuple[Any, Any, Any]:
    """(tokens, values, bend) of each pool of a table: (m, k), (m, k), (m, k, k)."""
    answer = table.respond(log_prices)
    if hasattr(table, "tokens"):
        return table.tokens, answer.values, answer.bend
    bend = np.array([[answer.bend, -answer.bend], [-answer.bend, answer.bend]])
    return (
        np.stack([table.token0, table.token1], axis=1),
        np.stack([answer.values0, answer.values1], axis=1),
        bend.transpose(2, 0, 1),
    )


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_respond__values_are_the_derivative_of_the_worth(
    kind: str, in_order: bool
) -> None:
    for seed in range(6):
        case = random_case(seed, kinds=(kind,))
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(case.decimals)) if in_order else None
        at = rng.normal(0, 0.01, len(case.decimals))
        for table in tables(case, prices_of(case), order=order):
            tokens, values, _ = rows(table, at)
            scale = np.abs(values).max(axis=1) + 1e-9
            for token in range(len(at)):
                step = STEP * (np.arange(len(at)) == token)
                _, there, _ = rows(table, at + step)
                slope = (there.sum(axis=1) - values.sum(axis=1)) / STEP
                here = np.where(tokens == token, values, 0.0).sum(axis=1)
                there = np.where(tokens == token, there, 0.0).sum(axis=1)
                slack = 1e-5 * scale
                assert np.all(np.minimum(here, there) - slack <= slope)
                assert np.all(slope <= np.maximum(here, there) + slack)


@pytest.mark.parametrize("kind", KINDS)
def test_respond__bend_is_the_derivative_of_the_values(kind: str) -> None:
    for seed in range(6):
        case = random_case(seed, kinds=(kind,))
        at = np.random.default_rng(seed).normal(0, 0.01, len(case.decimals))
        for table in tables(case, prices_of(case)):
            tokens, values, bend = rows(table, at)
            scale = np.abs(bend).max(axis=(1, 2)) + np.abs(values).max(axis=1) + 1e-9
            for place in range(tokens.shape[1]):
                for row in range(len(tokens)):
                    step = STEP * (np.arange(len(at)) == tokens[row, place])
                    above = (rows(table, at + step)[1][row] - values[row]) / STEP
                    below = (values[row] - rows(table, at - step)[1][row]) / STEP
                    said = bend[row, place].copy()
                    said[place] += values[row, place]  # by the price itself
                    slack = 1e-4 * scale[row]  # at a corner both sides differ
                    assert np.all(np.minimum(above, below) - slack <= said)
                    assert np.all(said <= np.maximum(above, below) + slack)


@pytest.mark.parametrize("kind", KINDS)
def test_respond__trade_of_two_tokens__is_what_the_pool_pays(kind: str) -> None:
    checked = 0
    for seed in range(8):
        case = random_case(seed, kinds=(kind,))
        logs = prices_of(case)
        at = np.random.default_rng(seed).normal(0, 0.003, len(case.decimals))
        paid: dict[int, dict[int, float]] = {}
        for table in tables(case, logs):
            tokens, values, _ = rows(table, at)
            for pool, held, value in zip(table.pool, tokens, values, strict=True):
                sums = paid.setdefault(int(pool), {})
                for token, v in zip(held, value, strict=True):
                    amount = v / np.exp(at[token] + logs[token])
                    sums[int(token)] = sums.get(int(token), 0.0) + amount
        for pool, sums in paid.items():
            moved = [token for token, amount in sums.items() if amount]
            if len(moved) != 2:
                continue
            token_in = min(moved, key=lambda token: sums[token])
            token_out = max(moved, key=lambda token: sums[token])
            market = case.markets[pool]
            places = market.tokens.index(token_in), market.tokens.index(token_out)
            amount = int(-sums[token_in])
            _, out = swap_exact_in(market.state, amount, *places)
            # what the pool rounds, and the unit that was cut off what goes in
            slack = 3 + 2 * sums[token_out] / amount
            assert out == pytest.approx(sums[token_out], rel=1e-8, abs=slack)
            checked += 1
    assert checked > 10


def test_spot_prices__pools_that_agree__are_their_prices() -> None:
    case = random_case(3, noise=0.0, kinds=("constant product", "concentrated"))

    found = spot_prices(network_of(case.markets, len(case.decimals)))

    off = found - prices_of(case)
    assert np.ptp(off) < 1e-3
