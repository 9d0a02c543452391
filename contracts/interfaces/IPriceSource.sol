// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IPriceSource
/// @notice Price of one token in the vault's asset.
interface IPriceSource {
    /// @notice Price now; reverts when the source cannot vouch for one.
    /// @return priceWad       Whole assets per whole token.
    /// @return uncertaintyWad The true price lies within price * (1 -/+ this).
    /// @return updatedAt      Time of the oldest answer it rests on [unix seconds].
    function price()
        external
        view
        returns (uint256 priceWad, uint256 uncertaintyWad, uint256 updatedAt);
}
