# SPDX-License-Identifier: MIT
"""Random vault problems with every kind of slot, row and budget; small, same by seed.

Doing nothing is allowed in all of them but where a floor or a pin is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.bench.vault_parts import (
    NAV,
    member,
    pieces_of,
    reserve_of,
    slot_of,
)
from steelyard.optimize.problem import (
    BudgetRow,
    FeePool,
    Floats,
    GasCosts,
    Leg,
    LendingMarket,
    Problem,
    Row,
    Slot,
)
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import Allocation, nothing, worst_violation

Generator = np.random.Generator
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """What a problem may contain."""

    budgets: bool = True
    floors: bool = False
    reduce_only: bool = False
    pinned: bool = False  # a weighted sum that must be met exactly
    gas: float = 0.0  # most of an action
    most_slots: int = 6
    most_pools: int = 5


PLAIN = Kinds()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shape:
    """What was drawn first: tokens, pools and what kind each slot is."""

    generator: Generator
    kinds: Kinds
    tokens: int
    pairs: list[Pair]  # of the pools
    slots: list[tuple[str, int]]  # (kind, pool or -1)
    inventory: Floats
    values: Floats

    @property
    def before(self) -> Floats:
        return np.append(self.inventory, self.values)


def random_case(seed: int, kinds: Kinds = PLAIN) -> Problem:
    """The problem of this seed."""
    shape = _shape(np.random.default_rng([seed, 7]), kinds)
    generator, tokens = shape.generator, shape.tokens
    lending = tuple(
        _market(generator, j, float(shape.values[j]))
        for j, (kind, _) in enumerate(shape.slots)
        if kind == "lent"
    )
    slots = _slots(shape, lending)
    legs = [leg for k in range(len(shape.pairs)) for leg in _legs(shape, k)]
    claimable = generator.uniform(0, 1e-3, tokens) * (generator.random(tokens) < 0.3)
    size = len(shape.before)
    tags = (generator.random((int(generator.integers(0, 3)), size)) < 0.4) * 1.0
    gas = generator.uniform(0, kinds.gas, 3)
    risky = np.arange(tokens) > 0
    return Problem(
        nav=NAV,
        inventory=shape.inventory,
        unit_values=np.full(tokens, 1 / NAV),
        claimable=claimable,
        slots=slots,
        legs=tuple(legs),
        fee_pools=_fee_pools(shape),
        lending=lending,
        rows=_rows(shape, slots, float(claimable.sum())),
        budgets=_budgets(generator, len(legs), len(slots)) if kinds.budgets else (),
        expected_returns=generator.normal(0, 0.15, tokens) * risky,
        covariance=_covariance(generator, tokens),
        tag_exposure=tags.reshape(-1, size),
        tag_claimable=generator.uniform(0, 1e-3, len(tags)),
        tag_variance=generator.uniform(0, 0.02, len(tags)),
        exit_rates=generator.uniform(0, 2e-3, tokens),
        gas=GasCosts(base=0.0, withdraw=gas[0], swap=gas[1], supply=gas[2]),
        horizon_years=float(generator.choice([7, 30, 90])) / 365,
        risk_aversion=float(generator.choice([0.0, 1.0, 4.0])),
        least_gain=0.0,
        max_solves=400,
    )


def _shape(generator: Generator, kinds: Kinds) -> _Shape:
    tokens = int(generator.integers(1, 5))
    count = 0 if tokens == 1 else int(generator.integers(0, kinds.most_pools + 1))
    pairs = []
    for _ in range(count):
        first, second = generator.choice(tokens, 2, replace=False)
        pairs.append((int(first), int(second)))
    slots = _slot_kinds(generator, kinds, count)
    weights = generator.dirichlet(np.full(tokens + len(slots), 0.7))
    weights[generator.random(len(weights)) < 0.3] = 0.0
    weights[0] += 1 - weights.sum()
    return _Shape(
        generator=generator,
        kinds=kinds,
        tokens=tokens,
        pairs=pairs,
        slots=slots,
        inventory=weights[:tokens],
        values=weights[tokens:],
    )


def _slot_kinds(
    generator: Generator, kinds: Kinds, pools: int
) -> list[tuple[str, int]]:
    """Two ranges stand in one pool; each pool has one position at most."""
    found: list[tuple[str, int]] = []
    free = list(range(pools))
    for _ in range(int(generator.integers(0, kinds.most_slots + 1))):
        names = ["single", "lent", "held", *(["pair", "range"] if free else [])]
        kind = str(generator.choice(names))
        pool = free.pop() if kind in ("pair", "range") else -1
        found += [(kind, pool)] * (2 if kind == "range" else 1)
    return found


def _slots(shape: _Shape, lending: Sequence[LendingMarket]) -> tuple[Slot, ...]:
    stuck = {
        m.slot: m.value - m.reserve.available_liquidity * m.unit_value for m in lending
    }
    found, generator = [], shape.generator
    for j, (kind, pool) in enumerate(shape.slots):
        value = float(shape.values[j])
        if pool >= 0:
            first = generator.choice([0.5, generator.uniform(0, 1)])
            parts = [member(shape.tokens, [t]) for t in shape.pairs[pool]]
            composition = first * parts[0] + (1 - first) * parts[1]
        else:
            composition = member(shape.tokens, [generator.integers(0, shape.tokens)])
        lowest = value if kind == "held" else max(stuck.get(j, 0.0), 0.0)
        found.append(
            replace(
                slot_of(f"{kind} {j}", j, composition, value),
                lowest=lowest,
                highest=value if kind == "held" else 1.0,
                yield_per_year=generator.uniform(-0.01, 0.12) * (kind == "single"),
                lvr_per_year=generator.uniform(0, 0.1) * (pool >= 0),
            )
        )
    return tuple(found)


def _market(generator: Generator, slot: int, value: float) -> LendingMarket:
    supplied = float(10 ** generator.uniform(-0.7, 1.3)) + value
    reserve = reserve_of(
        supplied,
        generator.uniform(0.3, 0.98),
        float(generator.choice([0.8, 0.9])),
        (generator.uniform(0.01, 0.1), generator.uniform(0.3, 3.0)),
    )
    reserve = replace(
        reserve,
        unbacked=int(generator.choice([0, int(0.1 * supplied * NAV)])),
        base_rate_ray=int(generator.choice([0, 10**25])),
    )
    return LendingMarket(slot=slot, reserve=reserve, unit_value=1 / NAV, value=value)


def _fee_pools(shape: _Shape) -> tuple[FeePool, ...]:
    found = []
    for pool in range(len(shape.pairs)):
        own = [j for j, (_, at) in enumerate(shape.slots) if at == pool]
        if not own:
            continue
        others = shape.generator.uniform(0.05, 3.0)
        shares = tuple((j, shape.generator.uniform(0.5, 2.0) / others) for j in own)
        fees = shape.generator.uniform(0.0, 0.6) * others
        found.append(FeePool(name=f"pool {pool}", fees_per_year=fees, shares=shares))
    return tuple(found)


def _legs(shape: _Shape, pool: int) -> list[Leg]:
    """Both directions; the first of two ranges stands in the first piece alone."""
    generator, pair = shape.generator, shape.pairs[pool]
    own = [j for j, (_, at) in enumerate(shape.slots) if at == pool]
    count = 1 if len(own) == 1 else int(generator.integers(1, 4))
    liquidity = 10 ** generator.uniform(-1.5, 1) * generator.uniform(0.3, 1, count)
    basis = 1 + generator.uniform(-2e-3, 2e-3)
    fee = float(generator.choice([3e-3, 5e-4]))
    part = generator.uniform(0, 0.45)  # of the pool that each of the own slots is
    shares = [(j, part / v if (v := shape.values[j]) > 0 else 0.1) for j in own]
    made = []
    for tokens, price in ((pair, basis), (pair[::-1], 1 / basis)):
        pieces = tuple(
            replace(piece, thinned=tuple(shares if i == 0 else shares[-1:]))
            for i, piece in enumerate(pieces_of(list(liquidity), price, fee))
        )
        made.append(
            Leg(
                pool=pool,
                zero_for_one=tokens == pair,
                token_in=tokens[0],
                token_out=tokens[1],
                pieces=pieces,
                least_ratio=1 - float(generator.choice([0.002, 0.005, 0.01, 0.02])),
            )
        )
    return made


def _covariance(generator: Generator, tokens: int) -> Floats:
    loads = generator.normal(size=(tokens, 3))
    raw = loads @ loads.T
    size = np.sqrt(np.diag(raw))
    sigma = generator.uniform(0, 0.8, tokens) * (np.arange(tokens) > 0)
    return np.asarray(sigma[:, None] * (raw / size / size[:, None]) * sigma)


def _rows(shape: _Shape, slots: Sequence[Slot], claimed: float) -> tuple[Row, ...]:
    """Caps of random groups and of tokens and a buffer, then what was asked for."""
    generator, before, kinds = shape.generator, shape.before, shape.kinds
    tokens, size = shape.tokens, len(before)
    compositions = np.array([s.composition for s in slots]).reshape(-1, tokens).T
    of_token = np.hstack([np.eye(tokens), compositions])
    rows = []
    for i, group in enumerate([*(generator.random((3, size)) < 0.5), *of_token[1:]]):
        share, spare = generator.uniform(0.1, 0.9), generator.choice([0.0, 0.02])
        over = group - share
        bound = max(share * claimed, float(over @ before) + spare)
        rows.append(_row(f"cap {i}", "tag", over, bound))
    idle = generator.uniform(0, 0.1) - np.eye(size)[0]
    rows.append(_row("idle", "idle", idle, max(0.0, float(idle @ before))))
    if kinds.reduce_only:
        for i, token in enumerate(of_token[1:], start=1):
            bound = float(token @ before)
            rows.append(_row(f"token {i} may only fall", "reduce-only", token, bound))
    if kinds.pinned:
        target = float(of_token[-1] @ before) * generator.uniform(0.8, 1.1)
        rows.append(_row("pinned above", "floor", of_token[-1], target))
        rows.append(_row("pinned below", "floor", -of_token[-1], -target))
    if kinds.floors and tokens > 1:
        wanted = generator.uniform(0, 0.4)
        rows.append(_row("floor", "floor", wanted - of_token[1], 0.0))
    return tuple(rows)


def _row(name: str, kind: str, coefficients: Floats, bound: float) -> Row:
    return Row(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        coefficients=np.asarray(coefficients, dtype=np.float64),
        bound=bound,
    )


def _budgets(generator: Generator, legs: int, slots: int) -> tuple[BudgetRow, ...]:
    doubt = generator.uniform(0, 0.01)
    charges = generator.uniform(0, 1e-3, (3, slots)) * (generator.random() < 0.7)
    return (
        BudgetRow(
            name="loss budget",
            per_input=np.full(legs, 1 + doubt),
            per_output=np.full(legs, doubt - 1),
            per_raised=charges[0],
            per_lowered=charges[1],
            bound=float(10 ** generator.uniform(-4, 0)),
        ),
        BudgetRow(
            name="turnover budget",
            per_input=np.full(legs, 0.5),
            per_output=np.full(legs, 0.5),
            per_raised=charges[2],
            per_lowered=charges[2],
            bound=float(10 ** generator.uniform(-2, 1)),
        ),
    )


def random_allocations(
    problem: Problem, generator: np.random.Generator, count: int
) -> list[Allocation]:
    """Doing nothing and what of random moves and swaps keeps every limit."""
    found = [nothing(problem)]
    lowest = np.array([s.lowest for s in problem.slots])
    highest = np.array([s.highest for s in problem.slots])
    for _ in range(count):
        size = 10 ** generator.uniform(-4, -0.5)
        moved = generator.normal(size=len(problem.slots)) * size
        moved *= generator.random(len(problem.slots)) < 0.5
        inputs = generator.uniform(0, size, len(problem.legs))
        inputs *= generator.random(len(problem.legs)) < 0.3
        values = np.clip(problem.values + moved, lowest, highest)
        made = settle(problem, values, inputs, lowest, highest)
        if made is not None and worst_violation(problem, made) <= 1e-15:
            found.append(made)
    return found
