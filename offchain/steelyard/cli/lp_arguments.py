# SPDX-License-Identifier: MIT
"""What can be typed after `steelyard lp`. Imports nothing heavy."""

import argparse
from pathlib import Path

from steelyard.cli.typed import number, ratio

CURVES = ("cp", "v3", "weighted", "stable")
EXAMPLE = """\
example, 100,000 USDC of a Uniswap v3 range, 10 % to each side of 2,000 USDC per WETH:
  steelyard lp --curve v3 --tokens WETH,USDC --decimals 18,6 --price 2000 --width 10% \\
      --value 100000 --volatility 70% --horizon-days 30 \\
      --fee 0.3% --volume-per-day 20e6 --pool-value 100e6 --plot lp.html

Without --width, or --lower and --upper, the best range is looked for and taken.
How to read the tables:
  imp. loss    the position against holding today's tokens, fees apart: never a gain
  LVR          what arbitrage takes per year from a pool that charges nothing;
               sigma^2 / 8 of the value for --curve cp, more for a narrow range
  arbitrage    what is left of it when trades pay the fee and wait for blocks
  theta        fees less LVR: what is left to whoever hedges delta
  options      what to buy and sell once to be paid the same at any price

  steelyard lp --curve cp --price 1 --volatility 80%            an eighth of variance
  steelyard lp --curve weighted --weight 0.8 --price 20 --volatility 80%
  steelyard lp --curve stable --amplification 200 --price 1 --volatility 2%
  steelyard lp ... --json | jq .best

Shares may be typed as 0.003 or 0.3%. Prices are token 1 per token 0, whole tokens;
values and volumes are in token 1.
"""


def add_lp(command: argparse.ArgumentParser) -> None:
    """The options of `steelyard lp`."""
    command.add_argument("--curve", choices=CURVES, required=True)
    _position(command.add_argument_group("the position"))
    _market(command.add_argument_group("the pool and its market"))
    _range(command.add_argument_group("choosing a v3 range"))
    shown = command.add_argument_group("what is shown")
    shown.add_argument(
        "--at", type=_numbers, default=(), metavar="P,P...", help="prices to look at"
    )
    shown.add_argument(
        "--strikes", type=int, default=8, metavar="N", help="of the options (8)"
    )
    shown.add_argument(
        "--plot", type=Path, metavar="FILE", help="page.html, or a picture .png or .svg"
    )


def _position(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--price", type=number, required=True, metavar="P", help="today")
    _share(group, "--width", None, "v3: 10%% is from P / 1.1 to P · 1.1")
    group.add_argument("--lower", type=number, metavar="P", help="v3: lower end")
    group.add_argument("--upper", type=number, metavar="P", help="v3: upper end")
    _share(group, "--weight", 0.5, "weighted: of token 0 (50%%)")
    group.add_argument(
        "--amplification",
        type=number,
        default=100.0,
        metavar="A",
        help="stable: as Curve's contracts name it (100)",
    )
    group.add_argument(
        "--value", type=number, default=10_000.0, metavar="V", help="put in (10000)"
    )
    group.add_argument(
        "--tokens",
        type=_pair,
        default=("token0", "token1"),
        metavar="A,B",
        help="their names",
    )


def _market(group: "argparse._ArgumentGroup") -> None:
    _share(group, "--volatility", None, "of the price, per year", required=True)
    _share(group, "--drift", 0.0, "of the price, per year (0)")
    for name, default, what in (
        ("--horizon-days", 30.0, "until when (30)"),
        ("--volume-per-day", 0.0, "of the whole pool (0)"),
        ("--pool-value", 0.0, "others' liquidity; v3: as if it were full range (0)"),
        ("--block-seconds", 12.0, "from block to block (12)"),
    ):
        group.add_argument(name, type=number, default=default, metavar="N", help=what)
    _share(group, "--fee", 0.003, "of what comes in (0.3%%)")


def _range(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--gas", type=number, default=0.0, metavar="N", help="of one move, in token 1"
    )
    _share(group, "--swap-cost", 0.0, "of what is swapped to move (0)")
    group.add_argument(
        "--tick-spacing", type=int, metavar="N", help="(the fee's on Uniswap v3)"
    )
    group.add_argument(
        "--decimals", type=_decimals, default=(18, 18), metavar="N,N", help="(18,18)"
    )


def _share(
    group: "argparse._ArgumentGroup",
    name: str,
    default: float | None,
    what: str,
    *,
    required: bool = False,
) -> None:
    group.add_argument(
        name, type=ratio, default=default, metavar="X", help=what, required=required
    )


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(number(part) for part in text.split(","))


def _pair(text: str) -> tuple[str, str]:
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2 or not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} is not two names such as WETH,USDC")
    return names[0], names[1]


def _decimals(text: str) -> tuple[int, int]:
    try:
        first, second = (int(part) for part in text.split(","))
    except ValueError:
        message = f"{text!r} is not two whole numbers such as 18,6"
        raise argparse.ArgumentTypeError(message) from None
    return first, second
