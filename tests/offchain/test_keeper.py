# SPDX-License-Identifier: MIT
"""Deciding, signing and recording, without a node."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from eth_abi.abi import encode
from eth_account import Account
from hexbytes import HexBytes
from snapshots import (
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.chain.fees_log import V2_SWAP, V3_SWAP, fee_of
from steelyard.chain.share_price import share_price_e36
from steelyard.estimate.errors import TooFewAssets
from steelyard.keeper.config import (
    HistoryConfig,
    KeeperConfig,
    OrderConfig,
    SignalsConfig,
    config_from,
)
from steelyard.keeper.decide import decide, money, optimise, weigh
from steelyard.keeper.exposures import exposures
from steelyard.keeper.fields import ConfigInvalid
from steelyard.keeper.gain import plan_gain_assets
from steelyard.keeper.history import HistoryStale, from_file
from steelyard.keeper.record import SAFE_INTEGER, json_text, swap_results, to_json
from steelyard.keeper.signals import moments, native_price_e36, observe
from steelyard.keeper.signer import (
    KeystoreInvalid,
    KeystoreLocked,
    StrategistMismatch,
    check_strategist,
    keystore_address,
    read_password,
    sign_order,
    unlock,
)
from steelyard.lending import Erc4626
from steelyard.market.errors import MissingColumn, TooFewRows
from steelyard.market.history import PriceHistory
from steelyard.optimize.preferences import Floor, Preferences
from steelyard.plan import build_order, plan_order
from steelyard.state import Snapshot, TagState

WAD = 10**18
DAY = 86_400
ORDER = OrderConfig()
KEY = "0x" + "31" * 32
PASSWORD = "a password"


def lending_snapshot(available: float = 10_000_000) -> Snapshot:
    """A million idle USDC beside a lending market at its kink."""
    reserve = make_reserve(available, 4 * available)
    aave = make_position("aave-v3 USDC", (0,), reserve, market=1)
    return make_snapshot(positions=[aave])


def swapping_snapshot() -> Snapshot:
    """A million USDC beside a pair with WETH."""
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH")
    pair = make_pair(usdc, weth, 50_000_000)
    pool = make_pool("uniswap-v2 USDC/WETH", (0, 1), pair, market=2)
    return make_snapshot((usdc, weth), pools=[pool])


def test_decide__interest_beats_idle__acts_and_says_the_numbers() -> None:
    snapshot = lending_snapshot()

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert decision.act
    assert len(decision.plan.supplies) == 1
    assert decision.gain_assets > 0
    assert money(decision.gain_assets, 6, 2) in decision.reason
    assert "over 30 days" in decision.reason


def test_decide__gain_under_the_least__does_nothing_and_says_the_numbers() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    gain = decide(snapshot, signals, Preferences(), ORDER).gain_assets
    greedy = Preferences(min_gain_assets=2 * gain)

    decision = decide(snapshot, signals, greedy, ORDER)

    assert not decision.act
    assert str(2 * gain) in decision.reason or money(2 * gain, 6, 2) in decision.reason


def test_decide__gas_above_the_gain__does_nothing() -> None:
    snapshot = lending_snapshot()
    dear = make_signals(snapshot, gas_price_wei=10**13)

    decision = decide(snapshot, dear, Preferences(), ORDER)

    assert not decision.act
    assert decision.plan.is_empty


def test_decide__nothing_offered__does_nothing() -> None:
    snapshot = make_snapshot()

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert not decision.act
    assert decision.gain_assets == 0


def test_decide__floor_not_met__acts_at_a_loss() -> None:
    snapshot = swapping_snapshot()
    floors = (Floor(kind="token", name="WETH", weight=0.2),)

    decision = decide(
        snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER
    )

    assert decision.act, decision.reason
    assert decision.gain_assets < 0
    assert "staying breaks a limit" in decision.reason
    assert decision.plan.after.token_assets[1] >= 0.199 * snapshot.nav


def test_decide__same_inputs__same_decision() -> None:
    snapshot = swapping_snapshot()
    floors = (Floor(kind="token", name="WETH", weight=0.2),)
    arguments = (snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER)

    first, second = decide(*arguments), decide(*arguments)

    assert first.plan == second.plan
    assert first.reason == second.reason


def test_plan_gain__nothing_cut__is_the_solutions() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    problem, solution = optimise(snapshot, signals, Preferences())
    plan = plan_order(snapshot, solution, ORDER)

    gain = plan_gain_assets(snapshot, problem, plan)

    assert gain == pytest.approx(solution.gain_assets, rel=1e-4)


def test_weigh__plan_cut_to_nothing__does_nothing() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    problem, solution = optimise(snapshot, signals, Preferences())
    plan = plan_order(snapshot, solution, ORDER)
    emptied = replace(plan, supplies=(), predicted_supplies=())

    decision = weigh(snapshot, problem, solution, emptied, Preferences())

    assert not decision.act
    assert "no action is left" in decision.reason


def test_weigh__broken_check__does_nothing() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    problem, solution = optimise(snapshot, signals, Preferences())
    plan = plan_order(snapshot, solution, ORDER)
    check = plan.checks[0]
    broken = replace(check, value=check.bound + (1 if check.at_most else -1))
    worse = replace(plan, checks=(broken, *plan.checks[1:]))

    decision = weigh(snapshot, problem, solution, worse, Preferences())

    assert not decision.act
    assert "would break" in decision.reason


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (1_234_567_890_123, 6, "1,234,567.890123"),
        (-1, 6, "-0.000001"),
        (10**18 + 10**12, 18, "1.000001"),
        (10**18 - 1, 18, "0.999999"),
        (42, 0, "42"),
        (150, 2, "1.50"),
    ],
)
def test_money__raw_units__are_whole_ones(
    amount: int, decimals: int, text: str
) -> None:
    assert money(amount, decimals) == text


def test_exposures__tokens_positions_tags__are_counted_like_the_vault() -> None:
    usdc = make_token("USDC", 600_000, cap=cap(0.9))
    weth = make_token("WETH", 100, tags=frozenset({0}))
    savings = make_position(
        "savings",
        (0,),
        Erc4626(total_assets=10**12, total_supply=10**12),
        market=1,
        units=200_000 * 10**6,
        tags=frozenset({0}),
        cap=cap(0.5, assets=250_000 * 10**6),
    )
    tags = [TagState(name="risky", cap=cap(0.4))]

    found = exposures(make_snapshot((usdc, weth), [savings], tags=tags))

    assert [(e.kind, e.name, e.assets // 10**6) for e in found] == [
        ("token", "USDC", 800_000),
        ("token", "WETH", 200_000),
        ("position", "savings", 200_000),
        ("tag", "risky", 400_000),
    ]
    assert [e.weight_wad for e in found] == [8 * 10**17, 2 * 10**17] * 1 + [
        2 * 10**17,
        4 * 10**17,
    ]
    assert [round(e.fullness, 6) for e in found] == [0.888889, 0.2, 0.8, 1.0]


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(Account.encrypt(KEY, PASSWORD, "pbkdf2", 2)))
    return path


def test_unlock__right_password__is_the_account(keystore: Path) -> None:
    assert unlock(keystore, PASSWORD).address == Account.from_key(KEY).address
    assert keystore_address(keystore) == Account.from_key(KEY).address


def test_unlock__wrong_password__stays_locked_and_shows_no_secret(
    keystore: Path,
) -> None:
    with pytest.raises(KeystoreLocked) as caught:
        unlock(keystore, "wrong")

    assert "wrong" in str(caught.value)
    assert KEY[2:] not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 3, "crypto": {}}'])
def test_unlock__no_keystore__is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)

    with pytest.raises(KeystoreInvalid, match=str(path)):
        unlock(path, PASSWORD)


def test_unlock__no_file__is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeystoreInvalid, match="No such file"):
        unlock(tmp_path / "none.json", PASSWORD)


def test_read_password__each_source__in_turn(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from file\n")
    key = tmp_path / "key.json"

    def read(**given: Any) -> str:
        defaults = {"password_file": None, "password_env": None, "prompt": None}
        return read_password(key, **(defaults | {"environ": {"PW": "of env"}} | given))

    assert read(password_file=file) == "from file"
    assert read(password_env="PW") == "of env"
    assert read(prompt=lambda question: question) == f"Password of {key}: "
    with pytest.raises(KeystoreLocked, match="nobody to ask"):
        read()
    with pytest.raises(KeystoreLocked, match="variable NONE is not set"):
        read(password_env="NONE")
    with pytest.raises(KeystoreLocked, match="No such file"):
        read(password_file=tmp_path / "none")


def test_check_strategist__stranger__is_refused_unless_a_contract_decides() -> None:
    snapshot = make_snapshot()

    check_strategist(snapshot, snapshot.strategist)
    check_strategist(replace(snapshot, signer_kind=1), "0x" + "99" * 20)
    with pytest.raises(StrategistMismatch, match=snapshot.strategist):
        check_strategist(snapshot, "0x" + "99" * 20)


def test_sign_order__signature__recovers_to_the_signer() -> None:
    snapshot = replace(lending_snapshot(), vault="0x" + "5a" * 20)
    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)
    order = build_order(
        snapshot,
        decision.plan,
        relayer="0x" + "11" * 20,
        valid_after=1,
        deadline=2,
        public_after=2,
        inputs_hash=b"\1" * 32,
    )
    account = Account.from_key(KEY)

    digest, signature = sign_order(snapshot, order, account)

    assert Account._recover_hash(digest, signature=signature) == account.address
    assert len(signature) == 65


@dataclass(frozen=True)
class Event:
    name: str
    arguments: dict[str, Any]


def test_swap_results__events__stand_beside_the_prediction() -> None:
    snapshot = swapping_snapshot()
    floors = (Floor(kind="token", name="WETH", weight=0.2),)
    plan = decide(
        snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER
    ).plan
    events = [
        Event("Supplied", {}),
        Event("Swapped", {"amountOut": 7, "oracleAmountOut": 9}),
    ]

    (result,) = swap_results(snapshot, plan, events)  # type: ignore[arg-type]

    assert (result.pool, result.token_in, result.token_out) == (
        "uniswap-v2 USDC/WETH",
        "USDC",
        "WETH",
    )
    assert result.amount_in == plan.swaps[0].amount_in
    assert result.predicted_out == plan.predicted_swaps[0]
    assert (result.executed_out, result.oracle_out) == (7, 9)


def test_to_json__every_kind__is_plain() -> None:
    value = {
        "small": SAFE_INTEGER,
        "large": SAFE_INTEGER + 1,
        "true": True,
        "array": np.array([1.5, np.nan]),
        "bytes": b"\x01\xff",
        "set": frozenset({2, 1}),
        "cap": cap(0.5, assets=3),
    }

    assert to_json(value) == {
        "small": SAFE_INTEGER,
        "large": str(SAFE_INTEGER + 1),
        "true": True,
        "array": [1.5, None],
        "bytes": "0x01ff",
        "set": [1, 2],
        "cap": {"assets": 3, "wad": str(5 * 10**17)},
    }
    assert json.loads(json_text(value))["set"] == [1, 2]


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
