// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {TokenPairMismatch, TwapUnreadable} from "../libraries/Errors.sol";

/// @title UniswapV3TwapSource
/// @notice Geometric mean, over a window, of a token's price in the asset in one pool. A
///         second opinion: a pool is moved for money, and slowly by those with much of it.
///
/// UNITS     wad; seconds.
/// ROUNDING  Down; the mean tick towards minus infinity, as `OracleLibrary.consult` of
///           Uniswap V3 periphery.
/// TRUST     Immutable. Says nothing about how deep the pool is.
contract UniswapV3TwapSource is IPriceSource {
    IUniswapV3Pool public immutable pool;
    uint32 public immutable windowSeconds;
    uint256 public immutable uncertaintyWad;
    bool private immutable _tokenIsFirst;
    uint256 private immutable _scaleE18; // 10 ** (18 + token decimals - asset decimals)

    constructor(
        IUniswapV3Pool pool_,
        address token,
        address asset,
        uint32 windowSeconds_,
        uint256 uncertaintyWad_
    ) {
        (pool, windowSeconds, uncertaintyWad) = (pool_, windowSeconds_, uncertaintyWad_);
        _tokenIsFirst = token < asset;
        (address token0, address token1) = _tokenIsFirst ? (token, asset) : (asset, token);
        if (pool_.token0() != token0 || pool_.token1() != token1) {
            revert TokenPairMismatch(bytes32(uint256(uint160(address(pool_)))), token, asset);
        }
        _scaleE18 = 10
            ** (
                18 + uint256(IERC20Metadata(token).decimals())
                    - IERC20Metadata(asset).decimals()
            );
    }

    /// @inheritdoc IPriceSource
    function price() external view returns (uint256, uint256, uint256) {
        uint256 sqrtX96 = TickMath.getSqrtPriceAtTick(_meanTick());
        // token 1 per token 0 in raw units, times 2^128
        uint256 ratioX128 = Math.mulDiv(sqrtX96, sqrtX96, 1 << 64);
        uint256 priceWad = _tokenIsFirst
            ? Math.mulDiv(ratioX128, _scaleE18, 1 << 128)
            : Math.mulDiv(1 << 128, _scaleE18, ratioX128);
        return (priceWad, uncertaintyWad, block.timestamp);
    }

    function _meanTick() private view returns (int24 tick) {
        uint32[] memory agos = new uint32[](2);
        agos[0] = windowSeconds;
        try pool.observe(agos) returns (int56[] memory cumulative, uint160[] memory) {
            int56 moved = cumulative[1] - cumulative[0];
            int56 window = int56(uint56(windowSeconds));
            tick = int24(moved / window);
            if (moved < 0 && moved % window != 0) tick--;
        } catch {
            revert TwapUnreadable(address(pool), windowSeconds);
        }
    }
}
