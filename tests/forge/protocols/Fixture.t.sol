// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {V4Test} from "../support/V4Test.sol";

/// @notice The protocols in the file are those that the other tests count on.
contract ProtocolFixtureTest is V4Test {
    function test_tokens__have_the_decimals_and_prices_that_tests_write() public view {
        assertEq(usdc.decimals(), 6);
        assertEq(usdt.decimals(), 6);
        assertEq(dai.decimals() + eth.decimals() + hst.decimals(), 3 * 18);
        assertEq(ofDollars(address(eth), 2_000), ETH);
        assertEq(priceOf(address(usdc)), E36);
        assertEq(priceOf(address(hst)), 1e24);
    }

    function test_uniswapV4__pool_is_the_one_whose_key_tests_write() public view {
        assertLt(uint160(address(hst)), uint160(address(usdc)));
        // slot 6 of the manager: pool id => pool, which begins with its price
        bytes32 slot = keccak256(abi.encode(poolId, uint256(6)));
        uint160 rootX96 = uint160(uint256(vm.load(address(manager), slot)));
        assertApproxEqRel(uint256(rootX96), uint256(1 << 96) / 1e6, 1e12, "a dollar each");
    }

    function test_trader__has_enough_to_skew_every_pool() public view {
        assertGe(usdc.balanceOf(trader), 10_000_000 * USD);
        assertGe(dai.balanceOf(trader), 10_000_000 * ETH);
        assertGe(hst.balanceOf(trader), 10_000_000 * ETH);
        assertGe(eth.balanceOf(trader), 10_000 * ETH);
    }
}
