# SPDX-License-Identifier: MIT
"""Why an estimate is refused: one line that names the field and what was expected."""

from collections.abc import Sequence

from steelyard.errors import SteelyardError


class EstimateError(SteelyardError):
    """An estimate that cannot be made from what is given."""


class AssetsDiffer(EstimateError):
    """Two inputs that are not about the same assets in the same order."""

    def __init__(
        self, field: str, assets: Sequence[str], expected: Sequence[str]
    ) -> None:
        super().__init__(
            f"{field} is about {', '.join(assets)}, expected {', '.join(expected)}"
        )
        self.field, self.assets, self.expected = field, tuple(assets), tuple(expected)


class BadEstimateSetting(EstimateError):
    """A setting outside of what makes sense."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


class BadReturn(EstimateError):
    """A return that is missing, infinite, or a loss of more than everything."""

    def __init__(self, asset: str, when: str, value: float) -> None:
        super().__init__(
            f"return of {asset} in the row of {when} is {value}, "
            "expected a finite number, and a simple one above -1"
        )
        self.asset, self.when, self.value = asset, when, value


class TooFewAssets(EstimateError):
    """A method that needs more assets than there are."""

    def __init__(self, method: str, assets: int, least: int) -> None:
        super().__init__(
            f"{method} is asked for {assets} assets, expected at least {least}"
        )
        self.method, self.assets, self.least = method, assets, least


class TooFewReturns(EstimateError):
    """Not enough rows to estimate from."""

    def __init__(self, rows: int, least: int) -> None:
        super().__init__(f"{rows} rows of returns, expected at least {least}")
        self.rows, self.least = rows, least


class ViewsInvalid(EstimateError):
    """Views that cannot be set against an equilibrium."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


class WrongReturnKind(EstimateError):
    """Log returns where simple ones are meant."""

    def __init__(self, kind: str, expected: str) -> None:
        super().__init__(f"returns are {kind} returns, expected {expected} ones")
        self.kind, self.expected = kind, expected
