// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {CallbackNotExpected, PartialSwap, TokenPairMismatch} from "../libraries/Errors.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {Market} from "../libraries/Market.sol";

/// @title UniswapV3Venue
/// @notice Swaps in one Uniswap V3 pool, all of the amount or nothing. Pool: its address.
contract UniswapV3Venue is IVenue {
    using Market for bytes32;
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    string public constant protocol = "uniswap-v3";

    /// @dev The pool whose callback is awaited; 1 when none is.
    address private _awaited = address(1);

    /// @inheritdoc IVenue
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256 amountOut)
    {
        IUniswapV3Pool target = _pool(pool);
        bool zeroForOne = tokenIn == target.token0();
        address expectedOut = zeroForOne ? target.token1() : target.token0();
        if (tokenOut != expectedOut) revert TokenPairMismatch(pool, tokenIn, tokenOut);

        _awaited = address(target);
        (int256 amount0, int256 amount1) = target.swap(
            msg.sender,
            zeroForOne,
            amountIn.toInt256(),
            zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1,
            abi.encode(tokenIn)
        );
        _awaited = address(1);

        (int256 paid, int256 received) = zeroForOne ? (amount0, amount1) : (amount1, amount0);
        if (uint256(paid) != amountIn) revert PartialSwap(uint256(paid), amountIn);
        amountOut = uint256(-received);
    }

    /// @notice Pays the pool that is being swapped in.
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data)
        external
    {
        if (msg.sender != _awaited) revert CallbackNotExpected(msg.sender);
        uint256 due = uint256(amount0 > 0 ? amount0 : amount1);
        IERC20(abi.decode(data, (address))).safeTransfer(msg.sender, due);
    }

    /// @inheritdoc IVenue
    function tokens(bytes32 pool) external view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (_pool(pool).token0(), _pool(pool).token1());
    }

    /// @inheritdoc IVenue
    function parameters(bytes32) external pure returns (bytes32) {
        return 0;
    }

    /// @inheritdoc IVenue
    function deviationWad(
        bytes32 pool,
        address tokenIn,
        address tokenOut,
        uint256 priceInE36,
        uint256 priceOutE36
    ) external view returns (uint256) {
        (uint160 sqrtX96,,,,,,) = _pool(pool).slot0();
        uint256 fairX96 = tokenIn < tokenOut
            ? FairValue.sqrtPriceX96Down(priceInE36, priceOutE36)
            : FairValue.sqrtPriceX96Down(priceOutE36, priceInE36);
        return FairValue.deviationWadUp(sqrtX96, fairX96);
    }

    function _pool(bytes32 pool) private pure returns (IUniswapV3Pool) {
        return IUniswapV3Pool(pool.toAddress());
    }
}
