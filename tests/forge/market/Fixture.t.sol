// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {MarketTest} from "../support/MarketTest.sol";

/// @notice The market in the file is the one that the other tests count on.
contract FixtureTest is MarketTest {
    function test_market__every_protocol__serves_an_order() public {
        start(base(), 100_000 * USD);

        execute(ordering(swapV2(address(asset), address(eth), 10_000 * USD)));
        execute(ordering(swapV3(address(asset), address(eth), 10_000 * USD)));
        execute(ordering(swapV2(address(asset), address(btc), 10_000 * USD)));
        execute(ordering(supplyV2(4_000 * USD, 2 * ETH)));
        execute(ordering(supplyV3(-206_340, -194_340, 4_000 * USD, 2 * ETH)));
        execute(ordering(supplyAave(10_000 * USD)));
        execute(ordering(supplySavings(10_000 * USD)));

        uint256[] memory worth = lens.book(vault).positionAssets;
        assertApproxEqRel(worth[V2], 8_000 * USD, 0.02e18);
        assertApproxEqRel(worth[V3], 8_000 * USD, 0.02e18);
        assertApproxEqAbs(worth[AAVE], 10_000 * USD, 1);
        assertApproxEqAbs(worth[SAVINGS], 10_000 * USD, 1);
        assertApproxEqRel(vault.totalAssets(), 100_000 * USD, 0.002e18);
    }

    function test_market__tokens__stand_in_the_order_that_tests_write_them_in() public view {
        assertLt(uint160(address(eth)), uint160(address(asset)));
        assertLt(uint160(address(btc)), uint160(address(asset)));
        assertEq(asset.decimals(), 6);
        assertEq(eth.decimals(), 18);
        assertEq(btc.decimals(), 8);
    }
}
