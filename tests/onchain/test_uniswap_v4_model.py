# SPDX-License-Identifier: MIT
"""The model of a Uniswap v4 pool against the real PoolManager, to the wei."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from replay import Stage, deploy_stage, deploy_v4_manager, sent
from v4_cases import KINDS, acts, compare, where

from steelyard.amm.errors import SqrtPriceOutOfRange
from steelyard.chain.concentrated_pools import load_pools, v4_pool
from steelyard.chain.readers.base import MarketUnsupported
from steelyard.demo.node import local_node

pytestmark = pytest.mark.node

LIVES, ACTS = 4, 40  # of each kind of pool


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """On a chain of its own: v4 needs transient storage."""
    with local_node("anvil") as node:
        yield deploy_stage(node.web3)


@pytest.fixture(scope="module")
def manager(stage) -> str:
    return deploy_v4_manager(stage)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_v4_pool__random_lives__model_equals_chain(stage, manager, kind):
    for seed in range(LIVES):
        life, _ = acts(random.Random(seed), where(stage, manager, kind), kind, ACTS)

        assert compare(stage, life) == []


def test_v4_comparison__model_one_wei_off__notices(stage, manager):
    at = where(stage, manager, KINDS[0])
    life, _ = acts(random.Random(7), at, KINDS[0], ACTS)
    index = next(i for i, a in enumerate(life) if a.name == "swap" and a.expected)
    life[index] = replace(life[index], expected=(life[index].expected[0] + 1,))

    (line,) = compare(stage, life)

    assert line.startswith(f"{index} swap answered")


def test_v4_pool__loaded_in_one_call__is_the_model(stage, manager):
    kind = (500, 10)
    at = where(stage, manager, kind)
    life, model = acts(random.Random(1), at, kind, ACTS)
    sent(stage, [act.step for act in life])
    named = list(model.positions)

    _, (loaded,) = load_pools(stage.web3, [v4_pool(manager, at.key, positions=named)])

    assert loaded == replace(model, protocol_fees=(0, 0))


def test_v4_pool__without_a_price__is_refused(stage, manager):
    at = where(stage, manager, (77, 5))

    with pytest.raises(SqrtPriceOutOfRange):
        load_pools(stage.web3, [v4_pool(manager, at.key)])


@pytest.mark.parametrize(("field", "value"), [(4, "0x" + "c0" * 20), (2, 0x800000)])
def test_v4_pool__with_hooks_or_changing_fee__is_unsupported(
    stage, manager, field, value
):
    key = list(where(stage, manager, KINDS[0]).key)
    key[field] = value

    with pytest.raises(MarketUnsupported):
        load_pools(stage.web3, [v4_pool(manager, tuple(key))])
