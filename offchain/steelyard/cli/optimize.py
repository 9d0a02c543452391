# SPDX-License-Identifier: MIT
"""`steelyard optimize`: weights by a model, from a table of prices."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from steelyard.allocation.analysis import Analysis, analyse
from steelyard.allocation.as_json import json_text
from steelyard.allocation.ask import Ask, BeliefAsk, DataAsk, LimitAsk, ModelAsk
from steelyard.allocation.outcome import failure_text
from steelyard.cli.arguments import FAILED, OK
from steelyard.cli.pictures import check_plot, show

if TYPE_CHECKING:
    from steelyard.report.picture_page import PicturePage
    from steelyard.report.table import Table


def main(args: Namespace) -> int:
    """Prints tables or JSON, writes the plot that is asked for; 1 for a fallback."""
    check_plot(args.plot)
    found = analyse(ask_of(args))
    show(
        args,
        json_text=lambda: json_text(found),
        tables=lambda: _tables(found),
        page=lambda: _page(found),
    )
    failure = failure_text(found)
    if failure:
        print(f"error: {failure}", file=sys.stderr)
    return FAILED if failure else OK


def _tables(found: Analysis) -> "tuple[str, Sequence[Table]]":
    from steelyard.report.allocation_tables import tables_of
    from steelyard.report.allocation_text import title_of

    return title_of(found), tables_of(found)


def _page(found: Analysis) -> "PicturePage":
    from steelyard.report.allocation_page import page_of

    return page_of(found)


def ask_of(args: Namespace) -> Ask:
    """The arguments as a question; nothing is checked yet."""
    return Ask(
        model=_model(args),
        data=_data(args),
        beliefs=_beliefs(args),
        limits=_limits(args),
    )


def _data(args: Namespace) -> DataAsk:
    return DataAsk(
        source=args.input,
        is_returns=args.returns,
        assets=args.assets,
        start=args.start,
        end=args.end,
        drops=args.drop,
        means=args.means,
        covariance=args.covariance,
        periods_per_year=args.periods_per_year,
        observations=args.observations,
        draws=args.scenarios,
        seed=args.seed,
    )


def _beliefs(args: Namespace) -> BeliefAsk:
    return BeliefAsk(
        estimator=args.estimator,
        half_life_days=args.half_life,
        expected=args.expected,
        views=tuple(args.view),
        market_weights=args.market_weights,
        market_sharpe=args.market_sharpe,
        market_aversion=args.market_aversion,
        tau=args.tau,
        risk_free=args.risk_free,
    )


def _limits(args: Namespace) -> LimitAsk:
    return LimitAsk(
        caps=tuple(args.cap),
        floors=tuple(args.floor),
        groups=tuple(args.group),
        rows=tuple(args.row),
        is_long_short=args.long_short,
        current=args.current,
        turnover=args.turnover,
        leverage=args.leverage,
        costs=tuple(args.cost),
        horizon_days=args.horizon_days,
    )


def _model(args: Namespace) -> ModelAsk:
    return ModelAsk(
        name=args.model,
        target=args.target,
        most_risk=args.most_risk,
        aversion=args.aversion,
        ratio=args.ratio,
        level=args.level,
        radius=args.radius,
        doubt=args.doubt,
        measure=args.measure,
        budget=args.budget,
        linkage=args.linkage,
        clusters=args.clusters,
        drawdown=args.drawdown,
        probability=args.probability,
    )
