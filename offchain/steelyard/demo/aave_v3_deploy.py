# SPDX-License-Identifier: MIT
"""Aave v3 (3.0, pool revision 1) put up from its published bytecode."""

from collections.abc import Sequence

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract

from steelyard.chain.artifacts import Artifact, link, package_artifact
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo.aave_v3 import AaveV3, RateCurve, Reserve

ROOT = "@aave/core-v3/artifacts/contracts/"
LOGIC = ROOT + "protocol/libraries/logic/"
CONFIGURATION = ROOT + "protocol/configuration/"
POOL = ROOT + "protocol/pool/"
TOKENS = ROOT + "protocol/tokenization/"
LIBRARIES = (
    "BorrowLogic",
    "BridgeLogic",
    "EModeLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
    "ConfiguratorLogic",
    "FlashLoanLogic",  # last: it is linked with BorrowLogic itself
)
ADMIN_ROLES = ("addPoolAdmin", "addAssetListingAdmin", "addRiskAdmin")
RAY_PER_WAD = 10**9
BASE_CURRENCY_UNIT = 10**8  # dollars with 8 decimals


def deploy_aave_v3(
    web3: Web3, reserves: Sequence[Reserve], *, sender: ChecksumAddress
) -> AaveV3:
    """A market that `sender` administers, with all of `reserves` listed."""
    provider = _deploy(
        web3, CONFIGURATION, "PoolAddressesProvider", "Demo", sender, sender=sender
    )
    _set_admins(web3, provider, sender)
    _set_implementations(web3, provider, sender)
    market = AaveV3(
        provider=provider,
        pool=_resolved(web3, provider, "Pool"),
        configurator=_resolved(web3, provider, "PoolConfigurator"),
        oracle=_deploy_oracle(web3, provider, reserves, sender),
        data_provider=_deploy(
            web3,
            ROOT + "misc/",
            "AaveProtocolDataProvider",
            provider.address,
            sender=sender,
        ),
    )
    set_data_provider = provider.functions.setPoolDataProvider
    send(web3, set_data_provider(market.data_provider.address), sender)
    _list_reserves(web3, market, reserves, sender)
    return market


def _set_admins(web3: Web3, provider: Contract, sender: ChecksumAddress) -> None:
    send(web3, provider.functions.setACLAdmin(sender), sender)
    acl = _deploy(web3, CONFIGURATION, "ACLManager", provider.address, sender=sender)
    send(web3, provider.functions.setACLManager(acl.address), sender)
    for role in ADMIN_ROLES:
        send(web3, acl.functions[role](sender), sender)


def _set_implementations(
    web3: Web3, provider: Contract, sender: ChecksumAddress
) -> None:
    libraries = _deploy_libraries(web3, sender)
    pool = _deploy(
        web3, POOL, "Pool", provider.address, sender=sender, libraries=libraries
    )
    configurator = _deploy(
        web3, POOL, "PoolConfigurator", sender=sender, libraries=libraries
    )
    set_configurator = provider.functions.setPoolConfiguratorImpl
    send(web3, provider.functions.setPoolImpl(pool.address), sender)
    send(web3, set_configurator(configurator.address), sender)


def _deploy_libraries(web3: Web3, sender: ChecksumAddress) -> dict[str, str]:
    libraries: dict[str, str] = {}
    for name in LIBRARIES:
        contract = _deploy(web3, LOGIC, name, sender=sender, libraries=libraries)
        libraries[name] = contract.address
    return libraries


def _deploy_oracle(
    web3: Web3,
    provider: Contract,
    reserves: Sequence[Reserve],
    sender: ChecksumAddress,
) -> Contract:
    oracle = _deploy(
        web3,
        ROOT + "misc/",
        "AaveOracle",
        provider.address,
        [reserve.token.address for reserve in reserves],
        [reserve.feed for reserve in reserves],
        ADDRESS_ZERO,
        ADDRESS_ZERO,
        BASE_CURRENCY_UNIT,
        sender=sender,
    )
    send(web3, provider.functions.setPriceOracle(oracle.address), sender)
    return oracle


def _list_reserves(
    web3: Web3, market: AaveV3, reserves: Sequence[Reserve], sender: ChecksumAddress
) -> None:
    implementations = [
        _deploy(web3, TOKENS, name, market.pool.address, sender=sender).address
        for name in ("AToken", "StableDebtToken", "VariableDebtToken")
    ]
    inputs = [
        _reserve_input(web3, market, reserve, implementations, sender)
        for reserve in reserves
    ]
    configurator = market.configurator.functions
    for item in inputs:
        send(web3, configurator.initReserves([item]), sender)
    for reserve in reserves:
        token = reserve.token.address
        collateral = (
            reserve.ltv_bps,
            reserve.liquidation_threshold_bps,
            reserve.liquidation_bonus_bps,
        )
        for setting in (
            configurator.configureReserveAsCollateral(token, *collateral),
            configurator.setReserveBorrowing(token, True),
            configurator.setReserveFactor(token, reserve.reserve_factor_bps),
        ):
            send(web3, setting, sender)


def _reserve_input(
    web3: Web3,
    market: AaveV3,
    reserve: Reserve,
    implementations: Sequence[str],
    sender: ChecksumAddress,
) -> tuple[object, ...]:
    strategy = _deploy_rates(web3, market.provider, reserve.rates, sender)
    names = [prefix + reserve.symbol for prefix in ("a", "vd", "sd") for _ in range(2)]
    where = (reserve.decimals, strategy.address, reserve.token.address, sender)
    return (*implementations, *where, ADDRESS_ZERO, *names, b"")


def _deploy_rates(
    web3: Web3, provider: Contract, curve: RateCurve, sender: ChecksumAddress
) -> Contract:
    variable_wad = (
        curve.kink_wad,
        curve.base_wad,
        curve.slope_below_wad,
        curve.slope_above_wad,
    )
    unused_stable = (0, 0, 0, 0, 0)
    return _deploy(
        web3,
        POOL,
        "DefaultReserveInterestRateStrategy",
        provider.address,
        *(wad * RAY_PER_WAD for wad in variable_wad),
        *unused_stable,
        sender=sender,
    )


def _resolved(web3: Web3, provider: Contract, name: str) -> Contract:
    address = call(provider.functions[f"get{name}"]())
    return contract_at(web3, _artifact(POOL, name), address)


def _artifact(folder: str, name: str) -> Artifact:
    return package_artifact(f"{folder}{name}.sol/{name}.json")


def _deploy(
    web3: Web3,
    folder: str,
    name: str,
    *args: object,
    sender: ChecksumAddress,
    libraries: dict[str, str] | None = None,
) -> Contract:
    artifact = _artifact(folder, name)
    used = {k: v for k, v in (libraries or {}).items() if k in artifact.links}
    return deploy(web3, link(artifact, used), *args, sender=sender)
