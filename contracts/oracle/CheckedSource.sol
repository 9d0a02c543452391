// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {SourcesDisagree} from "../libraries/Errors.sol";
import {WAD, WadMath} from "../libraries/WadMath.sol";

/// @title CheckedSource
/// @notice A source's price while a second one agrees within a band; otherwise none.
///
/// UNITS  wad.
/// TRUST  Immutable. Liveness hangs on both sources, safety on either.
contract CheckedSource is IPriceSource {
    IPriceSource public immutable primary;
    IPriceSource public immutable second;
    uint256 public immutable bandWad; // of the higher price over the lower, less one

    constructor(IPriceSource primary_, IPriceSource second_, uint256 bandWad_) {
        (primary, second, bandWad) = (primary_, second_, bandWad_);
    }

    /// @inheritdoc IPriceSource
    function price()
        external
        view
        returns (uint256 priceWad, uint256 uncertaintyWad, uint256 updatedAt)
    {
        (priceWad, uncertaintyWad, updatedAt) = primary.price();
        (uint256 otherWad,,) = second.price();
        (uint256 low, uint256 high) =
            priceWad < otherWad ? (priceWad, otherWad) : (otherWad, priceWad);
        if (high > WadMath.mulWadDown(low, WAD + bandWad)) {
            revert SourcesDisagree(priceWad, otherWad, bandWad);
        }
    }
}
