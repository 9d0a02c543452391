# SPDX-License-Identifier: MIT
"""A keeper from its settings: connected, unlocked, with its journal open."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from eth_account.signers.local import LocalAccount
from web3 import Web3

from steelyard.chain.connection import connect, visible_endpoint
from steelyard.chain.errors import WrongChainId
from steelyard.keeper.config import CosignerConfig, KeeperConfig, SignerConfig
from steelyard.keeper.journal import Journal
from steelyard.keeper.lock import only_keeper
from steelyard.keeper.run import Keeper, SignerMissing
from steelyard.keeper.signer import Prompt, unlocked


@contextmanager
def open_keeper(
    config: KeeperConfig,
    *,
    may_sign: bool,
    web3: Web3 | None = None,
    prompt: Prompt | None = None,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Keeper]:
    """The keeper; without `may_sign` no key is read and no journal is made.

    `web3` is a connection to use instead of the settings' own. Raises RpcUnreachable,
    RpcTimeout, WrongChainId, KeystoreLocked, KeystoreInvalid, JournalUnusable,
    KeeperRunning.
    """
    web3 = connected(config) if web3 is None else checked(config, web3)
    signers, relayer = accounts(config, prompt) if may_sign else ((), None)
    with ExitStack() as stack:
        journal = None
        if may_sign:
            stack.enter_context(only_keeper(config.journal))
        if may_sign or config.journal.is_file():
            journal = stack.enter_context(Journal(config.journal, config.chain_id))
        keeper = Keeper(
            web3=web3,
            config=config,
            strategist=signers[0] if signers else None,
            cosigners=signers[1:],
            relayer=relayer,
            journal=journal,
        )
        if progress is not None:
            keeper.progress = progress
        yield keeper


def connected(config: KeeperConfig) -> Web3:
    """A connection to the settings' node, on the settings' chain."""
    return connect(
        config.endpoint(),
        expected_chain_id=config.chain_id,
        timeout_seconds=config.rpc_timeout_seconds,
    )


def checked(config: KeeperConfig, web3: Web3) -> Web3:
    """`web3` itself. Raises WrongChainId."""
    chain_id = web3.eth.chain_id
    if chain_id != config.chain_id:
        endpoint = str(getattr(web3.provider, "endpoint_uri", "the connection given"))
        if "://" in endpoint:
            endpoint = visible_endpoint(endpoint)
        raise WrongChainId(endpoint, chain_id, config.chain_id)
    return web3


def accounts(
    config: KeeperConfig, prompt: Prompt | None
) -> tuple[tuple[LocalAccount, ...], LocalAccount | None]:
    """(keys of the settings' signer, its relayer's). Raises SignerMissing,
    KeystoreLocked, KeystoreInvalid."""
    signer = config.signer
    if signer is None:
        raise SignerMissing
    keys: tuple[SignerConfig | CosignerConfig, ...] = (signer, *signer.cosigners)
    return tuple(_unlocked(key, prompt) for key in keys), _relayer(signer, prompt)


def _unlocked(
    signer: SignerConfig | CosignerConfig, prompt: Prompt | None
) -> LocalAccount:
    return unlocked(
        signer.keystore,
        password_file=signer.password_file,
        password_env=signer.password_env,
        prompt=prompt,
    )


def _relayer(signer: SignerConfig, prompt: Prompt | None) -> LocalAccount | None:
    if signer.relayer_keystore is None:
        return None
    return unlocked(
        signer.relayer_keystore,
        password_file=signer.relayer_password_file,
        password_env=signer.relayer_password_env,
        prompt=prompt,
    )
