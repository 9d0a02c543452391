// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {FixedPointMathLib} from "@solady/utils/FixedPointMathLib.sol";

uint256 constant WAD = 1e18;
uint256 constant E36 = 1e36;

/// @title WadMath
/// @notice Divides wads and E36 prices; each name ends in its rounding.
library WadMath {
    /// @dev floor(x * yWad / 1e18)
    function mulWadDown(uint256 x, uint256 yWad) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDiv(x, yWad, WAD);
    }

    /// @dev ceil(x * yWad / 1e18)
    function mulWadUp(uint256 x, uint256 yWad) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDivUp(x, yWad, WAD);
    }

    /// @dev floor(x * 1e18 / y)
    function divWadDown(uint256 x, uint256 y) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDiv(x, WAD, y);
    }

    /// @dev ceil(x * 1e18 / y)
    function divWadUp(uint256 x, uint256 y) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDivUp(x, WAD, y);
    }

    /// @dev floor(amount * priceE36 / 1e36): token units to asset units
    function assetsDown(uint256 amount, uint256 priceE36) internal pure returns (uint256) {
        if (priceE36 == E36) return amount; // of the asset itself
        return FixedPointMathLib.fullMulDiv(amount, priceE36, E36);
    }

    /// @dev ceil(amount * priceE36 / 1e36)
    function assetsUp(uint256 amount, uint256 priceE36) internal pure returns (uint256) {
        if (priceE36 == E36) return amount;
        return FixedPointMathLib.fullMulDivUp(amount, priceE36, E36);
    }
}
