# SPDX-License-Identifier: MIT
"""Every formula lives twice: Solidity and Python agree to the wei."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import strategies as st
from hypothesis.core import given  # these only call: Brownie's isolation is not needed
from support import UINT_MAX, World, double, reverts
from web3 import Web3

from steelyard import fair, wad
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct, pending_fee_liquidity
from steelyard.amm.position import liquidity_for_amounts
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from steelyard.chain.transactions import call
from steelyard.order import (
    Rebalance,
    Supply,
    Swap,
    Target,
    Withdraw,
    order_digest,
    signable,
)
from steelyard.plan.pools import deviation_wad_up
from steelyard.state import Cap
from steelyard.wad import WAD

Q96 = 2**96
VIRTUAL_SHARES = 10**6

# many cases a call: Hypothesis draws lists, so that the node is asked rarely
SOME = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)


def lists(*parts: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(*parts), min_size=10, max_size=40)


def upto(bits: int) -> st.SearchStrategy[int]:
    """Integers of any length up to `bits`, short and long alike, from 1."""
    return st.integers(1, bits).flatmap(lambda n: st.integers(2 ** (n - 1), 2**n - 1))


@pytest.fixture(scope="module")
def harness(MathHarness: Any, accounts: Any) -> Any:  # noqa: N803 - Brownie's name
    return MathHarness.deploy({"from": accounts[0]})


@SOME
@given(cases=lists(upto(180), upto(70)))
@example(cases=[(0, 1), (1, WAD - 1), (1, WAD), (1, WAD + 1), (UINT_MAX, WAD)])
def test_wad_math__python_equals_solidity(harness, cases):
    cases = [case for case in cases if case[0] < 2**190 or case[1] == WAD]
    fitting = [(x, y) for x, y in cases if x * WAD // y <= UINT_MAX]

    found = harness.wad(fitting)

    assert [tuple(row) for row in found] == [
        (
            wad.mul_wad_down(x, y),
            wad.mul_wad_up(x, y),
            wad.div_wad_down(x, y),
            wad.div_wad_up(x, y),
            fair.value_down(x, y),
            wad.mul_div_up(x, y, wad.E36),
        )
        for x, y in fitting
    ]


@pytest.mark.parametrize(
    ("x", "y", "python"),
    [(UINT_MAX, 2 * WAD, wad.mul_wad_down), (1, 0, wad.div_wad_down)],
    ids=["overflow", "division by zero"],
)
def test_wad_math__what_reverts_on_chain_raises_in_python(world, x, y, python):
    harness = double(world, "MathHarness")

    with reverts("FullMulDivFailed"):
        call(harness.functions.wad([[x, y]]))
    with pytest.raises(wad.ArithmeticRevert):
        python(x, y)


@SOME
@given(cases=lists(upto(120), upto(120), upto(120)))
@example(cases=[(0, 0, 0), (1, 0, 0), (1, 1, 1), (10**12, 10**11, 10**17)])
def test_share_price__python_equals_solidity(harness, cases):
    found = harness.shares(cases)

    for (x, nav, supply), row in zip(cases, found, strict=True):
        shares, assets = supply + VIRTUAL_SHARES, nav + 1
        assert tuple(row) == (
            wad.mul_div_down(x, shares, assets),
            wad.mul_div_up(x, shares, assets),
            wad.mul_div_down(x, assets, shares),
            wad.mul_div_up(x, assets, shares),
            wad.mul_div_down(assets * VIRTUAL_SHARES, WAD, shares),
        )


@SOME
@given(cases=lists(upto(256), st.integers(0, WAD), upto(190)))
def test_cap__python_equals_solidity(harness, cases):
    found = harness.caps(cases)

    assert list(found) == [Cap(assets=a, wad=w).bound(nav) for a, w, nav in cases]


def price_pairs(draw_exponents: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Prices of 6 to 18 decimals and of any ratio that a pool can stand at."""
    one = st.tuples(st.integers(1, 10**9), draw_exponents).map(
        lambda parts: parts[0] * 10 ** parts[1]
    )
    return st.tuples(one, one)


@SOME
@given(cases=st.lists(price_pairs(st.integers(12, 42)), min_size=10, max_size=40))
@example(cases=[(2**64 * 10**30, 10**30), (2**64 * 10**30 - 1, 10**30), (1, 1)])
def test_sqrt_price__python_equals_solidity(harness, cases):
    fitting = [(p, q) for p, q in cases if 2**-120 < p / q < 2**120]

    found = harness.sqrtPrices(fitting)

    assert list(found) == [fair.sqrt_price_x96(p, q) for p, q in fitting]


@SOME
@given(
    cases=st.lists(
        st.tuples(upto(112), upto(112), price_pairs(st.integers(20, 38))),
        min_size=10,
        max_size=40,
    )
)
def test_fair_reserves__python_equals_solidity(harness, cases):
    flat = [(r0, r1, *prices) for r0, r1, prices in cases]

    found = harness.fairReserves(flat)

    assert [tuple(row) for row in found] == [
        fair.constant_product_amounts(
            ConstantProduct(reserve0=r0, reserve1=r1, total_supply=1), 1, p0, p1
        )
        for r0, r1, p0, p1 in flat
    ]


