// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IUniswapV2Pair} from "../interfaces/IUniswapV2.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {TokenPairMismatch} from "../libraries/Errors.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {Market} from "../libraries/Market.sol";

/// @title UniswapV2Venue
/// @notice Swaps in one Uniswap V2 pair. Pool: the pair's address.
/// ROUNDING  Down, as `UniswapV2Library.getAmountOut`: 0.3 % of what comes in is the fee.
contract UniswapV2Venue is IVenue {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "uniswap-v2";

    /// @inheritdoc IVenue
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256 amountOut)
    {
        IUniswapV2Pair pair = _pair(pool);
        bool zeroForOne = tokenIn == pair.token0();
        address expectedOut = zeroForOne ? pair.token1() : pair.token0();
        if (tokenOut != expectedOut) revert TokenPairMismatch(pool, tokenIn, tokenOut);

        (uint256 reserveIn, uint256 reserveOut,) = pair.getReserves();
        if (!zeroForOne) (reserveIn, reserveOut) = (reserveOut, reserveIn);
        uint256 inLessFee = amountIn * 997;
        amountOut = inLessFee * reserveOut / (reserveIn * 1000 + inLessFee);

        IERC20(tokenIn).safeTransfer(address(pair), amountIn);
        pair.swap(zeroForOne ? 0 : amountOut, zeroForOne ? amountOut : 0, msg.sender, "");
    }

    /// @inheritdoc IVenue
    function tokens(bytes32 pool) external view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (_pair(pool).token0(), _pair(pool).token1());
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
        (uint256 reserveIn, uint256 reserveOut,) = _pair(pool).getReserves();
        if (tokenIn > tokenOut) (reserveIn, reserveOut) = (reserveOut, reserveIn);
        return FairValue.deviationWadUp(
            FairValue.sqrtPriceX96Down(reserveOut, reserveIn),
            FairValue.sqrtPriceX96Down(priceInE36, priceOutE36)
        );
    }

    function _pair(bytes32 pool) private pure returns (IUniswapV2Pair) {
        return IUniswapV2Pair(pool.toAddress());
    }
}
