// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

/// @notice What a venue promises, whatever the pool, which stands at the market's prices at
///         first: USDC is sold in it for `other`, and back. The test is the vault.
abstract contract VenueCases is ProtocolTest {
    IVenue internal venue;
    bytes32 internal pool;
    address internal spender; // that the venue lets take its tokens for a moment
    address internal other;
    address internal stranger; // a token that is not in the pool
    uint256 internal feeWad;
    uint256 internal most; // dollars that the pool takes at once

    /// @dev `trader` sells by the protocol's own means; what it got.
    function _trade(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        virtual
        returns (uint256 amountOut);

    /// @dev What the venue refuses two tokens with that are no pair of the pool.
    function _refuseSwap(address tokenIn, address tokenOut) internal virtual;

    /// @dev As the vault: pays the venue first, and is paid itself.
    function _swap(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        returns (uint256 got)
    {
        mint(tokenIn, address(venue), amountIn);
        uint256 before = IERC20(tokenOut).balanceOf(address(this));
        uint256 said = venue.swap(pool, tokenIn, tokenOut, amountIn);
        got = IERC20(tokenOut).balanceOf(address(this)) - before;
        assertEq(said, got);
        assertEq(IERC20(tokenIn).balanceOf(address(venue)), 0);
        assertEq(IERC20(tokenOut).balanceOf(address(venue)), 0);
        assertEq(IERC20(tokenIn).allowance(address(venue), spender), 0);
    }

    function _deviation(address tokenIn, address tokenOut) internal view returns (uint256) {
        return venue.deviationWad(
            pool, tokenIn, tokenOut, priceOf(tokenIn), priceOf(tokenOut)
        );
    }

    function _dollars(address token, uint256 amount) internal view returns (uint256) {
        return amount * priceOf(token) / E36; // in the asset's units
    }

    function _way(bool back) private view returns (address, address) {
        return back ? (other, address(usdc)) : (address(usdc), other);
    }

    /* SWAPS */

    function testFuzz_swap__any_amount__pays_what_the_protocol_does(uint256 dollars, bool back)
        public
    {
        (address tokenIn, address tokenOut) = _way(back);
        uint256 amountIn = ofDollars(tokenIn, bound(dollars, 1, most));
        uint256 snapshot = vm.snapshotState();
        uint256 direct = _trade(tokenIn, tokenOut, amountIn);
        vm.revertToState(snapshot);

        assertEq(_swap(tokenIn, tokenOut, amountIn), direct);
    }

    function testFuzz_swap__any_amount__costs_the_fee_at_least(uint256 dollars, bool back) public {
        (address tokenIn, address tokenOut) = _way(back);
        uint256 amountIn = ofDollars(tokenIn, bound(dollars, 1, most));

        uint256 got = _dollars(tokenOut, _swap(tokenIn, tokenOut, amountIn));

        // V4's pool starts a hundredth of a per cent off the price
        uint256 paid = _dollars(tokenIn, amountIn);
        assertLt(got, paid * (WAD - feeWad + 0.0001e18) / WAD + 1);
    }

    function test_swap__small__costs_little_more_than_the_fee() public {
        uint256 got = _dollars(other, _swap(address(usdc), other, 1_000 * USD));

        assertGt(got, 1_000 * USD * (WAD - feeWad - 0.002e18) / WAD);
    }

    function testFuzz_swap__there_and_back__never_profits(uint256 dollars) public {
        uint256 amountIn = bound(dollars, 1, most) * USD;

        uint256 got = _swap(other, address(usdc), _swap(address(usdc), other, amountIn));

        assertLt(got, amountIn);
    }

    function test_swap__tokens_that_are_no_pair__are_refused() public {
        address[2][4] memory pairs = [
            [address(usdc), stranger],
            [stranger, address(usdc)],
            [address(usdc), address(usdc)],
            [stranger, stranger]
        ];
        for (uint256 i; i < 4; i++) {
            mint(pairs[i][0], address(venue), USD);
            _refuseSwap(pairs[i][0], pairs[i][1]);
        }
    }

    function test_swap__more_than_was_sent__reverts() public {
        mint(address(usdc), address(venue), 100 * USD);

        vm.expectRevert();
        venue.swap(pool, address(usdc), other, 100 * USD + 1);
    }

    /* DEVIATION */

    function test_deviation__at_the_markets_prices__is_next_to_nothing() public view {
        assertLe(_deviation(address(usdc), other), 1e14);
    }

    function test_deviation__skewed_pool__is_its_own_price_both_ways() public {
        _trade(address(usdc), other, most * USD);

        uint256 there = _deviation(address(usdc), other);

        assertApproxEqAbs(_deviation(other, address(usdc)), there, 2);
        uint256 back = _trade(other, address(usdc), ofDollars(other, 1));
        uint256 priceWad = back * WAD / USD * WAD / (WAD - feeWad);
        assertGt(there, 0.02e18);
        assertApproxEqRel(there, priceWad - WAD, 0.01e18);
    }

    function test_deviation__skew_undone__is_small_again() public {
        uint256 got = _trade(address(usdc), other, most * USD);

        _trade(other, address(usdc), got);

        assertLt(_deviation(address(usdc), other), 0.005e18);
    }

    function test_deviation__a_price_moved__is_that() public view {
        uint256 deviationWad = venue.deviationWad(
            pool, address(usdc), other, E36, priceOf(other) * 110 / 100
        );

        assertApproxEqRel(deviationWad, 0.1e18, 0.002e18);
    }
}
