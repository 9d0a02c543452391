# SPDX-License-Identifier: MIT
"""Pictures and tables as one HTML file that needs nothing else, or as one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steelyard.report.errors import ReportNotWritten
from steelyard.report.sheet import Panel, plot_of, write_sheet
from steelyard.report.table import Table
from steelyard.report.template import rendered


@dataclass(frozen=True, kw_only=True)
class PicturePage:
    """What there is to look at; `lead` is the sentence below the title."""

    title: str
    lead: str
    panels: Sequence[Panel]
    tables: Sequence[Table]


def write_page(page: PicturePage, path: Path) -> None:
    """The page, or all its pictures on one sheet, by the file's name.

    Raises ReportNotWritten; the suffix is .html, .png or .svg.
    """
    if path.suffix != ".html":
        write_sheet(page.panels, page.title, path)
        return
    text = render(page)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportNotWritten(path, error) from None


def render(page: PicturePage) -> str:
    """The page's HTML. Everything but our own pictures is escaped."""
    return rendered(
        "pictures.html.j2",
        title=page.title,
        lead=page.lead,
        plots=[plot_of(panel) for panel in page.panels],
        tables=page.tables,
    )
