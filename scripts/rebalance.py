# SPDX-License-Identifier: MIT
"""One run of the keeper over Brownie's connection.

brownie run rebalance --network anvil
brownie run rebalance main path/to/steelyard.toml dry --network anvil
"""

from pathlib import Path

import brownie

from steelyard.cli.output import asker, console
from steelyard.cli.tables import print_run
from steelyard.errors import SteelyardError
from steelyard.keeper.config import load_config
from steelyard.keeper.opening import open_keeper
from steelyard.keeper.run import run_once


def main(config: str = "steelyard.toml", mode: str = "run") -> None:
    """Decides and, if it pays, rebalances; `dry` as the mode signs nothing.

    Ends with exit code 1 and one line when anything is refused.
    """
    if mode not in ("run", "dry"):
        raise SystemExit(f"error: mode is {mode!r}, expected run or dry")
    dry_run = mode == "dry"
    try:
        with open_keeper(
            load_config(Path(config)),
            may_sign=not dry_run,
            web3=brownie.web3,
            prompt=asker(),
        ) as keeper:
            record = run_once(keeper, dry_run=dry_run)
    except SteelyardError as error:
        raise SystemExit(f"error: {error}") from None
    print_run(console(), record)
