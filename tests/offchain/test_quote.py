# SPDX-License-Identifier: MIT
"""`steelyard quote`: files of pools, questions by name, answers in exact integers."""

import json
from pathlib import Path
from typing import Any

import pytest
from route_cases import random_case

from steelyard.amm.constant_product import ConstantProduct, amount_out
from steelyard.amm.errors import PoolFileInvalid
from steelyard.chain.artifacts import project_root
from steelyard.cli import main
from steelyard.route.market_file import (
    CURVES,
    Coin,
    MarketFile,
    load_markets,
    save_markets,
)

SYMBOLS = ["USDC", "USDT", "DAI", "WETH", "WBTC", "LINK"]


def write(folder: Path, document: Any) -> Path:
    path = folder / "markets.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def two_pools() -> dict[str, Any]:
    pool = {"curve": "constant-product", "tokens": ["USDC", "WETH"]}
    return {
        "tokens": [
            {"symbol": "USDC", "decimals": 6},
            {"symbol": "WETH", "decimals": 18},
        ],
        "pools": [
            {**pool, "reserve0": 2 * 10**12, "reserve1": str(10**21)},
            {**pool, "reserve0": 10**12, "reserve1": str(5 * 10**20)},
        ],
    }


def quoted(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    assert main(["quote", *args, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_load_markets__written_and_read__is_the_same(tmp_path: Path) -> None:
    case = random_case(4, pools=40)
    pairs = zip(SYMBOLS, case.decimals, strict=True)
    coins = tuple(Coin(symbol=symbol, decimals=decimals) for symbol, decimals in pairs)
    file = MarketFile(coins=coins, markets=tuple(case.markets))

    save_markets(tmp_path / "markets.json", file)

    assert load_markets(tmp_path / "markets.json") == file
    assert {type(m.state) for m in file.markets} == set(CURVES.values())


def test_quote__example_of_the_readme__uses_several_curves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = project_root() / "docs" / "markets.json"

    answer = quoted(capsys, str(example), "--sell", "USDC=250000", "--buy", "WETH")

    pools = {swap["pool"] for swap in answer["swaps"]}
    assert {"v2 USDC/WETH", "v3 USDC/WETH 0.05%"} < pools
    assert 0 <= answer["gap"] < 1e-6
    assert 100 < int(answer["balances"]["WETH"]) / 10**18 < 125


def test_quote__two_like_pools__shares_by_depth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, two_pools())

    answer = quoted(capsys, str(path), "--sell", "USDC=30000", "--buy", "WETH")

    amounts = [int(swap["amount_in"]) for swap in answer["swaps"]]
    assert sorted(amounts) == pytest.approx([10**10, 2 * 10**10], rel=1e-9)
    assert sum(amounts) == 30_000 * 10**6
    pools = [
        ConstantProduct(reserve0=2 * 10**12, reserve1=10**21),
        ConstantProduct(reserve0=10**12, reserve1=5 * 10**20),
    ]
    paid = sum(
        amount_out(pool, amount, True)
        for pool, amount in zip(pools, sorted(amounts, reverse=True), strict=True)
    )
    assert int(answer["balances"]["WETH"]) == paid
    assert answer["gap"] < 1e-12


def test_quote__gas_dearer_than_the_gain__takes_one_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, two_pools())
    trade = [str(path), "--sell", "USDC=30000", "--buy", "WETH"]

    cheap = quoted(capsys, *trade, "--gas-price", "1e-9")
    dear = quoted(capsys, *trade, "--gas-price", "1e-5")

    assert len(cheap["swaps"]) == 2
    assert len(dear["swaps"]) == 1
    assert dear["gas_sets"] == pytest.approx(1.0)


def test_quote__over_blocks__pays_more_than_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, two_pools())
    trade = [str(path), "--sell", "USDC=300000", "--buy", "WETH"]
    slow = ["--blocks", "4", "--refill", "0.5"]

    plan = quoted(capsys, *trade, *slow)["over_blocks"]
    assert main(["quote", *trade, *slow]) == 0

    assert plan["value"] > plan["evenly"] > plan["at_once"]
    assert len(plan["shares"]) == 4
    assert "Over 4 blocks" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".html", ".png", ".svg"])
