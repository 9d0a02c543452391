# SPDX-License-Identifier: MIT
"""`python -m steelyard.bench`: everything; `... gas`: gas alone, and its snapshot;
`... concentrated`: how fast Uniswap v3 and v4 pools are quoted."""

import sys
from argparse import ArgumentParser

from steelyard import bench

parser = ArgumentParser(prog="python -m steelyard.bench", description=__doc__)
parser.add_argument(
    "what", nargs="?", choices=("all", "gas", "concentrated"), default="all"
)
parser.add_argument(
    "--update", action="store_true", help=f"write gas to {bench.GAS_SNAPSHOT}"
)
args = parser.parse_args()
if args.update and args.what != "gas":
    parser.error("--update goes with gas")
if args.what == "gas":
    sys.exit(bench.gas(update=args.update))
sys.exit(bench.concentrated() if args.what == "concentrated" else bench.main())
