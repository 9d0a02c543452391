# SPDX-License-Identifier: MIT
"""Reads in step, answers decoded, and snapshots refused when they do not add up."""

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from fake_node import BLOCK, LENS, FakeNode, Revert
from snapshots import (
    make_concentrated,
    make_pair,
    make_position,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.errors import ContractReverted
from steelyard.chain.readers import reader_of
from steelyard.chain.readers.base import (
    FactsStale,
    MarketUnsupported,
    ReaderMissing,
    address_of,
)
from steelyard.chain.reads import AnswerUnreadable, Read, read_all, run_rounds
from steelyard.chain.snapshot_check import SnapshotInconsistent, check_snapshot
from steelyard.fair import value_down
from steelyard.lending import RAY, AaveReserve, Erc4626
from steelyard.state import Snapshot

ONE, TWO = "0x" + "01" * 20, "0x" + "02" * 20
NUMBER = Read(ONE, "number()", "uint256")
TIMES = Read(ONE, "times(uint256,int24)", "int256", (6, -7))
PAIR = Read(ONE, "pair()", "uint256 string")
BROKEN = Read(TWO, "broken()", "uint256")
ANSWERS: Any = {
    (ONE, "number()"): ([], ["uint256"], lambda: [5]),
    (ONE, "times(uint256,int24)"): (
        ["uint256", "int24"],
        ["int256"],
        lambda x, y: [x * y],
    ),
    (ONE, "pair()"): ([], ["uint256", "string"], lambda: [1, "two"]),
}


def failing(data: bytes) -> Any:
    def fail() -> Any:
        raise Revert(data)

    return {**ANSWERS, (TWO, "broken()"): ([], ["uint256"], fail)}


def test_read_all__three__are_one_call_and_decoded() -> None:
    node = FakeNode(ANSWERS)

    block, answers = read_all(node, LENS, [NUMBER, TIMES, PAIR])  # type: ignore[arg-type]

    assert answers == [5, -42, (1, "two")]
    assert (block.chain_id, block.number, block.timestamp, block.base_fee_wei) == BLOCK
    assert node.calls == 1


def test_read_all__revert__carries_the_reason() -> None:
    reason = bytes.fromhex("08c379a0") + encode(["string"], ["no such thing"])

    with pytest.raises(ContractReverted, match=f"broken of {TWO}.*no such thing"):
        read_all(FakeNode(failing(reason)), LENS, [NUMBER, BROKEN])  # type: ignore[arg-type]


def test_read_all__optional_revert__is_none() -> None:
    reads = [replace(BROKEN, is_optional=True), NUMBER]

    _, answers = read_all(FakeNode(failing(b"")), LENS, reads)  # type: ignore[arg-type]

    assert answers == [None, 5]


def test_read_all__no_code__says_so() -> None:
    with pytest.raises(AnswerUnreadable, match=f"broken\\(\\) of {TWO} answered 0"):
        read_all(FakeNode(ANSWERS), LENS, [BROKEN])  # type: ignore[arg-type]


def test_run_rounds__generators_of_different_length__share_each_round() -> None:
    def once() -> Any:
        (number,) = yield [NUMBER]
        return number

    def twice() -> Any:
        (first,) = yield [NUMBER]
        (second,) = yield [Read(ONE, "times(uint256,int24)", "int256", (first, 2))]
        return second

    def never() -> Any:
        return "nothing to ask"
        yield

    node = FakeNode(ANSWERS)

    _, results = run_rounds(node, LENS, [twice(), never(), once()])  # type: ignore[arg-type]

    assert results == [10, "nothing to ask", 5]
    assert node.calls == 2


def run_reader(generator: Any, *rounds: list[Any]) -> Any:
    """What a reader makes of these answers, one list a round."""
    next(generator)
    for answers in rounds[:-1]:
        generator.send(answers)
    with pytest.raises(StopIteration) as stop:
        generator.send(rounds[-1])
    return stop.value.value


def test_uniswap_v2_reader__answers__are_a_pair() -> None:
    reader = reader_of("uniswap-v2")
    facts = run_reader(reader.facts(ONE), [TWO])
    nobody = "0x" + "00" * 20

    state = run_reader(reader.state(facts, LENS), [(10, 20, 0), 14, 200, nobody])
    taxed = run_reader(reader.state(facts, LENS), [(10, 20, 0), 14, 200, ONE])

    assert state == ConstantProduct(
        reserve0=10, reserve1=20, total_supply=14, k_last=200
    )
    assert taxed == replace(state, fee_on=True)
    assert reader.name(facts, ["A", "B"]) == "uniswap-v2 A/B"


@pytest.mark.parametrize(("spacing", "words"), [(1, 28), (10, 3), (60, 1), (200, 1)])
def test_uniswap_v3_reader__spacing__reads_a_doubling_of_the_price(
    spacing: int, words: int
) -> None:
    facts = run_reader(reader_of("uniswap-v3").facts(ONE), [500, spacing])

    assert facts.words == words
    assert words * 256 * spacing >= 6932  # 1.0001 ** 6932 > 2


def test_uniswap_v3_reader__answers__are_a_pool() -> None:
    reader = reader_of("uniswap-v3")
    facts = run_reader(reader.facts(ONE), [500, 10])
    raw = (2**96, 0, 7, 500, 10, 0x54, 3, 4, -7680, 7670, [(-10, 7), (10, -7)])

    state = run_reader(reader.state(facts, LENS), [raw])

    assert state == Concentrated(
        sqrt_price_x96=2**96,
        tick=0,
        liquidity=7,
        fee_pips=500,
        tick_spacing=10,
        ticks=((-10, 7), (10, -7)),
        fee_growth_global0_x128=3,
        fee_growth_global1_x128=4,
        fee_protocol=0x54,
        window=(-7680, 7670),
    )
    assert reader.name(facts, ["A", "B"]) == "uniswap-v3 A/B 0.05%"


def test_uniswap_v3_reader__holding__tells_when_its_guess_was_wrong() -> None:
    holding = reader_of("uniswap-v3").holding
    assert holding is not None
    held = [(-10, 10, 5), (-20, 20, 6)]

    first = run_reader(holding(ONE, b"\1" * 32, ()), [held])
    second = run_reader(holding(ONE, b"\1" * 32, first.ticks), [held, (1, 2), (3, 4)])

    assert first.ticks == ((-10, 10), (-20, 20))
    assert [r.fees for r in second.ranges] == [(1, 2), (3, 4)]
    assert [r.liquidity for r in second.ranges] == [5, 6]


def reserve_data(strategy: str) -> tuple[Any, ...]:
    factor_bps, unbacked = 1500, 9
    addresses = (ONE, "0x" + "5b" * 20, "0x" + "7a" * 20, strategy)
    configuration = factor_bps << 64 | 2**63
    return (configuration, 0, 0, 0, 0, 0, 0, 0, *addresses, 0, unbacked, 0)


def test_aave_reader__answers__are_a_reserve() -> None:
    reader = reader_of("aave-v3")
    rates = [8 * RAY // 10, 1, 2, 3]
    facts = run_reader(reader.facts(ONE), [TWO, ONE], [reserve_data(TWO)], rates)

    state = run_reader(
        reader.state(facts, LENS),
        [reserve_data(TWO), 5 * RAY // 4, 100, 50, (20, RAY // 10)],
    )

    assert state == AaveReserve(
        index_ray=5 * RAY // 4,
        available_liquidity=100,
        total_variable_debt=50,
        total_stable_debt=20,
        average_stable_rate_ray=RAY // 10,
        unbacked=9,
        reserve_factor_bps=1500,
        optimal_usage_ray=8 * RAY // 10,
        base_rate_ray=1,
        slope1_ray=2,
        slope2_ray=3,
    )


def test_aave_reader__other_strategy__is_stale() -> None:
    reader = reader_of("aave-v3")
    facts = run_reader(
        reader.facts(ONE), [TWO, ONE], [reserve_data(TWO)], [RAY // 2, 1, 2, 3]
    )
    state = reader.state(facts, LENS)
    next(state)

    with pytest.raises(FactsStale, match="rate strategy"):
        state.send([reserve_data(ONE), RAY, 100, 50, (0, 0)])


def test_erc4626_reader__answers__are_a_vault() -> None:
    reader = reader_of("erc4626")
    facts = run_reader(reader.facts(ONE), ["svUSDC", 8, TWO], [6])

    state = run_reader(reader.state(facts, LENS), [1_000_000, 90_000_000, 1_111_110])

    assert state == Erc4626(
        total_assets=1_000_000, total_supply=90_000_000, decimals_offset=2
    )
    assert reader.name(facts, ["USDC"]) == "erc4626 svUSDC"


def test_erc4626_reader__other_arithmetic__is_refused() -> None:
    reader = reader_of("erc4626")
    facts = run_reader(reader.facts(ONE), ["svUSDC", 6, TWO], [6])
    state = reader.state(facts, LENS)
    next(state)

    with pytest.raises(MarketUnsupported, match="expected 1000000 assets"):
        state.send([1_000_000, 1_000_000, 990_000])


def test_erc4626_reader__fewer_decimals__is_refused() -> None:
    facts = reader_of("erc4626").facts(ONE)
    next(facts)
    facts.send(["svUSDC", 4, TWO])

    with pytest.raises(MarketUnsupported, match="at least 6"):
        facts.send([6])


def test_reader_of__unknown_protocol__is_named() -> None:
    with pytest.raises(ReaderMissing, match="'maverick'"):
        reader_of("maverick")


def test_address_of__market__is_its_low_bytes() -> None:
    assert address_of(b"\0" * 12 + b"\xab" * 20) == "0x" + "ab" * 20
    assert address_of("0x" + "00" * 12 + "AB" * 20) == "0x" + "ab" * 20


def full_snapshot() -> Snapshot:
    """USDC, WETH; a v2 and a v3 position, an ERC-4626 vault, an Aave supply."""
    usdc, weth = make_token("USDC", 500_000), make_token("WETH", 3)
    pool = make_concentrated(usdc, weth, [(6000, 6000, 10**18)])
    held = replace(range_of(pool, 1200, 1200, 10**15), fees=(7, 8))
    savings = Erc4626(total_assets=2 * 10**12, total_supply=10**12)
    reserve = AaveReserve(
        index_ray=11 * RAY // 10,
        available_liquidity=10**12,
        total_variable_debt=10**12,
        reserve_factor_bps=0,
        optimal_usage_ray=RAY // 2,
        base_rate_ray=0,
        slope1_ray=1,
        slope2_ray=1,
    )
    pair = make_pair(usdc, weth, 10**6)
    snapshot = make_snapshot(
        (usdc, weth),
        [
            make_position("v2", (0, 1), pair, market=2, units=10**15),
            make_position("v3", (0, 1), pool, market=3, ranges=(held,)),
            make_position("savings", (0,), savings, market=4, units=10**9),
            make_position("aave", (0,), reserve, market=5, units=1_000_000_007),
        ],
    )
    virtual, supply = 10**6, snapshot.nav * 10**6
    price_wad = (snapshot.nav + 1) * virtual * 10**18 // (supply + virtual)
    return replace(snapshot, total_supply=supply, share_price_wad=price_wad)


def book_of(snapshot: Snapshot) -> list[Any]:
    """Types.sol's Book as the lens would answer."""
    held = [token.inventory for token in snapshot.tokens]
    for position in snapshot.positions:
        for token, amount in zip(position.tokens, position.amounts, strict=True):
            held[token] += amount
    prices = [token.price_e36 for token in snapshot.tokens]
    return [
        prices,
        [token.inventory for token in snapshot.tokens],
        [list(position.amounts) for position in snapshot.positions],
        held,
        [value_down(a, p) for a, p in zip(held, prices, strict=True)],
        [],
        [],
        snapshot.nav,
    ]


def test_check_snapshot__same_as_the_book__is_given_back() -> None:
    snapshot = full_snapshot()

    assert snapshot.positions[3].amounts == (1_100_000_007,)
    assert check_snapshot(snapshot, book_of(snapshot)) is snapshot


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda b: b[0].__setitem__(1, b[0][1] + 1), "price_e36 of WETH"),
        (lambda b: b[2][0].__setitem__(0, b[2][0][0] + 1), "amounts of v2"),
        (lambda b: b[2][1].__setitem__(1, b[2][1][1] - 8), "amounts of v3"),
        (lambda b: b[2][2].__setitem__(0, b[2][2][0] + 1), "amounts of savings"),
        # 1,100,000,007.7: cut off, where Aave itself rounds half up
        (lambda b: b[2][3].__setitem__(0, 1_100_000_008), "amounts of aave"),
        (lambda b: b[2][3].__setitem__(0, 1_100_000_006), "amounts of aave"),
        (lambda b: b[4].__setitem__(0, b[4][0] - 1), "exposure to USDC"),
        (lambda b: b.__setitem__(7, b[7] + 1), "nav"),
    ],
)
def test_check_snapshot__one_unit_apart__names_the_part(
    change: Any, field: str
) -> None:
    snapshot = full_snapshot()
    book = book_of(snapshot)
    change(book)

    with pytest.raises(SnapshotInconsistent) as caught:
        check_snapshot(snapshot, book)

    assert caught.value.field == field


def test_check_snapshot__share_price_apart__is_refused() -> None:
    snapshot = full_snapshot()
    wrong = replace(snapshot, share_price_wad=snapshot.share_price_wad + 1)

    with pytest.raises(SnapshotInconsistent, match="share_price_wad"):
        check_snapshot(wrong, book_of(wrong))


def test_check_snapshot__impaired_position__counts_as_nothing() -> None:
    whole = full_snapshot()
    savings = replace(whole.positions[2], is_impaired=True, amounts=(0,))
    positions = (*whole.positions[:2], savings, whole.positions[3])
    nav = whole.nav - whole.positions[2].amounts[0]
    virtual = 10**6
    price_wad = (nav + 1) * virtual * 10**18 // (whole.total_supply + virtual)
    snapshot = replace(whole, positions=positions, nav=nav, share_price_wad=price_wad)

    assert check_snapshot(snapshot, book_of(snapshot)) is snapshot
