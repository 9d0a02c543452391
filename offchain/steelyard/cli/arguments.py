# SPDX-License-Identifier: MIT
"""What can be typed. Imports nothing heavy, so that --help is quick."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from steelyard.cli.lp_arguments import EXAMPLE as LP_EXAMPLE
from steelyard.cli.lp_arguments import add_lp
from steelyard.cli.optimize_arguments import EXAMPLE as OPTIMIZE_EXAMPLE
from steelyard.cli.optimize_arguments import add_optimize
from steelyard.cli.plan_arguments import EXAMPLE as PLAN_EXAMPLE
from steelyard.cli.plan_arguments import add_plan
from steelyard.cli.quote_arguments import EXAMPLE as QUOTE_EXAMPLE
from steelyard.cli.quote_arguments import POOLS_EXAMPLE, add_pools, add_quote

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
EXIT_CODES = """\
exit codes:
  0    done, also when there was nothing worth doing (see "outcome" in --json)
  1    refused or failed: one line on stderr says why; nothing was sent, unless the
       line is about a transaction, whose order is then in the journal
  2    wrong usage
  130  interrupted
"""
EXAMPLES = """\
examples:
  steelyard init                          write steelyard.toml, then edit it
  steelyard status                        what the vault holds, which limit binds
  steelyard plan                          what `run` would do; nothing is signed
  steelyard run --once                    do it, if it pays
  steelyard run --every 3600              look again every hour, until Ctrl-C
  steelyard run --once --json | jq .outcome
  steelyard lp --help                     what a liquidity position is worth
  steelyard quote --help                  the best way to trade a basket
  steelyard optimize --help               weights by a model, from a table of prices
  steelyard demo                          all of it on a local chain

"""
INIT_EXAMPLE = """\
example:
  steelyard init --vault 0x... --lens 0x...

The file explains itself. These are all that must be given:

  rpc_url = "http://127.0.0.1:8545"
  chain_id = 31337
  vault = "0x..."
  lens = "0x..."

  [signer]
  keystore = "strategist.json"
  password_env = "STEELYARD_PASSWORD"
"""
DEPLOY_EXAMPLE = """\
example:
  steelyard deploy vault.json --rpc-url http://127.0.0.1:8545 --chain-id 31337 \\
      --account 0x... --out deployment.json

The spec is JSON: name, symbol, signers, threshold, limits (cooldown_seconds, loss,
turnover ...), fees, roles, tokens (symbol, address, feed, cap, tags), positions
(protocol, market, cap, tags), pools (protocol, pool), tags (name, cap); README.md has
an example. The sender pays a thousandth of the asset as the vault's seed.
Amounts are raw units, shares are wad (1e18 = 100%), as text or numbers.
"""


SIGN_EXAMPLE = """\
example, three machines and a vault that wants two signatures:
  steelyard plan --out order.json         on the first, which needs no key
  steelyard sign order.json               on each signer's
  steelyard relay order.json              where the relayer's key is

Each computes the digest itself and compares the order with the chain: configuration,
nonce, window, signers. An order lives as long as the vault's window, 10 minutes by
default.
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="steelyard",
        description="Keeps an on-chain vault in balance: reads, decides, signs, sends.",
        epilog=EXAMPLES + EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _run(_command(commands, "run", "decide and, if it pays, rebalance", ""))
    _command(commands, "status", "what the vault holds and which limit binds", "")
    planned = "what `run` would do now; nothing is signed"
    add_plan(_command(commands, "plan", planned, PLAN_EXAMPLE))
    signed = "add a signature to an order that `plan --out` wrote"
    _order(_command(commands, "sign", signed, SIGN_EXAMPLE))
    relayed = "send an order that enough have signed"
    _order(_command(commands, "relay", relayed, SIGN_EXAMPLE))
    _init(_command(commands, "init", "write a commented steelyard.toml", INIT_EXAMPLE))
    _deploy(_command(commands, "deploy", "put up a vault from a spec", DEPLOY_EXAMPLE))
    looked = "a liquidity position: losses, income, Greeks, best range, options"
    add_lp(_command(commands, "lp", looked, LP_EXAMPLE))
    traded = "the best way to trade a basket, through the pools of a file"
    add_quote(_command(commands, "quote", traded, QUOTE_EXAMPLE))
    weighed = "weights by a model, from a table of prices"
    add_optimize(_command(commands, "optimize", weighed, OPTIMIZE_EXAMPLE))
    read = "pools of a chain as a file for quote"
    add_pools(_command(commands, "pools", read, POOLS_EXAMPLE))
    _demo(_command(commands, "demo", "a vault's life on a local chain", ""))
    _command(commands, "bench", "measure gas and speed", "")
    return root


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    does: str,
    example: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=does,
        description=does[0].upper() + does[1:] + ".",
        epilog=example + ("\n" if example else "") + EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if name in ("run", "status", "plan", "sign", "relay"):
        command.add_argument(
            "--config",
            type=Path,
            default=Path("steelyard.toml"),
            metavar="FILE",
            help="settings (default: %(default)s)",
        )
    if name not in ("init", "sign", "relay"):
        command.add_argument(
            "--json", action="store_true", help="print JSON and nothing else"
        )
    command.add_argument(
        "--debug", action="store_true", help="show where an error came from"
    )
    return command


def _run(command: argparse.ArgumentParser) -> None:
    when = command.add_mutually_exclusive_group(required=True)
    when.add_argument("--once", action="store_true", help="one decision, then end")
    when.add_argument(
        "--every",
        type=_at_least(1),
        metavar="SECONDS",
        help="one decision every so often; an error is printed and the next is tried",
    )


def _order(command: argparse.ArgumentParser) -> None:
    command.add_argument("order", type=Path, help="what `plan --out` wrote")


def _init(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, default=Path("steelyard.toml"))
    command.add_argument("--vault", metavar="ADDRESS")
    command.add_argument("--lens", metavar="ADDRESS")
    command.add_argument("--force", action="store_true", help="replace the file")


def _deploy(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", type=Path, help="JSON file")
    command.add_argument("--rpc-url", required=True, metavar="URL")
    command.add_argument("--chain-id", required=True, type=_at_least(1))
    sender = command.add_mutually_exclusive_group(required=True)
    sender.add_argument("--keystore", type=Path, help="encrypted key that pays")
    sender.add_argument(
        "--account", metavar="ADDRESS", help="an account that the node signs for"
    )
    command.add_argument("--password-file", type=Path)
    command.add_argument("--password-env", metavar="NAME")
    command.add_argument("--out", type=Path, help="write the addresses here as JSON")
    command.add_argument(
        "--config-out", type=Path, help="write settings for the keeper here"
    )


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--prices", type=Path, metavar="FILE", help="replay these daily prices"
    )
    command.add_argument(
        "--start", type=_day, metavar="DATE", help="first day to replay: 2020-03-08"
    )
    command.add_argument("--days", type=_at_least(1), help="how many days pass")
    command.add_argument("--chain", choices=("anvil", "ganache"), default="anvil")
    command.add_argument("--fork-url", metavar="URL", help="fork this node's chain")
    command.add_argument("--seed", type=_at_least(0), help="of the simulated market")
    command.add_argument(
        "--keep",
        action="store_true",
        help="leave the chain up until Ctrl-C, with a steelyard.toml to try the keeper",
    )


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            expected = f"a whole number of at least {least}"
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date such as 2020-03-08"
        raise argparse.ArgumentTypeError(message) from None
