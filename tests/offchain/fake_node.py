# SPDX-License-Identifier: MIT
"""A node that answers the Lens's `read` from a table of functions."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import function_signature_to_4byte_selector

from steelyard.chain.reads import BLOCK_TYPE, RESULTS_TYPE

LENS = "0x" + "1e" * 20
BLOCK = (31337, 100, 1_700_000_000, 7)

# (target, signature) -> (types of the arguments, types of the answer, function)
Answers = Mapping[tuple[str, str], tuple[list[str], list[str], Callable[..., Any]]]


class Revert(Exception):
    """A call that fails, with these bytes."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.data = data


class FakeNode:
    """Stands for a Web3: only `eth.call` of the Lens works."""

    def __init__(self, answers: Answers) -> None:
        self.calls = 0
        self.reads = 0
        self.eth = SimpleNamespace(call=self._call)
        self._answers = {
            (target, function_signature_to_4byte_selector(signature)): answer
            for (target, signature), answer in answers.items()
        }

    def _call(self, params: Mapping[str, str], _block: object) -> bytes:
        assert params["to"].lower() == LENS
        self.calls += 1
        (reads,) = decode(["(address,bytes)[]"], bytes.fromhex(params["data"][10:]))
        self.reads += len(reads)
        results = [self._read(target, data) for target, data in reads]
        return encode([BLOCK_TYPE, RESULTS_TYPE], [BLOCK, results])

    def _read(self, target: str, data: bytes) -> tuple[bool, bytes]:
        known = self._answers.get((target, data[:4]))
        if known is None:
            return True, b""  # as an address without code
        inputs, outputs, function = known
        try:
            values = function(*decode(inputs, data[4:]))
        except Revert as revert:
            return False, revert.data
        return True, encode(outputs, values)
