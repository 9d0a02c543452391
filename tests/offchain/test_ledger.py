# SPDX-License-Identifier: MIT
"""What positions earned and lost, on numbers to check by head."""

from dataclasses import replace

import pytest
from snapshots import (
    make_concentrated,
    make_pair,
    make_position,
    make_reserve,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.position import impermanent_loss
from steelyard.lending import Erc4626
from steelyard.report.ledger import Carry, carries
from steelyard.state import PositionState, RangeState, Snapshot

USD = 10**6
ETH = 10**18
LIQUIDITY = 10**17


def snapshot_of(position: PositionState, weth_price: float = 2000.0) -> Snapshot:
    tokens = (make_token("USDC"), make_token("WETH", price=weth_price))
    return make_snapshot(tokens, (position,))


def pair_at(weth_price: float, growth: float = 1.0) -> ConstantProduct:
    """1,000,000 USDC and 500 WETH at 2,000, arbitraged; `growth` of sqrt(k) by fees."""
    usdc, weth = make_token("USDC"), make_token("WETH", price=weth_price)
    depth = 1e6 * (weth_price / 2000) ** 0.5 * growth
    supply = make_pair(make_token("USDC"), make_token("WETH"), 1e6).total_supply
    return replace(make_pair(usdc, weth, depth), total_supply=supply)


def one_percent(pool: ConstantProduct, weth_price: float) -> Snapshot:
    """The vault holds a hundredth of the pair: at first 10,000 USDC and 5 WETH."""
    units = pool.total_supply // 100
    return snapshot_of(
        make_position("pair", (0, 1), pool, market=1, units=units), weth_price
    )


def only(found: list[Carry]) -> Carry:
    (carry,) = found
    return carry


def test_carries__pair_and_price_times_four__loses_a_fifth_of_holding():
    start, end = one_percent(pair_at(2000), 2000), one_percent(pair_at(8000), 8000)

    carry = only(carries(start, end))

    # held: 10,000 + 5 * 8,000 = 50,000; in the pair: 2 * 20,000 = 40,000
    assert carry.impermanent_loss == pytest.approx(10_000 * USD, abs=5)
    assert carry.fees == pytest.approx(0, abs=5)
    assert carry.net == carry.fees - carry.impermanent_loss


def test_carries__pair_earns_one_percent__is_fees_and_not_less_loss():
    start = one_percent(pair_at(2000), 2000)
    end = one_percent(pair_at(8000, growth=1.01), 8000)

    carry = only(carries(start, end))

    assert carry.fees == pytest.approx(400 * USD, abs=50)
    assert carry.impermanent_loss == pytest.approx(10_000 * USD, abs=50)


def test_carries__pair_with_protocol_fee__leaves_five_sixths():
    before, after = pair_at(2000), pair_at(2000, growth=1.01)
    k_last = before.reserve0 * before.reserve1
    fee_on = replace(before, k_last=k_last, fee_on=True)
    grown = replace(after, k_last=k_last, fee_on=True)

    carry = only(carries(one_percent(fee_on, 2000), one_percent(grown, 2000)))

    # 1 % of 20,000 is 200; a sixth of it is the protocol's
    assert carry.fees == pytest.approx(200 * USD * 5 / 6, rel=1e-4)
    assert carry.impermanent_loss == pytest.approx(0, abs=5)


def test_carries__nothing_moved__is_zero():
    start = one_percent(pair_at(2000), 2000)

    carry = only(carries(start, start))

    assert (carry.fees, carry.impermanent_loss) == (0, 0)


def in_range(
    weth_price: float, fees: tuple[int, int], held: RangeState | None = None
) -> Snapshot:
    usdc, weth = make_token("USDC"), make_token("WETH", price=weth_price)
    pool = make_concentrated(usdc, weth, [(12_000, 12_000, LIQUIDITY)])
    made = replace(held or range_of(pool, 6_000, 6_000, LIQUIDITY), fees=fees)
    position = make_position("range", (0, 1), pool, market=1, ranges=(made,))
    return snapshot_of(position, weth_price)


def test_carries__range_at_the_same_price__earns_only_new_fees():
    start = in_range(2000, fees=(100 * USD, ETH // 100))
    end = in_range(2000, fees=(150 * USD, ETH // 50))

    carry = only(carries(start, end))

    # 50 USDC and 0.01 WETH at 2,000
    assert carry.fees == 70 * USD
    assert carry.impermanent_loss == 0


@pytest.mark.parametrize("weth_price", [1400.0, 1900.0, 2600.0, 5000.0])
def test_carries__range_after_a_move__loses_what_the_closed_form_says(weth_price):
    start = in_range(2000, fees=(0, 0))
    held = start.positions[0].ranges[0]
    end = in_range(weth_price, fees=(0, 0), held=held)

    carry = only(carries(start, end))

    # the formula's price is token1 (WETH) per token0 (USDC), raw
    raw = ETH / USD
    lower, upper = 1.0001**held.tick_lower, 1.0001**held.tick_upper
    lost = float(impermanent_loss(raw / 2000, raw / weth_price, lower, upper))
    usdc, weth = start.positions[0].amounts
    holding = usdc + weth / raw * weth_price
    assert carry.impermanent_loss == pytest.approx(-lost * holding, rel=1e-3)
    assert carry.fees == 0


def test_carries__lending__is_interest_at_the_end_price():
    def lent(raw: int, weth_price: float) -> Snapshot:
        reserve = make_reserve(1_000, 1_000, decimals=18)
        position = make_position("aave", (1,), reserve, market=2, units=raw)
        return snapshot_of(position, weth_price)

    carry = only(carries(lent(100 * ETH, 2000), lent(101 * ETH, 3000)))

    assert (carry.fees, carry.impermanent_loss) == (3_000 * USD, 0)


def test_carries__yield_vault__is_its_growth():
    def saved(total_assets: int) -> Snapshot:
        vault = Erc4626(total_assets=total_assets, total_supply=1_000 * USD)
        position = make_position("savings", (0,), vault, market=3, units=500 * USD)
        return snapshot_of(position)

    carry = only(carries(saved(1_000 * USD), saved(1_020 * USD)))

    assert carry.fees == pytest.approx(10 * USD, abs=1)
    assert carry.impermanent_loss == 0


def test_carries__empty_at_the_start__is_left_out():
    empty = make_position("pair", (0, 1), pair_at(2000), market=1)

    assert carries(snapshot_of(empty), one_percent(pair_at(2000), 2000)) == []


def test_carries__market_unknown_at_the_start__is_left_out():
    start = make_snapshot((make_token("USDC", 1), make_token("WETH")))

    assert carries(start, one_percent(pair_at(2000), 2000)) == []


def test_carries__half_left_in_kind_meanwhile__only_the_rest_earns():
    usdc, weth = make_token("USDC"), make_token("WETH")
    pool = make_concentrated(usdc, weth, [(6000, 6000, 10**18)])
    held = replace(range_of(pool, 1200, 1200, LIQUIDITY), fees=(8 * USD, 0))
    left = replace(held, liquidity=LIQUIDITY // 2, fees=(4 * USD + USD, 0))
    savings = Erc4626(total_assets=10**12, total_supply=10**12)
    grown = Erc4626(total_assets=101 * 10**10, total_supply=10**12)

    def at(own: RangeState, shares: int, state: Erc4626) -> Snapshot:
        lp = make_position("lp", (0, 1), pool, market=1, ranges=(own,))
        saved = make_position("savings", (0,), state, market=2, units=shares)
        return make_snapshot((usdc, weth), (lp, saved))

    start, end = at(held, 1_000 * USD, savings), at(left, 500 * USD, grown)

    lp, saved = carries(start, end)

    assert lp.fees == pytest.approx(USD, abs=3)
    assert lp.impermanent_loss == pytest.approx(0, abs=3)
    assert saved.fees == pytest.approx(5 * USD, abs=3)
