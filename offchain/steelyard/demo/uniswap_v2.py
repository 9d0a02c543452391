# SPDX-License-Identifier: MIT
"""Uniswap v2 from its published bytecode: factory, router, pairs, trades."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import package_artifact
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo.tokens import balance_of

CORE = "@uniswap/v2-core/build/"
FACTORY = CORE + "UniswapV2Factory.json"
PAIR = CORE + "UniswapV2Pair.json"
ROUTER = "@uniswap/v2-periphery/build/UniswapV2Router02.json"

# of 1000 paid in, 997 are traded (UniswapV2Library.getAmountOut)
FEE_KEPT, FEE_SCALE = 997, 1000
NEVER = 2**64 - 1  # a deadline for those who cannot be late


@dataclass(frozen=True, kw_only=True)
class UniswapV2:
    """The two contracts that trades and deposits go through."""

    factory: Contract
    router: Contract


def deploy_uniswap_v2(
    web3: Web3, *, weth: ChecksumAddress, sender: ChecksumAddress
) -> UniswapV2:
    """Factory (protocol fee off) and Router02."""
    factory = deploy(web3, package_artifact(FACTORY), sender, sender=sender)
    router = deploy(
        web3, package_artifact(ROUTER), factory.address, weth, sender=sender
    )
    return UniswapV2(factory=factory, router=router)


def create_pair(
    web3: Web3,
    v2: UniswapV2,
    tokens: tuple[Contract, Contract],
    amounts: tuple[int, int],
    *,
    sender: ChecksumAddress,
) -> Contract:
    """The new pair with `amounts` in it; `sender` has approved the router."""
    add_liquidity(web3, v2, tokens, amounts, sender=sender)
    return pair_of(web3, v2, tokens[0].address, tokens[1].address)


def add_liquidity(
    web3: Web3,
    v2: UniswapV2,
    tokens: tuple[Contract, Contract],
    amounts: tuple[int, int],
    *,
    sender: ChecksumAddress,
) -> None:
    """Pays in at most `amounts`, at the pair's own price once it has one."""
    (token_a, token_b), (amount_a, amount_b) = tokens, amounts
    send(
        web3,
        v2.router.functions.addLiquidity(
            token_a.address, token_b.address, amount_a, amount_b, 0, 0, sender, NEVER
        ),
        sender,
    )


def pair_of(
    web3: Web3, v2: UniswapV2, token_a: ChecksumAddress, token_b: ChecksumAddress
) -> Contract:
    """The pair of two tokens, in either order."""
    address = call(v2.factory.functions.getPair(token_a, token_b))
    return contract_at(web3, package_artifact(PAIR), address)


def reserves(pair: Contract) -> tuple[int, int]:
    """Raw units of token0 and token1."""
    reserve_0, reserve_1, _ = call(pair.functions.getReserves())
    return reserve_0, reserve_1


def quote_exact_in(
    v2: UniswapV2, path: Sequence[ChecksumAddress], amount_in: int
) -> int:
    """What the router would pay out for `amount_in` now."""
    amounts = call(v2.router.functions.getAmountsOut(amount_in, list(path)))
    return int(amounts[-1])


def swap_exact_in(
    web3: Web3,
    v2: UniswapV2,
    path: tuple[Contract, ...],
    amount_in: int,
    *,
    sender: ChecksumAddress,
    min_amount_out: int = 0,
) -> int:
    """Sells `amount_in` of the first token; raw units received of the last."""
    before = balance_of(path[-1], sender)
    route = [token.address for token in path]
    send(
        web3,
        v2.router.functions.swapExactTokensForTokens(
            amount_in, min_amount_out, route, sender, NEVER
        ),
        sender,
    )
    return balance_of(path[-1], sender) - before


def amount_in_to_price_down(
    reserve_in: int, reserve_out: int, price_out: int, price_in: int
) -> int:
    """Raw units to pay in so that the reserves stand at the given price.

    A raw unit of the token paid in is worth `price_in` and one of the other
    `price_out`, in any one unit. Zero when paying in would lead away from it.
    With x, y the reserves, g the share traded and x' = y' p afterwards:
    g d^2 + (1 + g) x d + x^2 = x y p, solved for d.
    """
    wanted_square = reserve_in * reserve_out * price_out  # of reserve_in, x price_in
    if wanted_square <= reserve_in * reserve_in * price_in:
        return 0
    linear = (FEE_SCALE + FEE_KEPT) * reserve_in
    discriminant = ((FEE_SCALE - FEE_KEPT) * reserve_in) ** 2 + (
        4 * FEE_KEPT * FEE_SCALE * wanted_square // price_in
    )
    return max(0, (isqrt(discriminant) - linear) // (2 * FEE_KEPT))
