# SPDX-License-Identifier: MIT
"""What can be typed after `steelyard optimize`. Imports nothing heavy."""

import argparse
from pathlib import Path

from steelyard.cli.typed import names, number, ratio, whole

MODELS = (
    "minimum-variance",
    "mean-variance",
    "target-return",
    "target-risk",
    "maximum-sharpe",
    "maximum-diversification",
    "risk-parity",
    "risk-budgeting",
    "hierarchical-risk-parity",
    "hierarchical-equal-risk",
    "cvar",
    "entropic-var",
    "conditional-drawdown",
    "worst-case",
    "wasserstein-cvar",
    "kelly",
    "robust",
)
EXAMPLE = """\
examples, on a CSV whose first column is the date, every other one an asset's price:
  steelyard optimize --model minimum-variance --input prices.csv --cap 40%
  steelyard optimize --model maximum-sharpe --input prices.csv --plot page.html
  steelyard optimize --model target-risk --target 40% --input prices.csv \\
      --assets BTC,ETH,LINK --start 2022-01-01 --group coins=ETH,LINK:50%
  steelyard optimize --model cvar --level 95% --input prices.csv \\
      --row "0.5*BTC+ETH<=40%"
  steelyard optimize --model mean-variance --input prices.csv \\
      --view "ETH-BTC=2%:60%" --view "LINK=8%:25%"
  steelyard optimize --model risk-budgeting --budget BTC=50%,ETH=30%,LINK=20% \\
      --input prices.csv --assets BTC,ETH,LINK
  steelyard optimize --model minimum-variance --input prices.csv --json | jq .weights

models, and the settings that each takes:
  minimum-variance          the least volatility
  mean-variance             most return less half of --aversion x variance
  target-return             the least volatility at a return of --target a year or more
  target-risk               most return at a volatility of --target a year or less
  maximum-sharpe            most return above --risk-free by volatility
  maximum-diversification   most weighted volatility by that of the whole
  risk-parity               equal shares of the risk (--measure, --level)
  risk-budgeting            shares of the risk as in --budget
  hierarchical-risk-parity  by halves along a correlation tree (--linkage)
  hierarchical-equal-risk   equal risk to each branch (--linkage, --clusters, --measure)
  cvar, entropic-var, conditional-drawdown (--level), worst-case,
  wasserstein-cvar          the least of that measure; at a return (--target), or most
       (--level, --radius)  return at a risk (--most-risk), less --aversion x risk, or
                            by risk (--ratio)
  kelly                     most growth; falls by --drawdown with --probability at most
  robust                    the worst over what the moments may be (--doubt, --level,
                            --radius), with the goals of cvar

How to read the tables:
  risk         an asset's part of the risk that the model measures; all are 100 %
  certified    nothing that the limits allow is better by more: from multipliers alone,
               whatever the solver said
  one more %   what the best would gain if that limit were one percent of value wider

Returns and volatilities are per year, simple; tail measures are per period, which is
the step of the table. Shares may be typed as 0.3 or 30%; a negative one needs =, as in
--floor=-20%. Exit code 1 also for a fallback: no weights meet all limits, or nothing
was proved; the line on stderr says which limits conflict.
"""


def add_optimize(command: argparse.ArgumentParser) -> None:
    """The options of `steelyard optimize`."""
    command.add_argument(
        "--model", required=True, choices=MODELS, metavar="NAME", help="see below"
    )
    _data(command.add_argument_group("where returns come from"))
    _beliefs(command.add_argument_group("what is expected"))
    _limits(command.add_argument_group("what may be held"))
    _settings(command.add_argument_group("settings of models"))
    shown = command.add_argument_group("what is shown")
    shown.add_argument(
        "--plot", type=Path, metavar="FILE", help="page.html, or a picture .png or .svg"
    )


def _data(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--input", type=Path, metavar="FILE", help="CSV or Parquet: date, then assets"
    )
    group.add_argument(
        "--returns", action="store_true", help="the file holds simple returns"
    )
    group.add_argument(
        "--assets", type=names, default=(), metavar="A,B", help="of it (all)"
    )
    group.add_argument("--start", metavar="DATE", help="first row, such as 2022-01-01")
    group.add_argument("--end", metavar="DATE", help="last row")
    group.add_argument(
        "--drop", action="store_true", help="leave out assets with a hole"
    )
    group.add_argument(
        "--means", type=Path, metavar="FILE", help="CSV asset,mean: returns a year"
    )
    group.add_argument(
        "--covariance", type=Path, metavar="FILE", help="CSV, names around it: a year"
    )
    _number(group, "--periods-per-year", "rows a year (as the dates say)")
    _whole(group, "--observations", "rows that given moments come from")
    _whole(group, "--scenarios", "normal ones, drawn from given moments")
    _whole(group, "--seed", "of the draw (0)")


