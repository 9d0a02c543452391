# SPDX-License-Identifier: MIT
"""A liquidity position as one HTML file that needs nothing else, or as a picture."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from steelyard.lp.analysis import LpAnalysis
from steelyard.report.errors import ReportNotWritten
from steelyard.report.lp_plots import panels_of
from steelyard.report.lp_tables import tables_of
from steelyard.report.lp_text import figure, title_of
from steelyard.report.sheet import plot_of, write_sheet


def write_plots(found: LpAnalysis, path: Path) -> None:
    """The page, or all pictures on one sheet, by the file's name.

    Raises ReportNotWritten; the suffix is .html, .png or .svg.
    """
    if path.suffix != ".html":
        write_sheet(panels_of(found), title_of(found), path)
        return
    page = render_page(found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReportNotWritten(path, error) from None


def render_page(found: LpAnalysis) -> str:
    """The page's HTML. Everything but our own pictures is escaped."""
    environment = Environment(
        loader=PackageLoader("steelyard.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loader = environment.loader
    assert loader is not None
    css, _, _ = loader.get_source(environment, "page.css")
    inputs = found.inputs
    return environment.get_template("lp.html.j2").render(
        css=Markup(css),
        title=title_of(found),
        lead=f"Volatility {100 * inputs.volatility:g} % and drift "
        f"{100 * inputs.drift:g} % per year, horizon {inputs.horizon_days:g} days, fee "
        f"{100 * inputs.fee:g} %, volume {figure(inputs.volume_per_day)} "
        f"{inputs.symbols[1]} a day, others' liquidity worth "
        f"{figure(inputs.pool_value)}.",
        plots=[plot_of(panel) for panel in panels_of(found)],
        tables=tables_of(found),
        svg=Markup,
    )
