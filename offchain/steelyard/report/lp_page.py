# SPDX-License-Identifier: MIT
"""A liquidity position as a page or a picture."""

from steelyard.lp.analysis import LpAnalysis
from steelyard.report.lp_plots import panels_of
from steelyard.report.lp_tables import tables_of
from steelyard.report.lp_text import figure, title_of
from steelyard.report.picture_page import PicturePage


def page_of(found: LpAnalysis) -> PicturePage:
    """All its pictures and tables."""
    inputs = found.inputs
    return PicturePage(
        title=title_of(found),
        lead=f"Volatility {100 * inputs.volatility:g} % and drift "
        f"{100 * inputs.drift:g} % per year, horizon {inputs.horizon_days:g} days, fee "
        f"{100 * inputs.fee:g} %, volume {figure(inputs.volume_per_day)} "
        f"{inputs.symbols[1]} a day, others' liquidity worth "
        f"{figure(inputs.pool_value)}.",
        panels=panels_of(found),
        tables=tables_of(found),
    )
