# SPDX-License-Identifier: MIT
"""`steelyard pools`: pools of a chain as a file for `steelyard quote`."""

import json
from argparse import Namespace

from steelyard.chain.connection import connect
from steelyard.chain.market_reading import read_markets
from steelyard.chain.node_errors import typed_node_errors
from steelyard.cli.arguments import OK
from steelyard.cli.output import Steps
from steelyard.route.errors import RouteInputInvalid
from steelyard.route.market_file import market_to_json, save_markets


def main(args: Namespace) -> int:
    """Reads every pool at one block; writes the file, says what is in it."""
    wanted = [_named(text) for text in args.pool]
    with Steps() as steps, typed_node_errors(args.rpc_url):
        steps.say("pools")
        web3 = connect(args.rpc_url, expected_chain_id=None)
        file = read_markets(web3, wanted)
    save_markets(args.out, file)
    if args.json:
        symbols = [coin.symbol for coin in file.coins]
        print(json.dumps([market_to_json(m, symbols) for m in file.markets]))
    else:
        print(f"wrote {args.out}: {', '.join(market.name for market in file.markets)}")
    return OK


def _named(text: str) -> tuple[str, str]:
    protocol, separator, market = text.partition(":")
    if not separator or not market:
        raise RouteInputInvalid("pool", text, "PROTOCOL:ADDRESS")
    return protocol, market
