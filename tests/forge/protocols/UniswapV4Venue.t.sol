// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {
    CallbackNotExpected,
    PartialSwap,
    PoolNotRegistered,
    ProtocolBusy,
    TokenPairMismatch
} from "../../../contracts/libraries/Errors.sol";
import {UniswapV4Venue} from "../../../contracts/venues/UniswapV4Venue.sol";
import {ProtocolTest} from "../support/ProtocolTest.sol";
import {V4Test} from "../support/V4Test.sol";
import {VenueCases} from "../support/VenueCases.sol";

/// @notice Swaps in V4's pool.
/// forge-config: default.evm_version = "cancun"
contract UniswapV4VenueTest is V4Test, VenueCases {
    function setUp() public override(V4Test, ProtocolTest) {
        V4Test.setUp();
        (venue, pool) = (new UniswapV4Venue(pools), poolId);
        spender = address(manager);
        (other, stranger) = (address(hst), address(dai));
        (feeWad, most) = (FEE_WAD, 1_500_000);
    }

    function _trade(address tokenIn, address, uint256 amountIn)
        internal
        override
        returns (uint256)
    {
        return _trade(tokenIn, amountIn);
    }

    function _refuseSwap(address tokenIn, address tokenOut) internal override {
        vm.expectRevert(
            abi.encodeWithSelector(TokenPairMismatch.selector, pool, tokenIn, tokenOut)
        );
        venue.swap(pool, tokenIn, tokenOut, 1);
    }

    function test_venue__says_its_protocol_registry_and_tokens() public view {
        assertEq(venue.protocol(), "uniswap-v4");
        assertEq(venue.tokens(pool), coins);
        assertEq(venue.parameters(pool), 0);
        UniswapV4Venue own = UniswapV4Venue(address(venue));
        assertEq(address(own.pools()), address(pools));
        assertEq(address(own.manager()), address(manager));
    }

    function testFuzz_swap__more_than_the_pool_can_take__is_refused(bool back) public {
        (address tokenIn, address tokenOut) =
            back ? (address(hst), address(usdc)) : (address(usdc), address(hst));
        uint256 amountIn = ofDollars(tokenIn, 10_000_000);
        mint(tokenIn, address(venue), amountIn);
        uint256 snapshot = vm.snapshotState();
        uint256 before = IERC20(tokenIn).balanceOf(trader);
        _trade(tokenIn, amountIn);
        uint256 taken = before - IERC20(tokenIn).balanceOf(trader);
        vm.revertToState(snapshot);

        vm.expectRevert(abi.encodeWithSelector(PartialSwap.selector, taken, amountIn));
        venue.swap(pool, tokenIn, tokenOut, amountIn);
    }

    function test_swap__pool_not_registered__is_refused() public {
        bytes32 unknown = bytes32(uint256(1));
        bytes memory error = abi.encodeWithSelector(PoolNotRegistered.selector, unknown);
        vm.expectRevert(error);
        venue.swap(unknown, address(usdc), address(hst), 1);
        vm.expectRevert(error);
        venue.tokens(unknown);
    }

    function test_callback__from_anybody_but_the_manager__is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(CallbackNotExpected.selector, mallory));
        vm.prank(mallory);
        UniswapV4Venue(address(venue)).unlockCallback("");
    }

    function test_deviation__while_the_manager_is_unlocked__is_refused() public {
        bytes memory view_ =
            abi.encodeCall(IVenue.deviationWad, (pool, address(usdc), other, E36, 1e24));

        bytes memory answer = insideOf(address(venue), view_, _moveHst);

        assertEq(answer, abi.encodeWithSelector(ProtocolBusy.selector, pool));
    }
}
