# SPDX-License-Identifier: MIT
"""Views as people type them: "ETH=8%", "ETH-BTC=2%:60%"."""

from collections.abc import Sequence

import numpy as np

from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.allocation.words import linear_of, share_of
from steelyard.estimate.black_litterman import Views

UNSTATED = 0.5  # the confidence that equals He and Litterman's proportional form


def views_of(texts: Sequence[str], assets: Sequence[str]) -> Views:
    """Portfolio, return per year and, after a colon, confidence.

    Raises `AllocationInputInvalid`.
    """
    portfolios, returns, confidences = [], [], []
    for text in texts:
        portfolio, is_view, rest = text.partition("=")
        if not is_view:
            expected = "a portfolio, its return a year and how sure: ETH-BTC=2%:60%"
            raise AllocationInputInvalid("view", repr(text), expected)
        value, has_confidence, sure = rest.partition(":")
        portfolios.append(linear_of(portfolio, "view", assets))
        returns.append(share_of(value, f"return of view {text!r}"))
        confidence = UNSTATED
        if has_confidence:
            field = f"confidence of view {text!r}"
            confidence = share_of(sure, field)
            if not 0 <= confidence <= 1:
                raise AllocationInputInvalid(field, sure, "0% to 100%")
        confidences.append(confidence)
    return Views(
        portfolios=np.array(portfolios),
        expected_returns=np.array(returns),
        confidences=np.array(confidences),
    )
