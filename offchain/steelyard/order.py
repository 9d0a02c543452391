# SPDX-License-Identifier: MIT
"""The order that a strategist signs: Types.sol's records, their EIP-712 digest, JSON.

UNITS  As in Types.sol: token amounts raw, `*_wad` 1e18 = 1, times in unix seconds.
       Addresses and bytes32 are 0x-hex text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

ZERO_ADDRESS = "0x" + "00" * 20
UINT_MAX = 2**256 - 1


@dataclass(frozen=True, kw_only=True)
class Target:
    """Weight that may stand afterwards: of a position, or of a token (market 0)."""

    item: str
    market: str
    min_weight_wad: int
    max_weight_wad: int


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    adapter: str
    market: str
    tick_lower: int  # both zero where the market has no ranges
    tick_upper: int
    units: int  # the adapter's own units; UINT_MAX = all
    min_amounts: tuple[int, ...]  # per token of the market


@dataclass(frozen=True, kw_only=True)
class Swap:
    venue: str
    pool: str
    token_in: str
    token_out: str
    amount_in: int
    min_amount_out: int


@dataclass(frozen=True, kw_only=True)
class Supply:
    adapter: str
    market: str
    tick_lower: int
    tick_upper: int
    max_amounts: tuple[int, ...]  # per token of the market
    min_units: int


@dataclass(frozen=True, kw_only=True)
class Rebalance:
    nonce: int
    valid_after: int
    deadline: int
    relayer: str  # ZERO_ADDRESS: anyone
    public_after: int  # from here on anyone may relay
    config_hash: str
    share_price_floor_before: int  # wad
    share_price_ceil_before: int
    share_price_floor_after: int
    inputs_hash: str
    targets: tuple[Target, ...]
    withdraws: tuple[Withdraw, ...]
    swaps: tuple[Swap, ...]
    supplies: tuple[Supply, ...]

    def as_tuple(self) -> tuple[Any, ...]:
        """The struct as web3 takes it: nested tuples, checksummed, bytes32 as bytes."""
        return tuple(_abi_value(type_, value) for type_, _, value in _fields(self))

    def to_json(self) -> dict[str, Any]:
        """Solidity's field names; uint256 as decimal text, which loses no digit."""
        return {name: _json_value(type_, value) for type_, name, value in _fields(self)}


Record = Target | Withdraw | Swap | Supply | Rebalance

# Members in Types.sol's order, which is the order that is hashed.
ENCODED = {
    "Rebalance": (
        "uint256 nonce,uint256 validAfter,uint256 deadline,address relayer,"
        "uint256 publicAfter,bytes32 configHash,uint256 sharePriceFloorBefore,"
        "uint256 sharePriceCeilBefore,uint256 sharePriceFloorAfter,"
        "bytes32 inputsHash,Target[] targets,Withdraw[] withdraws,Swap[] swaps,"
        "Supply[] supplies"
    ),
    "Supply": (
        "address adapter,bytes32 market,int24 tickLower,int24 tickUpper,"
        "uint256[] maxAmounts,uint256 minUnits"
    ),
    "Swap": (
        "address venue,bytes32 pool,address tokenIn,address tokenOut,"
        "uint256 amountIn,uint256 minAmountOut"
    ),
    "Target": ("address item,bytes32 market,uint256 minWeightWad,uint256 maxWeightWad"),
    "Withdraw": (
        "address adapter,bytes32 market,int24 tickLower,int24 tickUpper,"
        "uint256 units,uint256[] minAmounts"
    ),
}
_DOMAIN = "string name,string version,uint256 chainId,address verifyingContract"
RECORDS: dict[str, type[Record]] = {
    "Rebalance": Rebalance,
    "Supply": Supply,
    "Swap": Swap,
    "Target": Target,
    "Withdraw": Withdraw,
}


def typed_data(
    order: Rebalance, chain_id: int, vault: str, vault_name: str
) -> dict[str, Any]:
    """The EIP-712 message of an order, as wallets take it (`eth_signTypedData_v4`)."""
    types = {"EIP712Domain": _DOMAIN, **ENCODED}
    return {
        "primaryType": "Rebalance",
        "types": {
            record: [{"name": name, "type": type_} for type_, name in members_of(text)]
            for record, text in types.items()
        },
        "domain": {
            "name": vault_name,
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": to_checksum_address(vault),
        },
        "message": _message(order),
    }


def signable(
    order: Rebalance, chain_id: int, vault: str, vault_name: str
) -> SignableMessage:
    """What `Account.sign_message` signs for this order."""
    return encode_typed_data(
        full_message=typed_data(order, chain_id, vault, vault_name)
    )


def order_digest(order: Rebalance, chain_id: int, vault: str, vault_name: str) -> bytes:
    """The 32 bytes that are signed: keccak(0x1901, domain separator, struct hash)."""
    message = signable(order, chain_id, vault, vault_name)
    return keccak(b"\x19" + message.version + message.header + message.body)


def _fields(record: Record) -> Iterator[tuple[str, str, Any]]:
    """(Solidity type, Solidity name, value) of each field, in order."""
    for type_, name in members_of(ENCODED[type(record).__name__]):
        yield type_, name, getattr(record, snake(name))


@cache
def members_of(text: str) -> tuple[tuple[str, str], ...]:
    """(type, name) of each member of an EIP-712 record."""
    parts = [member.split(" ") for member in text.split(",")]
    return tuple((type_, name) for type_, name in parts)


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def _message(record: Record) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for type_, name, value in _fields(record):
        if type_.removesuffix("[]") in RECORDS:
            out[name] = [_message(item) for item in value]
        elif type_.endswith("[]"):
            out[name] = list(value)
        else:
            out[name] = value
    return out


def _abi_value(type_: str, value: Any) -> Any:
    if type_.removesuffix("[]") in RECORDS:
        return [tuple(_abi_value(t, v) for t, _, v in _fields(item)) for item in value]
    if type_.endswith("[]"):
        return list(value)
    if type_ == "address":
        return to_checksum_address(value)
    return bytes.fromhex(value[2:]) if type_ == "bytes32" else value


def _json_value(type_: str, value: Any) -> Any:
    if type_.removesuffix("[]") in RECORDS:
        return [{n: _json_value(t, v) for t, n, v in _fields(item)} for item in value]
    if type_.endswith("[]"):
        return [str(item) for item in value]
    return str(value) if type_ == "uint256" else value
