# SPDX-License-Identifier: MIT
"""Puts up a vault from a spec over Brownie's connection.

brownie run deploy main vault.json --network anvil
brownie run deploy main vault.json deployment.json my-account --network mainnet

The account is one of Brownie's own (`brownie accounts list`); on a local chain the
node's first account is the default.
"""

import json
from pathlib import Path

import brownie
from eth_account import Account

from steelyard.chain.deploy import addresses, deploy_system
from steelyard.chain.spec_json import load_spec
from steelyard.chain.transactions import Sender
from steelyard.errors import SteelyardError


def main(spec: str = "vault.json", out: str = "", account: str = "") -> None:
    """Deploys, configures and prints the addresses as JSON; writes them to `out`.

    Ends with exit code 1 and one line when anything is refused.
    """
    try:
        system = deploy_system(brownie.web3, load_spec(Path(spec)), sender(account))
    except SteelyardError as error:
        raise SystemExit(f"error: {error}") from None
    text = json.dumps(addresses(system), indent=2)
    if out:
        Path(out).write_text(text + "\n", encoding="utf-8")
    print(text)


def sender(account: str) -> Sender:
    """Who pays and administers: the named account, or the local node's first."""
    if account:
        signer: Sender = Account.from_key(brownie.accounts.load(account).private_key)
        return signer
    if not len(brownie.accounts):
        raise SystemExit(
            "error: account is '', expected one of `brownie accounts list`"
        )
    first: Sender = brownie.web3.to_checksum_address(brownie.accounts[0].address)
    return first
