// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "@solady/utils/FixedPointMathLib.sol";

/// @title SharePrice
/// @notice Shares against assets, with 10^6 virtual shares for one virtual asset unit, so
///         that a donation to an empty vault costs the donor a million times what the
///         first depositor can lose (OpenZeppelin ERC4626, "inflation attack").
library SharePrice {
    uint8 internal constant DECIMALS_OFFSET = 6;
    uint256 internal constant VIRTUAL_SHARES = 1e6; // 10 ** DECIMALS_OFFSET

    function toShares(uint256 assets, uint256 nav, uint256 supply, Math.Rounding rounding)
        internal
        pure
        returns (uint256)
    {
        return _mulDiv(assets, supply + VIRTUAL_SHARES, nav + 1, rounding);
    }

    function toAssets(uint256 shares, uint256 nav, uint256 supply, Math.Rounding rounding)
        internal
        pure
        returns (uint256)
    {
        return _mulDiv(shares, nav + 1, supply + VIRTUAL_SHARES, rounding);
    }

    /// @notice Whole assets per whole share [wad, Down]; 1e18 in an empty vault.
    function wadDown(uint256 nav, uint256 supply) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDiv(
            (nav + 1) * VIRTUAL_SHARES, 1e18, supply + VIRTUAL_SHARES
        );
    }

    /// @notice Net asset value at a share price: what `wadDown` came from, Down.
    function navDown(uint256 priceWad, uint256 supply) internal pure returns (uint256) {
        uint256 nav = FixedPointMathLib.fullMulDiv(
            priceWad, supply + VIRTUAL_SHARES, VIRTUAL_SHARES * 1e18
        );
        return nav == 0 ? 0 : nav - 1;
    }

    function _mulDiv(uint256 x, uint256 y, uint256 d, Math.Rounding rounding)
        private
        pure
        returns (uint256)
    {
        return rounding == Math.Rounding.Floor
            ? FixedPointMathLib.fullMulDiv(x, y, d)
            : FixedPointMathLib.fullMulDivUp(x, y, d);
    }
}
