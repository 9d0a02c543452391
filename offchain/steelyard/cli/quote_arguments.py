# SPDX-License-Identifier: MIT
"""What can be typed after `steelyard quote`. Imports nothing heavy."""

import argparse
from pathlib import Path

EXAMPLE = """\
examples:
  steelyard quote markets.json --sell USDC=10000 --buy WETH
  steelyard quote markets.json --sell USDC=10000 --buy WETH --buy LINK=100
  steelyard quote markets.json --sell USDC=1e6 --buy WETH --gas-price 2e-9 \\
      --plot route.html
  steelyard quote markets.json --sell USDC=1e6 --buy WETH --blocks 10 --refill 0.3
  steelyard quote markets.json --sell USDC=1e6 --buy WETH --json | jq .swaps

--sell takes whole tokens and may be repeated; --buy in the proportion of what stands
behind the names (1). --gas-price is what a unit of gas costs, in whole tokens of the
first that is bought: with it, a pool is used only when it is worth its gas.

markets.json is what `steelyard pools` reads from a chain, or is written by hand. It
names tokens and pools; integers are raw units, as numbers or as text:
  {"tokens": [{"symbol": "USDC", "decimals": 6}, {"symbol": "WETH", "decimals": 18}],
   "pools": [{"curve": "constant-product", "tokens": ["USDC", "WETH"], "gas": 100000,
              "reserve0": "2000000000000", "reserve1": "1000000000000000000000"}]}
  curve             further fields
  constant-product  reserve0, reserve1, fee_pips (3000)
  concentrated      sqrt_price_x96, tick, liquidity, fee_pips, tick_spacing,
                    ticks: [[tick, liquidityNet], ...]
  concentrated-v4   the same with lp_fee_pips, protocol_fee_pips: [sell 0, sell 1]
  weighted          balances, weights_wad, scaling (10^(36 - decimals)), swap_fee_wad
  curve             balances, rates (10^(36 - decimals)), fee_e10, amplification (as
                    A_precise() tells it); is_unrolled: true for the factory's pools of
                    two coins, which round otherwise
  balancer-stable   balances, scaling, amplification (three decimals), swap_fee_wad

Every swap is exact: its amount out is what the pool's own integers give.
"""


POOLS_EXAMPLE = """\
example:
  steelyard pools --rpc-url http://127.0.0.1:8545 --out markets.json \\
      --pool uniswap-v3:0x88e6... --pool uniswap-v2:0xb4e1... --pool curve:0xbebc...
  steelyard quote markets.json --sell USDC=10000 --buy WETH

Protocols: uniswap-v2 and uniswap-v3 by the pool's address, curve by the address of a
plain pool, balancer-v2-weighted and balancer-v2-stable by the pool's id. All are read
at one block; nothing is deployed and nothing is sent.
"""


def add_pools(command: argparse.ArgumentParser) -> None:
    """The options of `steelyard pools`."""
    command.add_argument(
        "--rpc-url", required=True, metavar="URL", help="a node of the chain"
    )
    command.add_argument(
        "--pool",
        action="append",
        required=True,
        metavar="PROTOCOL:ADDRESS",
        help="a pool to read; may be repeated",
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where they are written"
    )


def add_quote(command: argparse.ArgumentParser) -> None:
    """The options of `steelyard quote`."""
    command.add_argument("markets", type=Path, metavar="FILE", help="tokens and pools")
    command.add_argument(
        "--sell", action="append", required=True, metavar="TOKEN=AMOUNT"
    )
    command.add_argument(
        "--buy", action="append", required=True, metavar="TOKEN[=PART]"
    )
    command.add_argument(
        "--gas-price", default="0", metavar="X", help="cost of a unit of gas (0)"
    )
    command.add_argument(
        "--blocks", type=int, default=1, metavar="N", help="sell over so many (1)"
    )
    command.add_argument(
        "--refill",
        type=float,
        default=0.0,
        metavar="X",
        help="share of an impact that is gone a block later, 0 to 1 (0)",
    )
    command.add_argument(
        "--plot", type=Path, metavar="FILE", help="page.html, or a picture .png or .svg"
    )
