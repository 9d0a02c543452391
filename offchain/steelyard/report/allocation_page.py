# SPDX-License-Identifier: MIT
"""An allocation as a page or a picture."""

from steelyard.allocation.analysis import Analysis
from steelyard.allocation.outcome import failure_text
from steelyard.report.allocation_plots import panels_of
from steelyard.report.allocation_tables import tables_of
from steelyard.report.allocation_text import data_text, title_of
from steelyard.report.picture_page import PicturePage


def page_of(found: Analysis) -> PicturePage:
    """Its pictures and tables."""
    failure = failure_text(found)
    lead = data_text(found)
    if failure:
        lead = f"These weights are a fallback: {failure}. {lead}"
    return PicturePage(
        title=title_of(found),
        lead=lead,
        panels=panels_of(found),
        tables=tables_of(found),
    )
