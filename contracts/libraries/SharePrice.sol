// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title SharePrice
/// @notice Shares against assets, with 10^6 virtual shares for one virtual asset unit, so
///         that a donation to an empty vault costs the donor a million times what the
///         first depositor can lose (OpenZeppelin ERC4626, "inflation attack").
library SharePrice {
    uint8 internal constant DECIMALS_OFFSET = 6;
    uint256 internal constant VIRTUAL_SHARES = 10 ** DECIMALS_OFFSET;

    function toShares(uint256 assets, uint256 nav, uint256 supply, Math.Rounding rounding)
        internal
        pure
        returns (uint256)
    {
        return Math.mulDiv(assets, supply + VIRTUAL_SHARES, nav + 1, rounding);
    }

    function toAssets(uint256 shares, uint256 nav, uint256 supply, Math.Rounding rounding)
        internal
        pure
        returns (uint256)
    {
        return Math.mulDiv(shares, nav + 1, supply + VIRTUAL_SHARES, rounding);
    }

    /// @notice Whole assets per whole share [wad, Down]; 1e18 in an empty vault.
    function wadDown(uint256 nav, uint256 supply) internal pure returns (uint256) {
        return Math.mulDiv((nav + 1) * VIRTUAL_SHARES, 1e18, supply + VIRTUAL_SHARES);
    }
}
