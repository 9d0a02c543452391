# SPDX-License-Identifier: MIT
"""What keeps a problem from being stated; a failed solve is a result instead."""

from steelyard.errors import SteelyardError


class OptimizeError(SteelyardError):
    """The problem cannot be stated."""


class PreferenceInvalid(OptimizeError):
    """A preference outside its range, or one that names nothing."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name} is {value}, expected {expected}")
        self.name, self.value, self.expected = name, value, expected


class NothingToManage(OptimizeError):
    """A vault without net asset value has no weights."""

    def __init__(self, nav: int) -> None:
        super().__init__(f"nav is {nav}, expected more than 0")
        self.nav = nav


class PriceMissing(OptimizeError):
    """A token without a price cannot be weighed."""

    def __init__(self, symbol: str, price_wad: int) -> None:
        super().__init__(f"price_wad of {symbol} is {price_wad}, expected more than 0")
        self.symbol, self.price_wad = symbol, price_wad


class PortfolioInvalid(OptimizeError):
    """A field of a portfolio that cannot be used."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


class ModelRefused(OptimizeError):
    """Theory does not allow this model with this constraint, cost or input."""

    def __init__(self, model: str, why: str) -> None:
        super().__init__(f"{model}: {why}")
        self.model, self.why = model, why


class SolveFailed(OptimizeError):
    """One way of solving gave no answer; the next one is tried.

    `outcome` is "infeasible", "unbounded", "inaccurate" or "failed".
    """

    def __init__(self, method: str, outcome: str) -> None:
        super().__init__(f"{method}: {outcome}")
        self.method, self.outcome = method, outcome
