# SPDX-License-Identifier: MIT
"""`steelyard lp`: a liquidity position, from its description alone."""

import sys
from argparse import Namespace
from pathlib import Path

from rich.padding import Padding
from rich.text import Text

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.cli.arguments import OK
from steelyard.cli.output import console
from steelyard.lp.analysis import LpAnalysis, analyse
from steelyard.lp.as_json import json_text
from steelyard.lp.inputs import LpInputs

# Uniswap v3's own, by fee in 1e-6
TICK_SPACINGS = {100: 1, 500: 10, 3000: 60, 10000: 200}
PLOTS = (".html", ".png", ".svg")


def main(args: Namespace) -> int:
    """Prints tables or JSON; writes the plot that is asked for."""
    if args.plot is not None:
        check_plot(args.plot)
    found = analyse(inputs_of(args))
    if args.plot is not None:
        from steelyard.report.lp_page import page_of
        from steelyard.report.picture_page import write_page

        write_page(page_of(found), args.plot)
    if args.json:
        print(json_text(found))
    else:
        _print_tables(found)
    if args.plot is not None:
        print(f"wrote {args.plot}", file=sys.stderr)
    return OK


def _print_tables(found: LpAnalysis) -> None:
    from steelyard.report.lp_tables import tables_of
    from steelyard.report.lp_text import title_of
    from steelyard.report.rich_table import rich_table

    out = console()
    out.print(Text(title_of(found), style="bold"))
    for table in tables_of(found):
        out.print(Padding(rich_table(table), (1, 0, 0, 0)))


def inputs_of(args: Namespace) -> LpInputs:
    """The arguments as a description. Raises `PoolFieldInvalid`."""
    lower, upper = args.lower, args.upper
    if args.width is not None:
        if lower is not None or upper is not None:
            expected = "either a width or a lower and an upper end"
            raise PoolFieldInvalid("width", args.width, expected)
        if not 0 < args.width < float("inf"):
            raise PoolFieldInvalid("width", args.width, "more than 0")
        lower, upper = args.price / (1 + args.width), args.price * (1 + args.width)
    spacing = args.tick_spacing
    if spacing is None:
        spacing = TICK_SPACINGS.get(round(args.fee * 1e6), 1)
    return LpInputs(
        curve=args.curve,
        price=args.price,
        volatility=args.volatility,
        value=args.value,
        lower=lower,
        upper=upper,
        weight=args.weight,
        amplification=args.amplification,
        drift=args.drift,
        horizon_days=args.horizon_days,
        volume_per_day=args.volume_per_day,
        fee=args.fee,
        pool_value=args.pool_value,
        block_seconds=args.block_seconds,
        gas=args.gas,
        swap_cost=args.swap_cost,
        tick_spacing=spacing,
        decimals=args.decimals,
        symbols=args.tokens,
        at=args.at,
        strikes=args.strikes,
    )


def check_plot(path: Path) -> None:
    """Raises `PoolFieldInvalid` for a name that says no known format."""
    if path.suffix not in PLOTS:
        raise PoolFieldInvalid("plot", path, f"a name that ends in {', '.join(PLOTS)}")