def test_quote__plot__is_written(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, plot = write(tmp_path, two_pools()), tmp_path / f"route{suffix}"

    code = main(
        ["quote", str(path), "--sell", "USDC=9", "--buy", "WETH", "--plot", str(plot)]
    )

    out, err = capsys.readouterr()
    assert code == 0
    assert plot.stat().st_size > 10_000
    assert "received, WETH" in out
    assert f"wrote {plot}" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["--sell", "EUR=1", "--buy", "WETH"],
            "sell is EUR, expected one of USDC",
        ),
        (["--sell", "USDC=x", "--buy", "WETH"], "expected SYMBOL=AMOUNT"),
        (["--sell", "USDC=-1", "--buy", "WETH"], "expected more than 0"),
        (["--sell", "USDC=1e400", "--buy", "WETH"], "expected more than 0, to 1e30"),
        (["--sell", "USDC=1", "--buy", "WETH=1e400"], "expected more than 0, to 1e30"),
        (["--sell", "USDC=0.0000001", "--buy", "WETH"], "at most 6 decimals"),
        (["--sell", "USDC=1", "--sell", "USDC=2", "--buy", "WETH"], "each token once"),
        (["--sell", "USDC=1", "--buy", "WETH", "--gas-price", "?"], "gas-price is ?"),
        (["--sell", "USDC=1", "--buy", "WETH", "--gas-price", "1e99"], "0 to 1e30"),
        (["--sell", "USDC=1", "--buy", "WETH", "--plot", "a.pdf"], "ends in .html"),
    ],
)
def test_quote__bad_question__is_one_line(
    args: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, two_pools())

    code = main(["quote", str(path), *args])

    out, err = capsys.readouterr()
    assert code == 1
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("tokens",), 1, "tokens is 1, expected a list"),
        (("tokens", 0, "decimals"), 99, "tokens[0].decimals is 99, expected 0 to 36"),
        (("tokens", 1, "symbol"), "USDC", "each symbol once"),
        (("pools", 0, "curve"), "cubic", "pools[0].curve is 'cubic', expected one of"),
        (("pools", 0, "tokens", 1), "EUR", "pools[0].tokens[1] is 'EUR'"),
        (("pools", 1, "reserve0"), "1.5", "pools[1].reserve0 is '1.5'"),
        (("pools", 1, "reserve0"), True, "pools[1].reserve0 is True"),
        (("pools", 1, "reserve0"), " 1_0 ", "pools[1].reserve0 is ' 1_0 '"),
        (("pools", 1, "reserve0"), "9" * 5_000, "pools[1].reserve0 is '999"),
        (("pools", 0, "curve"), ["x"], "pools[0].curve is ['x']"),
        (("pools", 0, "fee_pip"), 30_000, "field of pools[0] is 'fee_pip'"),
        (("pools", 1, "reserve1"), -1, "pools[1] is 'reserve1 is -1"),
        (("pools", 1, "gas"), -5, "pools[1].gas is -5, expected 0 or more"),
    ],
)
def test_load_markets__bad_field__is_named(
    where: tuple[Any, ...], value: Any, said: str, tmp_path: Path
) -> None:
    document: Any = two_pools()
    inner = document
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value

    with pytest.raises(PoolFileInvalid) as caught:
        load_markets(write(tmp_path, document))

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ticks", [[-60]], "pools[0].ticks[0] is [-60], expected 2 items"),
        ("ticks", [1], "pools[0].ticks[0] is 1, expected a list"),
        ("window", [-600], "pools[0].window is [-600], expected 2 items"),
        ("fee_protocol", 300, "fee_protocol is 300"),
        ("fee_protocol", 1, "fee_protocol is 1"),
    ],
)
def test_load_markets__concentrated_pool_that_cannot_be__is_named(
    name: str, value: Any, said: str, tmp_path: Path
) -> None:
    document = two_pools()
    pool = {
        "curve": "concentrated",
        "tokens": ["USDC", "WETH"],
        "sqrt_price_x96": str(2**96),
        "tick": 0,
        "liquidity": 10**18,
        "fee_pips": 500,
        "tick_spacing": 10,
        "ticks": [[-60, 10**18], [60, -(10**18)]],
    }
    document["pools"] = [pool]
    load_markets(write(tmp_path, document))
    document["pools"] = [{**pool, name: value}]

    with pytest.raises(PoolFileInvalid) as caught:
        load_markets(write(tmp_path, document))

    assert said in str(caught.value)


def test_load_markets__field_missing__is_named(tmp_path: Path) -> None:
    document = two_pools()
    del document["pools"][0]["reserve0"]

    with pytest.raises(PoolFileInvalid, match=r"pools\[0\]\.reserve0"):
        load_markets(write(tmp_path, document))
