# SPDX-License-Identifier: MIT
"""What a local chain leaves behind."""

from pathlib import Path

import pytest

from steelyard.demo.node import local_node
from steelyard.demo.node_command import KEPT_STATES

BLOCKS = 2_000  # from 500 on, Anvil by itself writes a file a block


def test_local_node__many_blocks__writes_nothing_and_answers_for_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    with local_node("anvil") as node:
        for _ in range(BLOCKS):
            node.web3.provider.make_request("evm_mine", [])
        early = node.web3.eth.get_balance(node.accounts[0], BLOCKS - KEPT_STATES + 1)

    assert early > 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
