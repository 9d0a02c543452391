# SPDX-License-Identifier: MIT
"""Aave V3.0 reserves, by their aToken."""

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.chain.readers.base import FactsStale, MarketReader
from steelyard.chain.reads import Read, Rounds
from steelyard.lending import AaveReserve

# DataTypes.ReserveData of core-v3: configuration, liquidityIndex,
# currentLiquidityRate, variableBorrowIndex, currentVariableBorrowRate,
# currentStableBorrowRate, lastUpdateTimestamp, id, aToken, stableDebtToken,
# variableDebtToken, interestRateStrategy, accruedToTreasury, unbacked,
# isolationModeTotalDebt
RESERVE_DATA = (
    "(uint256,uint128,uint128,uint128,uint128,uint128,uint40,uint16,"
    "address,address,address,address,uint128,uint128,uint128)"
)
STABLE_TOKEN, VARIABLE_TOKEN, STRATEGY, UNBACKED = 9, 10, 11, 13
RESERVE_FACTOR_BIT = 64  # ReserveConfiguration.RESERVE_FACTOR_START_BIT_POSITION
RESERVE_FACTOR_MASK = 0xFFFF


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A reserve's contracts and the parameters of its rate strategy, which is code."""

    a_token: str
    pool: str
    underlying: str
    stable_debt: str
    variable_debt: str
    strategy: str
    optimal_usage_ray: int
    base_rate_ray: int
    slope1_ray: int
    slope2_ray: int


def _facts(a_token: str) -> Rounds[Facts]:
    pool, underlying = yield [
        Read(a_token, "POOL()", "address"),
        Read(a_token, "UNDERLYING_ASSET_ADDRESS()", "address"),
    ]
    (data,) = yield [_reserve_data(pool, underlying)]
    strategy = data[STRATEGY]
    optimal, base, slope1, slope2 = yield [
        Read(strategy, "OPTIMAL_USAGE_RATIO()", "uint256"),
        Read(strategy, "getBaseVariableBorrowRate()", "uint256"),
        Read(strategy, "getVariableRateSlope1()", "uint256"),
        Read(strategy, "getVariableRateSlope2()", "uint256"),
    ]
    return Facts(
        a_token=a_token,
        pool=pool,
        underlying=underlying,
        stable_debt=data[STABLE_TOKEN],
        variable_debt=data[VARIABLE_TOKEN],
        strategy=strategy,
        optimal_usage_ray=optimal,
        base_rate_ray=base,
        slope1_ray=slope1,
        slope2_ray=slope2,
    )


def _state(facts: Facts, _lens: str) -> Rounds[AaveReserve]:
    """Raises FactsStale when governance has put in another rate strategy."""
    data, index_ray, available, variable_debt, stable = yield [
        _reserve_data(facts.pool, facts.underlying),
        Read(
            facts.pool,
            "getReserveNormalizedIncome(address)",
            "uint256",
            (facts.underlying,),
        ),
        Read(facts.underlying, "balanceOf(address)", "uint256", (facts.a_token,)),
        Read(facts.variable_debt, "totalSupply()", "uint256"),
        Read(facts.stable_debt, "getTotalSupplyAndAvgRate()", "uint256 uint256"),
    ]
    if data[STRATEGY] != facts.strategy:
        raise FactsStale(f"rate strategy of aToken {facts.a_token}")
    return AaveReserve(
        index_ray=index_ray,
        available_liquidity=available,
        total_variable_debt=variable_debt,
        total_stable_debt=stable[0],
        average_stable_rate_ray=stable[1],
        unbacked=data[UNBACKED],
        reserve_factor_bps=data[0] >> RESERVE_FACTOR_BIT & RESERVE_FACTOR_MASK,
        optimal_usage_ray=facts.optimal_usage_ray,
        base_rate_ray=facts.base_rate_ray,
        slope1_ray=facts.slope1_ray,
        slope2_ray=facts.slope2_ray,
    )


def _reserve_data(pool: str, underlying: str) -> Read:
    return Read(pool, "getReserveData(address)", RESERVE_DATA, (underlying,))


def _name(_facts: Facts, symbols: Sequence[str]) -> str:
    return "aave-v3 " + "/".join(symbols)


READER = MarketReader(protocol="aave-v3", facts=_facts, state=_state, name=_name)
