# SPDX-License-Identifier: MIT
"""What can go wrong with a pool, a tick or a range: the contracts' reverts, typed."""

from steelyard.errors import SteelyardError


class PoolError(SteelyardError):
    """A trade, deposit or reading that the pool refuses."""


class InsufficientAmount(PoolError):
    """An amount of zero, or one so small that the pool gives nothing for it."""

    def __init__(self, name: str, value: int) -> None:
        super().__init__(f"{name} is {value}, expected more than 0")
        self.name, self.value = name, value


class InsufficientLiquidity(PoolError):
    """The pool cannot give what is asked."""

    def __init__(self, name: str, value: int, available: int) -> None:
        super().__init__(f"{name} is {value}, expected less than {available}")
        self.name, self.value, self.available = name, value, available


class InvariantBroken(PoolError):
    """The swap would lower the constant product after fees."""

    def __init__(self, k_after: int, k_before: int) -> None:
        super().__init__(f"product is {k_after}, expected at least {k_before}")
        self.k_after, self.k_before = k_after, k_before


class PoolFieldInvalid(PoolError):
    """A pool described by a value that no real pool can have."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name} is {value}, expected {expected}")
        self.name, self.value, self.expected = name, value, expected


class TickOutOfRange(PoolError):
    """A tick beyond what Uniswap v3 can express."""

    def __init__(self, tick: int, highest: int) -> None:
        super().__init__(f"tick is {tick}, expected -{highest} to {highest}")
        self.tick, self.highest = tick, highest


class SqrtPriceOutOfRange(PoolError):
    """A square-root price beyond what Uniswap v3 can express."""

    def __init__(self, sqrt_price_x96: int, lowest: int, above: int) -> None:
        super().__init__(
            f"sqrt_price_x96 is {sqrt_price_x96}, expected {lowest} to {above - 1}"
        )
        self.sqrt_price_x96, self.lowest, self.above = sqrt_price_x96, lowest, above


class PriceLimitInvalid(PoolError):
    """A price limit on the wrong side of the pool's price, or out of range."""

    def __init__(self, limit_x96: int, above: int, below: int) -> None:
        super().__init__(
            f"sqrt_price_limit_x96 is {limit_x96}, expected between {above} and "
            f"{below}, both excluded"
        )
        self.limit_x96, self.above, self.below = limit_x96, above, below


class TickWindowExceeded(PoolError):
    """The swap runs beyond the ticks that the snapshot loaded."""

    def __init__(self, tick: int, window: tuple[int, int]) -> None:
        super().__init__(
            f"tick reached is {tick}, expected inside the loaded window "
            f"{window[0]} to {window[1]}"
        )
        self.tick, self.window = tick, window


class PriceUnreachable(PoolError):
    """The target price lies on the other side of the pool's price."""

    def __init__(self, direction: str) -> None:
        super().__init__(f"target price is not reached by selling {direction}")
        self.direction = direction


class RangeInvalid(PoolError):
    """A range whose lower end is not below its upper end."""

    def __init__(self, lower: float, upper: float) -> None:
        super().__init__(f"lower is {lower}, expected less than upper, {upper}")
        self.lower, self.upper = lower, upper


class RatioExceeded(PoolError):
    """More than the share of a balance that one trade may move."""

    def __init__(self, name: str, value: int, most: int) -> None:
        super().__init__(f"{name} is {value}, expected at most {most}")
        self.name, self.value, self.most = name, value, most


class PowerOutOfRange(PoolError):
    """A power or logarithm that the pool's fixed point cannot express."""

    def __init__(self, name: str, value: int, lowest: int, highest: int) -> None:
        super().__init__(f"{name} is {value}, expected {lowest} to {highest}")
        self.name, self.value = name, value


class SubtractionUnderflow(PoolError):
    """A difference that would be negative, which reverts on chain."""

    def __init__(self, name: str, value: int, taken: int) -> None:
        super().__init__(f"{name} is {value}, expected at least {taken}")
        self.name, self.value, self.taken = name, value, taken


class NotConverged(PoolError):
    """Newton's method found no balance or invariant in the contract's 255 steps."""

    def __init__(self, name: str, value: int, steps: int) -> None:
        super().__init__(
            f"{name} still moves at {value} after {steps} steps, expected to settle"
        )
        self.name, self.value, self.steps = name, value, steps


class TokenIndexInvalid(PoolError):
    """A token that the pool does not have, or one traded for itself."""

    def __init__(self, token_in: int, token_out: int, count: int) -> None:
        super().__init__(
            f"tokens are {token_in} and {token_out}, expected two of 0 to {count - 1}"
        )
        self.token_in, self.token_out, self.count = token_in, token_out, count


class LiquidityChangeInvalid(PoolError):
    """More liquidity taken than there is, or more added than fits."""

    def __init__(self, liquidity: int, change: int) -> None:
        super().__init__(f"liquidity is {liquidity}, which cannot change by {change}")
        self.liquidity, self.change = liquidity, change


class TickLiquidityExceeded(PoolError):
    """More liquidity on one tick than the pool allows."""

    def __init__(self, tick: int, liquidity: int, most: int) -> None:
        super().__init__(f"liquidity of tick {tick} is {liquidity}, at most {most}")
        self.tick, self.liquidity, self.most = tick, liquidity, most


class PositionEmpty(PoolError):
    """A position without liquidity, of which nothing can be settled."""

    def __init__(self, owner: str, lower: int, upper: int) -> None:
        super().__init__(f"{owner} has no liquidity from {lower} to {upper}")
        self.owner, self.lower, self.upper = owner, lower, upper


class PoolFileInvalid(PoolError):
    """A pool's description that cannot be read."""

    def __init__(self, where: str, value: object, expected: str) -> None:
        super().__init__(f"{where} is {value!r:.80}, expected {expected}")
        self.where, self.value, self.expected = where, value, expected


class FeeTakesAll(PoolError):
    """An exact amount out of a pool whose fee is everything that comes in."""

    def __init__(self, fee_pips: int) -> None:
        super().__init__(f"fee is {fee_pips} pips, expected less than 1000000")
        self.fee_pips = fee_pips
