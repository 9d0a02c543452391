# SPDX-License-Identifier: MIT
"""`steelyard quote`: the best way to trade a basket into a basket."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from steelyard.cli.pictures import check_plot, show
from steelyard.route.ask import MOST, Answer, Question, answer, parts_of
from steelyard.route.errors import RouteInputInvalid
from steelyard.route.market_file import load_markets

if TYPE_CHECKING:
    from steelyard.report.picture_page import PicturePage
    from steelyard.report.table import Table


def main(args: Namespace) -> int:
    """Prints tables or JSON; writes the plot that is asked for."""
    check_plot(args.plot)
    question = Question(
        sell=parts_of(args.sell, "sell"),
        buy=parts_of(args.buy, "buy"),
        gas_price=_gas_price(args.gas_price),
        blocks=args.blocks,
        refill=args.refill,
    )
    found = answer(load_markets(args.markets), question)
    return show(
        args,
        json_text=lambda: json.dumps(as_json(found), indent=2),
        tables=lambda: _tables(found),
        page=lambda: _page(found),
    )


def _tables(found: Answer) -> "tuple[str, Sequence[Table]]":
    from steelyard.report.route_tables import tables_of, title_of

    return title_of(found), tables_of(found)


def _page(found: Answer) -> "PicturePage":
    from steelyard.report.route_page import page_of

    return page_of(found)


def _gas_price(text: str) -> Fraction:
    try:
        price = Fraction(text)
    except (ValueError, ZeroDivisionError):
        price = Fraction(-1)
    if not 0 <= price < MOST:
        raise RouteInputInvalid("gas-price", text, "a number, 0 to 1e30")
    return price


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
