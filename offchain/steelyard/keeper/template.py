# SPDX-License-Identifier: MIT
"""The commented settings that `steelyard init` writes."""

import json

TEMPLATE = """\
# Settings of one keeper for one vault. Paths are relative to this file.

rpc_url = {rpc_url:<26}# or rpc_url_env = "NAME": a variable with the URL
chain_id = {chain_id:<25}# refused when the node is on another chain
vault = "{vault}"
lens = "{lens}"
journal = {journal:<26}# what was decided, and why; created when missing

[signer]                            # needed by `run` alone
keystore = "strategist.json"        # encrypted key, Ethereum keystore format (V3)
{password:<36}# password_env, password_file or neither: asked for
# relayer_keystore = "relayer.json" # who pays the gas; by default the strategist
# relayer_password_env = "..."
# [[signer.cosigners]]              # one more key each, when orders need several
# keystore = "second.json"

[history]                           # daily prices that estimates rest on
source = "feeds"                    # the vault's own Chainlink feeds, or "file"
# file = "prices.csv"               # CSV or Parquet: a date column, one column a token
days = {days}
min_days = 30
half_life_days = 60                 # a day this old counts half
expected_returns = "zero"           # prices as martingales; or "mean", shrunk

[signals]
fee_window_days = 7                 # pool fees and vault yields are those of the past
native = "WETH"                     # the vault's token that gas is counted in
# native_price = 2000.0             # whole assets per coin, when it holds no such token
failure_probability_per_year = 0.01 # of a protocol (a tag), by default
loss_given_failure = 1.0            # share of what stands there
# failure_probabilities = {{ "aave-v3" = 0.005 }}

[order]
window_seconds = 300                # life of a signed order; at most the vault's own
output_tolerance_wad = 1000000000000000      # 0.1%: swaps and lending
liquidity_tolerance_wad = 10000000000000000  # 1%: each token of a pool position
weight_tolerance_wad = 5000000000000000      # 0.5% of NAV
share_price_tolerance_wad = 5000000000000000

[preferences]
risk_aversion = 4.0                 # utility is mean - risk_aversion / 2 * variance
horizon_days = 30                   # expected holding time
range_widths = [0.05, 0.15, 0.4]    # Uniswap V3 ranges on offer, on each side
min_gain_assets = 0                 # raw asset units a rebalance must earn, net of gas
budget_margin_wad = 100000000000000000  # 10% of what the vault's budgets leave, unused
# [preferences.model]               # in place of risk_aversion, mean and variance
# name = "mean-risk"                # or maximum-diversification, risk-parity, kelly,
#                                   # hierarchical-risk-parity, hierarchical-equal-risk
# measure = "cvar"                  # or variance, entropic-var, worst-case,
#                                   # wasserstein-cvar with its radius
# level = 0.95                      # of a tail: the worst 5% of the scenarios
# goal = "risk-at-most"             # or utility with aversion, largest-ratio,
#                                   # return-at-least with expected_return, least-risk
# most_risk = 0.05                  # share of NAV, over horizon_days
# scenarios = 1000                  # the same for the same seed and inputs
# unwinding = {{ slices = 4, limit = 0.01 }} # sold in 4 parts, for 1% of NAV at most
# [[preferences.floors]]            # least exposure to a token, position or tag
# kind = "token"
# name = "WETH"
# weight = 0.1                      # share of NAV
# [[preferences.bands]]             # a weighted sum of exposures, kept in between
# name = "delta"
# of = {{ "token WETH" = 1.0 }}       # token, position or tag, and its coefficient
# lowest = 0.0
# highest = 0.1
"""
NOWHERE = "0x" + "00" * 20


def template(
    vault: str = NOWHERE,
    lens: str = NOWHERE,
    *,
    rpc_url: str = "http://127.0.0.1:8545",
    chain_id: int = 31337,
    journal: str = "steelyard.sqlite",
    password: str = 'password_env = "STEELYARD_PASSWORD"',
    days: int = 180,
) -> str:
    """The text of a new settings file; `password` is a whole line of it."""
    return TEMPLATE.format(
        vault=vault,
        lens=lens,
        rpc_url=json.dumps(rpc_url) + " ",
        chain_id=chain_id,
        journal=json.dumps(journal),
        password=password + " ",
        days=days,
    )
