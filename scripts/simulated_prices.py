# SPDX-License-Identifier: MIT
"""Simulated prices of eight assets as a CSV: what docs/optimize.png is made from.

python scripts/simulated_prices.py SEED DAYS >prices.csv
"""

import csv
import sys

import numpy as np

from steelyard.market.history import str_time
from steelyard.market.simulate import MarketModel, simulate_prices

VOLATILITY_PER_DAY = {  # round numbers, as are the prices and the correlations below
    "BTC": 0.033,
    "ETH": 0.044,
    "SOL": 0.062,
    "LINK": 0.055,
    "UNI": 0.058,
    "AAVE": 0.057,
    "MKR": 0.05,
    "USDC": 0.001,
}
LOADING = np.array([0.85] * 7 + [0.1])  # on one market factor


def main(seed: str, days: str) -> None:
    """Prints a date and a price of each asset a day; the same for the same seed."""
    correlation = np.outer(LOADING, LOADING)
    np.fill_diagonal(correlation, 1.0)
    model = MarketModel(
        assets=tuple(VOLATILITY_PER_DAY),
        start_prices=(100.0,) * len(VOLATILITY_PER_DAY),
        volatility_per_day=tuple(VOLATILITY_PER_DAY.values()),
        correlation=tuple(map(tuple, correlation.tolist())),
        degrees_of_freedom=4.0,
        source="round numbers",
    )
    history = simulate_prices(seed=int(seed), days=int(days), model=model)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["date", *history.assets])
    for time, prices in zip(history.times, history.prices.tolist(), strict=True):
        writer.writerow([str_time(time), *(f"{price:.6g}" for price in prices)])


if __name__ == "__main__":
    main(*sys.argv[1:])
