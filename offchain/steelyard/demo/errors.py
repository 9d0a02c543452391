# SPDX-License-Identifier: MIT
"""What can go wrong with a local chain and the market on it."""

from pathlib import Path

from steelyard.errors import SteelyardError


class LocalNodeMissing(SteelyardError):
    """The program of a local node is not installed."""

    def __init__(self, kind: str, path: Path | str) -> None:
        super().__init__(f"{kind} is not installed at {path}: run `make setup`")


class LocalNodeFailed(SteelyardError):
    """A local node stopped, never answered or refused a control call."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"local node failed ({kind}): {reason}")


class InvalidMarket(SteelyardError):
    """A demo market is described by values that do not fit together."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"market {field} is {value!r}, expected {expected}")


class InvalidScenario(SteelyardError):
    """The demo was asked for something that cannot be replayed."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"demo {field} is {value!r}, expected {expected}")


class NotRefused(SteelyardError):
    """The vault took an order that it must refuse."""

    def __init__(self, title: str) -> None:
        super().__init__(f"the vault did not refuse an order with {title}")
