# SPDX-License-Identifier: MIT
"""A demo made by hand: eight simulated days of a vault with two orders.

The vault opens with 2,500,000 USDC. Prices are the scenario's; holdings change only on
days 0 and 5 and by a withdrawal on day 4, so that every number can be followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from types import SimpleNamespace
from typing import cast

from plan_cases import Tolerances
from snapshots import (
    bytes32,
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.chain.events import VaultEvent
from steelyard.demo.record import (
    Day,
    DemoRecord,
    FeesPaid,
    Movement,
    Point,
    Refusal,
)
from steelyard.demo.scenario import Options, Scenario, prepare
from steelyard.keeper.decide import Decision
from steelyard.keeper.record import BudgetName, ChargeResult, RunRecord, SwapResult
from steelyard.lending import Erc4626
from steelyard.optimize.measured import Measured
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.terms import Terms
from steelyard.order import ZERO_ADDRESS, Rebalance, Swap, order_digest
from steelyard.plan.checks import target_bands
from steelyard.plan.valuation import book
from steelyard.plan.world import world_of
from steelyard.report.ledger import carries
from steelyard.state import RangeState, Snapshot, TagState, TokenState

USD = 10**6
DAY = 86_400
DAYS = 8
WITHDRAWN = 100_000
PREFERENCES = Preferences()
SUPPLY = 2_500_000 * 10**18
PAIR, POOL, WIDE_POOL, AAVE, SAVINGS = 0x2A, 0x3A, 0x3B, 0xAA, 0x46
NAMES = {
    PAIR: "uniswap-v2 USDC/WETH",
    POOL: "uniswap-v3 USDC/WETH 0.05%",
    WIDE_POOL: "uniswap-v3 USDC/WBTC 0.3%",
    AAVE: "aave-v3 USDC",
    SAVINGS: "erc4626 sUSDC",
}


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """Of the vault: whole tokens idle, and a share or an amount in each market."""

    usdc: float = 2_500_000.0
    weth: float = 0.0
    link: float = 0.0
    pair_share: float = 0.0
    range_liquidity: int = 0
    wide_liquidity: int = 0
    lent: float = 0.0
    savings: float = 0.0
    shares: int = SUPPLY


EMPTY = Holdings()


@cache
def scenario() -> Scenario:
    return prepare(Options(days=DAYS, seed=7))


def prices_at(day: float) -> dict[str, float]:
    """Dollars, between two closes on a straight line."""
    closes = scenario().closes
    low = min(int(day), len(closes) - 2)
    row = closes[low] + (day - low) * (closes[low + 1] - closes[low])
    return dict(zip(("WETH", "WBTC", "LINK"), map(float, row), strict=True))


@cache
def first() -> Holdings:
    """After the order of day 0, which costs 1,630 USDC."""
    held = Holdings(
        weth=12.5,
        link=4_100.0,
        pair_share=0.011,
        range_liquidity=33 * 10**15,
        wide_liquidity=8 * 10**10,
        lent=560_000.0,
        savings=400_000.0,
    )
    return _paid_for(held, day=0, before=EMPTY, cost=1_630)


@cache
def after_exit() -> Holdings:
    """After the withdrawal on day 4, at a share price of nearly 1."""
    held = first()
    left = held.shares - WITHDRAWN * 10**18
    return replace(held, usdc=held.usdc - WITHDRAWN, shares=left)


@cache
def second() -> Holdings:
    """After the order of day 5, which costs 940 USDC."""
    held = replace(after_exit(), weth=0.4, pair_share=0.0095, lent=640_000.0)
    return _paid_for(held, day=5, before=after_exit(), cost=940)


def _paid_for(held: Holdings, *, day: float, before: Holdings, cost: int) -> Holdings:
    """With as much idle USDC as keeps NAV, less the cost."""
    missing = vault_at(day, before).nav - vault_at(day, held).nav
    return replace(held, usdc=held.usdc + missing / USD - cost)


def vault_at(day: float, held: Holdings, **changes: object) -> Snapshot:
    """The vault on a day; pools earn 0.02 % a day, lending 4 % a year."""
    prices = prices_at(day)
    tokens = _tokens(prices, held)
    usdc, weth, wbtc, _ = tokens
    opening = _tokens(prices_at(0), EMPTY)
    pair = make_pair(
        usdc,
        weth,
        20e6 * (prices["WETH"] / prices_at(0)["WETH"]) ** 0.5 * (1 + 2e-4 * day),
    )
    supply = make_pair(opening[0], opening[1], 20e6).total_supply
    pair = replace(pair, total_supply=supply)
    pool = make_concentrated(usdc, weth, [(6000, 6000, 10**18)], fee_pips=500)
    wide = make_concentrated(usdc, wbtc, [(9000, 9000, 10**13)])
    since = max(day, 0.0)
    positions = (
        _position(PAIR, (0, 1), pair, units=int(supply * held.pair_share)),
        _position(
            POOL,
            (0, 1),
            pool,
            ranges=_ranges(500, held.range_liquidity, since, opening[1]),
        ),
        _position(
            WIDE_POOL,
            (0, 2),
            wide,
            ranges=_ranges(3000, held.wide_liquidity, since, opening[2]),
        ),
        _position(
            AAVE,
            (0,),
            make_reserve(18e6, 42e6),
            units=int(held.lent * (1 + 0.04 * day / 365) * USD),
        ),
        _position(
            SAVINGS,
            (0,),
            Erc4626(
                total_assets=int(5e6 * (1 + 0.035 * day / 365) * USD),
                total_supply=5_000_000 * USD,
            ),
            units=int(held.savings * USD),
        ),
    )
    made = make_snapshot(
        tokens,
        positions,
        (
            make_pool(NAMES[PAIR], (0, 1), pair, market=PAIR),
            make_pool(NAMES[POOL], (0, 1), pool, market=POOL),
        ),
        (
            TagState(name="uniswap-v3", cap=cap(0.35)),
            TagState(name="aave-v3", cap=cap(0.45)),
        ),
        name="Steelyard Demo",
        config_hash="0x" + "c0" * 32,
        idle_wad=5 * 10**16,
        nonce=0 if day <= 0 else 1 if day <= 5 else 2,
        timestamp=scenario().opening + round(day * DAY),
        block_number=200 + round(day * 40),
        total_supply=held.shares,
    )
    price_wad = made.nav * 10**12 * 10**18 // held.shares
    return replace(made, share_price_wad=price_wad, **changes)  # type: ignore[arg-type]


def _tokens(prices: Mapping[str, float], held: Holdings) -> tuple[TokenState, ...]:
    return (
        make_token("USDC", held.usdc),
        make_token("WETH", held.weth, price=prices["WETH"], cap=cap(0.35)),
        make_token("WBTC", price=prices["WBTC"], cap=cap(0.3)),
        make_token("LINK", held.link, price=prices["LINK"], cap=cap(0.1)),
    )


def _position(market: int, tokens: tuple[int, ...], state: object, **more: object):  # type: ignore[no-untyped-def]
    shares = {PAIR: 0.2, POOL: 0.2, WIDE_POOL: 0.2, AAVE: 0.35, SAVINGS: 0.25}
    return make_position(
        NAMES[market],
        tokens,
        state,  # type: ignore[arg-type]
        market=market,
        cap=cap(shares[market], assets=10**12),
        tags=frozenset(
            {0} if market in (POOL, WIDE_POOL) else {1} if market == AAVE else ()
        ),
        **more,
    )


def _ranges(
    fee_pips: int, liquidity: int, day: float, volatile: TokenState
) -> tuple[RangeState, ...]:
    if not liquidity:
        return ()
    opening = make_concentrated(
        make_token("USDC"), volatile, [(3000, 3000, liquidity)], fee_pips=fee_pips
    )
    made = range_of(opening, 3000, 3000, liquidity)
    dollars = 160 * day if fee_pips == 500 else 45 * day
    fees = (int(dollars * USD), int(dollars * USD * 10**36 / volatile.price_e36))
    return (replace(made, fees=fees),)


def order_of(before: Snapshot, after: Snapshot, amount_in: int) -> Rebalance:
    """Signs the weights of `after`, half a point to each side, and one swap."""
    bands, _ = target_bands(before, book(world_of(after)), Tolerances())
    pair = before.pools[0]
    return Rebalance(
        nonce=before.nonce,
        valid_after=before.timestamp,
        deadline=before.timestamp + 600,
        relayer=ZERO_ADDRESS,
        public_after=0,
        config_hash=before.config_hash,
        share_price_floor_before=1,
        share_price_ceil_before=2 * 10**18,
        share_price_floor_after=1,
        inputs_hash="0x" + "1a" * 32,
        targets=bands,
        withdraws=(),
        swaps=(
            Swap(
                venue=pair.venue,
                pool=pair.pool,
                token_in=before.tokens[0].address,
                token_out=before.tokens[1].address,
                amount_in=amount_in,
                min_amount_out=1,
            ),
        ),
        supplies=(),
    )


def decision_of(
    gain_assets: int, *, acts: bool, preferences: Preferences = PREFERENCES
) -> Decision:
    """What a report reads of a decision; the terms come to 0.48 % of NAV, its risk to
    2.1 %."""
    names = [field.name for field in fields(Terms)]
    shares = (0.0031, 0.0042, 0.0019, 0.0011, 0.0022, 0.0004, 0.0006, 0.0001)
    nothing = Terms(**dict.fromkeys(names, 0.0))
    binding = SimpleNamespace(name="position aave-v3 USDC")
    chosen = Terms(**dict(zip(names, shares, strict=True))) if acts else nothing
    solution = SimpleNamespace(
        measured=_measured(chosen, 0.021 if acts else 0.0),
        measured_nothing=_measured(nothing, 0.0),
        binding=(binding,) if acts else (),
    )
    read = SimpleNamespace(
        solution=solution, gain_assets=gain_assets, act=acts, preferences=preferences
    )
    return cast(Decision, read)


def _measured(terms: Terms, risk: float) -> Measured:
    net = terms.total + terms.risk
    return Measured(
        terms=terms, net=net, risk=risk, winding_up=risk, worth=net - risk, missed=0.0
    )


def idle_run(before: Snapshot) -> RunRecord:
    """A run that found nothing worth doing."""
    reason = "a rebalance would gain 0.00 USDC over 30 days, not more than 25.00 USDC"
    return RunRecord(
        outcome="nothing",
        reason=reason,
        before=before,
        signals=_signals(before),
        notes=("120 daily closes from the feeds",),
        decision=decision_of(0, acts=False),
        timings_seconds={
            "read": 0.041,
            "signals": 0.087,
            "optimise": 0.36,
            "plan": 0.02,
        },
    )


def charge(budget: BudgetName, predicted_wad: int, charged_wad: int) -> ChargeResult:
    """Of a budget of 2 % that was empty before."""
    return ChargeResult(
        budget=budget,
        predicted_wad=predicted_wad,
        charged_wad=charged_wad,
        level_wad=charged_wad,
        budget_wad=2 * 10**16,
    )


def acting_run(before: Snapshot, after: Snapshot, *, surprise: int = 0) -> RunRecord:
    """A run that swaps and supplies; `surprise` raw units more come than predicted."""
    usdc, weth = before.tokens[:2]
    amount_in = 480_000 * USD
    oracle_out = amount_in * usdc.price_e36 // weth.price_e36
    predicted = oracle_out * 9_968 // 10_000
    order = order_of(before, after, amount_in)
    aave = before.positions[3]
    reason = "a rebalance gains 8,412.50 USDC over 30 days, more than 25.00 USDC"
    return replace(
        idle_run(before),
        outcome="rebalanced",
        reason=reason,
        decision=decision_of(8_412_500_000, acts=True),
        order=order,
        digest="0x" + order_digest(order, 31337, before.vault, before.name).hex(),
        signature="0x" + "5e" * 65,
        tx_hash="0x" + "7f" * 32,
        gas_used=2_143_877,
        gas_price_wei=2 * 10**9,
        events=(
            VaultEvent(
                name="Supplied",
                arguments={
                    "adapter": aave.adapter,
                    "market": aave.market,
                    "units": 1,
                    "amounts": (560_000 * USD,),
                },
                log_index=3,
            ),
        ),
        after=after,
        charges=(
            charge("loss", 15 * 10**14, 15 * 10**14 + surprise * 10**10),
            charge("turnover", 19 * 10**16, 19 * 10**16),
            charge("hold", 10**13, 10**13),
        ),
        swaps=(
            SwapResult(
                pool=NAMES[PAIR],
                token_in="USDC",
                token_out="WETH",
                amount_in=amount_in,
                predicted_out=predicted,
                executed_out=predicted + surprise,
                oracle_out=oracle_out,
            ),
        ),
        timings_seconds={
            "read": 0.043,
            "signals": 0.091,
            "optimise": 0.87,
            "plan": 0.034,
            "sign": 0.006,
            "simulate": 0.052,
            "broadcast": 0.009,
            "confirm": 0.061,
        },
    )


def _signals(before: Snapshot):  # type: ignore[no-untyped-def]
    return make_signals(before, gas_price_wei=10**9)


def held_on(day: float) -> Holdings:
    """Before the order of that day."""
    if day <= 0:
        return EMPTY
    return first() if day < 4 else after_exit() if day <= 5 else second()


def make_record(**changes: object) -> DemoRecord:
    """The whole demo; `changes` replace fields of the record."""
    days, points = [], []
    since = vault_at(0, EMPTY)
    for number in range(DAYS + 1):
        if number:
            points += [
                point(number - 1 + k / 4, held_on(number - 0.5)) for k in (1, 2, 3, 4)
            ]
        before = vault_at(number, held_on(number))
        run = idle_run(before)
        if number in (0, 5):
            after = vault_at(number + 1e-4, first() if number == 0 else second())
            run = acting_run(before, after)
        days.append(
            Day(
                number=number,
                at=before.timestamp,
                trades=0 if number == 0 else 131 + number,
                carries=tuple(carries(since, before)),
                run=run,
            )
        )
        since = run.after or run.before
        points.append(point_of(since, number))
    record = DemoRecord(
        scenario=scenario(),
        chain="anvil",
        chain_id=31337,
        client="anvil/v1.4.4",
        seconds={"real protocols on anvil": 21.4, "the market lives": 66.2},
        gas={"deposit by alice": 160_211},
        movements=_movements(),
        points=tuple(points),
        days=tuple(days),
        refusals=_refusals(),
        fees=FeesPaid(
            management_wad=10**16,
            performance_wad=10**17,
            shares=250 * 10**12,
            assets=251 * USD,
        ),
        opened=vault_at(0, EMPTY),
        closed=vault_at(DAYS, second()),
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def point(day: float, held: Holdings) -> Point:
    return point_of(vault_at(day, held), day)


def point_of(snapshot: Snapshot, day: float) -> Point:
    values = {
        p.name: sum(
            a * snapshot.tokens[t].price_e36 // 10**36
            for a, t in zip(p.amounts, p.tokens, strict=True)
        )
        for p in snapshot.positions
        if p.units
    }
    values |= {
        t.symbol: t.inventory * t.price_e36 // 10**36
        for t in snapshot.tokens
        if t.inventory
    }
    prices = {"USDC": 1.0, **prices_at(day)}
    return Point(
        at=snapshot.timestamp,
        prices_e8={s: int(p * 1e8) for s, p in prices.items()},
        nav=snapshot.nav,
        share_price_wad=snapshot.share_price_wad,
        weights={name: value / snapshot.nav for name, value in values.items()},
    )


def _movements() -> tuple[Movement, ...]:
    paid = [("alice", 1_500_000), ("bob", 750_000), ("carol", 250_000)]
    opening = scenario().opening
    made = [
        Movement(
            at=opening,
            who=who,
            kind="deposit",
            assets=dollars * USD,
            shares=dollars * 10**18,
            gas_used=160_211,
        )
        for who, dollars in paid
    ]
    exit_ = Movement(
        at=opening + 4 * DAY,
        who="alice",
        kind="withdraw",
        assets=WITHDRAWN * USD,
        shares=WITHDRAWN * 10**18,
        gas_used=188_402,
    )
    return (*made, exit_)


def _refusals() -> tuple[Refusal, ...]:
    savings = make_position(
        NAMES[SAVINGS], (0,), Erc4626(total_assets=1, total_supply=1), market=SAVINGS
    )
    return (
        Refusal(
            title="more than a position's cap",
            error="PositionCapExceeded",
            arguments={
                "adapter": savings.adapter,
                "market": savings.market,
                "assets": 941_203_771_882,
                "capAssets": 602_114_901_337,
            },
        ),
        Refusal(
            title="signed by a stranger's key",
            error="InvalidSignature",
            arguments={"strategist": "0x" + "c" * 40, "digest": bytes32(0xD1)},
        ),
        Refusal(
            title="sooner than the cooldown",
            error="CooldownActive",
            arguments={"readyAt": scenario().opening + 3600, "now_": 0},
        ),
        Refusal(
            title="money lost to and fro",
            error="LossBudgetExceeded",
            arguments={
                "chargeWad": 25 * 10**15,
                "levelWad": 26 * 10**15,
                "budgetWad": 2 * 10**16,
            },
        ),
    )