@SOME
@given(cases=lists(upto(112), upto(110), upto(110), upto(200)))
def test_supply_with_pending_fee__python_equals_solidity(harness, cases):
    flat = [(supply, r0 * r1, k_last) for supply, r0, r1, k_last in cases]

    found = harness.supplies(flat)

    assert list(found) == [
        supply
        + pending_fee_liquidity(
            ConstantProduct(
                reserve0=r0, reserve1=r1, total_supply=supply, k_last=k, fee_on=True
            )
        )
        for supply, r0, r1, k in cases
    ]


ranges = st.tuples(
    st.integers(-MAX_TICK // 60, MAX_TICK // 60), st.integers(1, 20_000)
).map(lambda pair: (pair[0] * 60, min(pair[0] + pair[1], MAX_TICK // 60) * 60))


@SOME
@given(
    cases=st.lists(
        st.tuples(
            ranges,
            st.integers(-MAX_TICK + 1, MAX_TICK - 1),
            upto(110),
            upto(90),
            upto(90),
        ),
        min_size=10,
        max_size=30,
    )
)
def test_concentrated__python_equals_solidity(harness, cases):
    flat = [
        (lower, upper, get_sqrt_ratio_at_tick(tick) + 1, liquidity, a0, a1)
        for (lower, upper), tick, liquidity, a0, a1 in cases
        if lower < upper
    ]

    found = harness.ranges(flat)

    for (lower, upper, root, liquidity, a0, a1), row in zip(flat, found, strict=True):
        ends = get_sqrt_ratio_at_tick(lower), get_sqrt_ratio_at_tick(upper)
        amounts = fair.concentrated_amounts(liquidity, lower, upper, root)
        assert tuple(row[:2]) == amounts
        try:
            expected = liquidity_for_amounts(root, *ends, a0, a1)
        except wad.UintRangeExceeded:
            assert row[2] > wad.UINT128_MAX  # which the adapter then refuses
            continue
        assert row[2] == expected


@SOME
@given(cases=lists(st.integers(1, 159), st.integers(0, 2**32), upto(64)))
def test_deviation__python_equals_solidity(harness, cases):
    roots = [max(2**a + b, MIN_SQRT_RATIO) for a, b, _ in cases]
    roots = [min(root, MAX_SQRT_RATIO - 1) for root in roots]
    prices = [(10**36, 10**36 * near // 2**32 + 1) for _, _, near in cases]
    fairs = [fair.sqrt_price_x96(p, q) for p, q in prices]

    found = harness.deviations(list(zip(roots, fairs, strict=True)))

    expected = [
        deviation_wad_up(at_root(root), *pair)
        for root, pair in zip(roots, prices, strict=True)
    ]
    assert list(found) == expected


def test_deviation__one_per_cent_off__about_one_per_cent_both_ways(harness):
    one, up = Q96, fair.sqrt_price_x96(101 * 10**36, 100 * 10**36)

    found = harness.deviations([(one, up), (up, one), (one, one), (0, one)])

    assert found[0] == found[1]
    assert int(found[0]) == pytest.approx(0.01e18, rel=1e-12)
    assert found[2] == 0
    assert found[3] == UINT_MAX


def at_root(sqrt_price_x96: int) -> Concentrated:
    return Concentrated(
        sqrt_price_x96=sqrt_price_x96,
        tick=get_tick_at_sqrt_ratio(sqrt_price_x96),
        liquidity=1,
        fee_pips=3000,
        tick_spacing=60,
        ticks=(),
    )


uints = upto(256)
addresses = st.integers(0, 2**160 - 1).map(lambda n: f"0x{n:040x}")
hashes = st.integers(0, 2**256 - 1).map(lambda n: f"0x{n:064x}")
int24s = st.integers(-(2**23), 2**23 - 1)
uint_tuples = st.lists(uints, max_size=3).map(tuple)

TYPES = {
    "item": addresses,
    "adapter": addresses,
    "venue": addresses,
    "relayer": addresses,
    "token_in": addresses,
    "token_out": addresses,
    "market": hashes,
    "pool": hashes,
    "config_hash": hashes,
    "inputs_hash": hashes,
    "tick_lower": int24s,
    "tick_upper": int24s,
    "min_amounts": uint_tuples,
    "max_amounts": uint_tuples,
}


def records(kind: Callable[..., Any], **given_: Any) -> st.SearchStrategy[Any]:
    parts = {field.name: TYPES.get(field.name, uints) for field in fields(kind)}
    return st.builds(kind, **{**parts, **given_})


def tuples_of(kind: Callable[..., Any]) -> st.SearchStrategy[Any]:
    return st.lists(records(kind), max_size=3).map(tuple)


orders = records(
    Rebalance,
    targets=tuples_of(Target),
    withdraws=tuples_of(Withdraw),
    swaps=tuples_of(Swap),
    supplies=tuples_of(Supply),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=SOME.suppress_health_check
)
@given(order=orders)
def test_struct_hash__python_equals_solidity(shared_world: World, order: Rebalance):
    world = shared_world
    name, vault = world.system.spec.name, world.vault
    message = signable(order, world.web3.eth.chain_id, vault.address, name)

    struct_hash = call(world.system.lens.functions.structHash(order.as_tuple()))

    assert struct_hash == message.body
    digest = Web3.keccak(b"\x19\x01" + separator_of(world) + struct_hash)
    assert digest == order_digest(order, world.web3.eth.chain_id, vault.address, name)


def separator_of(world: World) -> bytes:
    return bytes(call(world.vault.functions.DOMAIN_SEPARATOR()))
