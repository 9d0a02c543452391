# SPDX-License-Identifier: MIT
"""The demo's keeper: the same program, settings and encrypted key as a real one's."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from steelyard.chain.deploy import VaultSystem
from steelyard.demo.node import LocalNode
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


def _signer(strategist: LocalAccount, folder: Path) -> SignerConfig:
    """A keystore as `geth account` writes it, under a password made up here."""
    keystore, password_file = folder / "strategist.json", folder / "password"
    password = secrets.token_urlsafe(16)
    keystore.write_text(json.dumps(Account.encrypt(strategist.key, password)))
    password_file.write_text(password)
    return SignerConfig(keystore=keystore, password_file=password_file)
