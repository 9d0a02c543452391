# SPDX-License-Identifier: MIT
"""What can be typed after `steelyard plan`. Imports nothing heavy."""

import argparse
from pathlib import Path

from steelyard.cli.typed import number

FEWEST_ORDERS, MOST_ORDERS = 2, 8
REFILL_HOURS = 24.0  # slower than arbitrage: a later order is not made to look cheap
EXAMPLE = """\
examples:
  steelyard plan                                  what `run` would do now
  steelyard plan --out order.json                 write it, to be signed elsewhere
  steelyard plan --orders 3                       and what three orders would do
  steelyard plan --orders 4 --refill-hours 1 --json | jq .orders

A swap moves its pool's price; others then trade it back. One large order pays for the
whole move, several small ones let the pool refill in between, but what they wait for
earns later and each pays its gas. --orders N tells whether waiting would pay: N orders,
the first now, spread evenly over horizon_days of the settings, beside the one order
that is decided as ever and that `run` and --out take. It takes some seconds.

--refill-hours says how fast pools come back: half of a swap's move is gone after so
many hours, half of the rest after as many again. 0: all is gone by the next order.
Where arbitrage is quick it is less than an hour; a large number for a pool that nobody
else trades. Budgets refill as they do on chain. Only mean and variance (no
[preferences.model]) plans several orders.
"""


def add_plan(command: argparse.ArgumentParser) -> None:
    """The options of `steelyard plan`."""
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="write the order here, to be signed"
    )
    command.add_argument(
        "--orders",
        type=int,
        metavar="N",
        help=f"also what {FEWEST_ORDERS} to {MOST_ORDERS} orders over the horizon "
        "would do and gain",
    )
    command.add_argument(
        "--refill-hours",
        type=number,
        metavar="H",
        help="hours in which half of a swap's move of a pool's price is traded back by "
        f"others ({REFILL_HOURS:g}); with --orders",
    )
