# SPDX-License-Identifier: MIT
"""The model of a Uniswap v3 pool against the real pool, to the wei, act by act."""

import random
from dataclasses import replace

import pytest
from replay import Stage, deploy_stage, deploy_v3_pools, sent
from v3_cases import KINDS, Where, acts, compare, continued
from v3_storage import restore

from data_files import data_file
from steelyard.amm.errors import SqrtPriceOutOfRange
from steelyard.amm.uniswap_v3 import V3Pool
from steelyard.amm.v3_snapshot import load_v3_snapshots
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.concentrated_pools import load_pools, v3_pool
from steelyard.chain.transactions import deploy

LIVES, ACTS = 4, 40  # of each kind of pool
SNAPSHOT_KINDS = ((3000, 60), (3000, 60), (10000, 200))


@pytest.fixture(scope="module")
def stage(web3) -> Stage:
    return deploy_stage(web3)


@pytest.fixture(scope="module")
def pools(stage) -> dict[tuple[int, int], Where]:
    addresses = deploy_v3_pools(stage, KINDS)
    return {
        kind: Where(pool=pool, owners=stage.names())
        for kind, pool in zip(KINDS, addresses, strict=True)
    }


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_v3_pool__random_lives__model_equals_chain(stage, pools, kind):
    for seed in range(LIVES):
        life, _ = acts(random.Random(seed), pools[kind], kind, ACTS)

        assert compare(stage, life) == []


def test_v3_comparison__model_one_wei_off__notices(stage, pools):
    life, _ = acts(random.Random(7), pools[KINDS[2]], KINDS[2], ACTS)
    at = next(i for i, act in enumerate(life) if act.name == "swap" and act.expected)
    amount0, amount1 = life[at].expected
    life[at] = replace(life[at], expected=(amount0, amount1 + 1))

    (line,) = compare(stage, life)

    assert line.startswith(f"{at} swap answered")


def test_v3_pool__loaded_in_one_call__is_the_model(stage, web3):
    kind = (500, 10)
    (address,) = deploy_v3_pools(stage, [kind])
    where = Where(pool=address, owners=stage.names())
    life, model = acts(random.Random(3), where, kind, ACTS)
    sent(stage, [act.step for act in life])

    _, (whole, near) = load_pools(
        web3,
        [
            v3_pool(address, positions=list(model.positions)),
            v3_pool(address, words=0),
        ],
    )

    assert whole == model
    low, high = near.curve.window
    assert low <= near.curve.tick <= high < low + 256 * 10
    assert near.curve.ticks == tuple(
        t for t in model.curve.ticks if low <= t[0] <= high
    )


def test_v3_pool__through_deployed_lenses__is_the_same(stage, web3):
    (address,) = deploy_v3_pools(stage, [(10000, 200)])
    where = Where(pool=address, owners=stage.names())
    life, model = acts(random.Random(5), where, (10000, 200), ACTS)
    sent(stage, [act.step for act in life])
    lens = deploy(web3, own_artifact("Lens"), sender=web3.eth.accounts[0])

    read = v3_pool(address, pool_lens=stage.lens.address)
    _, (loaded,) = load_pools(web3, [read], lens=lens.address)

    assert loaded == replace(model, positions={})


def test_v3_pool__without_a_price__is_refused(stage, web3):
    (address,) = deploy_v3_pools(stage, [(3000, 60)])

    with pytest.raises(SqrtPriceOutOfRange):
        load_pools(web3, [v3_pool(address)])


def snapshots() -> list[V3Pool]:
    return load_v3_snapshots(data_file("univ3_pool_snapshots.json"))


@pytest.mark.parametrize("index", range(len(SNAPSHOT_KINDS)))
def test_v3_snapshot__in_a_real_pool__model_equals_chain(stage, web3, index):
    pool = snapshots()[index]
    kind = (pool.curve.fee_pips, pool.curve.tick_spacing)
    assert kind == SNAPSHOT_KINDS[index]
    (address,) = deploy_v3_pools(stage, [kind])
    restore(stage, address, pool)

    _, (loaded,) = load_pools(web3, [v3_pool(address)])
    assert loaded == pool
    where = Where(pool=address, owners=stage.names())
    life, _ = continued(random.Random(index), where, pool, 100)
    assert sum(act.name == "swap" for act in life) > 30
    assert compare(stage, life) == []
