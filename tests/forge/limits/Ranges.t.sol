// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {Supply} from "../../../contracts/interfaces/Types.sol";
import {RangeNotSupported, RangeTooNarrow} from "../../../contracts/libraries/Errors.sol";
import {Limits} from "../../../contracts/libraries/Limits.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice A concentrated range is at least four uncertainties of its pair wide, each way.
contract RangesTest is MarketTest {
    int24 private constant MIDDLE = -200_340;

    /// @notice The library's check, from outside.
    function checkRange(int24 lower, int24 upper, uint256 u0, uint256 u1) external pure {
        Limits.checkRange(lower, upper, u0, u1);
    }

    function _refuse(int24 lower, int24 upper, uint256 u0, uint256 u1, uint256 least) private {
        vm.expectRevert(abi.encodeWithSelector(RangeTooNarrow.selector, lower, upper, least));
        this.checkRange(lower, upper, u0, u1);
    }

    function test_range__in_an_order__holds_to_the_tick_spacing() public {
        start(base(), 100_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        pass(1);

        // u = 0.5 % of one token: 2 % each way, which is 1.0001^396 over the width
        refuse(
            ordering(supplyV3(MIDDLE - 180, MIDDLE + 180, 4_000 * USD, 2 * ETH)),
            abi.encodeWithSelector(
                RangeTooNarrow.selector, MIDDLE - 180, MIDDLE + 180, 0.02e18
            )
        );
        execute(ordering(supplyV3(MIDDLE - 240, MIDDLE + 180, 4_000 * USD, 2 * ETH)));
    }

    function test_range__width__is_counted_to_the_tick() public {
        // 1.0001^396 = 1.04039, of which the root is 1.019996; 1.0001^397: 1.020047
        _refuse(0, 396, 0.005e18, 0, 0.02e18);
        this.checkRange(0, 397, 0.005e18, 0);
        this.checkRange(-100, 297, 0.005e18, 0);
    }

    function test_range__of_two_uncertain_tokens__takes_their_ratio() public {
        // 1.005 / 0.995 - 1 = 1.005025... %: four times as much each way
        uint256 least = 4 * uint256(0.010050251256281408e18);
        _refuse(0, 788, 0.005e18, 0.005e18, least);
        this.checkRange(0, 789, 0.005e18, 0.005e18);
    }

    function test_range__that_runs_backwards__is_refused_even_when_all_is_certain() public {
        _refuse(1, 0, 0, 0, 0);
        _refuse(0, 0, 0.001e18, 0, 0.004e18);
        this.checkRange(0, 0, 0, 0);
    }

    function test_range__wider_than_half_of_all_prices__passes() public view {
        this.checkRange(TickMath.MIN_TICK, TickMath.MAX_TICK, 0.99e18, 0);
        this.checkRange(0, TickMath.MAX_TICK, 0.99e18, 0);
    }

    function test_range__in_a_protocol_without_ranges__is_refused() public {
        start(base(), 100_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        pass(1);
        Supply memory action = supplyV2(4_000 * USD, 2 * ETH);

        (action.tickLower, action.tickUpper) = (MIDDLE - 600, MIDDLE + 600);

        refuse(
            ordering(action),
            abi.encodeWithSelector(
                RangeNotSupported.selector, action.tickLower, action.tickUpper
            )
        );
    }
}
