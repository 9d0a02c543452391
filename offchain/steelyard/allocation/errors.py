# SPDX-License-Identifier: MIT
"""What keeps a question about weights from being asked."""

from collections.abc import Sequence

from steelyard.errors import SteelyardError


class AllocationError(SteelyardError):
    """The question cannot be asked like this."""


class AllocationInputInvalid(AllocationError):
    """A field that cannot be used."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


class HistoryIncomplete(AllocationError):
    """A cell without a number, in a table that must be full."""

    def __init__(
        self,
        source: str,
        asset: str,
        when: str,
        *,
        what: str,
        assets: Sequence[str],
        ways_out: Sequence[str],
    ) -> None:
        others = len(assets) - 1
        verb = "asset has" if others == 1 else "assets have"
        more = f" ({others} more {verb} holes too)" if others else ""
        super().__init__(
            f"{source}: {asset} has no {what} on {when}{more}, expected one in every "
            f"row; {'; '.join(ways_out)}"
        )
        self.source, self.asset, self.when = source, asset, when
        self.assets = tuple(assets)


class ModelUnknown(AllocationError):
    """A model's name that is not in the table."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"model is {name}, expected one of {', '.join(known)}")
        self.name, self.known = name, tuple(known)
