# SPDX-License-Identifier: MIT
"""Commands that answer with tables, JSON, and a picture if asked."""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from steelyard.cli.arguments import OK
from steelyard.cli.output import console
from steelyard.errors import SteelyardError

if TYPE_CHECKING:
    from steelyard.report.picture_page import PicturePage
    from steelyard.report.table import Table

FORMATS = (".html", ".png", ".svg")


class PlotFormatUnknown(SteelyardError):
    """A file's name that says no format that can be written."""

    def __init__(self, path: Path) -> None:
        formats = ", ".join(FORMATS)
        super().__init__(f"plot is {path}, expected a name that ends in {formats}")


def check_plot(path: Path | None) -> None:
    """Raises `PlotFormatUnknown`; before the work, not after."""
    if path is not None and path.suffix not in FORMATS:
        raise PlotFormatUnknown(path)


def show(
    args: Namespace,
    *,
    json_text: Callable[[], str],
    tables: Callable[[], tuple[str, Sequence["Table"]]],
    page: Callable[[], "PicturePage"],
) -> int:
    """Writes the page to `--plot`; prints a title and tables, or JSON with `--json`."""
    if args.plot is not None:
        from steelyard.report.picture_page import write_page

        write_page(page(), args.plot)
    if args.json:
        print(json_text())
    else:
        _print_tables(*tables())
    if args.plot is not None:
        print(f"wrote {args.plot}", file=sys.stderr)
    return OK


def _print_tables(title: str, tables: Sequence["Table"]) -> None:
    from steelyard.report.rich_table import rich_table

    out = console()
    out.print(Text(title, style="bold"))
    for table in tables:
        out.print(Padding(rich_table(table), (1, 0, 0, 0)))
