// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAggregatorV3} from "../interfaces/IAggregatorV3.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {BadPrice, FeedUnreadable, SequencerDown, StalePrice} from "../libraries/Errors.sol";
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
        uint256 leastAnswer; // a lower or a higher one is refused: an aggregator with
        uint256 mostAnswer; // bounds of its own answers the bound when the price is beyond
    }

    uint256 private constant ROUND_BYTES = 160; // five words

    /// @notice On a rollup, the feed that says whether the sequencer is up; or zero.
    IAggregatorV3 public immutable sequencerFeed;
    /// @notice How long it must have been up before prices count again.
    uint256 public immutable sequencerGraceSeconds;

    IAggregatorV3 public immutable tokenFeed;
    uint256 public immutable tokenHeartbeatSeconds;
    uint256 public immutable tokenUncertaintyWad;
    uint256 public immutable tokenGrowthWadPerSecond;
    uint256 public immutable tokenLeastAnswer;
    uint256 public immutable tokenMostAnswer;
    uint256 private immutable _tokenScale;

    IAggregatorV3 public immutable assetFeed;
    uint256 public immutable assetHeartbeatSeconds;
    uint256 public immutable assetUncertaintyWad;
    uint256 public immutable assetGrowthWadPerSecond;
    uint256 public immutable assetLeastAnswer;
    uint256 public immutable assetMostAnswer;
    uint256 private immutable _assetScale;

    /// @param asset A zero aggregator: the token's feed quotes in the asset already.
    constructor(
        Feed memory token,
        Feed memory asset,
        IAggregatorV3 sequencerFeed_,
        uint256 sequencerGraceSeconds_
    ) {
        sequencerFeed = sequencerFeed_;
        sequencerGraceSeconds = sequencerGraceSeconds_;

        tokenFeed = token.aggregator;
        tokenHeartbeatSeconds = token.heartbeatSeconds;
        tokenUncertaintyWad = token.uncertaintyWad;
        tokenGrowthWadPerSecond = token.growthWadPerSecond;
        tokenLeastAnswer = token.leastAnswer;
        tokenMostAnswer = token.mostAnswer;
        _tokenScale = 10 ** token.aggregator.decimals();

        assetFeed = asset.aggregator;
        assetHeartbeatSeconds = asset.heartbeatSeconds;
        assetUncertaintyWad = asset.uncertaintyWad;
        assetGrowthWadPerSecond = asset.growthWadPerSecond;
        assetLeastAnswer = asset.leastAnswer;
        assetMostAnswer = asset.mostAnswer;
        _assetScale =
            address(asset.aggregator) == address(0) ? 1 : 10 ** asset.aggregator.decimals();
    }

    /// @inheritdoc IPriceSource
    function price()
        external
        view
        returns (uint256 priceWad, uint256 uncertaintyWad, uint256 updatedAt)
    {
        _checkSequencer();
        uint256 answer;
        (answer, updatedAt) =
            _read(tokenFeed, tokenHeartbeatSeconds, tokenLeastAnswer, tokenMostAnswer);
        priceWad = Math.mulDiv(answer, WAD, _tokenScale);
        uncertaintyWad =
            tokenUncertaintyWad + tokenGrowthWadPerSecond * (block.timestamp - updatedAt);
        if (address(assetFeed) == address(0)) return (priceWad, uncertaintyWad, updatedAt);

        (uint256 assetAnswer, uint256 assetUpdatedAt) =
            _read(assetFeed, assetHeartbeatSeconds, assetLeastAnswer, assetMostAnswer);
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

    function _read(
        IAggregatorV3 feed,
        uint256 heartbeatSeconds,
        uint256 leastAnswer,
        uint256 mostAnswer
    ) private view returns (uint256 answer, uint256 updatedAt) {
        int256 signed;
        (signed,, updatedAt) = _latest(feed);
        if (signed <= 0 || uint256(signed) < leastAnswer || uint256(signed) > mostAnswer) {
            revert BadPrice(address(feed), signed);
        }
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > heartbeatSeconds) {
            revert StalePrice(address(feed), updatedAt, heartbeatSeconds);
        }
        answer = uint256(signed);
    }

    /// @dev Answer 0 means up, since `startedAt`; a feed not yet written says zero.
    function _checkSequencer() private view {
        if (address(sequencerFeed) == address(0)) return;
        (int256 answer, uint256 startedAt,) = _latest(sequencerFeed);
        if (
            answer != 0 || startedAt == 0 || startedAt > block.timestamp
                || block.timestamp - startedAt <= sequencerGraceSeconds
        ) revert SequencerDown(answer, startedAt, sequencerGraceSeconds);
    }

    /// @dev The round in words, so that a feed that reverts or answers anything else ends
    ///      in one error with its name.
    function _latest(IAggregatorV3 feed)
        private
        view
        returns (int256 answer, uint256 startedAt, uint256 updatedAt)
    {
        (bool ok, bytes memory data) =
            address(feed).staticcall(abi.encodeCall(IAggregatorV3.latestRoundData, ()));
        if (!ok || data.length != ROUND_BYTES) revert FeedUnreadable(address(feed));
        (, answer, startedAt, updatedAt,) =
            abi.decode(data, (uint256, int256, uint256, uint256, uint256));
    }
}
