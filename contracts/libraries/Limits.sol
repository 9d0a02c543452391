// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Book, Config, PositionConfig, Target, TokenConfig} from "../interfaces/Types.sol";
import {
    IdleBelowBuffer,
    PoolDeviation,
    PositionCapExceeded,
    PositionNotListed,
    SwapBelowOracle,
    TagCapExceeded,
    TargetMissed,
    TokenCapExceeded,
    TokenNotListed
} from "./Errors.sol";
import {WadMath} from "./WadMath.sol";

/// @title Limits
/// @notice Every limit that stands after an order, one function each.
///
/// UNITS     assets: raw asset units; *Wad: 1e18 = 1.
/// ROUNDING  Bounds Down, buffers Up: against the order.
library Limits {
    /// @notice Caps of tokens, positions and tags; an exposure above its cap may only fall.
    function checkCaps(Config memory c, Book memory before, Book memory now_) internal pure {
        for (uint256 i; i < c.tokens.length; i++) {
            TokenConfig memory token = c.tokens[i];
            uint256 cap = capAssetsDown(token.capAssets, token.capWad, now_.nav);
            if (_breaks(before.tokenAssets[i], now_.tokenAssets[i], cap)) {
                revert TokenCapExceeded(token.token, now_.tokenAssets[i], cap);
            }
        }
        for (uint256 i; i < c.positions.length; i++) {
            PositionConfig memory position = c.positions[i];
            uint256 cap = capAssetsDown(position.capAssets, position.capWad, now_.nav);
            if (_breaks(before.positionAssets[i], now_.positionAssets[i], cap)) {
                revert PositionCapExceeded(
                    position.adapter, position.market, now_.positionAssets[i], cap
                );
            }
        }
        for (uint256 i; i < c.tags.length; i++) {
            uint256 cap = capAssetsDown(c.tags[i].capAssets, c.tags[i].capWad, now_.nav);
            if (_breaks(before.tagAssets[i], now_.tagAssets[i], cap)) {
                revert TagCapExceeded(c.tags[i].name, now_.tagAssets[i], cap);
            }
        }
    }

    /// @notice The liquidity buffer; an order that lowers it no further may stand below it.
    function checkIdle(Config memory c, Book memory before, Book memory now_) internal pure {
        uint256 idle = now_.inventory[0];
        uint256 buffer = WadMath.mulWadUp(now_.nav, c.params.idleWad);
        if (idle < buffer && idle < before.inventory[0]) revert IdleBelowBuffer(idle, buffer);
    }

    /// @notice The weights that the strategist signed.
    function checkTargets(Config memory c, Target[] calldata targets, Book memory now_)
        internal
        pure
    {
        for (uint256 i; i < targets.length; i++) {
            Target calldata target = targets[i];
            uint256 assets = _targetAssets(c, target, now_);
            uint256 weightWad = now_.nav == 0 ? 0 : WadMath.divWadDown(assets, now_.nav);
            if (weightWad < target.minWeightWad || weightWad > target.maxWeightWad) {
                revert TargetMissed(
                    target.item,
                    target.market,
                    weightWad,
                    target.minWeightWad,
                    target.maxWeightWad
                );
            }
        }
    }

    /// @notice A swap's proceeds at oracle prices, against what was paid less the pair's
    ///         slippage limit: the larger of the two tokens' limits.
    function checkSwap(
        TokenConfig memory tokenIn,
        TokenConfig memory tokenOut,
        uint256 inAssets,
        uint256 outAssets
    ) internal pure {
        uint256 slippageWad = Math.max(tokenIn.slippageWad, tokenOut.slippageWad);
        uint256 minAssets = WadMath.mulWadUp(inAssets, 1e18 - slippageWad);
        if (outAssets < minAssets) {
            revert SwapBelowOracle(tokenIn.token, tokenOut.token, outAssets, minAssets);
        }
    }

    /// @notice A pool's distance from the oracle.
    function checkDeviation(bytes32 pool, uint256 deviationWad, uint256 maxDeviationWad)
        internal
        pure
    {
        if (deviationWad > maxDeviationWad) {
            revert PoolDeviation(pool, deviationWad, maxDeviationWad);
        }
    }

    /// @notice The lower of an absolute and a relative cap.
    function capAssetsDown(uint256 capAssets, uint256 capWad, uint256 nav)
        internal
        pure
        returns (uint256)
    {
        return Math.min(capAssets, WadMath.mulWadDown(nav, capWad));
    }

    /// @notice Index of a listed position; reverts when it is not listed.
    function positionIndex(Config memory c, address adapter, bytes32 market)
        internal
        pure
        returns (uint256 i)
    {
        i = findPosition(c, adapter, market);
        if (i == c.positions.length) revert PositionNotListed(adapter, market);
    }

    /// @notice Index of the first such position; the count of positions when there is none.
    function findPosition(Config memory c, address adapter, bytes32 market)
        internal
        pure
        returns (uint256 i)
    {
        for (; i < c.positions.length; i++) {
            if (c.positions[i].adapter == adapter && c.positions[i].market == market) break;
        }
    }

    /// @notice Index of a listed token; reverts when it is not listed.
    function tokenIndex(Config memory c, address token) internal pure returns (uint256 i) {
        i = findToken(c, token);
        if (i == c.tokens.length) revert TokenNotListed(token);
    }

    /// @notice Index of the first such token; the count of tokens when there is none.
    function findToken(Config memory c, address token) internal pure returns (uint256 i) {
        for (; i < c.tokens.length; i++) {
            if (c.tokens[i].token == token) break;
        }
    }

    function _targetAssets(Config memory c, Target calldata target, Book memory now_)
        private
        pure
        returns (uint256)
    {
        if (target.market != 0) {
            return now_.positionAssets[positionIndex(c, target.item, target.market)];
        }
        uint256 token = tokenIndex(c, target.item);
        return WadMath.assetsDown(now_.inventory[token], now_.pricesE36[token]);
    }

    /// @dev A millionth more is no rise: a swap through a pool pays its fee to liquidity
    ///      held there too, and must not be blocked by that.
    function _breaks(uint256 before, uint256 now_, uint256 cap) private pure returns (bool) {
        return now_ > cap && now_ > before + before / 1e6;
    }
}
