# SPDX-License-Identifier: MIT
"""A vault's problem as data, without a snapshot: of the size that the bench asks for.

12 positions and idle asset, 5 tokens, 20 pools of 40 legs, crossing caps, one lending
market above its kink. Values are over NAV before, which is 2,000,000 USDC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from steelyard.bench.vault_parts import NAV, member, pieces_of, reserve_of, slot_of
from steelyard.optimize.problem import (
    BudgetRow,
    FeePool,
    Floats,
    GasCosts,
    Leg,
    LendingMarket,
    MoveCharges,
    Problem,
    Row,
    Slot,
)

Generator = np.random.Generator
PRICES = np.array([1.0, 2e3, 4e4, 0.5, 1.0])  # USDC, WETH, WBTC, ARB, DAI
VOLATILITY = np.array([0.0, 0.65, 0.55, 0.95, 0.01])
CORRELATION = np.array(
    [
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.8, 0.7, 0.0],
        [0.0, 0.8, 1.0, 0.6, 0.0],
        [0.0, 0.7, 0.6, 1.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 1.0],
    ]
)
DEPTHS = (1.0, 1.0, 0.6, 0.25, 1.0)
PAIRS = [(i, j) for i in range(5) for j in range(i + 1, 5)]
CONCENTRATED = (10, 11, 13, 16, 17, 19)  # pools with three pieces a direction
# (token, value now, yield per year)
ALONE = ((1, 0.1, 0.02), (2, 0.06, 0.0), (3, 0.02, 0.0), (4, 0.0, 0.03))
# (tokens, share of the first, value now, fees per year over the depth, pool)
PAIRED = (
    ((0, 1), 0.5, 0.08, 0.18, 0),
    ((1, 2), 0.5, 0.0, 0.12, 4),
    ((0, 3), 0.5, 0.05, 0.40, 2),
    ((0, 1), 0.45, 0.0, 0.30, 10),
    ((1, 4), 0.6, 0.10, 0.22, 16),
)
# (token, supplied by all, usage, its kink, slopes below and above, own value now)
LENT = (
    (0, 20.0, 0.78, 0.9, (0.055, 0.6), 0.20),
    (1, 10.0, 0.55, 0.8, (0.030, 0.8), 0.05),
    (4, 0.8, 0.93, 0.9, (0.060, 0.6), 0.0),
)
CAPS = (
    ("v2", (4, 5, 6), 0.35),
    ("v3", (7, 8), 0.25),
    ("lending", (9, 10, 11), 0.50),
    ("ether", (0, 4, 5, 7, 8, 10), 0.70),
    ("dai", (3, 8, 11), 0.35),
)
CLAIMED = 1.5e-4  # uncollected fees, USDC and WETH


def vault_case(
    seed: int, *, gas: float = 0.0, turnover: float = 10.0, loss: float = 10.0
) -> Problem:
    """The problem of this seed; a fixed cost of `gas` for every action."""
    generator = np.random.default_rng(seed)
    slots = (*_alone(), *_paired(), *_lent())
    legs = tuple(leg for k in range(20) for leg in _pool_legs(generator, k))
    size = 5 + len(slots)
    return Problem(
        nav=NAV,
        inventory=np.array([0.34, 0.0, 0.0, 0.0, 0.0]),
        unit_values=PRICES / NAV,
        claimable=np.array([1e-4, 5e-5, 0.0, 0.0, 0.0]),
        slots=slots,
        legs=legs,
        fee_pools=tuple(_fee_pool(4 + i, each[3]) for i, each in enumerate(PAIRED)),
        lending=tuple(_market(9 + i, *each[1:]) for i, each in enumerate(LENT)),
        rows=_rows(len(slots)),
        budgets=_budgets(legs, slots, loss=loss, turnover=turnover),
        expected_returns=np.array([0.0, 0.22, 0.16, 0.35, 0.0]),
        covariance=covariance(generator),
        tag_exposure=np.array([member(size, has, 5) for _, has, _ in CAPS[:3]]),
        tag_claimable=np.zeros(3),
        tag_variance=np.array([0.01, 0.012, 0.008]) * 0.25,
        exit_rates=np.array([0.0, 5e-4, 5e-4, 1e-3, 5e-4]),
        gas=GasCosts(base=gas, withdraw=gas, swap=gas, supply=gas),
        horizon_years=30 / 365,
        risk_aversion=2.0,
        least_gain=0.0,
        max_solves=400,
    )


def covariance(generator: Generator) -> Floats:
    """(5, 5) per year, a tenth of its correlations noise."""
    days = generator.multivariate_normal(np.zeros(5), CORRELATION, 250)
    mixed = 0.9 * CORRELATION + 0.1 * np.corrcoef(days.T)
    mixed[0] = mixed[:, 0] = 0.0
    return np.asarray(VOLATILITY[:, None] * mixed * VOLATILITY)


def _alone() -> list[Slot]:
    return [
        replace(
            slot_of(f"supply {token}", i, member(5, [token]), value),
            yield_per_year=rate,
        )
        for i, (token, value, rate) in enumerate(ALONE)
    ]


def _paired() -> list[Slot]:
    slots = []
    for i, ((first, second), share, value, _, _) in enumerate(PAIRED, start=4):
        composition = share * member(5, [first]) + (1 - share) * member(5, [second])
        both = CORRELATION[first, second] * VOLATILITY[first] * VOLATILITY[second]
        spread = VOLATILITY[first] ** 2 + VOLATILITY[second] ** 2 - 2 * both
        slots.append(
            replace(
                slot_of(f"pair {i}", i, composition, value),
                lvr_per_year=spread / 8 * (0.7 if i < 7 else 1.6),
                charges=MoveCharges(traded=1e-4, raised=2e-4, lowered=1e-4),
            )
        )
    return slots


def _lent() -> list[Slot]:
    return [
        slot_of(f"lent {token}", i, member(5, [token]), value)
        for i, (token, *_, value) in enumerate(LENT, start=9)
    ]


def _pool_legs(generator: Generator, index: int) -> list[Leg]:
    tokens = PAIRS[index % 10]
    depth = generator.uniform(0.5, 6.0) * min(DEPTHS[t] for t in tokens)
    basis = 1 + generator.uniform(-5e-4, 5e-4)
    fee, liquidity = 0.003, [depth]
    if index in CONCENTRATED:
        fee = 0.0005 if tokens == (0, 4) else 0.001
        liquidity = [depth * generator.uniform(5, 15) * part for part in (1, 0.7, 0.3)]
    owners = [4 + i for i, paired in enumerate(PAIRED) if paired[4] == index]
    thinned = tuple((owner, 0.4 / liquidity[0]) for owner in owners)
    return [
        Leg(
            pool=index,
            zero_for_one=tokens[0] == token_in,
            token_in=token_in,
            token_out=token_out,
            pieces=pieces_of(liquidity, price, fee, thinned),
            least_ratio=0.985,
        )
        for (token_in, token_out), price in (
            (tokens, basis),
            (tokens[::-1], 1 / basis),
        )
    ]


def _fee_pool(slot: int, fees: float) -> FeePool:
    depth = 2.0 + slot % 3
    shares = ((slot, 1 / depth),)
    return FeePool(name=f"pair {slot}", fees_per_year=fees * depth, shares=shares)


def _market(
    slot: int,
    supplied: float,
    usage: float,
    optimal: float,
    slopes: tuple[float, float],
    value: float,
) -> LendingMarket:
    reserve = reserve_of(supplied, usage, optimal, slopes)
    return LendingMarket(slot=slot, reserve=reserve, unit_value=1 / NAV, value=value)


def _rows(slots: int) -> tuple[Row, ...]:
    """Caps of tags and positions and the buffer, against the NAV that is left."""
    whole = np.ones(5 + slots)
    caps: list[tuple[str, Sequence[int], float]] = [
        (f"tag {name} cap", has, share) for name, has, share in CAPS
    ]
    caps += [(f"position {j} cap", (j,), 0.3) for j in range(slots)]
    rows = [
        Row(
            name=name,
            kind="tag",
            coefficients=member(5 + slots, has, 5) - share * whole,
            bound=share * CLAIMED,
        )
        for name, has, share in caps
    ]
    buffer = Row(
        name="idle buffer",
        kind="idle",
        coefficients=0.05 * whole - member(5 + slots, [0]),
        bound=-0.05 * CLAIMED,
    )
    return (*rows, buffer)


def _budgets(
    legs: Sequence[Leg], slots: Sequence[Slot], *, loss: float, turnover: float
) -> tuple[BudgetRow, ...]:
    doubt, count = 0.002, len(legs)
    traded = np.array([s.charges.traded for s in slots])
    return (
        BudgetRow(
            name="loss budget",
            per_input=np.full(count, 1 + doubt),
            per_output=np.full(count, doubt - 1),
            per_raised=np.array([s.charges.raised for s in slots]),
            per_lowered=np.array([s.charges.lowered for s in slots]),
            bound=loss,
        ),
        BudgetRow(
            name="turnover budget",
            per_input=np.full(count, 0.5),
            per_output=np.full(count, 0.5),
            per_raised=traded,
            per_lowered=traded,
            bound=turnover,
        ),
    )
