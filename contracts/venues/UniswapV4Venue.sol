// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IPoolManager} from "../interfaces/IUniswapV4.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {CallbackNotExpected, PartialSwap, TokenPairMismatch} from "../libraries/Errors.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {UniswapV4State} from "../libraries/UniswapV4State.sol";
import {UniswapV4Pools} from "./UniswapV4Pools.sol";

/// @title UniswapV4Venue
/// @notice Swaps in one Uniswap V4 pool without hooks and native currency, all of the amount
///         or nothing. Pool: its id, registered in UniswapV4Pools.
contract UniswapV4Venue is IVenue {
    using SafeCast for uint256;
    using UniswapV4State for IPoolManager;

    string public constant protocol = "uniswap-v4";

    IPoolManager public immutable manager;
    UniswapV4Pools public immutable pools;

    constructor(UniswapV4Pools pools_) {
        (pools, manager) = (pools_, pools_.manager());
    }

    /// @inheritdoc IVenue
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256)
    {
        IPoolManager.PoolKey memory key = pools.key(pool);
        bool zeroForOne = tokenIn == key.currency0;
        (address expectedIn, address expectedOut) = zeroForOne
            ? (key.currency0, key.currency1)
            : (key.currency1, key.currency0);
        if (tokenIn != expectedIn || tokenOut != expectedOut) {
            revert TokenPairMismatch(pool, tokenIn, tokenOut);
        }
        bytes memory answer =
            manager.unlock(abi.encode(key, zeroForOne, amountIn, msg.sender));
        return abi.decode(answer, (uint256));
    }

    /// @notice Swaps what this contract has asked the PoolManager to be unlocked for.
    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        if (msg.sender != address(manager)) revert CallbackNotExpected(msg.sender);
        (IPoolManager.PoolKey memory key, bool zeroForOne, uint256 amountIn, address receiver)
        = abi.decode(data, (IPoolManager.PoolKey, bool, uint256, address));
        int256 delta = manager.swap(
            key,
            IPoolManager.SwapParams(
                zeroForOne,
                -amountIn.toInt256(),
                zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1
            ),
            ""
        );
        (int256 paid, int256 received) = zeroForOne
            ? (delta >> 128, int256(int128(delta)))
            : (int256(int128(delta)), delta >> 128);
        if (uint256(-paid) != amountIn) revert PartialSwap(uint256(-paid), amountIn);

        manager.pay(zeroForOne ? key.currency0 : key.currency1, amountIn);
        manager.take(zeroForOne ? key.currency1 : key.currency0, receiver, uint256(received));
        return abi.encode(uint256(received));
    }

    /// @inheritdoc IVenue
    function tokens(bytes32 pool) external view returns (address[] memory) {
        return pools.tokens(pool);
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
        manager.requireIdle(pool);
        uint256 fairX96 = tokenIn < tokenOut
            ? FairValue.sqrtPriceX96Down(priceInE36, priceOutE36)
            : FairValue.sqrtPriceX96Down(priceOutE36, priceInE36);
        return FairValue.deviationWadUp(manager.sqrtPriceX96(pool), fairX96);
    }
}
