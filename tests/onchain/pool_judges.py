# SPDX-License-Identifier: MIT
"""Real pools that answer for any state: one `eth_call` with the state put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode, encode
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract
from web3.types import RPCEndpoint

from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.weighted import WeightedPool
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.transactions import call, deploy
from steelyard.demo import balancer_v2, curve, tokens
from steelyard.demo.balancer_v2 import BalancerPool, BalancerV2
from steelyard.wad import WAD

GIVEN_IN, GIVEN_OUT = 0, 1
DECIMALS = (6, 18, 8, 18, 2, 18, 6, 18)
PLENTY = 10**40  # raw units of each token that the caller has
# weights in hundredths, of the pools that are made
WEIGHTS = (
    (50, 50),
    (80, 20),
    (2, 98),
    (20, 30, 50),
    (1, 33, 66),
    (25, 25, 25, 25),
    (7, 11, 13, 17, 19, 33),
    (5, 10, 10, 10, 15, 15, 15, 20),
)
# rates of the coins, of the stable pools that are made; 1 has no provider
RATES = ((1, 1), (1, 1.05), (1, 1, 1), (1.2, 1, 0.93), (1, 1, 1, 1), (1, 1.1, 1, 1, 1))
OPENING = 1_000  # whole tokens of each in a new pool
SWAP = "(uint8,address,address,uint256,bytes32,uint256,address,address,bytes)"
UNISSUED = 2**111  # shares of itself that a composable pool has in the Vault
LAST_AMPLIFICATION_BIT = 233  # above the invariant after the last join
JOIN = "(bytes32,address,address,uint256[],uint256,uint256,bytes)"


@dataclass(frozen=True, kw_only=True)
class Judges:
    """A chain with pools of every kind; `who` owns plenty of every token."""

    web3: Web3
    who: ChecksumAddress
    balancer: BalancerV2
    weighted: tuple[BalancerPool, ...]
    stable: tuple[BalancerPool, ...]
    curve: Contract
    harness: Contract  # the vault's own formulas
    tokens: tuple[Contract, ...] = field(repr=False)


def new_judges(web3: Web3, who: ChecksumAddress) -> Judges:
    weth = tokens.deploy_weth(web3, sender=who)
    balancer = balancer_v2.deploy_balancer_v2(web3, weth=weth.address, sender=who)
    coins = []
    for i, decimals in enumerate(DECIMALS):
        coin = tokens.deploy_token(web3, f"T{i}", decimals, sender=who)
        tokens.give(web3, coin, who, PLENTY, sender=who)
        coins.append(coin)
    factory = curve.deploy_curve(web3, sender=who)
    opening = [OPENING * 10**d for d in DECIMALS]
    plain = curve.create_pool(web3, factory, coins[:4], opening[:4], sender=who)
    for coin in coins[:4]:  # more than any books that are put in
        tokens.give(web3, coin, plain.address, PLENTY, sender=who)
    return Judges(
        web3=web3,
        who=who,
        balancer=balancer,
        weighted=tuple(
            balancer_v2.create_weighted_pool(
                web3,
                balancer,
                coins[: len(parts)],
                [part * WAD // 100 for part in parts],
                opening[: len(parts)],
                sender=who,
            )
            for parts in WEIGHTS
        ),
        stable=tuple(
            _stable_pool(web3, balancer, coins, rates, who, opening) for rates in RATES
        ),
        curve=plain,
        harness=deploy(web3, own_artifact("PoolMathHarness"), sender=who),
        tokens=tuple(coins),
    )


def _stable_pool(
    web3: Web3,
    balancer: BalancerV2,
    coins: Sequence[Contract],
    rates: Sequence[float],
    who: ChecksumAddress,
    opening: Sequence[int],
) -> BalancerPool:
    providers = {}
    for coin, rate in zip(coins, rates, strict=False):
        if rate != 1:
            artifact = own_artifact("SettableRate")
            provider = deploy(web3, artifact, int(rate * WAD), sender=who)
            providers[coin.address] = provider.address
    count = len(rates)
    return balancer_v2.create_stable_pool(
        web3, balancer, coins[:count], opening[:count], sender=who, rates=providers
    )


def scaling_of(pool: BalancerPool) -> tuple[int, ...]:
    """As the pool says, without its own shares."""
    factors = list(call(pool.contract.functions.getScalingFactors()))
    if len(factors) > len(pool.coins):
        del factors[call(pool.contract.functions.getBptIndex())]
    return tuple(factors)


def weights_of(pool: BalancerPool) -> tuple[int, ...]:
    return tuple(call(pool.contract.functions.getNormalizedWeights()))


def ask(
    judges: Judges,
    to: str,
    signature: str,
    args: Sequence[Any],
    *,
    sender: str,
    slots: Mapping[int, int],
    returns: str = "uint256",
) -> Any:
    """What the contract answers with these storage words; None when it reverts."""
    inner = signature[signature.index("(") + 1 : -1]
    data = Web3.keccak(text=signature)[:4] + encode(_types(inner), args)
    words = {f"0x{slot:064x}": f"0x{value:064x}" for slot, value in slots.items()}
    answer = judges.web3.provider.make_request(
        RPCEndpoint("eth_call"),
        [
            {"from": sender, "to": to, "data": "0x" + data.hex()},
            "latest",
            {to: {"stateDiff": words}},
        ],
    )
    if "error" in answer:
        assert "revert" in str(answer["error"]), answer["error"]
        return None
    values = decode(_types(returns), bytes.fromhex(answer["result"][2:]))
    return values[0] if len(values) == 1 else values


def _types(inner: str) -> list[str]:
    """Types at the top level of a list with tuples."""
    parts, depth, start = [], 0, 0
    for i, sign in enumerate(inner + ","):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(inner[start:i])
            start = i + 1
    return [part for part in parts if part]


# Curve's Plain4Basic keeps: balances from 6, fee 10, A from 11, rates 15, supply 26.
def curve_slots(model: StableSwap) -> dict[int, int]:
    slots = {6 + i: balance for i, balance in enumerate(model.balances)}
    slots |= {15 + i: rate for i, rate in enumerate(model.rates)}
    slots |= {10: model.fee_e10, 11: model.amplification, 12: model.amplification}
    return slots | {26: model.supply}


def ask_harness(
    judges: Judges, signature: str, *args: Any, returns: str = "uint256"
) -> Any:
    to, who = judges.harness.address, judges.who
    return ask(judges, to, signature, args, sender=who, slots={}, returns=returns)


def ask_curve(
    judges: Judges,
    model: StableSwap,
    signature: str,
    *args: Any,
    returns: str = "uint256",
) -> Any:
    return ask(
        judges,
        judges.curve.address,
        signature,
        args,
        sender=judges.who,
        slots=curve_slots(model),
        returns=returns,
    )


# Balancer's pools keep: supply of shares 2, swap fee in the top of 8, A twice in 9;
# weighted ones the invariant after the last join in the rest of 8.
def _fee_word(fee_wad: int, last_invariant: int = 0) -> int:
    return fee_wad << 192 | last_invariant


def ask_weighted(
    judges: Judges,
    pool: BalancerPool,
    model: WeightedPool,
    kind: int,
    amount: int,
    pair: tuple[int, int],
) -> int | None:
    """`onSwap`, asked as the Vault."""
    i, j = pair
    answer = ask(
        judges,
        pool.contract.address,
        f"onSwap({SWAP},uint256,uint256)",
        [_request(judges, pool, kind, amount, pair), *_pair(model.balances, i, j)],
        sender=judges.balancer.vault.address,
        slots={8: _fee_word(model.swap_fee_wad)},
    )
    return None if answer is None else int(answer)


def ask_stable(
    judges: Judges,
    pool: BalancerPool,
    model: BalancerStable,
    kind: int,
    amount: int,
    pair: tuple[int, int],
) -> int | None:
    """`onSwap`, asked as the Vault, which lists the pool's shares too."""
    own = own_place(pool)
    listed = list(model.balances)
    listed.insert(own, UNISSUED)
    i, j = (place + (place >= own) for place in pair)
    answer = ask(
        judges,
        pool.contract.address,
        f"onSwap({SWAP},uint256[],uint256,uint256)",
        [_request(judges, pool, kind, amount, pair), listed, i, j],
        sender=judges.balancer.vault.address,
        slots=_stable_slots(model),
    )
    return None if answer is None else int(answer)


