// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ICurvePool} from "../../../contracts/interfaces/ICurvePool.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {ProtocolBusy, TokenPairMismatch} from "../../../contracts/libraries/Errors.sol";
import {CurveVenue} from "../../../contracts/venues/CurveVenue.sol";
import {Build} from "../support/Build.sol";
import {VenueCases} from "../support/VenueCases.sol";

/// @notice Swaps in Curve's pool of four coins.
contract CurveVenueTest is VenueCases {
    ICurvePool private curve;
    address[] private coins;

    function setUp() public override {
        super.setUp();
        curve = ICurvePool(addressOf(".curve.pool"));
        coins = [address(usdc), address(dai), address(usdt), address(hst)];
        (venue, pool) = (new CurveVenue(), Build.market(address(curve)));
        (spender, other, stranger) = (address(curve), address(dai), address(eth));
        (feeWad, most) = (0.0004e18, 950_000);
    }

    function _trade(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        override
        returns (uint256)
    {
        vm.prank(trader);
        return curve.exchange(_place(tokenIn), _place(tokenOut), amountIn, 0);
    }

    function _place(address coin) private view returns (int128 i) {
        while (coins[uint128(i)] != coin) i++;
    }

    function _refuseSwap(address tokenIn, address tokenOut) internal override {
        vm.expectRevert(
            abi.encodeWithSelector(TokenPairMismatch.selector, pool, tokenIn, tokenOut)
        );
        venue.swap(pool, tokenIn, tokenOut, 1);
    }

    function test_venue__says_its_protocol_tokens_and_parameters() public {
        assertEq(venue.protocol(), "curve");
        assertEq(venue.tokens(pool), coins);
        bytes32 listed = venue.parameters(pool);
        vm.mockCall(address(curve), abi.encodeCall(ICurvePool.fee, ()), abi.encode(1));
        assertNotEq(venue.parameters(pool), listed);
    }

    function testFuzz_swap__between_any_two_coins__pays(uint256 i, uint256 j) public {
        (i, j) = (bound(i, 0, 3), bound(j, 0, 2));
        if (j >= i) j++;

        uint256 got = _swap(coins[i], coins[j], ofDollars(coins[i], 1_000));

        assertApproxEqRel(got, ofDollars(coins[j], 1_000), feeWad + 0.0001e18);
    }

    function test_deviation__tokens_that_are_no_pair__is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(TokenPairMismatch.selector, pool, stranger, other)
        );
        venue.deviationWad(pool, stranger, other, E36, E36);
    }

    function test_deviation__of_two_coins_beside_a_skew__stays_small() public {
        _trade(address(usdc), other, most * USD);

        assertLt(_deviation(address(usdt), address(hst)), 1e12);
    }

    function test_deviation__in_the_middle_of_a_trade__is_refused() public {
        bytes memory view_ =
            abi.encodeCall(IVenue.deviationWad, (pool, address(usdc), other, E36, 1e24));

        bytes memory answer = insideOf(address(venue), view_, _moveHst);

        assertEq(answer, abi.encodeWithSelector(ProtocolBusy.selector, pool));
    }

    function _moveHst() private {
        _trade(address(hst), address(usdc), ETH);
    }
}
