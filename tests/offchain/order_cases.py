# SPDX-License-Identifier: MIT
"""One order with something in every list."""

from steelyard.order import UINT_MAX, Rebalance, Supply, Swap, Target, Withdraw

VAULT = "0x" + "5a" * 20
ADAPTER = "0x" + "ad" * 20
MARKET = "0x" + "00" * 12 + "3c" * 20

ORDER = Rebalance(
    nonce=7,
    valid_after=1_700_000_000,
    deadline=1_700_000_600,
    relayer="0x" + "11" * 20,
    public_after=1_700_000_300,
    config_hash="0x" + "c0" * 32,
    share_price_floor_before=99 * 10**16,
    share_price_ceil_before=101 * 10**16,
    share_price_floor_after=98 * 10**16,
    inputs_hash="0x" + "1f" * 32,
    targets=(
        Target(item=ADAPTER, market=MARKET, min_weight_wad=0, max_weight_wad=10**18),
        Target(item=VAULT, market="0x" + "00" * 32, min_weight_wad=1, max_weight_wad=2),
    ),
    withdraws=(
        Withdraw(
            adapter=ADAPTER,
            market=MARKET,
            tick_lower=-60,
            tick_upper=60,
            units=UINT_MAX,
            min_amounts=(3, 4),
        ),
    ),
    swaps=(
        Swap(
            venue=ADAPTER,
            pool=MARKET,
            token_in="0x" + "22" * 20,
            token_out="0x" + "33" * 20,
            amount_in=5,
            min_amount_out=6,
        ),
    ),
    supplies=(
        Supply(
            adapter=ADAPTER,
            market=MARKET,
            tick_lower=-887220,
            tick_upper=887220,
            max_amounts=(8, 9),
            min_units=10,
        ),
    ),
)