def _beliefs(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--estimator",
        choices=("ledoit-wolf", "sample"),
        help="of the covariance: shrunk to constant correlation (default), or not",
    )
    _number(group, "--half-life", "days after which a row weighs half (equal weights)")
    group.add_argument(
        "--expected",
        choices=("sample", "james-stein", "zero", "equilibrium"),
        help="returns (sample; equilibrium with --view)",
    )
    group.add_argument(
        "--view",
        action="append",
        default=[],
        metavar="VIEW",
        help='Black-Litterman: "ETH-BTC=2%%:60%%" a year, with confidence; repeated',
    )
    group.add_argument(
        "--market-weights",
        metavar="FILE",
        help="CSV asset,weight or BTC=60%%,ETH=40%%: values or TVL (equal)",
    )
    _number(group, "--market-sharpe", "of the market, sets its risk aversion (0.5)")
    _number(group, "--market-aversion", "its risk aversion itself")
    _number(group, "--tau", "uncertainty of the equilibrium (0.05)")
    group.add_argument(
        "--risk-free", type=ratio, default=0.0, metavar="X", help="return a year (0)"
    )


def _limits(group: "argparse._ArgumentGroup") -> None:
    _texts(group, "--cap", "20%% of each, or BTC=30%%; repeated")
    _texts(group, "--floor", "the same for the least")
    _texts(group, "--group", "defi=UNI,AAVE:40%%, or :10%%..40%%; repeated")
    _texts(group, "--row", '"0.5*BTC + ETH <= 40%%", also >= and =; repeated')
    group.add_argument(
        "--long-short", action="store_true", help="each from -100%% to 100%%"
    )
    group.add_argument(
        "--current", metavar="FILE", help="held now: CSV asset,weight, or BTC=1"
    )
    _share(group, "--turnover", "most of the sum of changes")
    _share(group, "--leverage", "most of the sum of sizes, short ones too")
    _texts(group, "--cost", "0.1%% of what is traded, or BTC=0.1%%; repeated")
    _number(group, "--horizon-days", "that costs are spread over (30)")


def _settings(group: "argparse._ArgumentGroup") -> None:
    _share(group, "--target", "return or volatility a year")
    _share(group, "--most-risk", "of the measure, a period")
    _number(group, "--aversion", "to risk (2.5)")
    group.add_argument("--ratio", action="store_true", help="most return by risk")
    _share(group, "--level", "of tails and of doubts (95%%)")
    _share(group, "--radius", "of the laws or moments that are possible")
    group.add_argument(
        "--doubt",
        choices=("mean", "mean-box", "covariance", "covariance-box"),
        help="of what (mean)",
    )
    group.add_argument(
        "--measure", choices=("variance", "cvar"), help="shared out (variance)"
    )
    group.add_argument("--budget", metavar="BTC=60%,ETH=40%", help="shares of risk")
    group.add_argument(
        "--linkage",
        choices=("single", "complete", "average", "weighted", "ward"),
        help="of the tree (the model's)",
    )
    _whole(group, "--clusters", "branches (by the gap statistic)")
    _share(group, "--drawdown", "most fall of wealth")
    _share(group, "--probability", "of that fall (10%%)")


def _share(group: "argparse._ArgumentGroup", name: str, what: str) -> None:
    group.add_argument(name, type=ratio, metavar="X", help=what)


def _number(group: "argparse._ArgumentGroup", name: str, what: str) -> None:
    group.add_argument(name, type=number, metavar="N", help=what)


def _whole(group: "argparse._ArgumentGroup", name: str, what: str) -> None:
    group.add_argument(name, type=whole, metavar="N", help=what)


def _texts(group: "argparse._ArgumentGroup", name: str, what: str) -> None:
    group.add_argument(name, action="append", default=[], metavar="X", help=what)
