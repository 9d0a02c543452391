# SPDX-License-Identifier: MIT
"""`steelyard quote`: the best way to trade a basket into a basket."""

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from rich.padding import Padding
from rich.text import Text

from steelyard.cli.arguments import OK
from steelyard.cli.lp import check_plot
from steelyard.cli.output import console
from steelyard.route.ask import Answer, Question, answer, parts_of
from steelyard.route.errors import RouteInputInvalid
from steelyard.route.market_file import load_markets


def main(args: Namespace) -> int:
    """Prints tables or JSON; writes the plot that is asked for."""
    if args.plot is not None:
        check_plot(args.plot)
    question = Question(
        sell=parts_of(args.sell, "sell"),
        buy=parts_of(args.buy, "buy"),
        gas_price=_gas_price(args.gas_price),
        blocks=args.blocks,
        refill=args.refill,
    )
    found = answer(load_markets(args.markets), question)
    if args.plot is not None:
        from steelyard.report.picture_page import write_page
        from steelyard.report.route_page import page_of

        write_page(page_of(found), args.plot)
    if args.json:
        print(json.dumps(as_json(found), indent=2))
    else:
        _print_tables(found)
    if args.plot is not None:
        print(f"wrote {args.plot}", file=sys.stderr)
    return OK


def _gas_price(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise RouteInputInvalid("gas-price", text, "a number, 0 or more") from None


def _print_tables(found: Answer) -> None:
    from steelyard.report.rich_table import rich_table
    from steelyard.report.route_tables import tables_of, title_of

    out = console()
    out.print(Text(title_of(found), style="bold"))
    for table in tables_of(found):
        out.print(Padding(rich_table(table), (1, 0, 0, 0)))


def as_json(found: Answer) -> dict[str, Any]:
    """Amounts in raw units as text; shares and values as numbers."""
    route, file = found.route, found.file
    return {
        "swaps": [
            {
                "pool": file.markets[swap.market].name,
                "token_in": file.coins[swap.token_in].symbol,
                "token_out": file.coins[swap.token_out].symbol,
                "amount_in": str(swap.amount_in),
                "amount_out": str(swap.amount_out),
            }
            for swap in route.swaps
        ],
        "balances": {
            file.coins[token].symbol: str(amount)
            for token, amount in sorted(route.balances.items())
        },
        "sets": route.value,
        "gas_sets": route.gas_cost,
        "bound_sets": route.bound if route.bound != float("inf") else None,
        "gap": route.gap if route.bound != float("inf") else None,
        "over_blocks": asdict(found.liquidation) if found.liquidation else None,
        "method": route.method,
        "failure": route.failure or None,
    }
