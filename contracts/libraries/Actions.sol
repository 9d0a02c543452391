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
    Excluded,
    PoolConfig,
    PositionConfig,
    Prices,
    Supply,
    Swap,
    Withdraw
} from "../interfaces/Types.sol";
import {Budget} from "./Budget.sol";
import {
    AmountsLengthMismatch,
    InsufficientOutput,
    ParametersChanged,
    PoolNotListed,
    PositionImpaired,
    TokenPairMismatch,
    TransferMismatch
} from "./Errors.sol";
import {Limits} from "./Limits.sol";
import {Valuation} from "./Valuation.sol";
import {WadMath} from "./WadMath.sol";

/// @title Actions
/// @notice The three things that an order can do, each measured by what it moved and
///         charged with what it may have lost.
///
/// UNITS     raw token units; prices E36.
/// ROUNDING  Against the order.
/// TRUST     Adapters and venues come from the configuration. Tokens are sent, never
///           approved, so no allowance can be left behind; what came back is measured.
library Actions {
    using Math for uint256;
    using SafeERC20 for IERC20;

    /// @dev What the actions of one order share. Inventory and amounts are carried from
    ///      one to the next, so that every unit that moves is some action's.
    struct Run {
        Config c;
        Prices p;
        Excluded excluded;
        uint256[] inventory; // per token, as the last action left it
        int256[][] amounts; // per position, at middle prices
        Budget.Tally tally;
    }

    /* ACTIONS */

    function withdraw(Run memory run, Withdraw calldata action, uint256 index) internal {
        uint256 i = _position(run, action.adapter, action.market, action.minAmounts.length);
        PositionConfig memory position = run.c.positions[i];

        _checkPosition(run, position);
        IAdapter(action.adapter).withdraw(
            action.market, action.tickLower, action.tickUpper, action.units
        );
        uint256[] memory amounts = new uint256[](position.tokenCount);
        int256[] memory moved = _settle(run, i, position, 0);
        for (uint256 j; j < amounts.length; j++) {
            if (moved[j] > 0) amounts[j] = uint256(moved[j]);
            if (amounts[j] < action.minAmounts[j]) {
                revert InsufficientOutput(index, j, amounts[j], action.minAmounts[j]);
            }
        }
        _checkPosition(run, position);

        emit IOrderEvents.Withdrawn(action.adapter, action.market, action.units, amounts);
    }

    function swap(Run memory run, Swap calldata action, uint256 index) internal {
        (PoolConfig memory pool, uint256 tokenIn, uint256 tokenOut) = _pool(run.c, action);

        _checkParameters(
            pool.venue, pool.pool, pool.parameters, IVenue.parameters.selector
        );
        _checkPool(run, action, tokenIn, tokenOut);
        uint256 amountOut = _swapExactIn(run, action, tokenIn, tokenOut);
        if (amountOut < action.minAmountOut) {
            revert InsufficientOutput(index, 0, amountOut, action.minAmountOut);
        }
        uint256[] memory prices = run.p.midE36;
        Limits.checkSwap(
            run.c.tokens[tokenIn],
            run.c.tokens[tokenOut],
            WadMath.assetsUp(action.amountIn, prices[tokenIn]),
            WadMath.assetsDown(amountOut, prices[tokenOut])
        );
        _checkPool(run, action, tokenIn, tokenOut);

        emit IOrderEvents.Swapped(
            action.venue,
            action.pool,
            action.tokenIn,
            action.tokenOut,
            action.amountIn,
            amountOut,
            Math.mulDiv(action.amountIn, prices[tokenIn], prices[tokenOut])
        );
    }

    function supply(Run memory run, Supply calldata action, uint256 index) internal {
        uint256 i = _position(run, action.adapter, action.market, action.maxAmounts.length);
        PositionConfig memory position = run.c.positions[i];
        if (action.tickLower != action.tickUpper) {
            Limits.checkRange(
                action.tickLower,
                action.tickUpper,
                run.p.uncertaintyWad[Valuation.tokenIndex(position.tokenIndexes, 0)],
                run.p.uncertaintyWad[Valuation.tokenIndex(position.tokenIndexes, 1)]
            );
        }

        _checkPosition(run, position);
        for (uint256 j; j < position.tokenCount; j++) {
            if (action.maxAmounts[j] == 0) continue;
            IERC20(_token(run.c, position, j)).safeTransfer(
                action.adapter, action.maxAmounts[j]
            );
        }
        uint256 units = IAdapter(action.adapter).supply(
            action.market, action.tickLower, action.tickUpper, action.maxAmounts
        );
        if (units < action.minUnits) {
            revert InsufficientOutput(index, 0, units, action.minUnits);
        }
        uint256[] memory amounts = new uint256[](position.tokenCount);
        int256[] memory moved =
            _settle(run, i, position, _concavityAssets(run, position, action, units));
        for (uint256 j; j < amounts.length; j++) {
            // a gift that lay in the adapter may come back with what was not used
            if (moved[j] < 0) amounts[j] = uint256(-moved[j]);
        }
        _checkPosition(run, position);

        emit IOrderEvents.Supplied(action.adapter, action.market, units, amounts);
    }

    /* MEASURING */

    /// @dev Reads what a position and its tokens have become and charges the difference.
    /// @return moved Per token of the market: by how much the vault's own holding changed.
    function _settle(
        Run memory run,
        uint256 i,
        PositionConfig memory position,
        uint256 concavityAssets
    ) private view returns (int256[] memory moved) {
        moved = new int256[](position.tokenCount);
        int256[] memory changes = new int256[](position.tokenCount);
        int256[] memory amounts = Valuation.positionAmounts(position, run.p.midE36);
        int256[] memory before = run.amounts[i];
        for (uint256 j; j < moved.length; j++) {
            moved[j] = _measure(run, Valuation.tokenIndex(position.tokenIndexes, j));
            changes[j] = moved[j] + amounts[j] - before[j];
        }
        run.amounts[i] = amounts;
        if (position.minHealthWad != 0) {
            uint256 healthWad = IAdapter(position.adapter).healthWad(position.market);
            Limits.checkHealth(position, healthWad);
        }
        Budget.add(run.tally, run.p, position.tokenIndexes, changes, concavityAssets);
    }

    /// @dev Change of one token in the vault since the last action.
    function _measure(Run memory run, uint256 token) private view returns (int256 moved) {
        uint256 balance = Valuation.balance(run.c, token, address(this), run.excluded);
        moved = int256(balance) - int256(run.inventory[token]);
        run.inventory[token] = balance;
    }

    /// @dev Exact on both sides: a token that moves less or more than it was told is refused.
    function _swapExactIn(
        Run memory run,
        Swap calldata action,
        uint256 tokenIn,
        uint256 tokenOut
    ) private returns (uint256 amountOut) {
        IERC20(action.tokenIn).safeTransfer(action.venue, action.amountIn);
        amountOut = IVenue(action.venue).swap(
            action.pool, action.tokenIn, action.tokenOut, action.amountIn
        );

        int256[] memory changes = new int256[](2);
        changes[0] = _measure(run, tokenIn);
        changes[1] = _measure(run, tokenOut);
        if (changes[0] != -int256(action.amountIn)) {
            revert TransferMismatch(action.tokenIn, changes[0], -int256(action.amountIn));
        }
        if (changes[1] != int256(amountOut)) {
            revert TransferMismatch(action.tokenOut, changes[1], int256(amountOut));
        }
        Budget.add(run.tally, run.p, tokenIn | (tokenOut << 8), changes, 0);
    }

    /// @dev A market of one token is worth the same amount at every price.
    function _concavityAssets(
        Run memory run,
        PositionConfig memory position,
        Supply calldata action,
        uint256 units
    ) private view returns (uint256) {
        if (position.tokenCount == 1) return 0;
        return IAdapter(action.adapter).concavityAssets(
            action.market,
            action.tickLower,
            action.tickUpper,
            units,
            _own(position, run.p.midE36),
            _own(position, run.p.uncertaintyWad)
        );
    }

    /* CHECKING */

    /// @dev The market as it was listed, and at the oracle's price; one token has no price.
    function _checkPosition(Run memory run, PositionConfig memory position) private view {
        _checkParameters(
            position.adapter,
            position.market,
            position.parameters,
            IAdapter.parameters.selector
        );
        if (position.tokenCount == 1) return;
        uint256 maxDeviationWad;
        for (uint256 j; j < position.tokenCount; j++) {
            maxDeviationWad = maxDeviationWad.max(
                run.c.tokens[Valuation.tokenIndex(position.tokenIndexes, j)].deviationWad
            );
        }
        Limits.checkDeviation(
            position.market,
            IAdapter(position.adapter).deviationWad(
                position.market, _own(position, run.p.midE36)
            ),
            maxDeviationWad
        );
    }

    function _checkPool(
        Run memory run,
        Swap calldata action,
        uint256 tokenIn,
        uint256 tokenOut
    ) private view {
        uint256[] memory prices = run.p.midE36;
        Limits.checkDeviation(
            action.pool,
            IVenue(action.venue).deviationWad(
                action.pool,
                action.tokenIn,
                action.tokenOut,
                prices[tokenIn],
                prices[tokenOut]
            ),
            run.c.tokens[tokenIn].deviationWad.max(run.c.tokens[tokenOut].deviationWad)
        );
    }

    /// @dev Adapters and venues share the shape of `parameters(bytes32)`.
    function _checkParameters(
        address target,
        bytes32 market,
        bytes32 listed,
        bytes4 selector
    ) private view {
        if (listed == 0) return;
        (bool ok, bytes memory answer) =
            target.staticcall(abi.encodeWithSelector(selector, market));
        bytes32 current = ok && answer.length == 32 ? bytes32(answer) : bytes32(0);
        if (current != listed) revert ParametersChanged(target, market, current, listed);
    }

    /* LOOKING UP */

    function _position(Run memory run, address adapter, bytes32 market, uint256 amounts)
        private
        pure
        returns (uint256 i)
    {
        i = Limits.positionIndex(run.c, adapter, market);
        if ((run.excluded.impaired >> i) & 1 == 1) revert PositionImpaired(adapter, market);
        uint256 expected = run.c.positions[i].tokenCount;
        if (amounts != expected) revert AmountsLengthMismatch(amounts, expected);
    }

    function _pool(Config memory c, Swap calldata action)
        private
        pure
        returns (PoolConfig memory pool, uint256 tokenIn, uint256 tokenOut)
    {
        uint256 i;
        for (; i < c.pools.length; i++) {
            pool = c.pools[i];
            if (pool.venue == action.venue && pool.pool == action.pool) break;
        }
        if (i == c.pools.length) revert PoolNotListed(action.venue, action.pool);
        (tokenIn, tokenOut) =
            (_indexIn(c, pool, action.tokenIn), _indexIn(c, pool, action.tokenOut));
        if (
            tokenIn == c.tokens.length || tokenOut == c.tokens.length || tokenIn == tokenOut
        ) revert TokenPairMismatch(action.pool, action.tokenIn, action.tokenOut);
    }

    /// @dev Index of one of a pool's tokens in the configuration; the count if it is none.
    function _indexIn(Config memory c, PoolConfig memory pool, address token)
        private
        pure
        returns (uint256)
    {
        for (uint256 j; j < pool.tokenCount; j++) {
            uint256 index = Valuation.tokenIndex(pool.tokenIndexes, j);
            if (c.tokens[index].token == token) return index;
        }
        return c.tokens.length;
    }

    function _own(PositionConfig memory position, uint256[] memory values)
        private
        pure
        returns (uint256[] memory)
    {
        return
            Valuation.marketPrices(position.tokenIndexes, position.tokenCount, values);
    }

    function _token(Config memory c, PositionConfig memory position, uint256 j)
        private
        pure
        returns (address)
    {
        return c.tokens[Valuation.tokenIndex(position.tokenIndexes, j)].token;
    }
}
