# SPDX-License-Identifier: MIT
"""One chain, one market and one vault for all tests; each test leaves no trace."""

from collections.abc import Iterator

import brownie
import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from local_chain import keep_few_states
from support import World, invest
from web3 import Web3
from worlds import standard_world

from steelyard.chain.connection import connect
from steelyard.demo import clock

STRATEGIST_KEY = "0x" + "5e" * 32


def pytest_configure() -> None:
    keep_few_states()


@pytest.fixture(scope="session")
def web3() -> Web3:
    """A plain connection to the chain that Brownie runs."""
    return connect(brownie.web3.provider.endpoint_uri, expected_chain_id=None)


@pytest.fixture(scope="session")
def strategist() -> LocalAccount:
    return Account.from_key(STRATEGIST_KEY)


@pytest.fixture(scope="session")
def shared_world(web3: Web3, strategist: LocalAccount) -> World:
    return standard_world(web3, strategist)


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The shared world; what a test does to it is undone."""
    taken = clock.snapshot(shared_world.web3)
    yield shared_world
    clock.revert(shared_world.web3, taken)


@pytest.fixture
def invested(world: World) -> World:
    """The world once the vault holds some of everything, BTC apart."""
    invest(world)
    return world
