# SPDX-License-Identifier: MIT
"""A route as a page or a picture."""

from steelyard.report.picture_page import PicturePage
from steelyard.report.route_plots import panels_of
from steelyard.report.route_tables import tables_of, title_of
from steelyard.route.ask import Answer


def page_of(found: Answer) -> PicturePage:
    """Its pictures and tables."""
    pools, tokens = len(found.file.markets), len(found.file.coins)
    return PicturePage(
        title=title_of(found),
        lead=f"Among {pools} pools of {tokens} tokens, in the pools' own integers.",
        panels=panels_of(found),
        tables=tables_of(found),
    )
