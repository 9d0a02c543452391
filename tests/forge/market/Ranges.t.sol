// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IUniswapV3Pool} from "../../../contracts/interfaces/IUniswapV3.sol";
import {CallbackNotExpected, LiquidityNotHeld, TooManyRanges} from
    "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice Concentrated liquidity in a real pool: several ranges, their fees, who owns them.
contract RangePositionsTest is MarketTest {
    int24 private constant MIDDLE = -200_340;
    int24 private constant LOWER = MIDDLE - 6_000;
    int24 private constant UPPER = MIDDLE + 6_000;

    bytes32 private market;

    function setUp() public override {
        super.setUp();
        start(base(), 200_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 50_000 * USD)));
        execute(ordering(supplyV3(LOWER, UPPER, 20_000 * USD, 10 * ETH)));
        pass(1);
        market = Build.market(poolEth);
    }

    /// @dev Trades there and back, which leave the price and pay fees.
    function _trade() private {
        tradeV3(address(asset), address(eth), 400_000 * USD);
        tradeV3(address(eth), address(asset), 200 * ETH);
    }

    function _fees() private view returns (uint256 fees0, uint256 fees1) {
        return v3.feesOwed(market, LOWER, UPPER);
    }

    /* FEES */

    function test_fees__uncollected__are_in_the_books() public {
        uint256 before = vault.totalAssets();

        _trade();

        (uint256 fees0, uint256 fees1) = _fees();
        assertGt(fees1, USD);
        uint256 worth = fees0 * 2_000 * USD / ETH + fees1;
        assertApproxEqAbs(vault.totalAssets(), before + worth, 5);
    }

    function test_fees__collected__change_no_value() public {
        _trade();
        uint256 before = vault.totalAssets();

        execute(ordering(withdrawV3(LOWER, UPPER, 0)));

        (uint256 fees0, uint256 fees1) = _fees();
        assertEq(fees0 + fees1, 0);
        assertApproxEqAbs(vault.totalAssets(), before, 2);
    }

    function test_fees__are_what_the_pool_pays() public {
        _trade();
        (uint256 fees0, uint256 fees1) = _fees();
        (uint256 held0, uint256 held1) =
            (eth.balanceOf(address(vault)), asset.balanceOf(address(vault)));

        execute(ordering(withdrawV3(LOWER, UPPER, 0)));

        assertEq(eth.balanceOf(address(vault)) - held0, fees0);
        assertEq(asset.balanceOf(address(vault)) - held1, fees1);
    }

    function test_fees__of_prices_below_and_above_a_range__are_counted_too() public {
        execute(ordering(supplyV3(MIDDLE + 60, MIDDLE + 600, 0, 2 * ETH)));
        execute(ordering(supplyV3(MIDDLE - 600, MIDDLE - 60, 4_000 * USD, 0)));
        pass(1);
        tradeV3(address(asset), address(eth), 4_000_000 * USD); // beyond both
        tradeV3(address(eth), address(asset), 4_000 * ETH);

        (uint256 above0, uint256 above1) = v3.feesOwed(market, MIDDLE + 60, MIDDLE + 600);
        (uint256 below0, uint256 below1) = v3.feesOwed(market, MIDDLE - 600, MIDDLE - 60);

        assertGt(above0, 0);
        assertGt(above1, 0);
        assertGt(below0, 0);
        assertGt(below1 + 1, 0);
    }

    function test_fees__until_a_slice_was_set_aside__are_its_own() public {
        _trade();
        (uint256 fees0, uint256 fees1) = _fees();
        vm.prank(address(vault));
        v3.reserveSlice(market, 1, 4, bob);

        (uint256 left0, uint256 left1) = _fees();
        assertApproxEqAbs(left0, fees0 * 3 / 4, 1);
        assertApproxEqAbs(left1, fees1 * 3 / 4, 1);

        _trade(); // from here on they are those of who stay
        (uint256 more0, uint256 more1) = _fees();
        assertGt(more0, left0);
        uint256 before = vault.totalAssets();
        uint256 claimed1 = asset.balanceOf(bob);
        v3.claim(market, LOWER, UPPER, bob);
        claimed1 = asset.balanceOf(bob) - claimed1;

        assertApproxEqAbs(vault.totalAssets(), before, 5);
        (uint256 after0, uint256 after1) = _fees();
        assertApproxEqAbs(after0, more0, 1);
        assertApproxEqAbs(after1, more1, 1);
        assertGt(claimed1, fees1 / 4);
    }

    /* SPOT AND ORACLE */

    function test_amounts__of_a_skewed_pool__are_those_of_the_oracle() public {
        uint256 before = vault.totalAssets();

        tradeV3(address(asset), address(eth), 1_000_000 * USD);

        // fees come on top, nothing else changes
        (uint256 fees0, uint256 fees1) = _fees();
        assertApproxEqAbs(
            vault.totalAssets(), before + fees1 + fees0 * 2_000 * USD / ETH, 3
        );
    }

    function test_deviation__is_the_pools_distance() public {
        uint256[] memory prices = two(uint256(2_000e24), 1e36);
        uint256 before = v3.deviationWad(market, prices);
        tradeV3(address(asset), address(eth), 500_000 * USD);

        assertLt(before, 0.001e18);
        assertGt(v3.deviationWad(market, prices), 0.02e18);
    }

    /* HOW MANY */

    function test_ranges__more_than_four__are_refused() public {
        for (int24 i = 1; i < 4; i++) {
            execute(
                ordering(supplyV3(LOWER - 60 * i, UPPER + 60 * i, 2_000 * USD, ETH))
            );
        }
        refuse(
            ordering(supplyV3(LOWER - 600, UPPER + 600, 2_000 * USD, ETH)),
            abi.encodeWithSelector(TooManyRanges.selector, market, 5)
        );
        execute(ordering(supplyV3(LOWER - 60, UPPER + 60, 2_000 * USD, ETH))); // again

        assertEq(v3.ranges(market).length, 4);
    }

    function test_ranges__emptied_one__leaves_its_place() public {
        execute(ordering(supplyV3(LOWER - 60, UPPER + 60, 2_000 * USD, ETH)));
        execute(ordering(supplyV3(LOWER - 120, UPPER + 120, 2_000 * USD, ETH)));

        execute(ordering(withdrawV3(LOWER, UPPER, ALL)));

        assertEq(v3.ranges(market).length, 2);
        refuse(
            ordering(withdrawV3(LOWER, UPPER, 0)),
            abi.encodeWithSelector(LiquidityNotHeld.selector, LOWER, UPPER, 0, 0)
        );
        execute(ordering(withdrawV3(LOWER - 120, UPPER + 120, ALL)));
        execute(ordering(withdrawV3(LOWER - 60, UPPER + 60, ALL)));
        assertEq(v3.units(market), 0);
    }

    function test_slice__of_several_ranges__is_of_each() public {
        execute(ordering(supplyV3(LOWER - 60, UPPER + 60, 2_000 * USD, ETH)));
        uint256 before = v3.units(market);
        _trade();

        vm.prank(address(vault));
        v3.redeemSlice(market, 1, 1, bob); // everything

        assertEq(v3.units(market), 0);
        assertEq(v3.ranges(market).length, 0);
        assertGt(before, 0);
        assertGt(asset.balanceOf(bob), 20_000 * USD);
    }

    /* GIFTS AND CALLBACKS */

    function test_liquidity__minted_for_the_adapter_by_others__is_not_its_own() public {
        uint256 held = v3.units(market);
        uint256 before = vault.totalAssets();
        vm.startPrank(trader);
        eth.transfer(address(this), 100 * ETH);
        asset.transfer(address(this), 200_000 * USD);
        vm.stopPrank();

        IUniswapV3Pool(poolEth).mint(address(v3), LOWER, UPPER, 1e15, "");

        assertEq(v3.units(market), held);
        assertApproxEqAbs(vault.totalAssets(), before, 2);
        execute(ordering(withdrawV3(LOWER, UPPER, ALL)));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        eth.transfer(msg.sender, amount0);
        asset.transfer(msg.sender, amount1);
    }

    function test_callbacks__that_nobody_waits_for__are_refused() public {
        bytes memory error = abi.encodeWithSelector(CallbackNotExpected.selector, mallory);
        deal(address(asset), address(v3), 1_000 * USD);
        deal(address(asset), address(venueV3), 1_000 * USD);

        vm.startPrank(mallory);
        vm.expectRevert(error);
        v3.uniswapV3MintCallback(0, 1_000 * USD, "");
        vm.expectRevert(error);
        venueV3.uniswapV3SwapCallback(0, int256(1_000 * USD), abi.encode(asset));
    }
}
