# SPDX-License-Identifier: MIT
"""A ratio is raised until prices prove it, or by what is missing over least risk."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.optimize.raised_ratio import raised_ratio


def never() -> float:
    raise AssertionError("the least risk is not needed")


def test_raised_ratio__nothing_missing__as_it_is():
    assert raised_ratio(2.0, 1.0, lambda _: 0.0, never) == 2.0


def test_raised_ratio__gain_by_risk_of_others_is_a_little_more__raised_to_that():
    # weights of gain 2.01 at a risk of 1 are not ruled out: 0.01 is missing at 2
    raised = raised_ratio(2.0, 1.0, lambda ratio: 2.01 - ratio, never)

    assert raised == pytest.approx(2.01, abs=1e-15)


def test_raised_ratio__risk_of_others_is_less__doubled_until_it_does():
    # at a risk of 1/4 as much is missing at 2, and nothing from 2.04 on
    raised = raised_ratio(2.0, 1.0, lambda ratio: 0.51 - ratio / 4, never)

    assert raised == pytest.approx(2.04, abs=1e-15)


@pytest.mark.parametrize(("least", "ratio"), [(0.5, 2.02), (0.0, np.inf)])
def test_raised_ratio__tangent_proves_nothing__missing_over_the_least_risk(
    least, ratio
):
    raised = raised_ratio(2.0, 1.0, lambda _: 0.01, lambda: least)

    assert raised == pytest.approx(ratio)
