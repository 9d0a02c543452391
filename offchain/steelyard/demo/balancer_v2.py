# SPDX-License-Identifier: MIT
"""Balancer V2 from its published bytecode: Vault, fees, weighted and stable pools.

UNITS  raw token units; `*_wad` 1e18 = 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.logs import DISCARD

from steelyard.chain.artifacts import Artifact, package_artifact
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo.tokens import approve
from steelyard.wad import WAD

PACKAGE = "@balancer-labs/v2-deployments/dist/tasks/"
WEIGHTED = "20230206-weighted-pool-v3/artifact/WeightedPool"
STABLE = "20230206-composable-stable-pool-v3/artifact/ComposableStablePool"
PAUSE_WINDOW_SECONDS = 90 * 86_400
PAUSE_BUFFER_SECONDS = 30 * 86_400
MOST_FEE_WAD = WAD // 2  # of what fees earn, that governance may take
FEE_WAD = 3 * WAD // 1_000
STABLE_FEE_WAD = 4 * WAD // 10_000
AMPLIFICATION = 200
INIT_JOIN = 0
GIVEN_IN = 0
OWN_SHARES = 2**112 - 1  # of itself that a composable pool starts with; not checked
NEVER = 2**64 - 1
UINT_MAX = 2**256 - 1


@dataclass(frozen=True, kw_only=True)
class BalancerV2:
    """The contracts that all pools share."""

    vault: Contract
    authorizer: Contract
    queries: Contract
    weighted_factory: Contract
    stable_factory: Contract


@dataclass(frozen=True, kw_only=True)
class BalancerPool:
    """A pool; `coins` in the order of the Vault, without the pool's own shares."""

    contract: Contract
    pool_id: str
    coins: tuple[Contract, ...]


def deploy_balancer_v2(
    web3: Web3, *, weth: ChecksumAddress, sender: ChecksumAddress
) -> BalancerV2:
    """A Vault, governed by `sender`, and the factories of two kinds of pools."""
    path = "20210418-authorizer/artifact/Authorizer"
    authorizer = _deploy(web3, path, sender, sender)
    windows = (PAUSE_WINDOW_SECONDS, PAUSE_BUFFER_SECONDS)
    vault_args = (authorizer.address, weth, *windows)
    vault = _deploy(web3, "20210418-vault/artifact/Vault", sender, *vault_args)
    fees = _deploy(
        web3,
        "20220725-protocol-fee-percentages-provider/artifact/"
        "ProtocolFeePercentagesProvider",
        sender,
        vault.address,
        MOST_FEE_WAD,
        MOST_FEE_WAD,
    )
    factories = (
        "20230206-weighted-pool-v3/artifact/WeightedPoolFactory",
        "20230206-composable-stable-pool-v3/artifact/ComposableStablePoolFactory",
    )
    weighted, stable = (
        _deploy(web3, path, sender, vault.address, fees.address, "{}", "{}")
        for path in factories
    )
    queries = "20220721-balancer-queries/artifact/BalancerQueries"
    return BalancerV2(
        vault=vault,
        authorizer=authorizer,
        queries=_deploy(web3, queries, sender, vault.address),
        weighted_factory=weighted,
        stable_factory=stable,
    )


def create_weighted_pool(
    web3: Web3,
    balancer: BalancerV2,
    coins: Sequence[Contract],
    weights_wad: Sequence[int],
    amounts: Sequence[int],
    *,
    sender: ChecksumAddress,
) -> BalancerPool:
    """A new pool, owned by `sender`, with these amounts in it."""
    order = _order(coins)
    listed = [coins[i] for i in order]
    create = balancer.weighted_factory.functions.create(
        "Weighted",
        "WP",
        [coin.address for coin in listed],
        [weights_wad[i] for i in order],
        [ADDRESS_ZERO] * len(listed),
        FEE_WAD,
        sender,
    )
    factory = balancer.weighted_factory
    pool = _created(web3, factory, create, WEIGHTED, listed, sender)
    _open(web3, balancer, pool, [amounts[i] for i in order], sender)
    return pool


