// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IOrderEvents} from "../interfaces/IOrderEvents.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {
    Config,
    PoolConfig,
    PositionConfig,
    Supply,
    Swap,
    TokenConfig,
    Withdraw
} from "../interfaces/Types.sol";
import {
    AmountsLengthMismatch,
    InsufficientOutput,
    PoolNotListed,
    TokenPairMismatch,
    TransferMismatch
} from "./Errors.sol";
import {Limits} from "./Limits.sol";
import {Valuation} from "./Valuation.sol";
import {WadMath} from "./WadMath.sol";

/// @title Actions
/// @notice The three things that an order can do, each measured by what it moved.
///
/// UNITS     raw token units; prices E36.
/// ROUNDING  Against the order.
/// TRUST     Adapters and venues come from the configuration. Tokens are sent, never
///           approved, so no allowance can be left behind; what came back is measured.
library Actions {
    using Math for uint256;
    using SafeERC20 for IERC20;

    function withdraw(
        Config memory c,
        uint256[] memory prices,
        Withdraw calldata action,
        uint256 index
    ) internal {
        PositionConfig memory position =
            c.positions[Limits.positionIndex(c, action.adapter, action.market)];
        if (action.minAmounts.length != position.tokenCount) {
            revert AmountsLengthMismatch(action.minAmounts.length, position.tokenCount);
        }

        _checkPosition(c, position, prices);
        uint256[] memory balances = _balances(c, position);
        IAdapter(action.adapter).withdraw(
            action.market, action.tickLower, action.tickUpper, action.units
        );
        uint256[] memory amounts = _balances(c, position);
        for (uint256 j; j < amounts.length; j++) {
            amounts[j] -= balances[j];
            if (amounts[j] < action.minAmounts[j]) {
                revert InsufficientOutput(index, j, amounts[j], action.minAmounts[j]);
            }
        }
        _checkPosition(c, position, prices);

        emit IOrderEvents.Withdrawn(action.adapter, action.market, action.units, amounts);
    }

    function swap(
        Config memory c,
        uint256[] memory prices,
        Swap calldata action,
        uint256 index
    ) internal {
        (PoolConfig memory pool, uint256 tokenIn, uint256 tokenOut) = _swapTokens(c, action);

        _checkPool(c, pool, prices);
        uint256 amountOut = _swapExactIn(action);
        if (amountOut < action.minAmountOut) {
            revert InsufficientOutput(index, 0, amountOut, action.minAmountOut);
        }
        Limits.checkSwap(
            c.tokens[tokenIn],
            c.tokens[tokenOut],
            WadMath.assetsUp(action.amountIn, prices[tokenIn]),
            WadMath.assetsDown(amountOut, prices[tokenOut])
        );
        _checkPool(c, pool, prices);

        _emitSwapped(
            action,
            amountOut,
            Math.mulDiv(action.amountIn, prices[tokenIn], prices[tokenOut])
        );
    }

    function supply(
        Config memory c,
        uint256[] memory prices,
        Supply calldata action,
        uint256 index
    ) internal {
        PositionConfig memory position =
            c.positions[Limits.positionIndex(c, action.adapter, action.market)];
        if (action.maxAmounts.length != position.tokenCount) {
            revert AmountsLengthMismatch(action.maxAmounts.length, position.tokenCount);
        }

        _checkPosition(c, position, prices);
        uint256[] memory amounts = _balances(c, position);
        for (uint256 j; j < amounts.length; j++) {
            if (action.maxAmounts[j] == 0) continue;
            _token(c, position, j).safeTransfer(action.adapter, action.maxAmounts[j]);
        }
        uint256 units = IAdapter(action.adapter).supply(
            action.market, action.tickLower, action.tickUpper, action.maxAmounts
        );
        uint256[] memory balances = _balances(c, position);
        for (uint256 j; j < amounts.length; j++) {
            // a gift that lay in the adapter may come back with what was not used
            amounts[j] = amounts[j].saturatingSub(balances[j]);
        }
        if (units < action.minUnits) {
            revert InsufficientOutput(index, 0, units, action.minUnits);
        }
        _checkPosition(c, position, prices);

        emit IOrderEvents.Supplied(action.adapter, action.market, units, amounts);
    }

    function _emitSwapped(Swap calldata action, uint256 amountOut, uint256 oracleAmountOut)
        private
    {
        emit IOrderEvents.Swapped(
            action.venue,
            action.pool,
            action.tokenIn,
            action.tokenOut,
            action.amountIn,
            amountOut,
            oracleAmountOut
        );
    }

    /// @dev Exact on both sides: a token that moves less or more than it was told is refused.
    function _swapExactIn(Swap calldata action) private returns (uint256 amountOut) {
        IERC20 tokenIn = IERC20(action.tokenIn);
        IERC20 tokenOut = IERC20(action.tokenOut);
        uint256 inBefore = tokenIn.balanceOf(address(this));
        uint256 outBefore = tokenOut.balanceOf(address(this));

        tokenIn.safeTransfer(action.venue, action.amountIn);
        uint256 paid = IVenue(action.venue).swap(
            action.pool, action.tokenIn, action.tokenOut, action.amountIn
        );

        uint256 taken = inBefore - tokenIn.balanceOf(address(this));
        if (taken != action.amountIn) {
            revert TransferMismatch(action.tokenIn, taken, action.amountIn);
        }
        amountOut = tokenOut.balanceOf(address(this)) - outBefore;
        if (amountOut != paid) revert TransferMismatch(action.tokenOut, amountOut, paid);
    }

    function _swapTokens(Config memory c, Swap calldata action)
        private
        pure
        returns (PoolConfig memory pool, uint256 tokenIn, uint256 tokenOut)
    {
        for (uint256 i; i < c.pools.length; i++) {
            pool = c.pools[i];
            if (pool.venue != action.venue || pool.pool != action.pool) continue;
            address token0 = c.tokens[pool.token0].token;
            address token1 = c.tokens[pool.token1].token;
            if (action.tokenIn == token0 && action.tokenOut == token1) {
                return (pool, pool.token0, pool.token1);
            }
            if (action.tokenIn == token1 && action.tokenOut == token0) {
                return (pool, pool.token1, pool.token0);
            }
            revert TokenPairMismatch(action.pool, action.tokenIn, action.tokenOut);
        }
        revert PoolNotListed(action.venue, action.pool);
    }

    function _checkPool(Config memory c, PoolConfig memory pool, uint256[] memory prices)
        private
        view
    {
        TokenConfig memory token0 = c.tokens[pool.token0];
        TokenConfig memory token1 = c.tokens[pool.token1];
        Limits.checkDeviation(
            pool.pool,
            IVenue(pool.venue).deviationWad(
                pool.pool, prices[pool.token0], prices[pool.token1]
            ),
            Math.max(token0.deviationWad, token1.deviationWad)
        );
    }

    /// @dev A market of one token quotes no price.
    function _checkPosition(
        Config memory c,
        PositionConfig memory position,
        uint256[] memory prices
    ) private view {
        if (position.tokenCount == 1) return;
        uint256 maxDeviationWad;
        for (uint256 j; j < position.tokenCount; j++) {
            maxDeviationWad = Math.max(
                maxDeviationWad, c.tokens[Valuation.tokenIndex(position, j)].deviationWad
            );
        }
        Limits.checkDeviation(
            position.market,
            IAdapter(position.adapter).deviationWad(
                position.market, Valuation.marketPrices(position, prices)
            ),
            maxDeviationWad
        );
    }

    function _balances(Config memory c, PositionConfig memory position)
        private
        view
        returns (uint256[] memory balances)
    {
        balances = new uint256[](position.tokenCount);
        for (uint256 j; j < balances.length; j++) {
            balances[j] = _token(c, position, j).balanceOf(address(this));
        }
    }

    function _token(Config memory c, PositionConfig memory position, uint256 j)
        private
        pure
        returns (IERC20)
    {
        return IERC20(c.tokens[Valuation.tokenIndex(position, j)].token);
    }
}
