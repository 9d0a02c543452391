# SPDX-License-Identifier: MIT
"""What the chapters of the demo share while it runs."""

from dataclasses import dataclass, field

import numpy as np
from web3 import Web3

from steelyard.chain.deploy import VaultSystem
from steelyard.chain.snapshot import read_snapshot
from steelyard.demo.node import LocalNode
from steelyard.demo.progress import Narrator
from steelyard.demo.protocols import Market
from steelyard.demo.record import Day, Movement, Point
from steelyard.demo.scenario import Scenario
from steelyard.keeper.run import Keeper
from steelyard.state import Snapshot

# accounts of the local node
DEPLOYER, FIRST_DEPOSITOR, STRATEGIST, TREASURY = 0, 1, 4, 5


@dataclass(kw_only=True)
class Stage:
    """One vault in one market, and what has happened to both."""

    node: LocalNode
    scenario: Scenario
    narrator: Narrator
    market: Market
    system: VaultSystem
    keeper: Keeper
    rng: np.random.Generator
    opening: int  # unix seconds on the chain
    points: list[Point] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)

    @property
    def web3(self) -> Web3:
        return self.node.web3

    def snapshot(self) -> Snapshot:
        vault, lens = self.system.vault.address, self.system.lens.address
        return read_snapshot(self.web3, vault, lens)
