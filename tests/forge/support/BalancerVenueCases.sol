// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IBalancerV2Vault} from "../../../contracts/interfaces/IBalancerV2.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {ProtocolBusy, TokenPairMismatch} from "../../../contracts/libraries/Errors.sol";
import {BalancerV2Venue} from "../../../contracts/venues/BalancerV2Venue.sol";
import {VenueCases} from "./VenueCases.sol";

/// @notice Swaps in a pool of Balancer V2, of either kind.
abstract contract BalancerVenueCases is VenueCases {
    IBalancerV2Vault internal balancer;

    function setUp() public virtual override {
        super.setUp();
        balancer = IBalancerV2Vault(addressOf(".balancer.vault"));
        venue = new BalancerV2Venue();
        spender = address(balancer);
    }

    function _trade(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        override
        returns (uint256)
    {
        vm.prank(trader);
        return balancer.swap(
            IBalancerV2Vault.SingleSwap(pool, 0, tokenIn, tokenOut, amountIn, ""),
            IBalancerV2Vault.FundManagement(trader, false, trader, false),
            0,
            type(uint256).max
        );
    }

    /// @dev The Vault itself: 521, a token that is not the pool's; 509, the same twice.
    function _refuseSwap(address tokenIn, address tokenOut) internal override {
        vm.expectRevert(tokenIn == tokenOut ? bytes("BAL#509") : bytes("BAL#521"));
        venue.swap(pool, tokenIn, tokenOut, 1);
    }

    function _moveHst() private {
        _trade(address(hst), address(usdc), ETH);
    }

    function test_venue__says_its_protocol_and_the_pools_coins() public view {
        assertEq(venue.protocol(), "balancer-v2");
        address[] memory listed = venue.tokens(pool);
        assertEq(listed.length, 3);
        for (uint256 i; i < 3; i++) {
            assertTrue(
                listed[i] == address(usdc) || listed[i] == address(hst) || listed[i] == other
            );
        }
    }

    function test_parameters__are_the_pools() public {
        bytes32 listed = venue.parameters(pool);
        address at = address(uint160(uint256(pool) >> 96));

        from(maker, at, abi.encodeWithSignature("setSwapFeePercentage(uint256)", 0.01e18));

        assertNotEq(venue.parameters(pool), listed);
    }

    function test_deviation__tokens_that_are_no_pair__is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(TokenPairMismatch.selector, pool, stranger, other)
        );
        venue.deviationWad(pool, stranger, other, E36, E36);
        vm.expectRevert(
            abi.encodeWithSelector(TokenPairMismatch.selector, pool, other, stranger)
        );
        venue.deviationWad(pool, other, stranger, E36, E36);
    }

    function test_deviation__in_the_middle_of_a_trade__is_refused() public {
        bytes memory view_ =
            abi.encodeCall(IVenue.deviationWad, (pool, address(usdc), other, E36, 1e24));

        bytes memory answer = insideOf(address(venue), view_, _moveHst);

        assertEq(answer, abi.encodeWithSelector(ProtocolBusy.selector, pool));
    }

    function test_deviation__of_the_third_token__is_less_than_of_the_traded() public {
        _trade(address(usdc), other, most * USD);

        uint256 aside = _deviation(address(usdc), address(hst));
        assertGt(aside, 0);
        assertLt(aside, _deviation(address(usdc), other));
    }
}
