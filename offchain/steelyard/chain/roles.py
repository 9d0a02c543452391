# SPDX-License-Identifier: MIT
"""Who may do what with a vault: OpenZeppelin's AccessManager, set up from a spec.

| role      | may                                                   | delay            |
|-----------|-------------------------------------------------------|------------------|
| owner     | set fees, renew the brake, appoint                    | owner's          |
| curator   | submit a configuration, reset the drawdown mark       | curator's        |
| tightener | lower risk: curator and guardian both are             | none             |
| guardian  | brake, impair, cancel orders and what is scheduled    | none             |

An AccessManager knows functions, not directions: raising and lowering a limit are
different functions (`submit`, `tighten`) of different roles.
"""

from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.abi import function_abi_to_4byte_selector
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.spec import RolesSpec
from steelyard.chain.transactions import Sender, send

OWNER, CURATOR, TIGHTENER, GUARDIAN = range(4)  # the owner is ADMIN_ROLE
LABELS = {CURATOR: "curator", TIGHTENER: "tightener", GUARDIAN: "guardian"}
FUNCTIONS = {
    OWNER: ("setFees", "renewBrake"),
    CURATOR: ("submit", "resetMark"),
    TIGHTENER: ("tighten",),
    GUARDIAN: ("brake", "releaseBrake", "impair", "cancelOrder"),
}
GRANT_DELAY_SECONDS = 5 * 86_400  # before a new member of a role may act


def set_roles(
    web3: Web3, authority: Contract, vault: Contract, roles: RolesSpec, sender: Sender
) -> None:
    """Hands a vault over from `sender`, its only administrator, to those in `roles`.

    Raises ContractReverted when `sender` may not.
    """

    def do(name: str, *args: Any) -> None:
        send(web3, authority.get_function_by_name(name)(*args), sender)

    for role, names in FUNCTIONS.items():
        selectors = [selector(vault, name) for name in names]
        do("setTargetFunctionRole", vault.address, selectors, role)
    for role, label in LABELS.items():
        do("labelRole", role, label)
        do("setRoleGuardian", role, GUARDIAN)
    members = (
        (CURATOR, roles.curator, roles.curator_delay_seconds),
        (TIGHTENER, roles.curator, 0),
        (TIGHTENER, roles.guardian, 0),
        (GUARDIAN, roles.guardian, 0),
    )
    for role, member, delay_seconds in members:
        do("grantRole", role, member, delay_seconds)
    for role in LABELS:
        do("setGrantDelay", role, GRANT_DELAY_SECONDS)
    do("setTargetAdminDelay", vault.address, roles.owner_delay_seconds)
    do("grantRole", OWNER, roles.owner, roles.owner_delay_seconds)
    me = sender.address if isinstance(sender, LocalAccount) else sender
    if me != roles.owner:
        do("renounceRole", OWNER, me)


def selector(vault: Contract, name: str) -> bytes:
    """The four bytes by which a vault's function is called."""
    return function_abi_to_4byte_selector(vault.get_function_by_name(name).abi)
