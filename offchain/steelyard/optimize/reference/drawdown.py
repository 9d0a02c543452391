# SPDX-License-Identifier: MIT
"""Conditional drawdown: a linear program over a path of losses.

SOURCE  Chekhlov, Uryasev & Zabarankin (2005), uncompounded, the first peak is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Seen, Stated
from steelyard.optimize.reference.tails import TailMean, duals, tail_shares
from steelyard.optimize.tail.measures import conditional_drawdown, drawdowns


@dataclass(frozen=True, kw_only=True)
class TailDrawdown:
    """Mean of the worst 1 - level of drawdowns of losses (t,), in order of time."""

    level: float

    def state(self, cp: Any, losses: Any) -> Stated:
        """A drawdown is at least 0, and at least the last one with the loss since."""
        depths = cp.Variable(losses.shape[0], nonneg=True)
        before = cp.hstack([np.zeros(1), depths[:-1]])
        deeper = depths >= before + losses
        tail = TailMean(level=self.level).state(cp, depths)

        def prices() -> Floats:
            shares = tail.prices() if tail.prices else np.zeros(0)
            return np.concatenate([shares, duals(deeper)])

        return Stated(
            value=tail.value, constraints=(deeper, *tail.constraints), prices=prices
        )

    def see(self, losses: Floats, prices: Floats | None) -> Seen:
        """A loss counts in every drawdown that it lasts into: the slopes."""
        count, depths = len(losses), drawdowns(-losses)
        if prices is None or not prices[:count].sum() > 0:
            shares = tail_shares(depths, self.level, None)
            lasting = np.where(depths > 0, np.inf, 0.0)
        else:
            shares = tail_shares(depths, self.level, prices[:count])
            lasting = prices[count:] / prices[:count].sum()
        value = conditional_drawdown(-losses, self.level)
        return Seen(value=value, constant=0.0, slopes=_flows(shares, lasting))

    def bend(
        self, _x: Floats, _directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        return None


def _flows(shares: Floats, lasting: Floats) -> Floats:
    """(t,) weights from 0 to what `shares` add up to backwards in time.

    Of any such weights, weights . losses is at most shares . drawdowns.
    """
    flows = np.zeros_like(shares)
    flow = 0.0
    for t in range(len(shares) - 1, -1, -1):
        flow = min(max(float(lasting[t]), 0.0), flow + float(shares[t]))
        flows[t] = flow
    return flows
