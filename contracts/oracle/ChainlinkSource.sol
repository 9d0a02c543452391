// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAggregatorV3} from "../interfaces/IAggregatorV3.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {BadPrice, StalePrice} from "../libraries/Errors.sol";
import {WAD, WadMath} from "../libraries/WadMath.sol";

/// @title ChainlinkSource
/// @notice Price of a token in the asset from two Chainlink feeds in one quote currency: the
///         token's over the asset's; or from one feed that already quotes in the asset.
///
/// UNITS     Seconds; wad. The uncertainty of an answer is a constant (the feed's deviation
///           threshold) plus a growth per second of its age.
/// ROUNDING  Price Down, uncertainty Up.
/// TRUST     Immutable, so that the configuration's hash covers every parameter. Chainlink
///           may still change the aggregator behind a proxy.
contract ChainlinkSource is IPriceSource {
    struct Feed {
        IAggregatorV3 aggregator;
        uint256 heartbeatSeconds; // an older answer is refused
        uint256 uncertaintyWad;
        uint256 growthWadPerSecond;
    }

    IAggregatorV3 public immutable tokenFeed;
    uint256 public immutable tokenHeartbeatSeconds;
    uint256 public immutable tokenUncertaintyWad;
    uint256 public immutable tokenGrowthWadPerSecond;
    uint256 private immutable _tokenScale;

    IAggregatorV3 public immutable assetFeed;
    uint256 public immutable assetHeartbeatSeconds;
    uint256 public immutable assetUncertaintyWad;
    uint256 public immutable assetGrowthWadPerSecond;
    uint256 private immutable _assetScale;

    /// @param asset A zero aggregator: the token's feed quotes in the asset already.
    constructor(Feed memory token, Feed memory asset) {
        tokenFeed = token.aggregator;
        tokenHeartbeatSeconds = token.heartbeatSeconds;
        tokenUncertaintyWad = token.uncertaintyWad;
        tokenGrowthWadPerSecond = token.growthWadPerSecond;
        _tokenScale = 10 ** token.aggregator.decimals();

        assetFeed = asset.aggregator;
        assetHeartbeatSeconds = asset.heartbeatSeconds;
        assetUncertaintyWad = asset.uncertaintyWad;
        assetGrowthWadPerSecond = asset.growthWadPerSecond;
        _assetScale =
            address(asset.aggregator) == address(0) ? 1 : 10 ** asset.aggregator.decimals();
    }

    /// @inheritdoc IPriceSource
    function price()
        external
        view
        returns (uint256 priceWad, uint256 uncertaintyWad, uint256 updatedAt)
    {
        uint256 answer;
        (answer, updatedAt) = _read(tokenFeed, tokenHeartbeatSeconds);
        priceWad = Math.mulDiv(answer, WAD, _tokenScale);
        uncertaintyWad =
            tokenUncertaintyWad + tokenGrowthWadPerSecond * (block.timestamp - updatedAt);
        if (address(assetFeed) == address(0)) return (priceWad, uncertaintyWad, updatedAt);

        (uint256 assetAnswer, uint256 assetUpdatedAt) =
            _read(assetFeed, assetHeartbeatSeconds);
        priceWad = Math.mulDiv(priceWad, _assetScale, assetAnswer);
        uncertaintyWad = _quotientUp(
            uncertaintyWad,
            assetUncertaintyWad + assetGrowthWadPerSecond * (block.timestamp - assetUpdatedAt)
        );
        updatedAt = Math.min(updatedAt, assetUpdatedAt);
    }

    /// @dev Largest relative error of a quotient: (1 + u) / (1 - v) - 1. A divisor that is
    ///      nothing but doubt makes it one, which the vault refuses.
    function _quotientUp(uint256 u, uint256 v) private pure returns (uint256) {
        if (v >= WAD) return WAD;
        return WadMath.divWadUp(WAD + u, WAD - v) - WAD;
    }

    function _read(IAggregatorV3 feed, uint256 heartbeatSeconds)
        private
        view
        returns (uint256 answer, uint256 updatedAt)
    {
        int256 signed;
        (, signed,, updatedAt,) = feed.latestRoundData();
        if (signed <= 0) revert BadPrice(address(feed), signed);
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > heartbeatSeconds) {
            revert StalePrice(address(feed), updatedAt, heartbeatSeconds);
        }
        answer = uint256(signed);
    }
}
