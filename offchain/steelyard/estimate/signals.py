# SPDX-License-Identifier: MIT
"""What the optimiser is told about the future: one frozen record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from steelyard.errors import SteelyardError

Floats = NDArray[np.float64]


class SignalsInvalid(SteelyardError):
    """A signal that cannot be used: the wrong shape, not finite, out of its range."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name} is {value}, expected {expected}")
        self.name, self.value, self.expected = name, value, expected


@dataclass(frozen=True, kw_only=True, eq=False)
class Signals:
    """Token order is the snapshot's; token 0 is the asset, whose rows are 0.

    Rates are simple and per year. Markets are bytes32 as 0x-hex.
    """

    expected_returns: Floats
    covariance: Floats
    pool_fees_per_year: Mapping[str, float]  # all LPs of a pool together, assets
    vault_yield_per_year: Mapping[str, float]  # ERC-4626
    gas_price_wei: int
    native_price_e36: int  # raw asset units per wei, times 1e36
    failure_probability_per_year: Mapping[str, float] = field(default_factory=dict)
    loss_given_failure: Mapping[str, float] = field(default_factory=dict)
    # for tags that the two mappings do not name
    default_failure_probability_per_year: float = 0.01
    default_loss_given_failure: float = 1.0


def failure_of(signals: Signals, tag: str) -> tuple[float, float]:
    """(chance of failure per year, share lost then) of a tag."""
    probability = signals.failure_probability_per_year.get(
        tag, signals.default_failure_probability_per_year
    )
    loss = signals.loss_given_failure.get(tag, signals.default_loss_given_failure)
    return probability, loss


def failure_variance(signals: Signals, tag: str) -> float:
    """p (1 - p) LGD^2 per year: variance of what one unit at the tag loses."""
    probability, loss = failure_of(signals, tag)
    return probability * (1 - probability) * loss * loss


def check_signals(signals: Signals, token_count: int) -> Signals:
    """`signals` itself; raises `SignalsInvalid` naming the first wrong field."""
    _check_moments(signals, token_count)
    for name, values in (
        ("failure_probability_per_year", signals.failure_probability_per_year),
        ("loss_given_failure", signals.loss_given_failure),
    ):
        default = getattr(signals, f"default_{name}")
        for tag, value in {**values, "by default": default}.items():
            if not 0 <= value <= 1:
                raise SignalsInvalid(f"{name} of {tag}", value, "0 to 1")
    for market, fees in signals.pool_fees_per_year.items():
        if not 0 <= fees < np.inf:
            raise SignalsInvalid(f"pool_fees_per_year of {market}", fees, "0 or more")
    for market, rate in signals.vault_yield_per_year.items():
        if not np.isfinite(rate):
            raise SignalsInvalid(f"vault_yield_per_year of {market}", rate, "a number")
    for name in ("gas_price_wei", "native_price_e36"):
        if getattr(signals, name) < 0:
            raise SignalsInvalid(name, getattr(signals, name), "0 or more")
    return signals


def _check_moments(signals: Signals, token_count: int) -> None:
    mean, covariance = signals.expected_returns, signals.covariance
    if mean.shape != (token_count,):
        raise SignalsInvalid("expected_returns.shape", mean.shape, f"({token_count},)")
    if covariance.shape != (token_count, token_count):
        expected = f"({token_count}, {token_count})"
        raise SignalsInvalid("covariance.shape", covariance.shape, expected)
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise SignalsInvalid("expected_returns or covariance", "nan", "finite numbers")
    if mean[0] != 0 or covariance[0].any() or covariance[:, 0].any():
        raise SignalsInvalid("signal of the asset", float(mean[0]), "0 in every entry")
    scale = max(float(np.abs(covariance).max(initial=0.0)), 1e-300)
    if np.abs(covariance - covariance.T).max(initial=0.0) > 1e-9 * scale:
        raise SignalsInvalid("covariance", "not symmetric", "a symmetric matrix")
    lowest = float(np.linalg.eigvalsh(covariance).min()) if token_count else 0.0
    if lowest < -1e-8 * scale:
        raise SignalsInvalid("lowest eigenvalue of covariance", lowest, "0 or more")
