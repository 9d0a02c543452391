# SPDX-License-Identifier: MIT
"""Uniswap v3 from its published bytecode: factory, positions, router, quoter."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract

from steelyard.chain.artifacts import package_artifact
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo.tokens import balance_of

CORE = "@uniswap/v3-core/artifacts/contracts/"
PERIPHERY = "@uniswap/v3-periphery/artifacts/contracts/"
FACTORY = CORE + "UniswapV3Factory.sol/UniswapV3Factory.json"
POOL = CORE + "UniswapV3Pool.sol/UniswapV3Pool.json"
POSITIONS = PERIPHERY + "NonfungiblePositionManager.sol/NonfungiblePositionManager.json"
ROUTER = PERIPHERY + "SwapRouter.sol/SwapRouter.json"
QUOTER = PERIPHERY + "lens/QuoterV2.sol/QuoterV2.json"

TICK_SPACINGS = {100: 1, 500: 10, 3000: 60, 10000: 200}  # fee in 1e-6 -> ticks
MAX_TICK = 887272
NEVER = 2**64 - 1  # a deadline for those who cannot be late


@dataclass(frozen=True, kw_only=True)
class UniswapV3:
    """The contracts that trades and positions go through."""

    factory: Contract
    positions: Contract
    router: Contract
    quoter: Contract


@dataclass(frozen=True, kw_only=True)
class Liquidity:
    """A deposit around the pool's price; the pool takes what fits of the amounts."""

    half_width_ticks: int | None  # None: the full range
    amount_a: int
    amount_b: int


def deploy_uniswap_v3(
    web3: Web3, *, weth: ChecksumAddress, sender: ChecksumAddress
) -> UniswapV3:
    """Factory, position manager (without token pictures), SwapRouter, QuoterV2."""
    factory = deploy(web3, package_artifact(FACTORY), sender=sender)
    at = (factory.address, weth)
    return UniswapV3(
        factory=factory,
        positions=deploy(
            web3, package_artifact(POSITIONS), *at, ADDRESS_ZERO, sender=sender
        ),
        router=deploy(web3, package_artifact(ROUTER), *at, sender=sender),
        quoter=deploy(web3, package_artifact(QUOTER), *at, sender=sender),
    )


def create_pool(
    web3: Web3,
    v3: UniswapV3,
    tokens: tuple[Contract, Contract],
    fee: int,
    price: tuple[int, int],
    liquidity: Sequence[Liquidity],
    *,
    sender: ChecksumAddress,
) -> Contract:
    """The new pool, with every deposit of `liquidity` made by `sender`.

    `fee` in 1e-6; `price`: that many raw units of the first token are worth that
    many of the second. `sender` has approved the position manager.
    """
    (token_0, amount_0), (token_1, amount_1) = sorted(
        zip((token.address for token in tokens), price, strict=True),
        key=lambda pair: int(pair[0], 16),
    )
    sqrt_price = sqrt_price_x96_down(amount_0, amount_1)
    initialize = v3.positions.functions.createAndInitializePoolIfNecessary
    send(web3, initialize(token_0, token_1, fee, sqrt_price), sender)
    pool = pool_of(web3, v3, token_0, token_1, fee)
    for deposit in liquidity:
        add_liquidity(web3, v3, pool, tokens, deposit, sender=sender)
    return pool


def add_liquidity(
    web3: Web3,
    v3: UniswapV3,
    pool: Contract,
    tokens: tuple[Contract, Contract],
    deposit: Liquidity,
    *,
    sender: ChecksumAddress,
) -> tuple[int, int]:
    """Opens one position around the pool's tick; its lower and upper tick."""
    fee = call(pool.functions.fee())
    lower, upper = ticks_around(
        slot0(pool)[1], deposit.half_width_ticks, TICK_SPACINGS[fee]
    )
    (token_0, amount_0), (token_1, amount_1) = sorted(
        (
            (tokens[0].address, deposit.amount_a),
            (tokens[1].address, deposit.amount_b),
        ),
        key=lambda pair: int(pair[0], 16),
    )
    range_and_amounts = (lower, upper, amount_0, amount_1, 0, 0, sender, NEVER)
    mint = v3.positions.functions.mint((token_0, token_1, fee, *range_and_amounts))
    send(web3, mint, sender)
    return lower, upper


def pool_of(
    web3: Web3,
    v3: UniswapV3,
    token_a: ChecksumAddress,
    token_b: ChecksumAddress,
    fee: int,
) -> Contract:
    """The pool of two tokens, in either order, and a fee in 1e-6."""
    address = call(v3.factory.functions.getPool(token_a, token_b, fee))
    return contract_at(web3, package_artifact(POOL), address)


def slot0(pool: Contract) -> tuple[int, int]:
    """Square root of the price (token1 per token0, raw, x96) and the tick."""
    fields = call(pool.functions.slot0())
    return fields[0], fields[1]


def quote_exact_in(
    v3: UniswapV3,
    token_in: ChecksumAddress,
    token_out: ChecksumAddress,
    fee: int,
    amount_in: int,
) -> tuple[int, int]:
    """What the pool would pay out now, and how many initialised ticks it crosses."""
    quote = v3.quoter.functions.quoteExactInputSingle(
        (token_in, token_out, amount_in, fee, 0)
    )
    amount_out, _sqrt_price, ticks_crossed, _gas = call(quote)
    return amount_out, ticks_crossed


def swap_exact_in(
    web3: Web3,
    v3: UniswapV3,
    token_in: Contract,
    token_out: Contract,
    fee: int,
    amount_in: int,
    *,
    sender: ChecksumAddress,
    min_amount_out: int = 0,
    sqrt_price_limit_x96: int = 0,
) -> int:
    """Sells up to `amount_in`, less when the limit is reached; raw units received."""
    before = balance_of(token_out, sender)
    trade = (token_in.address, token_out.address, fee, sender, NEVER)
    limits = (amount_in, min_amount_out, sqrt_price_limit_x96)
    send(web3, v3.router.functions.exactInputSingle((*trade, *limits)), sender)
    return balance_of(token_out, sender) - before


def sqrt_price_x96_down(amount_0: int, amount_1: int) -> int:
    """Square root of amount_1 / amount_0 in 96 fractional bits."""
    return isqrt((amount_1 << 192) // amount_0)


def ticks_around(
    tick: int, half_width_ticks: int | None, spacing: int
) -> tuple[int, int]:
    """Usable ticks at least `half_width_ticks` away on each side of `tick`."""
    furthest = MAX_TICK // spacing * spacing
    if half_width_ticks is None:
        return -furthest, furthest
    lower = (tick - half_width_ticks) // spacing * spacing
    upper = -((-tick - half_width_ticks) // spacing) * spacing
    return max(lower, -furthest), min(upper, furthest)
