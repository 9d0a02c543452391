# SPDX-License-Identifier: MIT
"""What can go wrong between this program and a node."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steelyard.errors import SteelyardError


class RpcUnreachable(SteelyardError):
    """No Ethereum node answers at the address."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"no node at {endpoint}: {reason}")


class RpcTimeout(SteelyardError):
    """The node took longer than allowed to answer."""

    def __init__(self, endpoint: str, timeout_seconds: float) -> None:
        super().__init__(f"node at {endpoint} gave no answer in {timeout_seconds:g} s")


class WrongChainId(SteelyardError):
    """The node belongs to another chain than the one configured."""

    def __init__(self, endpoint: str, chain_id: int, expected_chain_id: int) -> None:
        super().__init__(
            f"node at {endpoint} is on chain {chain_id}, expected {expected_chain_id}"
        )


class MissingArtifact(SteelyardError):
    """A compiled contract is not where it should be."""

    def __init__(self, path: Path, remedy: str) -> None:
        super().__init__(f"no compiled contract at {path}: run `{remedy}`")


class UnlinkedLibrary(SteelyardError):
    """Bytecode still needs the address of a library."""

    def __init__(self, contract: str, library: str) -> None:
        super().__init__(f"{contract} needs the address of library {library}")


class UnknownLibrary(SteelyardError):
    """A library was given to bytecode that does not use it."""

    def __init__(self, contract: str, library: str) -> None:
        super().__init__(f"{contract} does not use library {library}")


class ContractReverted(SteelyardError):
    """A call or transaction reverted; `arguments` by name, `data` as returned."""

    def __init__(
        self, name: str, arguments: Mapping[str, Any], data: bytes, where: str = ""
    ) -> None:
        listed = ", ".join(f"{key}={value}" for key, value in arguments.items())
        super().__init__(f"{where or 'call'} reverted with {name}({listed})")
        self.name = name
        self.arguments = dict(arguments)
        self.data = data


class TransactionRefused(SteelyardError):
    """The node did not take the transaction."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} was not accepted by the node: {reason}")


class TransactionPending(SteelyardError):
    """The transaction was sent but is in no block yet."""

    def __init__(self, transaction_hash: str, timeout_seconds: float) -> None:
        super().__init__(
            f"transaction {transaction_hash} is in no block after {timeout_seconds:g} s"
        )