def ask_join(
    judges: Judges,
    pool: BalancerPool,
    model: WeightedPool,
    name: str,
    data: bytes,
) -> Any:
    """(shares, amounts) of the pool's `queryJoin` or `queryExit`; None for a revert."""
    pool_id = bytes.fromhex(pool.pool_id[2:])
    return ask(
        judges,
        pool.contract.address,
        f"{name}{JOIN}",
        [pool_id, judges.who, judges.who, model.balances, 0, 0, data],
        sender=judges.who,
        slots={2: model.supply, 8: _fee_word(model.swap_fee_wad, 2**191)},
        returns="uint256,uint256[]",
    )


def ask_stable_join(
    judges: Judges, pool: BalancerPool, model: BalancerStable, name: str, data: bytes
) -> Any:
    """As `ask_join`; the shares that are no one's lie in the Vault."""
    listed = list(model.balances)
    listed.insert(own_place(pool), UNISSUED)
    pool_id = bytes.fromhex(pool.pool_id[2:])
    return ask(
        judges,
        pool.contract.address,
        f"{name}{JOIN}",
        [pool_id, judges.who, judges.who, listed, 0, 0, data],
        sender=judges.who,
        slots={2: UNISSUED + model.supply, **_stable_slots(model)},
        returns="uint256,uint256[]",
    )


def own_place(pool: BalancerPool) -> int:
    """Of the pool's shares in the Vault's list, which is in the order of addresses."""
    own = int(pool.contract.address, 16)
    return sum(int(coin.address, 16) < own for coin in pool.coins)


def _stable_slots(model: BalancerStable) -> dict[int, int]:
    amplification = model.amplification
    return {
        8: _fee_word(model.swap_fee_wad),
        9: amplification << 64 | amplification,
        12: amplification << LAST_AMPLIFICATION_BIT | 2**190,
    }


def _request(
    judges: Judges, pool: BalancerPool, kind: int, amount: int, pair: tuple[int, int]
) -> tuple[Any, ...]:
    token_in, token_out = (pool.coins[place].address for place in pair)
    pool_id = bytes.fromhex(pool.pool_id[2:])
    who = judges.who
    return (kind, token_in, token_out, amount, pool_id, 0, who, who, b"")


def _pair(values: Sequence[int], i: int, j: int) -> tuple[int, int]:
    return values[i], values[j]
