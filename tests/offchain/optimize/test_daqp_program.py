# SPDX-License-Identifier: MIT
"""What DAQP is asked and how its answer is read."""

import numpy as np
import pytest

from steelyard.optimize.daqp_program import NO_BOUND, solve_quadratic

ROW = np.array([[1.0, 1.0]])


def test_solve_quadratic__row_that_is_equal__prices_have_the_sign_of_the_bound():
    # least x^2 / 2 + y^2 / 2 on x + y = 1, x at most 0.2: y pulls by 0.8, x by 0.2
    found = solve_quadratic(
        np.eye(2),
        np.zeros(2),
        ROW,
        np.array([0.0, 0.0, 1.0]),
        np.array([0.2, 1.0, 1.0]),
        equal=0,
    )

    assert found.outcome == "solved"
    assert found.values == pytest.approx([0.2, 0.8], abs=1e-12)
    assert found.prices == pytest.approx([0.6, 0.0, -0.8], abs=1e-12)


def test_solve_quadratic__lower_bound_holds__its_price_is_negative():
    found = solve_quadratic(
        np.eye(2),
        np.zeros(2),
        ROW,
        np.array([-NO_BOUND, 0.3, -NO_BOUND]),
        np.full(3, NO_BOUND),
    )

    assert found.values == pytest.approx([0.0, 0.3])
    assert found.prices == pytest.approx([0.0, -0.3, 0.0])


def test_solve_quadratic__sum_out_of_the_box__infeasible():
    found = solve_quadratic(
        np.eye(2),
        np.zeros(2),
        ROW,
        np.array([0.0, 0.0, 3.0]),
        np.array([1.0, 1.0, 3.0]),
        equal=0,
    )

    assert found.outcome == "infeasible"


def test_solve_quadratic__settings__are_passed_on():
    found = solve_quadratic(
        np.eye(2),
        np.zeros(2),
        ROW,
        np.array([0.0, 0.0, 1.0]),
        np.array([0.2, 0.8, 1.0]),
        equal=0,
        iter_limit=0,
    )

    assert found.outcome == "failed"
