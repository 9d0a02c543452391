# SPDX-License-Identifier: MIT
"""A liquidity position as a portfolio of options: cash, token, puts and calls.

V(S) = V(S0) + V'(S0) (S - S0) + sum of V''(K) dK of puts below S0 and calls above:
every weight is negative, so a position is short both. With n strikes the sum is the
polygon through the payoff at the strikes: exact there, below it by at most
h^2 |V''| / 8 between, which strikes even in K^(1/4) make one number everywhere.
UNITS   one price of token 0 in token 1; payoffs and cash in token 1; a weight is how
        many options on one token 0 each, negative when sold.
SOURCE  Carr, Madan: "Towards a Theory of Volatility Trading" (1998); Clark: "The
        Replicating Portfolio of a Constant Product Market" (2020, SSRN 3550601);
        the single put: Lambert, "Uniswap V3 LP Tokens as Perpetual Put and Call
        Options" (2021).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.holding import Holding, RangeHolding, amounts, value
from steelyard.amm.lognormal import moment, moment_below

Floats = NDArray[np.float64]
SAMPLES = 64  # between two strikes, when the residual is measured


@dataclass(frozen=True, kw_only=True)
class OptionStrip:
    """Static: bought today, it pays like the position at any price inside the ends."""

    spot: float
    cash: float
    token: float  # of token 0: negative when sold
    put_strikes: tuple[float, ...]
    put_weights: tuple[float, ...]
    call_strikes: tuple[float, ...]
    call_weights: tuple[float, ...]
    lower: float  # ends between which the polygon touches the payoff
    upper: float


def option_strip(
    holding: Holding, spot: float, *, lower: float, upper: float, pieces: int
) -> OptionStrip:
    """The polygon of `pieces` between two prices as options around `spot`.

    For a range take its own ends: there is a strike at each, and beyond them the payoff
    is straight, so nothing is left. Elsewhere the portfolio goes on along the tangent.
    """
    if not 0 < lower < upper < np.inf:
        expected = f"above 0 and below the upper end {upper}, which is finite"
        raise PoolFieldInvalid("lower", lower, expected)
    if pieces < 2:
        raise PoolFieldInvalid("pieces", pieces, "2 or more")
    corners = np.linspace(lower**0.25, upper**0.25, pieces + 1) ** 4
    corners[0], corners[-1] = lower, upper
    worth = _worth(holding, corners)
    slopes = np.diff(worth) / np.diff(corners)
    first, last = _tails(holding, lower, upper)
    weights = np.diff(slopes, prepend=first, append=last)

    is_put = corners <= spot
    piece = int(is_put.sum())  # of the slopes, the one that the spot lies on
    slope = float(np.concatenate([[first], slopes, [last]])[piece])
    anchor = max(piece - 1, 0)
    level = float(worth[anchor]) + slope * (spot - float(corners[anchor]))
    return OptionStrip(
        spot=spot,
        cash=level - slope * spot,
        token=slope,
        put_strikes=tuple(corners[is_put].tolist()),
        put_weights=tuple(weights[is_put].tolist()),
        call_strikes=tuple(corners[~is_put].tolist()),
        call_weights=tuple(weights[~is_put].tolist()),
        lower=lower,
        upper=upper,
    )


def payoff(strip: OptionStrip, price: ArrayLike) -> Floats:
    """What the whole portfolio is worth at expiry."""
    s = np.asarray(price, dtype=np.float64)[..., None]
    puts = np.maximum(np.array(strip.put_strikes) - s, 0) @ np.array(strip.put_weights)
    calls = np.maximum(s - np.array(strip.call_strikes), 0)
    linear = strip.cash + strip.token * s[..., 0]
    return np.asarray(linear + puts + calls @ np.array(strip.call_weights))


@dataclass(frozen=True, kw_only=True)
class Premiums:
    """What each part of a strip is expected to pay, in token 1; sold ones negative."""

    cash: float
    token: float
    puts: tuple[float, ...]
    calls: tuple[float, ...]

    @property
    def total(self) -> float:
        return self.cash + self.token + sum(self.puts) + sum(self.calls)


def premiums(
    strip: OptionStrip, *, sigma: float, years: float, drift: float = 0.0
) -> Premiums:
    """Quantity times the lognormal's mean payoff, nothing discounted.

    Without drift these are Black and Scholes's prices at a rate of 0.
    """
    law = drift, sigma, years
    grown = float(moment(1.0, strip.spot, *law))

    def below(strikes: tuple[float, ...]) -> Floats:
        levels = np.array(strikes)
        chance = moment_below(0.0, strip.spot, levels, *law)
        return np.asarray(levels * chance - moment_below(1.0, strip.spot, levels, *law))

    puts = np.array(strip.put_weights) * below(strip.put_strikes)
    calls = below(strip.call_strikes) + grown - np.array(strip.call_strikes)
    return Premiums(
        cash=strip.cash,
        token=strip.token * grown,
        puts=tuple(puts.tolist()),
        calls=tuple((np.array(strip.call_weights) * calls).tolist()),
    )


def residual(strip: OptionStrip, holding: Holding) -> float:
    """Largest gap between portfolio and position inside the ends, measured."""
    corners = np.array(strip.put_strikes + strip.call_strikes)
    parts = np.linspace(0.0, 1.0, SAMPLES, endpoint=False)
    prices = (corners[:-1, None] + np.diff(corners)[:, None] * parts).ravel()
    return float(np.abs(payoff(strip, prices) - _worth(holding, prices)).max())


def residual_bound(holding: RangeHolding, strip: OptionStrip) -> float:
    """Most that the gap can be for a range: L ((b^(1/4) - a^(1/4)) / pieces)^2 · k.

    h^2 |V''| / 8 with V'' = -L / (2 K^1.5), K at the piece's lower end, and
    h <= 4 K'^(3/4) step, K' at its upper end: k = (K' / K)^1.5 of the widest piece.
    """
    corners = np.array(strip.put_strikes + strip.call_strikes)
    step = float(np.diff(corners**0.25).max())
    widest = float((corners[1:] / corners[:-1]).max())
    return float(holding.liquidity * step**2 * widest**1.5)


@dataclass(frozen=True, kw_only=True)
class ShortPut:
    """Cash-secured: `contracts` puts sold at `strike`, that much cash beside them."""

    strike: float
    contracts: float

    @property
    def cash(self) -> float:
        return self.strike * self.contracts


def short_put(holding: RangeHolding) -> ShortPut:
    """The one put that pays like the range everywhere outside it.

    Strike sqrt(a b); as many contracts as the range holds of token 0 below.
    """
    if holding.lower <= 0 or np.isinf(holding.upper):
        expected = "a range with two ends"
        raise PoolFieldInvalid("lower", holding.lower, expected)
    root_a, root_b = np.sqrt(holding.lower), np.sqrt(holding.upper)
    contracts = holding.liquidity * float(1 / root_a - 1 / root_b)
    return ShortPut(strike=float(root_a * root_b), contracts=contracts)


def short_put_payoff(put: ShortPut, price: ArrayLike) -> Floats:
    """contracts · min(S, strike)."""
    return np.asarray(put.contracts * np.minimum(np.asarray(price), put.strike))


def _worth(holding: Holding, prices: Floats) -> Floats:
    return value(holding, np.stack([prices, np.ones_like(prices)], axis=-1))


def _tails(holding: Holding, lower: float, upper: float) -> tuple[float, float]:
    """Slopes just outside the ends: the position's own where its payoff is straight."""
    ends = np.array([[lower, 1.0], [upper, 1.0]])
    held = amounts(holding, ends)[:, 0]
    return float(held[0]), float(held[1])
