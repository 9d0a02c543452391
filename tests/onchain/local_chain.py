# SPDX-License-Identifier: MIT
"""How Brownie starts the chain of these tests."""

from brownie._config import CONFIG

from steelyard.demo.node_command import KEPT_STATES


def keep_few_states() -> None:
    """Left alone, Anvil writes every block's state to a folder it never empties."""
    CONFIG.networks["anvil"]["cmd"] = f"anvil --prune-history {KEPT_STATES}"
