# SPDX-License-Identifier: MIT
"""The pictures of a report, by name."""

from steelyard.report import plots_money, plots_weights
from steelyard.report.plot_kit import Plot
from steelyard.report.view import Report


def plots_of(report: Report) -> dict[str, Plot]:
    """Every picture by name; those that have nothing to show are left out."""
    pictures: dict[str, Plot] = {}
    if report.moments:
        made = (
            plots_money.performance(report),
            plots_money.share_price(report),
            plots_money.nav(report),
            plots_money.prices(report),
            plots_weights.weights(report),
        )
        pictures = {plot.name: plot for plot in made}
    if report.income:
        pictures["income"] = plots_money.income(report)
    if report.orders:
        pictures["move"] = plots_weights.move(report)
    return pictures
