# SPDX-License-Identifier: MIT
"""A keeper in the standard world: settings, an encrypted key, and a past."""

import json
from dataclasses import dataclass
from math import sin
from pathlib import Path
from typing import Any

from eth_account import Account
from support import World
from web3 import Web3

from steelyard.chain.connection import connect
from steelyard.demo import clock, feeds
from steelyard.keeper.config import KeeperConfig, config_from
from steelyard.keeper.record import RunRecord
from steelyard.wad import WAD

PASSWORD = "correct horse"
DAYS = 40
DAY_SECONDS = 86_400
# USDC alone earns interest: what makes the keeper swap is the floor under ETH
PREFERENCES = {
    "min_gain_assets": 5_000_000,
    "floors": [{"kind": "token", "name": "ETH", "weight": 0.1}],
}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A world with a past, and what a keeper needs on disk."""

    world: World
    folder: Path

    @property
    def sent(self) -> tuple[int, int]:
        """Transactions of the strategist, orders of the vault: both only count up."""
        web3, vault = self.world.web3, self.world.vault
        count = web3.eth.get_transaction_count(self.world.strategist.address)
        return count, int(vault.functions.nonce().call())

    def table(self, **changes: Any) -> dict[str, Any]:
        """Settings as a TOML file holds them."""
        table = {
            "rpc_url": self.world.web3.provider.endpoint_uri,
            "chain_id": self.world.web3.eth.chain_id,
            "vault": self.world.vault.address,
            "lens": self.world.system.lens.address,
            "signer": {"keystore": "key.json", "password_file": "password"},
            "history": {"days": DAYS, "min_days": 30},
            "signals": {"native": "ETH"},
            "preferences": PREFERENCES,
        }
        return table | changes

    def config(self, **changes: Any) -> KeeperConfig:
        return config_from(self.table(**changes), self.folder)

    def write(self, **changes: Any) -> Path:
        """The settings as a file."""
        path = self.folder / "steelyard.toml"
        path.write_text(_toml(self.table(**changes)))
        return path


def open_desk(world: World, folder: Path) -> Desk:
    """Forty days of prices, then the present; a keystore of the strategist."""
    days_pass(world, DAYS)
    write_keystore(folder / "key.json", world.strategist.key)
    (folder / "password").write_text(PASSWORD + "\n")
    return Desk(world=world, folder=folder)


def write_keystore(path: Path, key: bytes) -> None:
    """An encrypted key that is quick to open: few rounds, for tests alone."""
    path.write_text(json.dumps(Account.encrypt(key, PASSWORD, "pbkdf2", 2)))


def days_pass(world: World, days: int) -> None:
    """Feeds tell a wave a day that ends where it began; then it is that day."""
    start = world.now()
    for number, (symbol, feed) in enumerate(world.market.feeds.items()):
        _, price_e8, *_ = feed.functions.latestRoundData().call()
        rounds = [
            (_wave(price_e8, day, days, number), start + day * DAY_SECONDS)
            for day in range(1, days + 1)
        ]
        if symbol == "USDC":
            rounds = [(price_e8, at) for _, at in rounds]
        feeds.push_rounds(world.web3, feed, rounds, sender=world.curator)
    clock.travel_to(world.web3, start + days * DAY_SECONDS)


def _wave(price_e8: int, day: int, days: int, number: int) -> int:
    if day == days:
        return price_e8
    return int(price_e8 * (1 + 0.05 * sin(day * (number + 1)) * (days - day) / days))


class Counted:
    """A connection that remembers the method of each request."""

    def __init__(self, rpc_url: str) -> None:
        self.web3: Web3 = connect(rpc_url, expected_chain_id=None)
        self.methods: list[str] = []
        provider: Any = self.web3.provider
        over_the_wire = provider._make_request

        def counted(method: Any, request: bytes) -> Any:
            self.methods.append(str(method))
            return over_the_wire(method, request)

        provider._make_request = counted


def assert_targets_met(record: RunRecord) -> None:
    """Each weight that was signed stands in the vault's own reading afterwards."""
    order, after = record.order, record.after
    assert order is not None
    assert after is not None
    held = {p.market.lower(): p for p in after.positions}
    tokens_held = {t.address.lower(): t for t in after.tokens}
    assert order.targets
    for target in order.targets:
        if int(target.market, 16):
            position = held[target.market.lower()]
            prices = [after.tokens[t].price_e36 for t in position.tokens]
            assets = sum(
                a * p // 10**36 for a, p in zip(position.amounts, prices, strict=True)
            )
        else:
            token = tokens_held[target.item.lower()]
            assets = token.inventory * token.price_e36 // 10**36
        weight_wad = assets * WAD // after.nav
        assert target.min_weight_wad <= weight_wad <= target.max_weight_wad


def _toml(table: dict[str, Any], path: str = "") -> str:
    """The few shapes of TOML that the settings need."""
    lines = [f"{k} = {_toml_value(v)}" for k, v in table.items() if not _is_table(v)]
    for key, value in table.items():
        if _is_table(value):
            name = f"{path}{key}"
            lines += ["", f"[{name}]", _toml(value, f"{name}.")]
    return "\n".join(lines)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _toml_value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{k} = {_toml_value(v)}" for k, v in value.items())
        return "{ " + inner + " }"
    return json.dumps(value)
