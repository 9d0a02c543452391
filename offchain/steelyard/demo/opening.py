# SPDX-License-Identifier: MIT
"""A scenario's market on a chain: at its opening prices, with its past in the feeds."""

from steelyard.demo.clock import travel_to
from steelyard.demo.days import feed_answers
from steelyard.demo.market_spec import MarketSpec, TokenSpec, default_market
from steelyard.demo.node import LocalNode
from steelyard.demo.protocols import Market, deploy_market
from steelyard.demo.scenario import LEAD_DAYS, Scenario
from steelyard.demo.tokens import give

DECIMALS = {"WETH": 18, "WBTC": 8, "LINK": 18}
DAY_SECONDS = 86_400


def open_market(scenario: Scenario, node: LocalNode) -> tuple[int, Market]:
    """When the market opens [unix seconds on the chain], and the market.

    A chain that is already past the scenario's opening opens at once, its feeds'
    history moved along. Its deployer can pay for the seed of a vault.
    """
    web3 = node.web3
    now = int(web3.eth.get_block("latest")["timestamp"])
    opening = max(now, scenario.opening)
    if opening > now:
        travel_to(web3, opening)
    history = _rounds(scenario, opening)
    market = deploy_market(web3, _market_spec(scenario), history=history)
    deployer = market.actors.deployer
    one = 10 ** market.spec.tokens[0].decimals
    give(web3, market.asset, deployer, one, sender=deployer)
    return opening, market


def _market_spec(scenario: Scenario) -> MarketSpec:
    answers = feed_answers(scenario.history.assets, scenario.closes[0])
    tokens = [
        TokenSpec(symbol=symbol, decimals=DECIMALS.get(symbol, 6), price_e8=price)
        for symbol, price in answers.items()
    ]
    return default_market(tokens)


def _rounds(scenario: Scenario, opening: int) -> dict[str, list[tuple[int, int]]]:
    """The lead days as feed rounds: each close at the end of its day."""
    lead = scenario.lead
    rounds: dict[str, list[tuple[int, int]]] = {}
    for i, row in enumerate(lead.prices):
        at = opening - (LEAD_DAYS - i) * DAY_SECONDS
        for symbol, answer in feed_answers(lead.assets, row).items():
            rounds.setdefault(symbol, []).append((answer, at))
    return rounds
