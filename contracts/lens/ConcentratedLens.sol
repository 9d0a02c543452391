// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {IPoolManager} from "../interfaces/IUniswapV4.sol";

/// @title ConcentratedLens
/// @notice The whole state of a concentrated pool in one call. Holds nothing: nodes that
///         take code with a call need not have it on chain.
contract ConcentratedLens {
    struct Tick {
        int24 tick;
        uint128 liquidityGross;
        int128 liquidityNet;
        uint256 feeGrowthOutside0X128;
        uint256 feeGrowthOutside1X128;
    }

    struct PoolState {
        uint160 sqrtPriceX96;
        int24 tick;
        uint128 liquidity;
        uint24 feePips; // of those who provide liquidity
        int24 tickSpacing;
        uint24 protocolFee; // as slot0 packs it
        uint256 feeGrowthGlobal0X128;
        uint256 feeGrowthGlobal1X128;
        uint128 protocolFees0; // uncollected; zero in V4, which keeps them by currency
        uint128 protocolFees1;
        int24 lowestTick; // the ticks below are all that are initialised from here
        int24 highestTick; // to here
        Tick[] ticks;
    }

    int24 private constant MAX_TICK = 887272;
    uint256 private constant POOLS_SLOT = 6; // of v4's PoolManager
    uint256 private constant TICKS_OFFSET = 4; // of its Pool.State
    uint256 private constant BITMAP_OFFSET = 5;

    /// @notice A Uniswap V3 pool with its initialised ticks, `words` bitmap words (of 256
    ///         tick spacings) to each side of the current one.
    function uniswapV3(IUniswapV3Pool pool, uint256 words)
        external
        view
        returns (PoolState memory s)
    {
        (s.sqrtPriceX96, s.tick,,,, s.protocolFee,) = pool.slot0();
        s.liquidity = pool.liquidity();
        s.feePips = pool.fee();
        s.tickSpacing = pool.tickSpacing();
        s.feeGrowthGlobal0X128 = pool.feeGrowthGlobal0X128();
        s.feeGrowthGlobal1X128 = pool.feeGrowthGlobal1X128();
        (s.protocolFees0, s.protocolFees1) = pool.protocolFees();

        (int256 first, uint256 count) = _window(s, words);
        uint256[] memory bitmap = new uint256[](count);
        for (uint256 i; i < count; i++) {
            bitmap[i] = pool.tickBitmap(int16(first + int256(i)));
        }
        s.ticks = _ticks(bitmap, first, s.tickSpacing);
        for (uint256 i; i < s.ticks.length; i++) {
            Tick memory t = s.ticks[i];
            (
                t.liquidityGross,
                t.liquidityNet,
                t.feeGrowthOutside0X128,
                t.feeGrowthOutside1X128,
                ,,,
            ) = pool.ticks(t.tick);
        }
    }

    /// @notice The same of a Uniswap V4 pool, whose key alone knows the tick spacing.
    function uniswapV4(IPoolManager manager, bytes32 id, int24 tickSpacing, uint256 words)
        external
        view
        returns (PoolState memory s)
    {
        uint256 root = uint256(keccak256(abi.encode(id, POOLS_SLOT)));
        uint256[] memory head = _asUints(manager.extsload(bytes32(root), 4));
        s.sqrtPriceX96 = uint160(head[0]);
        s.tick = int24(uint24(head[0] >> 160));
        s.protocolFee = uint24(head[0] >> 184);
        s.feePips = uint24(head[0] >> 208);
        s.tickSpacing = tickSpacing;
        s.feeGrowthGlobal0X128 = head[1];
        s.feeGrowthGlobal1X128 = head[2];
        s.liquidity = uint128(head[3]);

        (int256 first, uint256 count) = _window(s, words);
        bytes32[] memory slots = new bytes32[](count);
        for (uint256 i; i < count; i++) {
            slots[i] = keccak256(abi.encode(first + int256(i), root + BITMAP_OFFSET));
        }
        s.ticks = _ticks(_asUints(manager.extsload(slots)), first, tickSpacing);
        for (uint256 i; i < s.ticks.length; i++) {
            Tick memory t = s.ticks[i];
            bytes32 slot = keccak256(abi.encode(int256(t.tick), root + TICKS_OFFSET));
            uint256[] memory info = _asUints(manager.extsload(slot, 3));
            t.liquidityGross = uint128(info[0]);
            t.liquidityNet = int128(int256(info[0]) >> 128);
            t.feeGrowthOutside0X128 = info[1];
            t.feeGrowthOutside1X128 = info[2];
        }
    }

    /// @dev Sets the ticks known; the first bitmap word that they need, and how many.
    function _window(PoolState memory s, uint256 words)
        private
        pure
        returns (int256 first, uint256 count)
    {
        int256 middle = _floorDiv(_floorDiv(s.tick, s.tickSpacing), 256);
        int256 reach = words > 65_536 ? int256(65_536) : int256(words);
        first = _max(middle - reach, _floorDiv(-(MAX_TICK / s.tickSpacing), 256));
        int256 last = -_max(-middle - reach, -(MAX_TICK / s.tickSpacing / 256));
        count = uint256(last - first + 1);
        s.lowestTick = int24(_max(first * 256 * s.tickSpacing, -MAX_TICK));
        s.highestTick = int24(-_max(-(last * 256 + 255) * s.tickSpacing, -MAX_TICK));
    }

    function _ticks(uint256[] memory bitmap, int256 first, int24 spacing)
        private
        pure
        returns (Tick[] memory list)
    {
        uint256 count;
        for (uint256 i; i < bitmap.length; i++) {
            for (uint256 bits = bitmap[i]; bits != 0; bits &= bits - 1) {
                count++;
            }
        }
        list = new Tick[](count);
        count = 0;
        for (uint256 i; i < bitmap.length; i++) {
            uint256 bits = bitmap[i];
            for (uint256 bit; bits != 0; bit++) {
                if (bits & 1 == 1) {
                    int256 index = (first + int256(i)) * 256 + int256(bit);
                    list[count++].tick = int24(index * spacing);
                }
                bits >>= 1;
            }
        }
    }

    function _asUints(bytes32[] memory values)
        private
        pure
        returns (uint256[] memory uints)
    {
        assembly ("memory-safe") {
            uints := values
        }
    }

    function _floorDiv(int256 x, int256 y) private pure returns (int256 q) {
        q = x / y;
        if (x % y < 0) q--;
    }

    function _max(int256 x, int256 y) private pure returns (int256) {
        return x > y ? x : y;
    }
}
