# SPDX-License-Identifier: MIT
"""`steelyard lp`: a liquidity position, from its description alone."""

from argparse import Namespace
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.cli.pictures import check_plot, show
from steelyard.lp.analysis import LpAnalysis, analyse
from steelyard.lp.as_json import json_text
from steelyard.lp.inputs import LpInputs

if TYPE_CHECKING:
    from steelyard.report.picture_page import PicturePage
    from steelyard.report.table import Table

# Uniswap v3's own, by fee in 1e-6
TICK_SPACINGS = {100: 1, 500: 10, 3000: 60, 10000: 200}


def main(args: Namespace) -> int:
    """Prints tables or JSON; writes the plot that is asked for."""
    check_plot(args.plot)
    found = analyse(inputs_of(args))
    return show(
        args,
        json_text=lambda: json_text(found),
        tables=lambda: _tables(found),
        page=lambda: _page(found),
    )


def _tables(found: LpAnalysis) -> "tuple[str, Sequence[Table]]":
    from steelyard.report.lp_tables import tables_of
    from steelyard.report.lp_text import title_of

    return title_of(found), tables_of(found)


def _page(found: LpAnalysis) -> "PicturePage":
    from steelyard.report.lp_page import page_of

    return page_of(found)


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
        pips = round(args.fee * 1e6) if isfinite(args.fee) else 0
        spacing = TICK_SPACINGS.get(pips, 1)
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
