# SPDX-License-Identifier: MIT
"""The lens: many readings at one block, and the vault as its limits see it."""

from support import (
    AAVE,
    SAVINGS,
    USDC,
    V2,
    V3,
    World,
    book,
    calldata,
    net_assets,
    set_price,
    units_of,
)

from steelyard.chain.transactions import call
from steelyard.demo import tokens, uniswap_v3
from steelyard.wad import E36

MAX_TICK = 887272


def test_read__one_call_fails__the_others_answer(world):
    lens, asset = world.system.lens, world.asset
    calls = [
        (asset.address, calldata(asset, "decimals")),
        (asset.address, b"\xde\xad\xbe\xef"),
        (world.vault.address, calldata(world.vault, "nonce")),
    ]

    block, results = call(lens.functions.read(calls))

    assert [success for success, _ in results] == [True, False, True]
    assert int.from_bytes(results[0][1], "big") == 6
    assert int.from_bytes(results[2][1], "big") == 0
    latest = world.web3.eth.get_block("latest")
    assert block[0] == world.web3.eth.chain_id
    assert block[1] in (latest["number"], latest["number"] + 1)
    assert block[2] >= latest["timestamp"]


def test_read__a_state_change__is_not_allowed(world):
    vault = world.vault
    calls = [(vault.address, calldata(vault, "cancelOrder"))]

    _, ((success, _),) = call(world.system.lens.functions.read(calls))

    assert success is False
    assert call(vault.functions.nonce()) == 0


def test_book__sums_to_net_asset_value(invested):
    world, found = invested, book(invested)

    assert found["nav"] == net_assets(world)[1] == sum(found["token_assets"])
    held = [tokens.balance_of(t, world.vault.address) for t in tokens_of(world)]
    assert found["inventory"] == held
    inside = sum(found["position_assets"])
    own = sum(h * p // E36 for h, p in zip(held, found["prices"], strict=True))
    assert 0 <= found["nav"] - inside - own <= 6, "only roundings apart"


def tokens_of(world: World) -> list:
    return list(world.market.tokens.values())


def test_book__tags__add_up_what_carries_them(invested):
    found = book(invested)
    positions, tags = found["position_assets"], found["tag_assets"]

    assert tags[0] == positions[V2] + positions[V3]
    assert tags[1] == positions[AAVE] + positions[SAVINGS]
    assert tags[2] == found["token_assets"][1] + found["token_assets"][2]


def test_book__price_moves__lp_follows_the_oracle_not_the_pool(invested):
    before = book(invested)

    set_price(invested, "ETH", 2_420)

    after = book(invested)
    ratio = after["position_assets"][V2] / before["position_assets"][V2]
    assert abs(ratio - 1.1) < 1e-6, "the root of 1.21"
    assert after["position_assets"][AAVE] - before["position_assets"][AAVE] <= 10


def test_config__no_position_held__units_are_zero(world):
    assert [units_of(world, i) for i in (V2, V3, AAVE, SAVINGS)] == [0] * 4
    assert net_assets(world) == (100_000 * USDC,) * 3


def test_uniswap_v3__window__knows_how_far_it_saw(world):
    pool = world.market.pools[0].contract
    tick = uniswap_v3.slot0(pool)[1]
    lens = world.system.lens.functions

    near = call(lens.uniswapV3(pool.address, 0))
    far = call(lens.uniswapV3(pool.address, 1000))

    lowest, highest = near[8:10]
    assert lowest <= tick <= highest
    assert highest - lowest == 255 * 60
    assert far[8] == -MAX_TICK
    assert far[9] == MAX_TICK
    inside = [t for t in far[10] if lowest <= t[0] <= highest]
    assert near[10] == inside
    ends = [t[0] for t in far[10]]
    assert ends == sorted(ends)
    assert (ends[0], ends[-1]) == (-887220, 887220), "the full range of the pool"
