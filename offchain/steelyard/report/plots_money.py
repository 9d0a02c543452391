# SPDX-License-Identifier: MIT
"""The pictures of money: share price, net asset value, prices, income."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from steelyard.report import palette, text
from steelyard.report.canvas import PAPER, SOFT
from steelyard.report.plot_kit import (
    Entry,
    Plot,
    day_axis,
    days_of,
    order_axis,
    picture,
)
from steelyard.report.view import Report


def performance(report: Report) -> Plot:
    """Share price against the two ways of doing nothing."""
    days = days_of(report, [m.at for m in report.moments])
    share = [m.share_price_change * 100 for m in report.moments]
    basket = [m.basket_change * 100 for m in report.moments]
    asset = report.headline.asset

    def draw(axes: Axes, narrow: bool) -> None:
        axes.axhline(0, color=SOFT, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.plot(days, basket, color=palette.BASKET, linewidth=1.5)
        axes.plot(days, share, color=palette.SHARE, linewidth=2.6)
        _percent_axis(axes, "change since the opening [%]")
        order_axis(axes, report, narrow)

    return picture(
        name="performance",
        title="Share price against holding",
        sentence=f"What one {asset} paid in at the opening has become in the vault, as "
        f"{', '.join(report.headline.basket)} bought in equal parts and held, and as "
        f"{asset} left alone; thin lines mark rebalances.",
        draw=draw,
        legend=(
            Entry(label="share of the vault", colour=palette.SHARE),
            Entry(label="equal-weight basket", colour=palette.BASKET),
            Entry(label=f"holding {asset}", colour="var(--soft)", is_dashed=True),
        ),
    )


def share_price(report: Report) -> Plot:
    """Whole assets per whole share, on its own scale."""
    head = report.headline
    days = days_of(report, [m.at for m in report.moments])
    opened = head.share_price_opened_wad / 1e18
    values = [opened * (1 + m.share_price_change) for m in report.moments]

    def draw(axes: Axes, narrow: bool) -> None:
        axes.axhline(opened, color=SOFT, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.plot(days, values, color=palette.SHARE, linewidth=2.6)
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.set_ylabel(f"share price [{head.asset}]")
        order_axis(axes, report, narrow)

    return picture(
        name="share-price",
        title="Share price",
        sentence="Net asset value per share, on a scale of its own; the dashed line is "
        f"{head.asset} left alone, thin lines mark rebalances.",
        draw=draw,
    )


def nav(report: Report) -> Plot:
    """Net asset value, with what came and went."""
    scale = 10**report.headline.asset_decimals
    days = days_of(report, [m.at for m in report.moments])
    values = np.array([m.nav / scale for m in report.moments]) / 1e6
    asset = report.headline.asset

    def draw(axes: Axes, narrow: bool) -> None:
        axes.plot(days, values, color=palette.SHARE)
        low, high = float(values.min()), float(values.max())
        room = max(high - low, high * 0.01) * 0.25
        axes.set_ylim(max(0.0, low - room), high + room)
        for at, assets in _flows(report):
            colour = palette.FEES if assets > 0 else palette.LOSS
            level = float(np.interp(at, days, values))
            marker = "^" if assets > 0 else "v"
            axes.plot(
                at,
                level,
                marker=marker,
                color=colour,
                markersize=10,
                markeredgecolor=PAPER,
                clip_on=False,
                zorder=5,
            )
        axes.set_ylabel(f"NAV [million {asset}]")
        order_axis(axes, report, narrow)

    return picture(
        name="nav",
        title="Net asset value",
        sentence="What the vault holds at the oracle's prices; triangles mark deposits "
        "and withdrawals, which move NAV but not the share price.",
        draw=draw,
        legend=(
            Entry(label="NAV", colour=palette.SHARE),
            Entry(label="deposit", colour=palette.FEES),
            Entry(label="withdrawal", colour=palette.LOSS),
        ),
    )


def prices(report: Report) -> Plot:
    """Oracle prices, the opening's at 100."""
    days = days_of(report, [m.at for m in report.moments])
    symbols = report.headline.basket
    colours = dict(zip(symbols, palette.SERIES * len(symbols), strict=False))

    def draw(axes: Axes, narrow: bool) -> None:
        for symbol in symbols:
            series = [m.prices[symbol] * 100 for m in report.moments]
            axes.plot(days, series, color=colours[symbol])
        axes.axhline(100, color=SOFT, linewidth=0.8)
        axes.set_ylabel("price [opening = 100]")
        day_axis(axes, report, narrow)

    kind = "simulated" if report.headline.is_simulated else "replayed"
    return picture(
        name="prices",
        title="Prices",
        sentence=f"The {kind} prices that the oracle reported, in "
        f"{report.headline.asset}, four a day.",
        draw=draw,
        legend=tuple(Entry(label=s, colour=colours[s]) for s in symbols),
    )


def income(report: Report) -> Plot:
    """Running fees, interest and impermanent loss."""
    scale = 10**report.headline.asset_decimals
    days = days_of(report, [row.at for row in report.income])
    series = (
        ("LP fees", palette.FEES, [r.fees / scale for r in report.income]),
        ("interest", palette.INTEREST, [r.interest / scale for r in report.income]),
        (
            "impermanent loss",
            palette.LOSS,
            [-r.impermanent_loss / scale for r in report.income],
        ),
    )

    def draw(axes: Axes, narrow: bool) -> None:
        axes.axhline(0, color=SOFT, linewidth=0.8)
        for _, colour, values in series:
            axes.plot(days, values, color=colour, marker="o", markersize=4)
        axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
        axes.set_ylabel(f"since the opening [{report.headline.asset}]")
        day_axis(axes, report, narrow)

    return picture(
        name="income",
        title="Fees against impermanent loss",
        sentence="What liquidity and lending have earned so far, above zero, and what "
        "liquidity has lost against holding the same tokens, below it.",
        draw=draw,
        legend=tuple(Entry(label=n, colour=c) for n, c, _ in series),
    )


def _flows(report: Report) -> list[tuple[float, int]]:
    """(day, assets) of what came, positive, and went."""
    signs = {"deposit": 1, "withdraw": -1}
    times = days_of(report, [m.at for m in report.movements])
    moved = [signs.get(m.kind, 0) * m.assets for m in report.movements]
    return [(at, assets) for at, assets in zip(times, moved, strict=True) if assets]


def _percent_axis(axes: Axes, title: str) -> None:
    def signed(value: float, _position: int) -> str:
        return text.percent_change(value / 100).removesuffix(".00")

    axes.yaxis.set_major_formatter(FuncFormatter(signed))
    axes.set_ylabel(title)


def _thousands(value: float, _position: int) -> str:
    return text.whole(round(value))
