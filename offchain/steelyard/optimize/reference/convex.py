# SPDX-License-Identifier: MIT
"""Convex functions twice over: in cvxpy to be minimised, in numpy to be believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from steelyard.optimize.problem import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Stated:
    """A convex function as cvxpy has it."""

    value: Any  # what is minimised or limited
    constraints: tuple[Any, ...] = ()
    prices: Callable[[], Floats] | None = None  # after solving: multipliers, unscaled


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """The value at one point, and a plane nowhere above the function.

    function(y) >= constant + slopes . y for all y; equal at the point itself where the
    slopes are exact.
    """

    value: float
    constant: float
    slopes: Floats  # (k,)


class Sighted(Protocol):
    """A convex function of (k,) numbers, in numpy."""

    def see(self, x: Floats, prices: Floats | None, /) -> Seen:
        """Recomputed; `prices` as `Stated.prices` has them, None where it has none."""
        ...

    def bend(
        self, x: Floats, directions: Floats, prices: Floats | None, /
    ) -> Floats | None:
        """(r, p) B with B'B = directions' H directions, H the second derivative at x.

        `directions` (k, p); `prices` as for `see`. None where the function is not
        smooth: it is then stated as it is, not by a square.
        """
        ...


class Convex(Sighted, Protocol):
    """The same that cvxpy can state too."""

    def state(self, cp: Any, x: Any) -> Stated:
        """Of an affine expression (k,); `cp` is the module cvxpy."""
        ...
