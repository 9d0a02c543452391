# SPDX-License-Identifier: MIT
"""Sequences of steps run on a real pool in one call, for comparison with a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import function_signature_to_4byte_selector
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact, package_artifact
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo.tokens import deploy_token
from steelyard.demo.uniswap_v3 import FACTORY
from steelyard.demo.uniswap_v4 import PACKAGE as V4_PACKAGE

STEPS = "(address,address,bytes,bool,(address,bytes)[])[]"
ANSWERS = "(bool,bytes,bytes[])[]"
CALL_GAS = 2**40  # a call on a local chain may take what it likes

Read = tuple[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call of a pool; `returns` are the types of its answer."""

    actor: str
    target: str
    data: bytes
    returns: tuple[str, ...]
    reads: tuple[Read, ...]  # of the state afterwards
    in_unlock: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    values: tuple[Any, ...] | None  # None: it reverted
    states: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Two tokens, two actors that own positions, and a lens, on a local chain."""

    web3: Web3
    tokens: tuple[Contract, Contract]
    actors: tuple[Contract, Contract]
    lens: Contract

    def names(self) -> tuple[str, str]:
        return self.actors[0].address, self.actors[1].address


def deploy_stage(web3: Web3) -> Stage:
    sender = web3.eth.accounts[0]
    pair = [deploy_token(web3, f"T{i}", 18, sender=sender) for i in range(2)]
    pair.sort(key=lambda token: int(token.address, 16))
    addresses = [token.address for token in pair]
    actors = [
        deploy(web3, own_artifact("Replay"), *addresses, sender=sender)
        for _ in range(2)
    ]
    lens = deploy(web3, own_artifact("ConcentratedLens"), sender=sender)
    return Stage(
        web3=web3,
        tokens=(pair[0], pair[1]),
        actors=(actors[0], actors[1]),
        lens=lens,
    )


def deploy_v3_pools(stage: Stage, kinds: Sequence[tuple[int, int]]) -> list[str]:
    """Pools of (fee, tick spacing), no price yet; the first actor owns the factory."""
    web3, sender = stage.web3, stage.web3.eth.accounts[0]
    factory = deploy(web3, package_artifact(FACTORY), sender=sender)
    pools = []
    for fee, spacing in kinds:
        if call(factory.functions.feeAmountTickSpacing(fee)) == 0:
            send(web3, factory.functions.enableFeeAmount(fee, spacing), sender)
        pair = [token.address for token in stage.tokens]
        send(web3, factory.functions.createPool(*pair, fee), sender)
        pools.append(call(factory.functions.getPool(*pair, fee)))
    owner = stage.actors[0].address
    send(web3, factory.functions.setOwner(owner), sender)
    return pools


def deploy_v4_manager(stage: Stage) -> str:
    """A PoolManager whose protocol fees the first actor sets."""
    web3, sender = stage.web3, stage.web3.eth.accounts[0]
    artifact = package_artifact(V4_PACKAGE.format("PoolManager"))
    manager = deploy(web3, artifact, sender, sender=sender)
    set_controller = manager.functions.setProtocolFeeController
    send(web3, set_controller(stage.actors[0].address), sender)
    return manager.address


@cache
def _selector(signature: str) -> bytes:
    return function_signature_to_4byte_selector(signature)


def call_data(signature: str, types: Sequence[str], *args: Any) -> bytes:
    return _selector(signature) + encode(types, args)


def function(name: str, *types: str) -> Any:
    """Encodes calls of a function of these arguments."""
    signature = f"{name}({','.join(types)})"
    return lambda *args: call_data(signature, types, *args)


def run(stage: Stage, steps: Sequence[Step]) -> list[Answer]:
    """What each step answered and what stood in the pool after it."""
    packed = [(s.actor, s.target, s.data, s.in_unlock, list(s.reads)) for s in steps]
    data = _selector(f"run({STEPS})") + encode([STEPS], [packed])
    raw = stage.web3.provider.make_request(
        "eth_call",
        [
            {
                "from": stage.web3.eth.accounts[0],
                "to": stage.actors[0].address,
                "data": "0x" + data.hex(),
                "gas": hex(CALL_GAS),
            },
            "latest",
        ],
    )
    if "error" in raw:
        raise AssertionError(str(raw["error"])[:300])
    (answers,) = decode([ANSWERS], bytes.fromhex(raw["result"][2:]))
    return [
        Answer(
            values=decode(step.returns, answer) if success else None,
            states=tuple(states),
        )
        for step, (success, answer, states) in zip(steps, answers, strict=True)
    ]


def sent(stage: Stage, steps: Sequence[Step]) -> None:
    """The steps as transactions, so that they stay."""
    for step in steps:
        actor = contract_at(stage.web3, own_artifact("Replay"), step.actor)
        act = actor.functions.act(step.target, step.data, step.in_unlock)
        send(stage.web3, act, stage.web3.eth.accounts[0])
