# SPDX-License-Identifier: MIT
"""What an exit in kind has to pay, computed from the protocols' own state."""

from dataclasses import dataclass

from models import v2_model
from support import SAVINGS, V2, V3, World, units_of
from web3 import Web3

from steelyard import fair, lending
from steelyard.amm.position import fee_growth_inside_x128, fees_owed
from steelyard.chain.transactions import call
from steelyard.charges import VIRTUAL_SHARES
from steelyard.demo import tokens, uniswap_v3
from steelyard.lending import RAY

Amounts = dict[str, int]  # by symbol


@dataclass(frozen=True, kw_only=True)
class Slice:
    """So much of everything: shares over all of them, virtual ones included."""

    part: int
    whole: int

    def of(self, amount: int) -> int:
        return amount * self.part // self.whole


def slice_of(world: World, shares: int) -> Slice:
    supply = call(world.vault.functions.totalSupply())
    return Slice(part=shares, whole=supply + VIRTUAL_SHARES)


def index_ray(world: World, block: int | None = None) -> int:
    """Aave's liquidity index of the asset, at a block or now."""
    income = world.market.aave.pool.functions.getReserveNormalizedIncome
    where = "latest" if block is None else block
    return int(call(income(world.asset.address), block=where))


def idle_slices(world: World, part: Slice) -> Amounts:
    return {
        symbol: part.of(tokens.balance_of(token, world.vault.address))
        for symbol, token in world.market.tokens.items()
    }


def v2_slice(world: World, part: Slice) -> Amounts:
    """LP tokens burnt at the pair's own reserves; no protocol fee is switched on."""
    pair = world.market.pairs[0].contract
    curve, total = v2_model(pair), call(pair.functions.totalSupply())
    liquidity = part.of(units_of(world, V2))
    return _by_symbol(
        world,
        [liquidity * reserve // total for reserve in (curve.reserve0, curve.reserve1)],
    )


def v3_slice(world: World, part: Slice) -> Amounts:
    """Principal at the pool's own price, and of the fees so far, in every range."""
    pool, adapter = world.market.pools[0].contract, world.adapter(V3)
    root, _ = uniswap_v3.slot0(pool)
    paid = [0, 0]
    for lower, upper, liquidity in call(adapter.functions.ranges(world.market_hex(V3))):
        burnt = part.of(liquidity)
        principal = fair.concentrated_amounts(burnt, lower, upper, root)
        fees = v3_fees(world, (lower, upper))
        amounts = zip(paid, principal, fees, strict=True)
        paid = [p + a + part.of(f) for p, a, f in amounts]
    return _by_symbol(world, paid)


def v3_fees(world: World, ticks: tuple[int, int]) -> tuple[int, int]:
    """What the pool owes the adapter for a range, from the pool's counters."""
    pool = world.market.pools[0].contract.functions
    owner = world.adapter(V3).address
    key = Web3.solidity_keccak(["address", "int24", "int24"], [owner, *ticks])
    liquidity, *rest = call(pool.positions(key))
    tick = call(pool.slot0())[1]
    growth = [call(pool.feeGrowthGlobal0X128()), call(pool.feeGrowthGlobal1X128())]
    outside = [call(pool.ticks(at))[2:4] for at in ticks]
    found = []
    for j in range(2):
        inside = fee_growth_inside_x128(
            tick=tick,
            tick_lower=ticks[0],
            tick_upper=ticks[1],
            global_x128=growth[j],
            outside_lower_x128=outside[0][j],
            outside_upper_x128=outside[1][j],
        )
        found.append(rest[2 + j] + fees_owed(liquidity, inside, rest[j]))
    return found[0], found[1]


def aave_slice(part: Slice, scaled: int, index: int) -> Amounts:
    """Of a scaled balance, at the index of the block that pays it."""
    return {"USDC": part.of(scaled) * index // RAY}


def savings_slice(world: World, part: Slice) -> Amounts:
    vault = world.market.savings.functions
    state = lending.Erc4626(
        total_assets=call(vault.totalAssets()), total_supply=call(vault.totalSupply())
    )
    shares = part.of(units_of(world, SAVINGS))
    return {"USDC": lending.assets_of_shares_down(state, shares)}


def total(*parts: Amounts) -> Amounts:
    found = dict.fromkeys(("USDC", "ETH", "BTC"), 0)
    for amounts in parts:
        for symbol, amount in amounts.items():
            found[symbol] += amount
    return found


def purse(world: World, who: str) -> Amounts:
    return {s: tokens.balance_of(t, who) for s, t in world.market.tokens.items()}


def gained(world: World, who: str, before: Amounts) -> Amounts:
    return {symbol: now - before[symbol] for symbol, now in purse(world, who).items()}


def _by_symbol(world: World, amounts: list[int]) -> Amounts:
    """Amounts of the ETH and USDC pools, in the order of their tokens' addresses."""
    order = sorted(("USDC", "ETH"), key=lambda s: int(world.token(s).address, 16))
    return dict(zip(order, amounts, strict=True))
