# SPDX-License-Identifier: MIT
"""Why an action cannot be part of an order."""

from steelyard.errors import SteelyardError


class PlanError(SteelyardError):
    """An action that the vault, an adapter or a venue would refuse."""


class ActionRefused(PlanError):
    """A limit of one action does not hold."""

    def __init__(self, limit: str, subject: str, value: int, bound: int) -> None:
        super().__init__(f"{limit} of {subject} is {value}, expected {bound}")
        self.limit, self.subject, self.value, self.bound = limit, subject, value, bound


class PositionImpaired(PlanError):
    """A position that the vault cannot value; no order may touch it."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} is impaired, expected one that can be valued")
        self.subject = subject


class HoldBudgetExceeded(PlanError):
    """Holding has cost too much since the last order: only withdrawals pass."""

    def __init__(self, subject: str, level_wad: int, budget_wad: int) -> None:
        super().__init__(
            f"hold budget before {subject} is {level_wad}, expected at most "
            f"{budget_wad}"
        )
        self.subject, self.level_wad, self.budget_wad = subject, level_wad, budget_wad


class SwapRefused(PlanError):
    """A swap that no amount makes pass."""


class TooManyRanges(PlanError):
    """One range more than the adapter keeps."""

    def __init__(self, position: str, count: int, most: int) -> None:
        super().__init__(f"ranges of {position} are {count}, expected at most {most}")
        self.position, self.count, self.most = position, count, most


class AmountNotHeld(PlanError):
    """More is spent or taken out than there is."""

    def __init__(self, subject: str, amount: int, held: int) -> None:
        super().__init__(f"amount of {subject} is {amount}, expected at most {held}")
        self.subject, self.amount, self.held = subject, amount, held


class NothingMoves(PlanError):
    """An action too small to move anything."""

    def __init__(self, subject: str, value: int) -> None:
        super().__init__(f"size of {subject} is {value}, expected more than 0")
        self.subject, self.value = subject, value


class SwapPartial(PlanError):
    """A pool that cannot take all of a swap."""

    def __init__(self, taken: int, amount_in: int) -> None:
        super().__init__(f"amount taken by the pool is {taken}, expected {amount_in}")
        self.taken, self.amount_in = taken, amount_in


class SnapshotFieldInvalid(PlanError):
    """A snapshot that cannot be planned on."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


class InputNotCanonical(PlanError):
    """An input that has no single text."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(f"input {field} is {value!r}, expected finite plain data")
        self.field, self.value = field, value
