# SPDX-License-Identifier: MIT
"""Everything that can be traded through: tables of pools, by kind."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from steelyard.route.intervals import Intervals
from steelyard.route.response import Bools, Floats
from steelyard.route.stable import StablePairs
from steelyard.route.stable_many import StableBlock
from steelyard.route.weighted import WeightedBlock

Pairs = Intervals | StablePairs  # markets of two tokens
Groups = WeightedBlock | StableBlock  # of two tokens and more


@dataclass(frozen=True, kw_only=True)
class Network:
    """Everything that can be traded through, and how many tokens there are."""

    tokens: int
    edges: Sequence[Pairs]
    blocks: Sequence[Groups]

    def in_units(self, log_worth: Floats) -> "Network":
        """The same, tokens counted in units worth e^log_worth each."""
        return Network(
            tokens=self.tokens,
            edges=[edge.in_units(log_worth) for edge in self.edges],
            blocks=[block.in_units(log_worth) for block in self.blocks],
        )

    def only(self, kept: Bools) -> "Network":
        """Without the pools whose place in `kept` is False."""
        return Network(
            tokens=self.tokens,
            edges=[_rows(edge, kept[edge.pool]) for edge in self.edges],
            blocks=[_rows(block, kept[block.pool]) for block in self.blocks],
        )

    def between(self, useful: Bools) -> "Network":
        """Without the pools that have a token whose place in `useful` is False."""
        return Network(
            tokens=self.tokens,
            edges=[_rows(edge, _both(edge, useful)) for edge in self.edges],
            blocks=[
                _rows(
                    block, np.asarray(useful[block.tokens].all(axis=1), dtype=np.bool_)
                )
                for block in self.blocks
            ],
        )

    def has(self, pools: int) -> Bools:
        """Which pools are in it, (pools,)."""
        found = np.zeros(pools, dtype=np.bool_)
        for table in (*self.edges, *self.blocks):
            found[table.pool] = True
        return found

    def worths(self, log_prices: Floats, pools: int) -> Floats:
        """What the best trade of each pool gains at these prices, (pools,)."""
        found = np.zeros(pools)
        for edge in self.edges:
            some = edge.respond(log_prices)
            found += np.bincount(edge.pool, some.values0 + some.values1, pools)
        for block in self.blocks:
            values = block.respond(log_prices).values.sum(axis=1)
            found += np.bincount(block.pool, values, pools)
        return found


Table = TypeVar("Table", bound=Intervals | StablePairs | WeightedBlock | StableBlock)


def _rows(table: Table, kept: Bools) -> Table:
    """Some rows of a table: every array of it begins with the rows."""
    rows = {field.name: getattr(table, field.name)[kept] for field in fields(table)}
    return replace(table, **rows)


def _both(edge: Pairs, useful: Bools) -> Bools:
    return np.asarray(useful[edge.token0] & useful[edge.token1], dtype=np.bool_)
