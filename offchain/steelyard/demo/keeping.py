# SPDX-License-Identifier: MIT
"""The demo's keeper: the same program, settings and encrypted key as a real one's."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from eth_account import Account
from eth_account.signers.local import LocalAccount

from steelyard.chain.deploy import VaultSystem
from steelyard.demo.node import LocalNode
from steelyard.demo.progress import Narrator
from steelyard.demo.scenario import LEAD_DAYS
from steelyard.keeper.config import (
    HistoryConfig,
    KeeperConfig,
    OrderConfig,
    SignalsConfig,
    SignerConfig,
)
from steelyard.keeper.opening import open_keeper
from steelyard.keeper.run import Keeper
from steelyard.keeper.template import template
from steelyard.optimize.preferences import Preferences


@contextmanager
def demo_keeper(
    node: LocalNode, system: VaultSystem, strategist: LocalAccount, folder: Path
) -> Iterator[Keeper]:
    """A keeper of this vault; its files are in `folder`."""
    config = KeeperConfig(
        vault=system.vault.address,
        lens=system.lens.address,
        chain_id=node.chain_id,
        rpc_url=node.rpc_url,
        journal=folder / "journal.sqlite",
        signer=_signer(strategist, folder),
        history=HistoryConfig(days=LEAD_DAYS),
        signals=SignalsConfig(fee_window_days=3.0),
        order=OrderConfig(),
        preferences=Preferences(),
    )
    with open_keeper(config, may_sign=True, web3=node.web3) as keeper:
        yield keeper


def keep_open(node: LocalNode, keeper: Keeper, narrator: Narrator) -> None:
    """Settings for the command line beside the keys; returns at Ctrl-C."""
    config = keeper.config
    settings = config.journal.with_name("steelyard.toml")
    text = template(config.vault, config.lens)
    for given, here in (
        ("http://127.0.0.1:8545", node.rpc_url),
        ("chain_id = 31337", f"chain_id = {node.chain_id}"),
        ('"steelyard.sqlite"', '"journal.sqlite"'),
        ('password_env = "STEELYARD_PASSWORD"', 'password_file = "password"'),
        ("days = 180", f"days = {LEAD_DAYS}"),
    ):
        text = text.replace(given, here)
    settings.write_text(text, encoding="utf-8")
    narrator.say(f"\nthe chain stays up at {node.rpc_url} until Ctrl-C; try")
    for command in ("status", "plan", "run --once"):
        narrator.say(f"  steelyard {command} --config {settings}")
    with suppress(KeyboardInterrupt):
        Event().wait()


def _signer(strategist: LocalAccount, folder: Path) -> SignerConfig:
    """A keystore as `geth account` writes it, under a password made up here."""
    keystore, password_file = folder / "strategist.json", folder / "password"
    password = secrets.token_urlsafe(16)
    keystore.write_text(json.dumps(Account.encrypt(strategist.key, password)))
    password_file.write_text(password)
    return SignerConfig(keystore=keystore, password_file=password_file)
