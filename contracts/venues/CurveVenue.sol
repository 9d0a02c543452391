// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ICurvePool} from "../interfaces/ICurvePool.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {CurvePool} from "../libraries/CurvePool.sol";
import {TokenPairMismatch} from "../libraries/Errors.sol";
import {StableSwap} from "../libraries/StableSwap.sol";

/// @title CurveVenue
/// @notice Swaps in one plain StableSwap pool of Curve's factory. Pool: its address.
contract CurveVenue is IVenue {
    using CurvePool for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "curve";

    /// @inheritdoc IVenue
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256)
    {
        ICurvePool curve = pool.at();
        (uint256 i, uint256 j) = _indexes(pool, tokenIn, tokenOut);

        // takes all of the amount, and so all of the allowance
        IERC20(tokenIn).forceApprove(address(curve), amountIn);
        return
            curve.exchange(int128(int256(i)), int128(int256(j)), amountIn, 0, msg.sender);
    }

    /// @inheritdoc IVenue
    function tokens(bytes32 pool) external view returns (address[] memory) {
        return pool.coins();
    }

    /// @inheritdoc IVenue
    function parameters(bytes32 pool) external view returns (bytes32) {
        return pool.parameters();
    }

    /// @inheritdoc IVenue
    function deviationWad(
        bytes32 pool,
        address tokenIn,
        address tokenOut,
        uint256 priceInE36,
        uint256 priceOutE36
    ) external view returns (uint256) {
        (uint256 i, uint256 j) = _indexes(pool, tokenIn, tokenOut);
        return StableSwap.pairDeviationWadUp(pool.stable(), i, j, priceInE36, priceOutE36);
    }

    function _indexes(bytes32 pool, address tokenIn, address tokenOut)
        private
        view
        returns (uint256 i, uint256 j)
    {
        address[] memory list = pool.coins();
        (i, j) = (list.length, list.length);
        for (uint256 k; k < list.length; k++) {
            if (list[k] == tokenIn) i = k;
            if (list[k] == tokenOut) j = k;
        }
        if (i == list.length || j == list.length || i == j) {
            revert TokenPairMismatch(pool, tokenIn, tokenOut);
        }
    }
}
