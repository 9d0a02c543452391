# SPDX-License-Identifier: MIT
"""Why there is no route."""

from steelyard.errors import SteelyardError


class RouteError(SteelyardError):
    """A trade that cannot be routed."""


class RouteInputInvalid(RouteError):
    """A pool, a token or an amount that makes no sense."""

    def __init__(self, where: str, value: object, expected: str) -> None:
        super().__init__(f"{where} is {value}, expected {expected}")
        self.where, self.value, self.expected = where, value, expected


class NoRoute(RouteError):
    """No pool leads from what there is to what is wanted."""

    def __init__(self, given: str, wanted: str) -> None:
        super().__init__(f"no pool leads from {given} to {wanted}")
        self.given, self.wanted = given, wanted


class NotConverged(RouteError):
    """The best prices were not found; `error` is what is left, as a share."""

    def __init__(self, error: float, steps: int, most: float) -> None:
        super().__init__(
            f"error of the route's prices after {steps} steps is {error:.1e}, "
            f"expected at most {most:.0e}"
        )
        self.error, self.steps = error, steps
