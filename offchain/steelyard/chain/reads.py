# SPDX-License-Identifier: MIT
"""Many view calls in one `eth_call` at one block, through the Lens contract.

What a reader needs is a generator: it yields the reads of one round and is sent their
answers, until it returns. `run_rounds` runs any number of them in step, so that a round
of all is one call to the node.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import (
    function_signature_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from web3 import Web3
from web3.types import BlockIdentifier

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.errors import ContractReverted
from steelyard.chain.errors_abi import decode_revert
from steelyard.chain.transactions import decoded_reverts
from steelyard.errors import SteelyardError

BLOCK_TYPE = "(uint256,uint256,uint256,uint256)"
RESULTS_TYPE = "(bool,bytes)[]"
READ_SIGNATURE = "read((address,bytes)[])"
MOST_READS = 500  # in one call: under 30 million gas at 20,000 to 60,000 a read


class AnswerUnreadable(SteelyardError):
    """A contract is not there, or is not what it was taken for."""

    def __init__(self, target: str, signature: str, expected: str, size: int) -> None:
        super().__init__(
            f"{signature} of {target} answered {size} bytes, expected {expected}: "
            "no such contract at this address"
        )
        self.target, self.signature = target, signature


@dataclass(frozen=True)
class Read:
    """One view call; `returns` are the types of its answer, separated by ` `."""

    target: str
    signature: str  # as in Solidity's ABI: "balanceOf(address)"
    returns: str
    args: tuple[Any, ...] = ()
    is_optional: bool = False  # None instead of an error


@dataclass(frozen=True, kw_only=True)
class ReadBlock:
    """The block that answered, as the EVM told it."""

    chain_id: int
    number: int
    timestamp: int
    base_fee_wei: int  # 0 on nodes that hide it from calls


T = TypeVar("T")
Rounds = Generator[Sequence[Read], Sequence[Any], T]


def own_read(
    contract: str, function: str, target: str, args: tuple[Any, ...] = ()
) -> Read:
    """A read of a contract of this project, its types taken from the build."""
    signature, returns = _own_function(contract, function)
    return Read(target, signature, returns, args)


def read_round(*reads: Read) -> Rounds[Sequence[Any]]:
    """The answers to these reads, as a generator of one round."""
    answers = yield reads
    return answers


def run_rounds(
    web3: Web3,
    lens: str,
    generators: Iterable[Rounds[Any]],
    block: BlockIdentifier = "latest",
    lent: Mapping[str, str] | None = None,
) -> tuple[ReadBlock, list[Any]]:
    """The last round's block and what each generator returned; `lent` as `read_all`.

    Raises ContractReverted, AnswerUnreadable, or what a generator raises.
    """
    running: dict[int, tuple[Rounds[Any], Sequence[Read]]] = {}
    results: dict[int, Any] = {}
    for index, generator in enumerate(generators):
        try:
            running[index] = (generator, next(generator))
        except StopIteration as stop:
            results[index] = stop.value
    at = None
    while running or at is None:
        reads = [read for _, wanted in running.values() for read in wanted]
        at, answers = read_all(web3, lens, reads, block, lent)
        start = 0
        for index, (generator, wanted) in list(running.items()):
            own = answers[start : start + len(wanted)]
            start += len(wanted)
            try:
                running[index] = (generator, generator.send(own))
            except StopIteration as stop:
                results[index] = stop.value
                del running[index]
    return at, [results[index] for index in sorted(results)]


def read_all(
    web3: Web3,
    lens: str,
    reads: Sequence[Read],
    block: BlockIdentifier = "latest",
    lent: Mapping[str, str] | None = None,
) -> tuple[ReadBlock, list[Any]]:
    """Answers in order, in one `eth_call`: a value, or a tuple for several types.

    `lent`: code as hex by address, for this call alone, where the node allows it.
    """
    calls = [(read.target, _call_data(read)) for read in reads]
    data = _selector(READ_SIGNATURE) + encode(["(address,bytes)[]"], [calls])
    params: Any = {"to": Web3.to_checksum_address(lens), "data": "0x" + data.hex()}
    overrides: Any = {address: {"code": code} for address, code in (lent or {}).items()}
    with decoded_reverts("lens"):
        answer = bytes(web3.eth.call(params, block, *([overrides] if lent else [])))
    try:
        (chain_id, number, timestamp, base_fee), results = decode(
            [BLOCK_TYPE, RESULTS_TYPE], answer
        )
    except DecodingError:
        raise AnswerUnreadable(lens, "read", "the Lens", len(answer)) from None
    at = ReadBlock(
        chain_id=chain_id, number=number, timestamp=timestamp, base_fee_wei=base_fee
    )
    pairs = zip(reads, results, strict=True)
    return at, [_answer(read, success, raw) for read, (success, raw) in pairs]


def _answer(read: Read, success: bool, raw: bytes) -> Any:
    types = read.returns.split(" ")
    if success:
        try:
            values = decode(types, raw)
        except DecodingError:
            if read.is_optional:
                return None
            raise AnswerUnreadable(
                read.target, read.signature, read.returns, len(raw)
            ) from None
        return values[0] if len(types) == 1 else values
    if read.is_optional:
        return None
    name, arguments = decode_revert(raw)
    where = f"{read.signature.split('(')[0]} of {read.target}"
    raise ContractReverted(name, arguments, raw, where)


def _call_data(read: Read) -> bytes:
    inner = read.signature[read.signature.index("(") :]
    if not read.args:
        return _selector(read.signature)
    return _selector(read.signature) + encode([inner], [read.args])[_head(inner) :]


def _head(inner: str) -> int:
    """A tuple of dynamic arguments is preceded by its offset, arguments are not."""
    return 32 if "[]" in inner or "bytes)" in inner or "string" in inner else 0


@cache
def _selector(signature: str) -> bytes:
    return function_signature_to_4byte_selector(signature)


@cache
def _own_function(contract: str, function: str) -> tuple[str, str]:
    for entry in own_artifact(contract).abi:
        if entry.get("type") == "function" and entry["name"] == function:
            inputs = ",".join(get_abi_input_types(entry))  # type: ignore[arg-type]
            outputs = " ".join(get_abi_output_types(entry))  # type: ignore[arg-type]
            return f"{function}({inputs})", outputs
    raise AnswerUnreadable(contract, function, "a function of the build", 0)
