# SPDX-License-Identifier: MIT
"""A problem's arrays in another unit of worth."""

from __future__ import annotations

from dataclasses import replace

from steelyard.optimize.problem import GasCosts
from steelyard.optimize.vault.arrays import Quadratic, VaultArrays


def scaled(arrays: VaultArrays, scale: float) -> VaultArrays:
    """The same with all that is earned and spent times `scale`, above 0."""
    quadratic, fees, gas = arrays.quadratic, arrays.fees, arrays.gas
    return replace(
        arrays,
        quadratic=Quadratic(
            constant=scale * quadratic.constant,
            linear=scale * quadratic.linear,
            curvature=scale * quadratic.curvature,
            slack=scale * quadratic.slack,
        ),
        fees=replace(
            fees, income=scale * fees.income, alone_income=scale * fees.alone_income
        ),
        markets=tuple(
            replace(
                market,
                stretches=tuple(
                    replace(each, scale=scale * each.scale) for each in market.stretches
                ),
            )
            for market in arrays.markets
        ),
        gas=GasCosts(
            base=scale * gas.base,
            withdraw=scale * gas.withdraw,
            swap=scale * gas.swap,
            supply=scale * gas.supply,
        ),
    )
