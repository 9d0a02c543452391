# SPDX-License-Identifier: MIT
"""Share of the coming time that a price is expected to spend inside a range.

Mean over t in 0 to T of P(lower < S_t < upper) for geometric Brownian motion, in
closed form: with b = ln(K / S) / sigma and c = drift / sigma - sigma / 2, the time
below K is the integral of Phi(b / sqrt(t) - c sqrt(t)), by parts, where
    F- = Phi(b / sqrt(t) - c sqrt(t)),   F+ = exp(2 b c) Phi(b / sqrt(t) + c sqrt(t))
have the derivatives that are needed (the inverse Gaussian's distribution).
UNITS   years; `sigma` per square root of a year, `drift` per year.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SMALL_DRIFT = 1e-4  # of c sqrt(T): below, to first order, good to its square
FAR = 38.0  # standard deviations after which Phi is 0 or 1


def time_in_range(
    price: float,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    sigma: float,
    years: float,
    drift: float = 0.0,
) -> Floats:
    """0 to 1; `lower` may be 0 and `upper` infinite."""
    below = time_below(price, lower, sigma=sigma, years=years, drift=drift)
    most = time_below(price, upper, sigma=sigma, years=years, drift=drift)
    return np.asarray(np.clip(most - below, 0.0, 1.0))


def time_below(
    price: float, level: ArrayLike, *, sigma: float, years: float, drift: float = 0.0
) -> Floats:
    """Share of the coming `years` expected below each level, 0 to 1."""
    with np.errstate(divide="ignore"):
        distance = np.log(np.asarray(level, dtype=np.float64) / price)
    if years <= 0:
        return np.where(distance > 0, 1.0, 0.0)
    if sigma <= 0:
        return _certain(distance, drift * years)
    b = distance / (sigma * np.sqrt(years))  # in units where T is 1
    c = (drift / sigma - sigma / 2) * np.sqrt(years)
    far = np.abs(b) > FAR + abs(c)
    near = np.where(far, 0.0, b)
    inside = _near_zero(near, c) if abs(c) < SMALL_DRIFT else _with_drift(near, c)
    return np.clip(np.where(far, np.where(b > 0, 1.0, 0.0), inside), 0.0, 1.0)


def _certain(distance: Floats, growth: float) -> Floats:
    """Without noise the log price runs straight to `growth`."""
    if growth == 0:
        return np.where(distance > 0, 1.0, 0.0)
    crossing = np.clip(distance / growth, 0.0, 1.0)
    return np.asarray(crossing if growth > 0 else 1 - crossing)


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))


def _with_drift(b: Floats, c: float) -> Floats:
    """Phi(b - c) + b/2 J1 + c/2 J2 with J_1, J_2 the integrals of t^(-1/2) phi and
    t^(1/2) phi, from the changes of F- and F+ and of sqrt(t) phi over 0 to 1."""
    from scipy.special import log_ndtr, ndtr  # here: it takes long to import

    side = np.where(b > 0, -1.0, 1.0)  # from 1 down, or from 0 up: no cancellation
    minus = side * ndtr(side * (b - c)) - np.where(b == 0, 0.5, 0.0)
    tilted = side * np.exp(2 * b * c + log_ndtr(side * (b + c)))
    plus = tilted - np.where(b == 0, 0.5, 0.0)
    j1 = (plus - minus) / c
    j2 = (j1 - b * (plus + minus) - 2 * _density(b - c)) / c**2
    return np.asarray(ndtr(b - c) + b / 2 * j1 + c / 2 * j2)


def _near_zero(b: Floats, c: float) -> Floats:
    """To first order in c: Phi(b / sqrt(t)) less c sqrt(t) phi(b / sqrt(t))."""
    from scipy.special import ndtr

    size = np.abs(b)
    j1 = 2 * _density(b) - 2 * size * ndtr(-size)
    j2 = (2 * _density(b) - b**2 * j1) / 3
    return np.asarray(ndtr(b) + b / 2 * j1 - c * j2)
