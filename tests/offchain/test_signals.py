# SPDX-License-Identifier: MIT
"""What the optimiser is told, from events, prices and observations."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from eth_abi.abi import encode
from hexbytes import HexBytes
from snapshots import (
    make_concentrated,
    make_pair,
    make_position,
    make_snapshot,
    make_token,
)
from web3.exceptions import Web3RPCError

from steelyard.chain.fees_log import (
    V2_SWAP,
    V3_SWAP,
    LogsRefused,
    fee_of,
    read_fees,
)
from steelyard.chain.share_price import share_price_e36
from steelyard.estimate.errors import TooFewAssets
from steelyard.keeper.config import (
    HistoryConfig,
    KeeperConfig,
    OrderConfig,
    SignalsConfig,
    config_from,
)
from steelyard.keeper.fields import ConfigInvalid
from steelyard.keeper.history import HistoryStale, from_file
from steelyard.keeper.signals import moments, native_price_e36, observe
from steelyard.lending import Erc4626
from steelyard.market.errors import MissingColumn, TooFewRows
from steelyard.market.history import PriceHistory
from steelyard.state import Snapshot

WAD = 10**18
DAY = 86_400
ORDER = OrderConfig()
KEY = "0x" + "31" * 32
PASSWORD = "a password"


def v2_log(*amounts: int) -> dict[str, Any]:
    data = encode(["uint256"] * 4, amounts)
    return {"topics": [HexBytes(V2_SWAP)], "data": HexBytes(data)}


def v3_log(amount0: int, amount1: int) -> dict[str, Any]:
    types = ["int256", "int256", "uint160", "uint128", "int24"]
    data = encode(types, [amount0, amount1, 2**96, 1, 0])
    return {"topics": [HexBytes(V3_SWAP)], "data": HexBytes(data)}


def test_fee_of__v2_swap__is_three_tenths_of_a_percent_in() -> None:
    usdc, weth = make_token("USDC"), make_token("WETH")
    pair = make_pair(usdc, weth, 10**6)
    prices = (usdc.price_e36, weth.price_e36)

    assert fee_of(v2_log(10**9, 0, 0, 1), pair, prices) == pytest.approx(3e6)
    assert fee_of(v2_log(0, WAD, 1, 0), pair, prices) == pytest.approx(6e6)
    taxed = replace(pair, fee_on=True)
    assert fee_of(v2_log(10**9, 0, 0, 1), taxed, prices) == pytest.approx(2.5e6)
    # lent and given back in one swap: only what stays is a trade
    flash = v2_log(10**9 + 3 * 10**6, 0, 10**9, 0)
    assert fee_of(flash, pair, prices) == pytest.approx(9e3)


def test_fee_of__v3_swap__is_the_tier_less_the_protocols_share() -> None:
    usdc, weth = make_token("USDC"), make_token("WETH")
    pool = make_concentrated(usdc, weth, [(600, 600, WAD)], fee_pips=500, spacing=10)
    prices = (usdc.price_e36, weth.price_e36)

    assert fee_of(v3_log(10**9, -1), pool, prices) == pytest.approx(5e5)
    assert fee_of(v3_log(-1, WAD), pool, prices) == pytest.approx(1e6)
    shared = replace(pool, fee_protocol=4 | 5 << 4)
    assert fee_of(v3_log(10**9, -1), shared, prices) == pytest.approx(5e5 * 3 / 4)
    assert fee_of(v3_log(-1, WAD), shared, prices) == pytest.approx(1e6 * 4 / 5)


def test_native_price__token_of_the_vault__is_its_price() -> None:
    weth = make_token("WETH")
    snapshot = make_snapshot((make_token("USDC", 1), weth))

    found = native_price_e36(snapshot, SignalsConfig(native="weth"))

    assert found == weth.price_e36 == 2000 * 10**24


def test_native_price__token_of_8_decimals__is_per_wei() -> None:
    snapshot = make_snapshot((make_token("USDC", 1), make_token("WBTC")))

    found = native_price_e36(snapshot, SignalsConfig(native="WBTC"))

    assert found == 40_000 * 10**24


def test_native_price__given__is_used() -> None:
    settings = SignalsConfig(native="NONE", native_price=3.5)

    assert native_price_e36(make_snapshot(), settings) == 35 * 10**23


def test_native_price__unknown__is_refused() -> None:
    with pytest.raises(ConfigInvalid, match=r"signals\.native is 'WETH'"):
        native_price_e36(make_snapshot(), SignalsConfig())


def test_observe__vaults__have_their_share_price() -> None:
    state = Erc4626(total_assets=3 * 10**12 - 1, total_supply=10**12 - 1)
    savings = make_position("savings", (0,), state, market=0xAB, units=10)
    snapshot = make_snapshot(positions=[savings])

    assert observe(snapshot) == {
        "nav": snapshot.nav,
        "share_price_wad": snapshot.share_price_wad,
        f"share_price_e36 0x{0xAB:040x}": 3 * 10**36,
    }
    assert share_price_e36(state) == 3 * 10**36


LEAST = {"vault": "0x" + "1a" * 20, "lens": "0x" + "2b" * 20, "chain_id": 1}


def keeper_config(**changes: Any) -> KeeperConfig:
    return config_from(LEAST | changes, Path("/"))


def history_of(count: int, rows: int) -> PriceHistory:
    rng = np.random.default_rng(1)
    steps = rng.normal(0, 0.02, (rows, count))
    times = np.arange(rows) * DAY + 1_600_000_000
    return PriceHistory(
        times=times.astype("datetime64[s]"),
        assets=tuple(f"T{i}" for i in range(count)),
        prices=np.exp(np.cumsum(steps, axis=0)),
        source="test",
    )


def test_moments__history__leaves_the_asset_without_risk() -> None:
    mean, covariance, notes = moments(history_of(3, 100), keeper_config())

    assert not mean.any()
    assert not covariance[0].any()
    assert not covariance[:, 0].any()
    daily = np.sqrt(np.diag(covariance)[1:] / 365)
    assert daily == pytest.approx([0.02] * 3, rel=0.35)
    assert "99 daily returns" in notes[0]


def test_moments__no_tokens__are_zeros() -> None:
    mean, covariance, _ = moments(None, keeper_config())

    assert mean.tolist() == [0.0]
    assert covariance.tolist() == [[0.0]]


def test_moments__mean_of_two_tokens__is_refused() -> None:
    config = keeper_config(history={"expected_returns": "mean"})

    with pytest.raises(TooFewAssets):
        moments(history_of(2, 100), config)


def write_prices(path: Path, header: str, days: int) -> Path:
    start = np.datetime64("2023-01-01")
    rows = [
        f"{start + day},{2000 + day},{0.5 if 'USDC' in header else 7}"
        for day in range(days)
    ]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def priced_snapshot(day: str) -> Snapshot:
    """USDC and WETH at the first second of a day."""
    at = int(np.datetime64(day, "s").astype(np.int64))
    return make_snapshot((make_token("USDC", 1), make_token("WETH")), timestamp=at)


def test_from_file__asset_column__divides_and_nothing_is_from_the_future(
    tmp_path: Path,
) -> None:
    path = write_prices(tmp_path / "p.csv", "date,ETH,USDC", 60)
    snapshot = priced_snapshot("2023-02-20")

    history = from_file(path, snapshot, HistoryConfig(days=40))

    # the row of a day is its close: that of the 19th is known on the 20th
    assert history.times[-1] == np.datetime64("2023-02-19")
    assert len(history) == 41
    assert history.assets == ("WETH",)
    assert history.prices[-1, 0] == (2000 + 49) / 0.5


def test_from_file__no_asset_column__is_in_the_asset(tmp_path: Path) -> None:
    path = write_prices(tmp_path / "p.csv", "date,WETH,other", 60)

    history = from_file(path, priced_snapshot("2023-03-02"), HistoryConfig(days=40))

    assert history.prices[-1, 0] == 2059


def test_from_file__token_missing__is_named(tmp_path: Path) -> None:
    path = write_prices(tmp_path / "p.csv", "date,LINK,USDC", 60)

    with pytest.raises(MissingColumn, match="WETH"):
        from_file(path, priced_snapshot("2023-03-02"), HistoryConfig())


def test_from_file__ends_long_ago__is_stale(tmp_path: Path) -> None:
    path = write_prices(tmp_path / "p.csv", "date,ETH,USDC", 60)

    with pytest.raises(HistoryStale, match=r"10\.0 days old, expected at most 7"):
        from_file(path, priced_snapshot("2023-03-12"), HistoryConfig())


@pytest.mark.parametrize("day", ["2023-01-20", "2022-01-01"])
def test_from_file__too_little_before_the_snapshot__is_refused(
    tmp_path: Path, day: str
) -> None:
    path = write_prices(tmp_path / "p.csv", "date,ETH,USDC", 60)

    with pytest.raises(TooFewRows):
        from_file(path, priced_snapshot(day), HistoryConfig())


def test_read_fees__node_refuses__says_to_ask_for_less() -> None:
    usdc, weth = make_token("USDC", 1), make_token("WETH")
    pair = make_position("v2", (0, 1), make_pair(usdc, weth, 10**6), market=2)
    snapshot = make_snapshot((usdc, weth), [pair])

    def refuse(_filter: object) -> None:
        raise Web3RPCError("query returned more than 10000 results")

    node: Any = SimpleNamespace(eth=SimpleNamespace(get_logs=refuse))

    with pytest.raises(LogsRefused, match=r"of 90 blocks .*10000.*fee_window_days"):
        read_fees(node, snapshot, 10)
