# SPDX-License-Identifier: MIT
"""A local Anvil or Ganache that lives as long as a `with` block."""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3

from steelyard.chain.connection import connect
from steelyard.chain.errors import RpcTimeout, RpcUnreachable
from steelyard.demo.errors import LocalNodeFailed
from steelyard.demo.node_command import MNEMONIC, NodeKind, node_command

PORT_ATTEMPTS = 3
POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class LocalNode:
    """A running node; `accounts` are unlocked and rich, the same on both kinds."""

    kind: NodeKind
    rpc_url: str
    chain_id: int
    process_id: int
    web3: Web3
    accounts: tuple[ChecksumAddress, ...]


@contextmanager
def local_node(
    kind: NodeKind = "anvil",
    *,
    fork_url: str | None = None,
    timestamp: int | None = None,
    accounts: int = 20,
    timeout_seconds: float = 60.0,
) -> Iterator[LocalNode]:
    """A node on a free port of this machine, ended with the block or by a signal.

    `timestamp` (unix seconds) starts the chain's clock on a date of history; with
    `fork_url` the chain continues the one served there and keeps its chain id.
    Raises LocalNodeMissing, LocalNodeFailed.
    """
    with _terminable(), tempfile.TemporaryFile() as log:
        for attempt in range(1, PORT_ATTEMPTS + 1):
            port = _free_port()
            command = node_command(kind, port, fork_url, timestamp, accounts)
            process = _start(command, log)
            try:
                web3 = _ready(kind, process, port, log, timeout_seconds)
                if web3 is None and attempt < PORT_ATTEMPTS:
                    continue
                if web3 is None:
                    raise LocalNodeFailed(kind, _last_line(log))
                yield _describe(kind, process, web3, port, accounts)
                return
            finally:
                _stop(process)


def local_account(index: int) -> LocalAccount:
    """The signer of account `index` of every local node; its key is public."""
    Account.enable_unaudited_hdwallet_features()
    account: LocalAccount = Account.from_mnemonic(
        MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}"
    )
    return account


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    # its own session: Ctrl-C reaches this program first, which then ends the node
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def _ready(
    kind: NodeKind,
    process: subprocess.Popen[bytes],
    port: int,
    log: IO[bytes],
    timeout_seconds: float,
) -> Web3 | None:
    """A connection once the node answers; None when the process has ended."""
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return None
        try:
            return connect(url, expected_chain_id=None, timeout_seconds=120.0)
        except (RpcUnreachable, RpcTimeout):
            time.sleep(POLL_SECONDS)
    raise LocalNodeFailed(
        kind, f"no answer in {timeout_seconds:g} s; {_last_line(log)}"
    )


def _describe(
    kind: NodeKind,
    process: subprocess.Popen[bytes],
    web3: Web3,
    port: int,
    count: int,
) -> LocalNode:
    return LocalNode(
        kind=kind,
        rpc_url=f"http://127.0.0.1:{port}",
        chain_id=web3.eth.chain_id,
        process_id=process.pid,
        web3=web3,
        accounts=tuple(web3.eth.accounts[:count]),
    )


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it wrote no message"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _terminable() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP unwind the program, so that `finally` runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        number: signal.getsignal(number)
        for number in (getattr(signal, name) for name in names)
    }
    replaced = [n for n, handler in before.items() if handler == signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, before[number])


def _exit(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)
