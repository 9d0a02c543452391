# SPDX-License-Identifier: MIT
"""The keeper's settings, from a TOML file."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from eth_utils.address import is_address

from steelyard.keeper.fields import ConfigInvalid, record_from
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.preferences import Preferences, check_preferences
from steelyard.wad import WAD

DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class CosignerConfig:
    """One more key, for a vault whose orders need several signatures."""

    keystore: Path
    password_file: Path | None = None
    password_env: str | None = None


@dataclass(frozen=True, kw_only=True)
class SignerConfig:
    """Encrypted keys (Ethereum's keystore format) and where their passwords are.

    Without a file or a variable the password is asked for. The relayer pays the gas;
    by default it is the strategist itself.
    """

    keystore: Path
    password_file: Path | None = None
    password_env: str | None = None
    relayer_keystore: Path | None = None
    relayer_password_file: Path | None = None
    relayer_password_env: str | None = None
    cosigners: tuple[CosignerConfig, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HistoryConfig:
    """Daily prices that estimates rest on."""

    source: Literal["feeds", "file"] = "feeds"
    file: Path | None = None
    days: int = 180
    min_days: int = 30
    max_age_days: float = 7.0  # of a file's last row
    max_gap_days: float = 0.0  # in a file, carried forward
    half_life_days: float = 60.0  # of the weight of a day
    expected_returns: Literal["zero", "mean"] = "zero"


@dataclass(frozen=True, kw_only=True)
class SignalsConfig:
    """What else the optimiser is told."""

    fee_window_days: float = 7.0  # pool fees and vault yields of the past
    native: str = "WETH"  # the vault's token that gas is counted in
    native_price: float | None = None  # whole assets per coin, where there is none
    # The chance that a protocol (a tag) fails within a year, and the share then lost.
    # 1 in 100 a year with all lost is a choice, not a measurement: public lists count
    # hundreds of incidents since 2016 over a few thousand protocols.
    failure_probability_per_year: float = 0.01
    loss_given_failure: float = 1.0
    failure_probabilities: Mapping[str, float] = field(default_factory=dict)  # by tag
    losses_given_failure: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OrderConfig:
    """How far execution may stray from prediction, and how long an order lives."""

    window_seconds: int = 300  # at most what the vault allows
    confirm_timeout_seconds: float = 120.0
    output_tolerance_wad: int = 10**15  # of swaps and lending: 0.1%
    liquidity_tolerance_wad: int = 10**16  # of each token of a pool position: 1%
    weight_tolerance_wad: int = 5 * 10**15  # of NAV, absolute: 0.5%
    share_price_tolerance_wad: int = 5 * 10**15


@dataclass(frozen=True, kw_only=True)
class KeeperConfig:
    """Everything that `steelyard.toml` says."""

    vault: str
    lens: str
    chain_id: int
    rpc_url: str | None = None
    rpc_url_env: str | None = None  # a variable that holds the URL, keys and all
    rpc_timeout_seconds: float = 30.0
    journal: Path = Path("steelyard.sqlite")
    signer: SignerConfig | None = None
    history: HistoryConfig = field(default_factory=HistoryConfig)
    signals: SignalsConfig = field(default_factory=SignalsConfig)
    order: OrderConfig = field(default_factory=OrderConfig)
    preferences: Preferences = field(default_factory=Preferences)

    def endpoint(self, environ: Mapping[str, str] | None = None) -> str:
        """The node's URL. Raises ConfigInvalid when none is given."""
        if self.rpc_url:
            return self.rpc_url
        name = self.rpc_url_env or "STEELYARD_RPC_URL"
        url = (os.environ if environ is None else environ).get(name)
        if not url:
            expected = f"a URL, or the variable {name} to hold one"
            raise ConfigInvalid("rpc_url", None, expected)
        return url


def load_config(path: Path) -> KeeperConfig:
    """The settings in a file; paths in it are relative to its folder.

    Raises ConfigInvalid, which names the field, its value and what was expected.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        expected = f"a readable file ({error.strerror}); `steelyard init` writes one"
        raise ConfigInvalid("file", str(path), expected) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid("file", str(path), f"TOML: {error}") from None
    return config_from(table, path.resolve().parent)


def config_from(table: Mapping[str, Any], folder: Path) -> KeeperConfig:
    """The settings in a parsed table. Raises ConfigInvalid."""
    table = {"journal": "steelyard.sqlite", **table}
    config = record_from(KeeperConfig, table, "", folder)
    _check(config)
    try:
        check_preferences(config.preferences)
    except PreferenceInvalid as error:
        field_name = f"preferences.{error.name}"
        raise ConfigInvalid(field_name, error.value, error.expected) from None
    return config


def _check(config: KeeperConfig) -> None:
    for name in ("vault", "lens"):
        value = getattr(config, name)
        _expect(is_address(value), name, value, "an address of 0x and 40 hex digits")
    _expect(config.chain_id > 0, "chain_id", config.chain_id, "more than 0")
    timeout = config.rpc_timeout_seconds
    _expect(timeout > 0, "rpc_timeout_seconds", timeout, "more than 0")
    for table, check in (("history", _check_history), ("signals", _check_signals)):
        check(getattr(config, table), f"{table}.")
    for name, value in vars(config.order).items():
        _expect(value > 0, f"order.{name}", value, "more than 0")
        if name.endswith("_wad"):
            _expect(value < WAD, f"order.{name}", value, "less than 1e18")


def _check_history(history: HistoryConfig, path: str) -> None:
    given = (history.source == "file") == (history.file is not None)
    file = None if history.file is None else str(history.file)
    _expect(given, path + "file", file, 'a path with source "file", else nothing')
    _expect(history.min_days >= 2, path + "min_days", history.min_days, "2 or more")
    fits = history.days >= history.min_days
    _expect(fits, path + "days", history.days, f"min_days, {history.min_days}, or more")
    for name in ("max_age_days", "half_life_days"):
        value = getattr(history, name)
        _expect(value > 0, path + name, value, "more than 0")
    gap = history.max_gap_days
    _expect(gap >= 0, path + "max_gap_days", gap, "0 or more")


def _check_signals(signals: SignalsConfig, path: str) -> None:
    days, price = signals.fee_window_days, signals.native_price
    _expect(0 < days <= 365, path + "fee_window_days", days, "more than 0, at most 365")
    _expect(price is None or price > 0, path + "native_price", price, "more than 0")
    shares = {
        "failure_probability_per_year": signals.failure_probability_per_year,
        "loss_given_failure": signals.loss_given_failure,
    }
    for name in ("failure_probabilities", "losses_given_failure"):
        by_tag: Mapping[str, float] = getattr(signals, name)
        shares |= {f"{name}.{tag}": value for tag, value in by_tag.items()}
    for name, value in shares.items():
        _expect(0 <= value <= 1, path + name, value, "0 to 1")


def _expect(fits: bool, name: str, value: object, expected: str) -> None:
    if not fits:
        raise ConfigInvalid(name, value, expected)
