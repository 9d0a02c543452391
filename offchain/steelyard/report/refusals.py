# SPDX-License-Identifier: MIT
"""A refused order in the contract's own words, and in a reader's."""

from typing import TYPE_CHECKING

from steelyard.report import text
from steelyard.report.view_limits import RefusalRow
from steelyard.state import Snapshot

if TYPE_CHECKING:
    from steelyard.demo.record import Refusal


CLOCKS = ("readyAt", "now_", "until", "deadline", "validAfter")  # unix seconds
ADDRESS_LENGTH = 42  # of 0x-hex


def refusal_row(refusal: "Refusal", snapshot: Snapshot) -> RefusalRow:
    """Every argument exactly, and those that a name or a unit is known for in words."""
    parts = [_plain(snapshot, k, v) for k, v in refusal.arguments.items()]
    return RefusalRow(
        title=refusal.title,
        error=refusal.error,
        arguments=tuple((k, _exact(v)) for k, v in refusal.arguments.items()),
        plain="; ".join(part for part in parts if part),
    )


def _exact(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _plain(snapshot: Snapshot, name: str, value: object) -> str:
    asset = snapshot.asset
    label = _spaced(name)
    if isinstance(value, int) and not isinstance(value, bool):
        if name.endswith("Wad"):
            return f"{label} {text.percent_of_wad(value)} %"
        if name in CLOCKS:
            return f"{label} {text.utc(value)}"
        if "assets" in name.lower():
            return f"{label} {text.assets(value, asset.decimals)} {asset.symbol}"
        return f"{label} {text.whole(value)}"
    exact = _exact(value)
    known = known_name(snapshot, exact)
    if not known and len(exact) == ADDRESS_LENGTH and int(exact, 16):
        known = f"{exact[:6]}\N{HORIZONTAL ELLIPSIS}{exact[-4:]}"
    return f"{label} {known}" if known else ""


def known_name(snapshot: Snapshot, hexadecimal: str) -> str:
    """What an address or a bytes32 stands for in this vault; "" when not known."""
    names = {p.market.lower(): p.name for p in snapshot.positions}
    names |= {t.address.lower(): t.symbol for t in snapshot.tokens}
    names |= {
        "0x" + t.name.encode().hex().ljust(64, "0"): t.name for t in snapshot.tags
    }
    names[snapshot.config_hash.lower()] = "this configuration"
    for signer in snapshot.signers:
        names[signer.lower()] = "the vault's strategist"
    return names.get(hexadecimal.lower(), "")


def _spaced(name: str) -> str:
    """capAssets as "cap", sharePriceWad as "share price"."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip("_")
    bare = spaced.removesuffix(" wad").removesuffix(" assets")
    return bare.replace("assets before", "before") or spaced
