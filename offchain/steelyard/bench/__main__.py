# SPDX-License-Identifier: MIT
"""`python -m steelyard.bench`: everything; with names, those parts alone."""

import sys
from argparse import ArgumentParser

from steelyard import bench

parser = ArgumentParser(prog="python -m steelyard.bench", description=__doc__)
parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(bench.PARTS))
parser.add_argument(
    "--update", action="store_true", help=f"write gas to {bench.GAS_SNAPSHOT}"
)
args = parser.parse_args()
if unknown := set(args.parts) - set(bench.PARTS):
    parser.error(f"no part {', '.join(sorted(unknown))}; {', '.join(bench.PARTS)}")
if args.update and args.parts != ["gas"]:
    parser.error("--update goes with gas")
if args.update:
    sys.exit(bench.update_gas())
sys.exit(bench.main(parts=args.parts or tuple(bench.PARTS)))
