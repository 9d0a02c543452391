// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {Book, Config, PositionConfig, Target, TokenConfig} from "../interfaces/Types.sol";
import {
    ExposureRaised,
    HealthBelowFloor,
    IdleBelowBuffer,
    LeverageExceeded,
    PoolDeviation,
    PositionCapExceeded,
    PositionNotListed,
    RangeTooNarrow,
    SwapBelowOracle,
    TagCapExceeded,
    TargetMissed,
    TokenCapExceeded,
    TokenNotListed
} from "./Errors.sol";
import {SharePrice} from "./SharePrice.sol";
import {Valuation} from "./Valuation.sol";
import {VaultState} from "./VaultState.sol";
import {WAD, WadMath} from "./WadMath.sol";

/// @title Limits
/// @notice The limits that an order must leave intact, one function each.
///
/// UNITS     assets: raw asset units; *Wad: 1e18 = 1. base: the net asset value that
///           relative limits are measured against.
/// ROUNDING  Bounds Down, buffers Up: against the order.
library Limits {
    using Math for uint256;

    /// @dev What was held before the actions of an order, and the book of it, if wanted.
    struct Before {
        uint256[] inventory; // per token
        int256[][] amounts; // per position
        Book book;
    }

    uint256 private constant Q96 = 1 << 96;
    /// @dev Half-width of a range, in uncertainties of its pair's price ratio.
    uint256 private constant RANGE_UNCERTAINTIES = 4;

    /* AFTER AN ORDER */

    /// @notice Net asset value less what came in during this block: shares that a flash
    ///         deposit has bought widen no limit.
    function baseAssetsDown(VaultState.State storage s, uint256 nav, uint256 supply)
        internal
        view
        returns (uint256)
    {
        return withoutFlashDown(nav, VaultState.supplyBeforeBlock(s, supply), supply);
    }

    /// @notice The part of a net asset value that belongs to some of the shares.
    function withoutFlashDown(uint256 nav, uint256 supplyBefore, uint256 supply)
        internal
        pure
        returns (uint256)
    {
        if (supplyBefore == supply) return nav;
        return nav.mulDiv(
            supplyBefore + SharePrice.VIRTUAL_SHARES, supply + SharePrice.VIRTUAL_SHARES
        );
    }

    /// @notice Caps of tokens, positions and tags, and gross exposure over net asset value;
    ///         an exposure above its cap may only fall.
    function checkCaps(Config memory c, Before memory b, Book memory now_, uint256 base)
        internal
        pure
    {
        for (uint256 i; i < c.tokens.length; i++) {
            TokenConfig memory token = c.tokens[i];
            uint256 assets = now_.tokenAssets[i];
            uint256 cap = capAssetsDown(token.capAssets, token.capWad, base);
            if (assets > cap && _rises(_book(c, b, now_).tokenAssets[i], assets)) {
                revert TokenCapExceeded(token.token, assets, cap);
            }
        }
        for (uint256 i; i < c.positions.length; i++) {
            PositionConfig memory position = c.positions[i];
            uint256 assets = now_.positionAssets[i];
            uint256 cap = capAssetsDown(position.capAssets, position.capWad, base);
            if (assets > cap && _rises(_book(c, b, now_).positionAssets[i], assets)) {
                revert PositionCapExceeded(position.adapter, position.market, assets, cap);
            }
        }
        for (uint256 i; i < c.tags.length; i++) {
            uint256 assets = now_.tagAssets[i];
            uint256 cap = capAssetsDown(c.tags[i].capAssets, c.tags[i].capWad, base);
            if (assets > cap && _rises(_book(c, b, now_).tagAssets[i], assets)) {
                revert TagCapExceeded(c.tags[i].name, assets, cap);
            }
        }
        uint256 gross = now_.grossAssets;
        uint256 most = WadMath.mulWadDown(now_.nav, c.params.leverageWad);
        if (gross > most && _rises(_book(c, b, now_).grossAssets, gross)) {
            revert LeverageExceeded(gross, most);
        }
    }

    /// @notice A borrowing position's health factor.
    function checkHealth(PositionConfig memory position, uint256 healthWad) internal pure {
        if (healthWad < position.minHealthWad) {
            revert HealthBelowFloor(
                position.adapter, position.market, healthWad, position.minHealthWad
            );
        }
    }

    /// @notice In a drawdown: no token's exposure but the asset's may rise, nor what stands
    ///         in positions of several tokens, nor the sum.
    function checkReduceOnly(Config memory c, Before memory b, Book memory now_)
        internal
        pure
    {
        Book memory before = _book(c, b, now_);
        for (uint256 i = 1; i < c.tokens.length; i++) {
            _checkFall(c.tokens[i].token, before.tokenAssets[i], now_.tokenAssets[i]);
        }
        for (uint256 i; i < c.positions.length; i++) {
            if (c.positions[i].tokenCount == 1) continue;
            _checkFall(
                c.positions[i].adapter, before.positionAssets[i], now_.positionAssets[i]
            );
        }
        _checkFall(address(0), before.grossAssets, now_.grossAssets);
    }

    /// @notice The liquidity buffer; what a flash deposit brought does not fill it, and an
    ///         order that lowers it no further may stand below it.
    function checkIdle(Config memory c, uint256 idleBefore, Book memory now_, uint256 base)
        internal
        pure
    {
        uint256 idle = now_.inventory[0].saturatingSub(now_.nav - base);
        uint256 buffer = WadMath.mulWadUp(base, c.params.idleWad);
        if (idle < buffer && now_.inventory[0] < idleBefore) {
            revert IdleBelowBuffer(idle, buffer);
        }
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

    /* AT AN ACTION */

    /// @notice A swap's proceeds at oracle prices, against what was paid less the pair's
    ///         slippage limit: the larger of the two tokens' limits.
    function checkSwap(
        TokenConfig memory tokenIn,
        TokenConfig memory tokenOut,
        uint256 inAssets,
        uint256 outAssets
    ) internal pure {
        uint256 slippageWad = tokenIn.slippageWad.max(tokenOut.slippageWad);
        uint256 minAssets = WadMath.mulWadUp(inAssets, WAD - slippageWad);
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

    /// @notice A range's half-width against the uncertainty of its pair's price ratio: a
    ///         narrower one can be run over before the feeds show it.
    /// @dev The upper price over the lower is (1 + w)^2, so its root is 1 + w.
    function checkRange(
        int24 tickLower,
        int24 tickUpper,
        uint256 uncertainty0Wad,
        uint256 uncertainty1Wad
    ) internal pure {
        int24 width = tickUpper - tickLower;
        if (width > TickMath.MAX_TICK) return;
        uint256 ratioWad =
            WadMath.divWadUp(WAD + uncertainty0Wad, WAD - uncertainty1Wad) - WAD;
        uint256 leastWad = RANGE_UNCERTAINTIES * ratioWad;
        uint256 rootX96 = width < 0 ? 0 : TickMath.getSqrtPriceAtTick(width);
        if (rootX96 < WadMath.mulWadUp(Q96, WAD + leastWad)) {
            revert RangeTooNarrow(tickLower, tickUpper, leastWad);
        }
    }

    /* LOOKING UP */

    /// @notice The lower of an absolute and a relative cap.
    function capAssetsDown(uint256 capAssets, uint256 capWad, uint256 base)
        internal
        pure
        returns (uint256)
    {
        return capAssets.min(WadMath.mulWadDown(base, capWad));
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

    /* INTERNAL */

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

    /// @dev The book before, computed when a limit first asks for it.
    function _book(Config memory c, Before memory b, Book memory now_)
        private
        pure
        returns (Book memory)
    {
        if (b.book.pricesE36.length == 0) {
            b.book = Valuation.bookOf(c, now_.pricesE36, b.inventory, b.amounts);
        }
        return b.book;
    }

    function _checkFall(address item, uint256 before, uint256 now_) private pure {
        if (_rises(before, now_)) revert ExposureRaised(item, now_, before);
    }

    /// @dev A millionth more is no rise: a swap through a pool pays its fee to liquidity
    ///      held there too, and must not be blocked by that.
    function _rises(uint256 before, uint256 now_) private pure returns (bool) {
        return now_ > before + before / 1e6;
    }
}
