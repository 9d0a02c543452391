# SPDX-License-Identifier: MIT
"""A vault that was handed over: who may do what, and what waits how long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_typing import ChecksumAddress
from support import (
    SAVINGS,
    USDC,
    World,
    buy_eth,
    calldata,
    deposit,
    events,
    make_order,
    rebalance,
    relay,
    reverts,
    stored_rows,
    supply,
    with_limits,
)
from web3.contract import Contract
from web3.types import TxReceipt

from steelyard.chain.deploy import deploy_system, system_config
from steelyard.chain.roles import CURATOR, GUARDIAN, OWNER, TIGHTENER
from steelyard.chain.spec import DAY_SECONDS, RolesSpec
from steelyard.chain.transactions import call, send
from steelyard.demo import clock, tokens
from steelyard.wad import WAD

OWNER_DELAY, CURATOR_DELAY = 10 * DAY_SECONDS, 7 * DAY_SECONDS
BRAKE, REST = 7 * DAY_SECONDS, 30 * DAY_SECONDS
SCHEDULE_LASTS = 7 * DAY_SECONDS  # AccessManager's
TOKEN_CAP_WAD, LOSS_WAD = 1, 10  # of ConfigEdit's Field
TIGHTER = [(TOKEN_CAP_WAD, 1, WAD // 2), (LOSS_WAD, 0, WAD // 100)]


@dataclass(frozen=True, kw_only=True)
class Company:
    """A vault of its own roles; bob is in none of them."""

    world: World
    owner: ChecksumAddress
    curator: ChecksumAddress
    guardian: ChecksumAddress
    deployer: ChecksumAddress

    @property
    def vault(self) -> Contract:
        return self.world.vault

    @property
    def authority(self) -> Contract:
        return self.world.system.authority

    def do(self, who: ChecksumAddress, name: str, *args: Any) -> TxReceipt:
        return send(self.world.web3, self.vault.functions[name](*args), who)

    def manage(self, who: ChecksumAddress, name: str, *args: Any) -> TxReceipt:
        return send(self.world.web3, self.authority.functions[name](*args), who)

    def schedule(self, who: ChecksumAddress, name: str, *args: Any) -> None:
        data = calldata(self.vault, name, *args)
        self.manage(who, "schedule", self.vault.address, data, 0)

    def wait(self, seconds: int) -> None:
        clock.time_travel(self.world.web3, seconds)


@pytest.fixture(scope="module")
def shared_company(shared_world: World) -> Iterator[Company]:
    world, taken = shared_world, clock.snapshot(shared_world.web3)
    _, guardian, *_ = world.web3.eth.accounts
    owner, curator = world.web3.eth.accounts[5:7]
    roles = RolesSpec(
        owner=owner,
        curator=curator,
        guardian=guardian,
        owner_delay_seconds=OWNER_DELAY,
        curator_delay_seconds=CURATOR_DELAY,
    )
    spec = replace(world.system.spec, roles=roles)
    system = deploy_system(world.web3, spec, world.curator)
    found = Company(
        world=replace(world, system=system),
        owner=owner,
        curator=curator,
        guardian=guardian,
        deployer=world.curator,
    )
    deposit(found.world, world.bob, 1_000 * USDC)
    yield found
    clock.revert(world.web3, taken)


@pytest.fixture
def company(shared_company: Company) -> Iterator[Company]:
    taken = clock.snapshot(shared_company.world.web3)
    yield shared_company
    clock.revert(shared_company.world.web3, taken)


def new_config(company: Company) -> Any:
    """The configuration in force but for a buffer of a tenth."""
    system = company.world.system
    changed = replace(system, spec=with_limits(system.spec, idle_wad=WAD // 10))
    return system_config(company.world.web3, changed)


def idle_wad(company: Company) -> int:
    return int(stored_rows(company.world)[0][4])


RESTRICTED: dict[str, Callable[[Company], tuple[Any, ...]]] = {
    "submit": lambda company: (new_config(company),),
    "resetMark": lambda _: (),
    "tighten": lambda _: (TIGHTER,),
    "setFees": lambda company: (company.owner, 1, 1),
    "renewBrake": lambda _: (True,),
    "brake": lambda _: (True,),
    "releaseBrake": lambda _: (),
    "impair": lambda company: (
        company.world.adapter(SAVINGS).address,
        company.world.market_hex(SAVINGS),
    ),
    "cancelOrder": lambda _: (),
}
MAY_AT_ONCE = {
    "guardian": {"tighten", "brake", "releaseBrake", "impair", "cancelOrder"},
    "curator": {"tighten"},
    "owner": set(),
    "deployer": set(),
    "bob": set(),
}
MAY_SCHEDULE = {"curator": {"submit", "resetMark"}, "owner": {"setFees", "renewBrake"}}


@pytest.mark.parametrize("who", MAY_AT_ONCE)
def test_roles__every_restricted_function__only_as_granted(company, who):
    address = company.world.bob if who == "bob" else getattr(company, who)
    answers = {}
    for name, args in RESTRICTED.items():
        taken = clock.snapshot(company.world.web3)
        try:
            company.do(address, name, *args(company))
            answers[name] = "done"
        except Exception as error:
            answers[name] = getattr(error, "name", repr(error))
        clock.revert(company.world.web3, taken)

    expected = dict.fromkeys(RESTRICTED, "AccessManagedUnauthorized")
    expected |= dict.fromkeys(MAY_AT_ONCE[who], "done")
    expected |= dict.fromkeys(MAY_SCHEDULE.get(who, ()), "AccessManagerNotScheduled")
    if who == "guardian":
        expected["impair"] = "PositionAnswers"  # a healthy one cannot be written off
    assert answers == expected


def test_roles__deployer__has_nothing_left(company):
    view = company.authority.functions

    for role in (OWNER, CURATOR, TIGHTENER, GUARDIAN):
        assert call(view.hasRole(role, company.deployer)) == [False, 0]
    with reverts("AccessManagerUnauthorizedAccount", msgsender=company.deployer):
        company.manage(company.deployer, "grantRole", OWNER, company.deployer, 0)
    with reverts("AccessManagerUnauthorizedAccount", msgsender=company.deployer):
        company.manage(company.deployer, "setTargetClosed", company.vault.address, True)


def test_roles__members_and_delays__as_specified(company):
    view = company.authority.functions

    found = {
        (role, who): call(view.hasRole(role, getattr(company, who)))
        for role, who in (
            (OWNER, "owner"),
            (CURATOR, "curator"),
            (TIGHTENER, "curator"),
            (TIGHTENER, "guardian"),
            (GUARDIAN, "guardian"),
        )
    }

    assert found == {
        (OWNER, "owner"): [True, OWNER_DELAY],
        (CURATOR, "curator"): [True, CURATOR_DELAY],
        (TIGHTENER, "curator"): [True, 0],
        (TIGHTENER, "guardian"): [True, 0],
        (GUARDIAN, "guardian"): [True, 0],
    }
    for role in (CURATOR, TIGHTENER, GUARDIAN):
        assert call(view.getRoleGuardian(role)) == GUARDIAN
        assert call(view.getRoleAdmin(role)) == OWNER


def test_submit__by_the_curator__after_his_delay_and_within_a_week(company):
    config = new_config(company)
    company.schedule(company.curator, "submit", config)

    company.wait(CURATOR_DELAY - 60)
    with reverts("AccessManagerNotReady"):
        company.do(company.curator, "submit", config)
    company.wait(60)
    receipt = company.do(company.curator, "submit", config)

    assert len(events(receipt, company.vault, "SetConfig")) == 1
    assert idle_wad(company) == WAD // 10
    with reverts("AccessManagerNotScheduled"):
        company.do(company.curator, "submit", config)


def test_submit__left_for_a_week__expires(company):
    config = new_config(company)
    company.schedule(company.curator, "submit", config)

    company.wait(CURATOR_DELAY + SCHEDULE_LASTS + 1)

    with reverts("AccessManagerExpired"):
        company.do(company.curator, "submit", config)


def test_submit__other_configuration_than_scheduled__refused(company):
    company.schedule(company.curator, "submit", new_config(company))
    company.wait(CURATOR_DELAY)

    with reverts("AccessManagerNotScheduled"):
        other = system_config(company.world.web3, company.world.system)
        company.do(company.curator, "submit", other)


def test_submit__cancelled_by_the_guardian__never_runs(company):
    config = new_config(company)
    company.schedule(company.curator, "submit", config)
    data = calldata(company.vault, "submit", config)

    target = company.vault.address
    with reverts("AccessManagerUnauthorizedCancel"):
        company.manage(company.world.bob, "cancel", company.curator, target, data)
    company.manage(company.guardian, "cancel", company.curator, target, data)

    company.wait(CURATOR_DELAY)
    with reverts("AccessManagerNotScheduled"):
        company.do(company.curator, "submit", config)
    assert idle_wad(company) == 0


@pytest.mark.parametrize("who", ["curator", "guardian"])
def test_tighten__by_curator_or_guardian__at_once(company, who):
    signed = make_order(company.world.system, company.world.strategist)

    receipt = company.do(getattr(company, who), "tighten", TIGHTER)

    params, listed, *_ = stored_rows(company.world)
    assert (params[5], listed[1][5]) == (WAD // 100, WAD // 2)
    (event,) = events(receipt, company.vault, "SetConfig")
    assert event["configHash"] == call(company.vault.functions.configHash())
    with reverts("ConfigHashMismatch", current=event["configHash"]):
        relay(company.world, signed)


def test_tighten__value_that_raises_risk__refused(company):
    company.do(company.guardian, "tighten", TIGHTER)

    for field, index, value in TIGHTER:
        for loose in (value, value + 1):
            with reverts("NotTighter", field=field, value=loose, current=value):
                company.do(company.guardian, "tighten", [(field, index, loose)])


def test_set_fees__by_the_owner__after_his_delay(company):
    args = (company.owner, WAD // 50, WAD // 10)
    company.schedule(company.owner, "setFees", *args)

    company.wait(OWNER_DELAY - 60)
    with reverts("AccessManagerNotReady"):
        company.do(company.owner, "setFees", *args)
    company.wait(60)
    company.do(company.owner, "setFees", *args)

    assert tuple(stored_rows(company.world)[0][-3:]) == args


@pytest.mark.parametrize(
    ("args", "field", "value", "most"),
    [
        ((WAD * 5 // 100 + 1, 0), b"managementFeeWad", WAD * 5 // 100 + 1, 5 * 10**16),
        ((0, WAD * 3 // 10 + 1), b"performanceFeeWad", WAD * 3 // 10 + 1, 3 * 10**17),
    ],
)
def test_set_fees__above_what_the_code_allows__refused(
    company, args, field, value, most
):
    company.schedule(company.owner, "setFees", company.owner, *args)
    company.wait(OWNER_DELAY)

    with reverts(
        "ParamOutOfRange", field=field.ljust(32, b"\0"), value=value, most=most
    ):
        company.do(company.owner, "setFees", company.owner, *args)


def test_set_fees__for_nobody__refused(world):
    with reverts("ParamOutOfRange", field=b"feeRecipient".ljust(32, b"\0")):
        nobody = "0x" + "00" * 20
        send(world.web3, world.vault.functions.setFees(nobody, 1, 0), world.curator)


def test_owner__appoints__after_his_delay_and_the_grants(company):
    grant = (CURATOR, company.world.bob, CURATOR_DELAY)
    company.wait(5 * DAY_SECONDS)  # until the delay of grants itself holds
    data = calldata(company.authority, "grantRole", *grant)
    with reverts("AccessManagerNotScheduled"):
        company.manage(company.owner, "grantRole", *grant)

    company.manage(company.owner, "schedule", company.authority.address, data, 0)
    company.wait(OWNER_DELAY)
    company.manage(company.owner, "grantRole", *grant)

    has_role = company.authority.functions.hasRole(CURATOR, company.world.bob)
    assert call(has_role) == [False, CURATOR_DELAY]
    company.wait(5 * DAY_SECONDS)
    assert call(has_role) == [True, CURATOR_DELAY]


def test_owner__who_deployed__waits_all_the_same(world):
    _, curator, guardian = world.web3.eth.accounts[4:7]
    roles = RolesSpec(
        owner=world.curator,
        curator=curator,
        guardian=guardian,
        owner_delay_seconds=OWNER_DELAY,
    )
    spec = replace(world.system.spec, roles=roles)

    system = deploy_system(world.web3, spec, world.curator)

    has_role = system.authority.functions.hasRole(OWNER, world.curator)
    assert call(has_role) == [True, OWNER_DELAY]
    with reverts("AccessManagerNotScheduled"):
        send(
            world.web3,
            system.vault.functions.setFees(world.curator, 1, 1),
            world.curator,
        )


def test_brake__pause_by_the_guardian__stops_all_but_the_exit_in_kind(company):
    world, bob = company.world, company.world.bob
    half = call(company.vault.functions.balanceOf(bob)) // 2

    receipt = company.do(company.guardian, "brake", True)

    (event,) = events(receipt, company.vault, "Brake")
    assert event == {"until": event["until"], "isPause": True}
    assert event["until"] - world.now() == BRAKE
    with reverts("VaultPaused", until=event["until"]):
        deposit(world, bob, USDC)
    with reverts("VaultPaused"):
        rebalance(world)
    with reverts("VaultPaused"):
        company.do(bob, "withdraw", USDC, bob, bob)
    with reverts("VaultPaused"):
        company.do(bob, "redeem", half, bob, bob)
    with reverts("VaultPaused"):
        company.do(
            bob, "heal", world.adapter(SAVINGS).address, world.market_hex(SAVINGS)
        )
    before = tokens.balance_of(world.asset, bob)
    company.do(bob, "redeemInKind", half, bob, bob, 0)
    assert tokens.balance_of(world.asset, bob) - before == 500 * USDC - 1
    company.wait(BRAKE)
    company.do(bob, "redeem", half // 2, bob, bob)


def test_brake__not_a_pause__orders_may_not_raise_risk(company):
    world = company.world
    company.do(company.guardian, "brake", False)

    with reverts("ExposureRaised", item=world.token("ETH").address, assetsBefore=0):
        buy_eth(world, 100)
    lend = supply(world, SAVINGS, {"USDC": 100 * USDC})
    assert rebalance(world, supplies=[lend])["status"] == 1
    company.do(world.bob, "redeem", 10**6, world.bob, world.bob)
    deposit(world, world.bob, USDC)
    company.wait(BRAKE)
    assert buy_eth(world, 100)["status"] == 1


def test_brake__again_before_it_has_rested__refused(company):
    company.do(company.guardian, "brake", True)
    company.do(company.guardian, "brake", False)  # while it is set, it can be changed
    company.wait(BRAKE + 10)
    status = call(company.world.system.lens.functions.status(company.vault.address))
    until = status[0]

    with reverts("BrakeNotRested", readyAt=until + REST):
        company.do(company.guardian, "brake", True)
    company.wait(REST)

    assert company.do(company.guardian, "brake", True)["status"] == 1


def test_brake__released__everything_runs_again_and_rests(company):
    company.do(company.guardian, "brake", True)

    receipt = company.do(company.guardian, "releaseBrake")

    (event,) = events(receipt, company.vault, "Brake")
    assert event == {"until": company.world.now(), "isPause": False}
    deposit(company.world, company.world.bob, USDC)
    with reverts("BrakeNotRested"):
        company.do(company.guardian, "brake", True)


def test_renew_brake__by_the_owner__without_a_rest(company):
    company.do(company.guardian, "brake", True)
    company.schedule(company.owner, "renewBrake", True)
    company.wait(OWNER_DELAY)

    receipt = company.do(company.owner, "renewBrake", True)

    (event,) = events(receipt, company.vault, "Brake")
    assert event["until"] == company.world.now() + BRAKE
    with reverts("VaultPaused"):
        deposit(company.world, company.world.bob, USDC)


def test_reset_mark__by_the_curator__after_his_delay(company):
    company.schedule(company.curator, "resetMark")
    company.wait(CURATOR_DELAY)

    receipt = company.do(company.curator, "resetMark")

    (event,) = events(receipt, company.vault, "Marked")
    assert event == {"sharePriceWad": WAD, "markWad": WAD, "reduceOnly": False}


def test_exits__vault_closed_by_the_owner__are_never_restricted(company):
    world, bob, vault = company.world, company.world.bob, company.vault
    close = (vault.address, True)
    data = calldata(company.authority, "setTargetClosed", *close)
    company.manage(company.owner, "schedule", company.authority.address, data, 0)
    company.wait(OWNER_DELAY)
    company.manage(company.owner, "setTargetClosed", *close)
    with reverts("AccessManagedUnauthorized"):
        company.do(company.guardian, "brake", True)
    queue = world.system.queue
    shares = call(vault.functions.balanceOf(bob)) // 5

    company.do(bob, "redeem", shares, bob, bob)
    company.do(bob, "withdraw", 100 * USDC, bob, bob)
    company.do(bob, "redeemInKind", shares, bob, bob, 0)
    company.do(bob, "approve", queue.address, shares)
    send(world.web3, queue.functions.request(shares), bob)
    send(world.web3, queue.functions.fill(1), world.relayer)
    send(world.web3, queue.functions.claim(0, bob), bob)
    rest = call(vault.functions.balanceOf(bob))
    company.do(bob, "redeem", rest, bob, bob)

    assert call(vault.functions.balanceOf(bob)) == 0
    assert tokens.balance_of(world.asset, bob) >= 100_000 * USDC - 10
