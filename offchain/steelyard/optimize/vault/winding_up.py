# SPDX-License-Identifier: MIT
"""The cost of winding up by the vault's own solver, and planes under it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import NO_GAS, Floats, Problem
from steelyard.optimize.reference.convex import Seen
from steelyard.optimize.unwinding import Unwinding, emptied_legs
from steelyard.optimize.vault.arrays import as_arrays
from steelyard.optimize.vault.domain import whole
from steelyard.optimize.vault.lagrangian import arbitrage
from steelyard.optimize.vault.prices import no_prices
from steelyard.optimize.vault.sqp import Optimum, maximise

USED = 1e-9  # of NAV: what moves less is not used, or used up
SHALLOW = 1e-9


class WindingUp:
    """What it costs to wind an exposure up: a convex function of (n_tokens,) values.

    Found by the vault's own solver; planes under it by token prices, so that they hold
    whatever the solver says.
    """

    def __init__(self, problem: Problem, unwinding: Unwinding) -> None:
        tokens = len(problem.inventory)
        none = np.zeros(tokens)
        still = replace(
            problem,
            inventory=none,
            claimable=none,
            slots=(),
            legs=emptied_legs(problem, unwinding),
            fee_pools=(),
            lending=(),
            rows=(),
            budgets=(),
            expected_returns=none,
            covariance=np.zeros((tokens, tokens)),
            tag_exposure=np.zeros((0, tokens)),
            tag_claimable=np.zeros(0),
            tag_variance=np.zeros(0),
            exit_rates=none,
            model=None,
        )
        arrays = as_arrays(still)
        worth = np.full(tokens, 1 - unwinding.unsold_loss)
        worth[0] = 1.0
        quadratic = replace(arrays.quadratic, constant=0.0, linear=worth)
        self._arrays = replace(arrays, quadratic=quadratic, gas=NO_GAS)
        self._worth = worth
        self._last: tuple[Floats, Optimum | None] | None = None

    def see(self, x: Floats, _prices: Floats | None) -> Seen:
        """The cost of selling x, over NAV before, and a plane under it."""
        held = np.maximum(x, 0.0)
        found = self._sold(held)
        if found is None:  # nothing is sold
            prices = no_prices(self._arrays, self._worth)
            brought = float(self._worth @ held)
        else:
            prices, brought = found.prices, found.standing.value
        # no token is worth less than what is left of it unsold
        prices = replace(prices, tokens=np.maximum(prices.tokens, self._worth))
        return Seen(
            value=float(held.sum()) - brought,
            constant=-float(arbitrage(self._arrays, prices).sum()),
            slopes=1 - prices.tokens,
        )

    def bend(
        self, x: Floats, directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        """By how much token prices fall as more is sold, with the pieces in use.

        The conditions of the best flows, differentiated: each piece in use pays as much
        at the margin as it takes, and of each token sold out nothing is left.
        """
        found = self._sold(np.maximum(x, 0.0))
        if found is None:
            return None
        curves, standing = self._arrays.curves, found.standing
        tokens = found.prices.tokens
        is_used = (standing.inputs > USED) & (standing.inputs < curves.capacity - USED)
        used = np.flatnonzero(is_used & (tokens[curves.token_out] > USED))
        spent = np.flatnonzero((standing.z < USED) & (tokens > self._worth))
        spread = standing.spread[used]
        marginal = curves.rate[used] * curves.net[used] / spread**2
        got = tokens[curves.token_out[used]]
        bent = 2 * got * marginal * curves.net[used] / (curves.depth[used] * spread)
        # what each piece in use does to the tokens that are sold out
        flows = np.zeros((len(tokens), len(used)))
        flows[curves.token_in[used], range(len(used))] = -1.0
        flows[curves.token_out[used], range(len(used))] += marginal
        flows = flows[spent]
        depth = (flows / bent) @ flows.T  # how much is sold per unit of price
        roots, vectors = np.linalg.eigh(depth)
        is_deep = roots > SHALLOW * max(float(roots.max(initial=0.0)), 1.0)
        scale = np.where(is_deep, 1 / np.sqrt(np.maximum(roots, SHALLOW)), 0.0)
        return np.asarray(scale[:, None] * (vectors.T @ directions[spent]))

    def _sold(self, held: Floats) -> Optimum | None:
        """The best flows; None where there are none."""
        if self._last is not None and np.array_equal(self._last[0], held):
            return self._last[1]
        arrays = replace(
            self._arrays,
            inventory=held,
            most_inventory=float(held.sum()) + self._arrays.most_inventory,
        )
        start = None if self._last is None else self._last[1]
        found = None
        if arrays.curves.capacity.any():
            try:
                found = maximise(arrays, whole(arrays), start)
            except SolveFailed:
                found = None
        self._last = held.copy(), found
        return found
