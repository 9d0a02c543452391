# SPDX-License-Identifier: MIT
"""What each unit held brings in every scenario: prices, impermanent loss, failures.

A liquidity position's worth at any prices is linear in its size, so its impermanent
loss is exact in each scenario and is counted nowhere else: carry such as
loss-versus-rebalancing belongs to models of moments alone.

UNITS   Returns are simple, over the whole horizon, in the asset; fees and interest are
        not in them.
SOURCE  Constant product: worth is 2 sqrt(k p), Uniswap v2 whitepaper. Ranges: Uniswap
        v3 whitepaper, section 6. Failures: one draw a tag, at its chance over the
        horizon, as in the variance of moment models.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.position import range_value
from steelyard.estimate.signals import Signals, failure_of
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.problem import Floats, Slot
from steelyard.state import Snapshot

DEGREES_OF_FREEDOM = 4.0  # of the Student t: measured on ETH, BTC and LINK
ROUNDING = 1e-9  # of a scenario
FAILURES_SEED = 1  # apart from the draw of prices


def price_scenarios(
    signals: Signals,
    years: float,
    count: int,
    seed: int,
    degrees_of_freedom: float = DEGREES_OF_FREEDOM,
) -> Floats:
    """(count, n_tokens) returns, Student t, with exactly the signals' moments.

    Half of them are drawn, the other half are their mirror; then mean and covariance of
    the sample are made those of the signals. A return never falls under -100 %: what a
    fat tail takes further is cut off, and the moments move by that. Raises
    `PreferenceInvalid`: `count` is even, and four a token or more.
    """
    tokens, nu = len(signals.expected_returns), degrees_of_freedom
    if count % 2 or count < 4 * tokens:
        raise PreferenceInvalid("count", count, f"even, {4 * tokens} or more")
    for name, value, least in (("years", years, 0), ("degrees_of_freedom", nu, 2)):
        if not least < value < np.inf:
            raise PreferenceInvalid(name, value, f"above {least}, finite")
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((count // 2, tokens))
    half = normal / np.sqrt(rng.chisquare(nu, size=(count // 2, 1)) / nu)
    shocks = np.vstack([half, -half])
    whitened = shocks @ _inverse_root(shocks.T @ shocks / len(shocks))
    moved = whitened @ _root(signals.covariance * years)
    return np.asarray(np.maximum(signals.expected_returns * years + moved, -1.0))


def failure_scenarios(
    signals: Signals, tags: Sequence[str], years: float, count: int, seed: int
) -> Floats:
    """(count, n_tags) shares of what stands at a tag that are lost: 0 or its LGD.

    ceil(chance x count) of the scenarios fail, drawn at random: at least one, however
    short the horizon, of what can fail at all.
    """
    rng = np.random.default_rng((seed, FAILURES_SEED))
    lost = np.zeros((count, len(tags)))
    for i, tag in enumerate(tags):
        probability, loss = failure_of(signals, tag)
        chance = 1 - (1 - probability) ** years
        failed = rng.permutation(count)[: ceil(chance * count - ROUNDING)]
        lost[failed, i] = loss
    return lost


def column_returns(
    snapshot: Snapshot, slots: Sequence[Slot], prices: Floats, lost: Floats
) -> Floats:
    """(count, n_tokens + n_slots) return of each unit of z in every scenario.

    `prices` (count, n_tokens) and `lost` (count, n_tags), made as above for the tokens
    and tags of the snapshot. A token whose tag fails is worth that much less, in a pool
    too; a position whose tag fails loses that share of whatever it is worth by then. A
    tag of both counts once, at the position.
    """
    kept = 1 - lost
    everywhere = _after_failures(snapshot, prices, kept, frozenset())
    columns = [everywhere]
    for slot in slots:
        tags = snapshot.positions[slot.position].tags
        moved = _after_failures(snapshot, prices, kept, tags)
        worth = 1 + _slot_returns(snapshot, slot, moved)
        columns.append(worth[:, None] * _survival(kept, tags)[:, None] - 1)
    return np.hstack(columns)


def _after_failures(
    snapshot: Snapshot, prices: Floats, kept: Floats, apart: frozenset[int]
) -> Floats:
    """(count, n_tokens) returns with the failures of tokens' tags but those `apart`."""
    left = [_survival(kept, token.tags - apart) for token in snapshot.tokens]
    return np.asarray((1 + prices) * np.column_stack(left) - 1)


def _survival(kept: Floats, tags: frozenset[int]) -> Floats:
    """(count,) what is left after the failures of these tags, one after the other."""
    return np.asarray(np.prod(kept[:, sorted(tags)], axis=1))


def _slot_returns(snapshot: Snapshot, slot: Slot, prices: Floats) -> Floats:
    position = snapshot.positions[slot.position]
    if isinstance(position.state, ConstantProduct):
        first, second = (1 + prices[:, token] for token in position.tokens)
        return np.asarray(np.sqrt(first * second) - 1)
    if isinstance(position.state, Concentrated):
        return _range_returns(snapshot, slot, prices)
    return np.asarray(prices @ slot.composition)  # what is in it does not change


def _range_returns(snapshot: Snapshot, slot: Slot, prices: Floats) -> Floats:
    position = snapshot.positions[slot.position]
    now0, now1 = (snapshot.tokens[t].price_e36 / 1e36 for t in position.tokens)
    then0, then1 = (1 + prices[:, token] for token in position.tokens)
    lower, upper = (1.0001**tick for tick in (slot.tick_lower, slot.tick_upper))
    price = now0 / now1
    before = float(range_value(1.0, price, lower, upper))
    # a token worth nothing: the pool holds it alone
    moved = price * then0 / np.maximum(then1, 1e-12)
    after = np.asarray(range_value(1.0, np.maximum(moved, 1e-300), lower, upper))
    return np.asarray(after * then1 / before - 1)


def _root(matrix: Floats) -> Floats:
    roots, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(roots, 0.0)) @ vectors.T)


def _inverse_root(matrix: Floats) -> Floats:
    roots, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors / np.sqrt(roots) @ vectors.T)
