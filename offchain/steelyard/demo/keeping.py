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

LEAST_GAIN_ASSETS = 10 * 10**6  # ten USDC over the horizon


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
        preferences=Preferences(min_gain_assets=LEAST_GAIN_ASSETS),
    )
    with open_keeper(config, may_sign=True, web3=node.web3) as keeper:
        yield keeper


def keep_open(node: LocalNode, config: KeeperConfig, narrator: Narrator) -> None:
    """Settings for the command line beside the keys; returns at Ctrl-C."""
    settings = write_settings(config)
    narrator.say(f"\nthe chain stays up at {node.rpc_url} until Ctrl-C; try")
    for command in ("status", "plan", "run --once"):
        narrator.say(f"  steelyard {command} --config {settings}")
    with suppress(KeyboardInterrupt):
        Event().wait()


def write_settings(config: KeeperConfig) -> Path:
    """The file of a demo keeper's settings, in its folder."""
    settings = config.journal.with_name("steelyard.toml")
    text = template(
        config.vault,
        config.lens,
        rpc_url=config.endpoint(),
        chain_id=config.chain_id,
        journal=config.journal.name,
        password='password_file = "password"',
        days=config.history.days,
    )
    settings.write_text(text, encoding="utf-8")
    return settings


def _signer(strategist: LocalAccount, folder: Path) -> SignerConfig:
    """A keystore as `geth account` writes it, under a password made up here."""
    keystore, password_file = folder / "strategist.json", folder / "password"
    password = secrets.token_urlsafe(16)
    keystore.write_text(json.dumps(Account.encrypt(strategist.key, password)))
    password_file.write_text(password)
    return SignerConfig(keystore=keystore, password_file=password_file)
