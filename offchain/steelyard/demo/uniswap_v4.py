# SPDX-License-Identifier: MIT
"""Uniswap v4 from its published bytecode, on a chain with transient storage: the
PoolManager, and the routers that v4-core tests it with.

UNITS  raw token units, liquidity; fees in 1e-6.
"""

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract
from web3.contract.contract import ContractFunction

from steelyard.amm.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO
from steelyard.chain.artifacts import own_artifact, package_artifact
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo.tokens import approve
from steelyard.demo.uniswap_v3 import TICK_SPACINGS

PACKAGE = "@uniswap/v4-core/out/{0}.sol/{0}.json"
KEY_ABI = "(address,address,uint24,int24,address)"
ADD_LIQUIDITY = f"modifyLiquidity({KEY_ABI},(int24,int24,int256,bytes32),bytes)"
NO_SALT = bytes(32)
PLAIN = (False, False)  # neither take nor pay in claims

Key = tuple[str, str, int, int, str]  # IPoolManager's PoolKey


@dataclass(frozen=True, kw_only=True)
class UniswapV4:
    """The PoolManager, its test routers, and our registry of its pools."""

    manager: Contract
    swaps: Contract
    positions: Contract
    donations: Contract
    pools: Contract


def deploy_uniswap_v4(web3: Web3, *, sender: ChecksumAddress) -> UniswapV4:
    """A PoolManager, owned by `sender`, without pools."""
    manager = deploy(
        web3, package_artifact(PACKAGE.format("PoolManager")), sender, sender=sender
    )
    swaps, positions, donations = (
        deploy(
            web3,
            package_artifact(PACKAGE.format(name)),
            manager.address,
            sender=sender,
        )
        for name in ("PoolSwapTest", "PoolModifyLiquidityTest", "PoolDonateTest")
    )
    pools = own_artifact("UniswapV4Pools")
    return UniswapV4(
        manager=manager,
        swaps=swaps,
        positions=positions,
        donations=donations,
        pools=deploy(web3, pools, manager.address, sender=sender),
    )


def create_pool(
    web3: Web3,
    v4: UniswapV4,
    tokens: tuple[Contract, Contract],
    fee: int,
    sqrt_price_x96: int,
    *,
    sender: ChecksumAddress,
) -> Key:
    """A new pool, registered; the price is token 1's per token 0, tokens by address."""
    first, second = sorted((t.address for t in tokens), key=lambda a: int(a, 16))
    key = (first, second, fee, TICK_SPACINGS[fee], ADDRESS_ZERO)
    send(web3, v4.manager.functions.initialize(key, sqrt_price_x96), sender)
    send(web3, v4.pools.functions.register(key), sender)
    return key


def pool_id(key: Key) -> str:
    """What v4 names a pool by: the hash of its key."""
    return Web3.keccak(encode([KEY_ABI], [key])).to_0x_hex()


def approve_routers(
    web3: Web3, v4: UniswapV4, token: Contract, *, sender: ChecksumAddress
) -> None:
    """Lets `sender` trade and provide a token."""
    for router in (v4.swaps, v4.positions, v4.donations):
        approve(web3, token, router.address, sender=sender)


def add_liquidity(
    web3: Web3,
    v4: UniswapV4,
    key: Key,
    ticks: tuple[int, int],
    liquidity: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Opens or adds to a position; `sender` has approved the routers."""
    add = v4.positions.get_function_by_signature(ADD_LIQUIDITY)
    send(web3, add(key, (*ticks, liquidity, NO_SALT), b""), sender)


def swap(
    web3: Web3,
    v4: UniswapV4,
    key: Key,
    zero_for_one: bool,
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Sells exactly `amount`; `sender` has approved the routers."""
    send(web3, _swap(v4, key, zero_for_one, amount), sender)


def quote(
    v4: UniswapV4, key: Key, zero_for_one: bool, amount: int, *, sender: ChecksumAddress
) -> int:
    """What the pool would pay `sender` for `amount`."""
    delta = int(call(_swap(v4, key, zero_for_one, amount), sender=sender))
    amount_0, amount_1 = delta >> 128, _signed128(delta)
    return amount_1 if zero_for_one else amount_0


def donate(
    web3: Web3, v4: UniswapV4, key: Key, amounts: tuple[int, int], *, sender: str
) -> None:
    """Gives both tokens to whoever provides liquidity at the price."""
    give = v4.donations.functions.donate(key, *amounts, b"")
    send(web3, give, Web3.to_checksum_address(sender))


def _swap(v4: UniswapV4, key: Key, zero_for_one: bool, amount: int) -> ContractFunction:
    limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
    return v4.swaps.functions.swap(key, (zero_for_one, -amount, limit), PLAIN, b"")


def _signed128(value: int) -> int:
    low = value & (2**128 - 1)
    return low - 2**128 if low >> 127 else low
