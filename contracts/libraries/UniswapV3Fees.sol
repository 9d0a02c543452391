// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";

/// @title UniswapV3Fees
/// @notice Fees that a position could collect now, as the pool itself would credit them.
///
/// ROUNDING  Down, as `Position.update` of Uniswap V3 core.
library UniswapV3Fees {
    uint256 private constant Q128 = 1 << 128;

    function owed(IUniswapV3Pool pool, address owner, int24 tickLower, int24 tickUpper)
        internal
        view
        returns (uint256 fees0, uint256 fees1)
    {
        (uint128 liquidity, uint256 last0, uint256 last1, uint128 owed0, uint128 owed1) =
            pool.positions(keccak256(abi.encodePacked(owner, tickLower, tickUpper)));
        (uint256 inside0, uint256 inside1) = _growthInside(pool, tickLower, tickUpper);
        // growth counters wrap around, so their differences do too
        unchecked {
            fees0 = owed0 + Math.mulDiv(inside0 - last0, liquidity, Q128);
            fees1 = owed1 + Math.mulDiv(inside1 - last1, liquidity, Q128);
        }
    }

    /// @dev `Tick.getFeeGrowthInside` of Uniswap V3 core, modulo 2^256.
    function _growthInside(IUniswapV3Pool pool, int24 tickLower, int24 tickUpper)
        private
        view
        returns (uint256 inside0, uint256 inside1)
    {
        (, int24 tick,,,,,) = pool.slot0();
        (uint256 lower0, uint256 lower1) = _outside(pool, tickLower);
        (uint256 upper0, uint256 upper1) = _outside(pool, tickUpper);
        unchecked {
            if (tick < tickLower) return (lower0 - upper0, lower1 - upper1);
            if (tick >= tickUpper) return (upper0 - lower0, upper1 - lower1);
            inside0 = pool.feeGrowthGlobal0X128() - lower0 - upper0;
            inside1 = pool.feeGrowthGlobal1X128() - lower1 - upper1;
        }
    }

    function _outside(IUniswapV3Pool pool, int24 tick)
        private
        view
        returns (uint256 outside0, uint256 outside1)
    {
        (,, outside0, outside1,,,,) = pool.ticks(tick);
    }
}
