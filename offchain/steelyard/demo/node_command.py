# SPDX-License-Identifier: MIT
"""The command lines of the local nodes, found in node_modules."""

import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from steelyard.chain.artifacts import project_root
from steelyard.demo.errors import LocalNodeMissing

NodeKind = Literal["anvil", "ganache"]

MNEMONIC = "test test test test test test test test test test test junk"  # public
CHAIN_IDS: dict[NodeKind, int] = {"anvil": 31337, "ganache": 1337}
ACCOUNT_BALANCE_ETHER = 100_000_000
BLOCK_GAS_LIMIT = 30_000_000
KEPT_STATES = 1_000  # Anvil answers for as many blocks; more would fill the disk


def node_command(
    kind: NodeKind, port: int, fork_url: str | None, timestamp: int | None, count: int
) -> list[str]:
    """Program and arguments that start a node. Raises LocalNodeMissing."""
    if kind == "anvil":
        return _anvil_command(port, fork_url, timestamp, count)
    return _ganache_command(port, fork_url, timestamp, count)


def _anvil_command(
    port: int, fork_url: str | None, timestamp: int | None, count: int
) -> list[str]:
    options = {
        "--host": "127.0.0.1",
        "--port": port,
        "--mnemonic": MNEMONIC,
        "--accounts": count,
        "--balance": ACCOUNT_BALANCE_ETHER,
        "--gas-limit": BLOCK_GAS_LIMIT,
        "--chain-id": None if fork_url else CHAIN_IDS["anvil"],
        "--fork-url": fork_url,
        "--timestamp": timestamp,
        "--prune-history": KEPT_STATES,
    }
    return [str(_anvil_binary()), "--quiet", *_listed(options)]


def _ganache_command(
    port: int, fork_url: str | None, timestamp: int | None, count: int
) -> list[str]:
    start = None
    if timestamp is not None:
        start = datetime.fromtimestamp(timestamp, UTC).isoformat()
    options = {
        "--server.host": "127.0.0.1",
        "--server.port": port,
        "--wallet.mnemonic": MNEMONIC,
        "--wallet.totalAccounts": count,
        "--wallet.defaultBalance": ACCOUNT_BALANCE_ETHER,
        "--miner.blockGasLimit": hex(BLOCK_GAS_LIMIT),
        "--chain.hardfork": "shanghai",
        "--chain.chainId": None if fork_url else CHAIN_IDS["ganache"],
        "--fork.url": fork_url,
        "--chain.time": start,
    }
    return [*_ganache_program(), "--logging.quiet", *_listed(options)]


def _listed(options: dict[str, Any]) -> list[str]:
    given = ((key, value) for key, value in options.items() if value is not None)
    return [str(part) for pair in given for part in pair]


def _anvil_binary() -> Path:
    systems = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
    machines = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64"}
    system = systems.get(platform.system(), platform.system().lower())
    machine = machines.get(platform.machine().lower(), platform.machine().lower())
    suffix = ".exe" if system == "win32" else ""
    package = f"node_modules/@foundry-rs/anvil-{system}-{machine}"
    path = project_root() / package / "bin" / f"anvil{suffix}"
    if not path.is_file():
        raise LocalNodeMissing("anvil", path)
    return path


def _ganache_program() -> list[str]:
    path = project_root() / "node_modules" / "ganache" / "dist" / "node" / "cli.js"
    if not path.is_file():
        raise LocalNodeMissing("ganache", path)
    node = shutil.which("node")
    if node is None:
        raise LocalNodeMissing("node", "PATH")
    return [node, str(path)]