def create_stable_pool(
    web3: Web3,
    balancer: BalancerV2,
    coins: Sequence[Contract],
    amounts: Sequence[int],
    *,
    sender: ChecksumAddress,
    rates: Mapping[str, str] | None = None,
) -> BalancerPool:
    """A new pool, owned by `sender`, with these amounts in it; `rates` are providers by
    the address of their coin."""
    order = _order(coins)
    listed = [coins[i] for i in order]
    create = balancer.stable_factory.functions.create(
        "Stable",
        "SP",
        [coin.address for coin in listed],
        AMPLIFICATION,
        [(rates or {}).get(coin.address, ADDRESS_ZERO) for coin in listed],
        [0] * len(listed),
        [False] * len(listed),
        STABLE_FEE_WAD,
        sender,
    )
    factory = balancer.stable_factory
    pool = _created(web3, factory, create, STABLE, listed, sender)
    _open(web3, balancer, pool, [amounts[i] for i in order], sender)
    return pool


def exit_pool(
    web3: Web3,
    balancer: BalancerV2,
    pool: BalancerPool,
    kind: int,
    shares: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Takes a part of every token out; `kind` is the pool's own number for that."""
    tokens, *_ = call(balancer.vault.functions.getPoolTokens(pool.pool_id))
    data = encode(["uint256", "uint256"], [kind, shares])
    request = (tokens, [0] * len(tokens), data, False)
    leave = balancer.vault.functions.exitPool(pool.pool_id, sender, sender, request)
    send(web3, leave, sender)


def swap(
    web3: Web3,
    balancer: BalancerV2,
    pool: BalancerPool,
    pair: tuple[Contract, Contract],
    amount: int,
    *,
    sender: ChecksumAddress,
) -> None:
    """Sells `amount` of the first token for the second; `sender` approved the Vault."""
    arguments = _swap_arguments(pool, pair, amount, sender)
    send(web3, balancer.vault.functions.swap(*arguments, 0, NEVER), sender)


def quote(
    balancer: BalancerV2,
    pool: BalancerPool,
    pair: tuple[Contract, Contract],
    amount: int,
) -> int:
    """What the pool would pay for `amount` of the first token."""
    arguments = _swap_arguments(pool, pair, amount, ADDRESS_ZERO)
    return int(call(balancer.queries.functions.querySwap(*arguments)))


def _swap_arguments(
    pool: BalancerPool, pair: tuple[Contract, Contract], amount: int, who: str
) -> tuple[tuple[object, ...], tuple[object, ...]]:
    token_in, token_out = (token.address for token in pair)
    single = (pool.pool_id, GIVEN_IN, token_in, token_out, amount, b"")
    return single, (who, False, who, False)


def _created(
    web3: Web3,
    factory: Contract,
    create: ContractFunction,
    path: str,
    coins: Sequence[Contract],
    sender: ChecksumAddress,
) -> BalancerPool:
    receipt = send(web3, create, sender)
    (event,) = factory.events.PoolCreated().process_receipt(receipt, errors=DISCARD)
    pool = contract_at(web3, _artifact(path), event["args"]["pool"])
    pool_id = "0x" + call(pool.functions.getPoolId()).hex()
    return BalancerPool(contract=pool, pool_id=pool_id, coins=tuple(coins))


def _open(
    web3: Web3,
    balancer: BalancerV2,
    pool: BalancerPool,
    amounts: Sequence[int],
    sender: ChecksumAddress,
) -> None:
    """The first join; a composable pool wants a number for its own shares too."""
    for coin in pool.coins:
        approve(web3, coin, balancer.vault.address, sender=sender)
    tokens, *_ = call(balancer.vault.functions.getPoolTokens(pool.pool_id))
    by_token = dict(zip((coin.address for coin in pool.coins), amounts, strict=True))
    paid = [by_token.get(token, OWN_SHARES) for token in tokens]
    data = encode(["uint256", "uint256[]"], [INIT_JOIN, paid])
    request = (tokens, [UINT_MAX] * len(tokens), data, False)
    join = balancer.vault.functions.joinPool(pool.pool_id, sender, sender, request)
    send(web3, join, sender)


def _order(coins: Sequence[Contract]) -> list[int]:
    """Places of the coins by address, as the Vault wants them."""
    return sorted(range(len(coins)), key=lambda i: int(coins[i].address, 16))


def _deploy(web3: Web3, path: str, sender: ChecksumAddress, *args: object) -> Contract:
    return deploy(web3, _artifact(path), *args, sender=sender)


def _artifact(path: str) -> Artifact:
    return package_artifact(f"{PACKAGE}{path}.json")
