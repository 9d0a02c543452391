// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IExitQueue} from "../interfaces/IExitQueue.sol";
import {Config, Excluded, PositionConfig} from "../interfaces/Types.sol";
import {QueueStarved} from "./Errors.sol";
import {SharePrice} from "./SharePrice.sol";
import {Valuation} from "./Valuation.sol";

/// @title Liquidity
/// @notice What exits can be paid from at once: the idle asset, and positions of the asset
///         that can be drawn without moving a price; and what the queue is owed of it.
///
/// UNITS     assets: raw asset units.
library Liquidity {
    /// @notice Idle and drawable; stops counting when `enough` is there.
    function liquid(
        Config memory c,
        Excluded memory excluded,
        uint256 idle,
        uint256 enough
    ) internal view returns (uint256 assets) {
        assets = idle;
        for (uint256 i; i < c.positions.length && assets < enough; i++) {
            if (_canDraw(c, excluded, i)) {
                PositionConfig memory position = c.positions[i];
                assets += IAdapter(position.adapter).drawable(position.market);
            }
        }
    }

    /// @notice Draws positions, in the order of the configuration, until the idle asset is
    ///         `assets`, or all that can be drawn.
    function drawUpTo(Config memory c, Excluded memory excluded, uint256 assets) internal {
        for (uint256 i; i < c.positions.length; i++) {
            uint256 idle = Valuation.balance(c, 0, address(this), excluded);
            if (idle >= assets) return;
            if (!_canDraw(c, excluded, i)) continue;
            IAdapter adapter = IAdapter(c.positions[i].adapter);
            bytes32 market = c.positions[i].market;
            uint256 amount = Math.min(adapter.drawable(market), assets - idle);
            if (amount != 0) adapter.draw(market, amount);
        }
    }

    /// @notice Whether somebody has waited in the queue for too long.
    function isQueueLate(Config memory c) internal view returns (bool) {
        if (c.params.queue == address(0)) return false;
        if (IERC20(address(this)).balanceOf(c.params.queue) == 0) return false;
        uint256 since = IExitQueue(c.params.queue).waitingSince();
        return since != 0 && block.timestamp - since > c.params.queueMaxWaitSeconds;
    }

    /// @notice While somebody has waited for too long, an order may not lower what exits
    ///         can be paid from below what the queue is owed.
    function checkQueue(
        Config memory c,
        Excluded memory excluded,
        uint256 liquidBefore,
        uint256 idle,
        uint256 nav
    ) internal view {
        IERC20 shares = IERC20(address(this));
        uint256 owed = SharePrice.toAssets(
            shares.balanceOf(c.params.queue), nav, shares.totalSupply(), Math.Rounding.Ceil
        );
        uint256 least = Math.min(liquidBefore, owed);
        uint256 now_ = liquid(c, excluded, idle, least);
        if (now_ < least) revert QueueStarved(now_, least);
    }

    function _canDraw(Config memory c, Excluded memory excluded, uint256 i)
        private
        pure
        returns (bool)
    {
        return c.positions[i].tokenCount == 1 && c.positions[i].tokenIndexes & 0xff == 0
            && (excluded.impaired >> i) & 1 == 0;
    }
}
