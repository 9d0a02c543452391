// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {RangeAdapter} from "../../../contracts/adapters/RangeAdapter.sol";
import {
    AmountsUnreadable,
    CallbackNotExpected,
    DrawNotSupported,
    LiquidityNotHeld,
    NotVault,
    PoolNotRegistered,
    TooManyRanges
} from "../../../contracts/libraries/Errors.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {RangeTest} from "../support/RangeTest.sol";

/// @notice The adapter of Uniswap V4: its ranges.
/// forge-config: default.evm_version = "cancun"
contract UniswapV4Test is RangeTest {
    /* WHO AND WHERE */

    function test_adapter__called_by_others_than_the_vault__refuses() public {
        _supply(WIDE, 10_000);
        bytes memory error =
            abi.encodeWithSelector(NotVault.selector, mallory, address(this));
        vm.startPrank(mallory);
        vm.expectRevert(error);
        adapter.supply(poolId, 0, 60, two(1, 1));
        vm.expectRevert(error);
        adapter.withdraw(poolId, MIDDLE - WIDE, MIDDLE + WIDE, ALL);
        vm.expectRevert(error);
        adapter.draw(poolId, 1);
        vm.expectRevert(error);
        adapter.redeemSlice(poolId, 1, 1, mallory);
        vm.expectRevert(error);
        adapter.reserveSlice(poolId, 1, 1, mallory);
    }

    function test_callback__from_anybody_but_the_manager__is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(CallbackNotExpected.selector, mallory));
        vm.prank(mallory);
        adapter.unlockCallback("");
    }

    function test_adapter__says_its_protocol_and_registry() public view {
        assertEq(adapter.protocol(), "uniswap-v4");
        assertEq(adapter.vault(), address(this));
        assertEq(address(adapter.pools()), address(pools));
        assertEq(address(adapter.manager()), address(manager));
        assertEq(adapter.tokens(poolId), coins);
        assertEq(adapter.parameters(poolId), 0);
        assertEq(adapter.healthWad(poolId), ALL);
    }

    function test_pool__not_registered__is_refused() public {
        bytes32 unknown = bytes32(uint256(1));
        bytes memory error = abi.encodeWithSelector(PoolNotRegistered.selector, unknown);
        vm.expectRevert(error);
        adapter.tokens(unknown);
        mint(address(hst), address(adapter), ETH);
        mint(address(usdc), address(adapter), USD);
        vm.expectRevert(error);
        adapter.supply(unknown, MIDDLE - WIDE, MIDDLE + WIDE, two(ETH, USD));
    }

    function test_draw__is_not_supported() public {
        _supply(WIDE, 10_000);
        assertEq(adapter.drawable(poolId), 0);
        vm.expectRevert(abi.encodeWithSelector(DrawNotSupported.selector, poolId, 1));
        adapter.draw(poolId, 1);
        vm.expectRevert(abi.encodeWithSelector(AmountsUnreadable.selector, adapter, poolId));
        adapter.amount(poolId);
    }

    /* SUPPLYING */

    function test_supply__range__takes_what_fits_and_sends_the_rest_back() public {
        uint256 spent = _supply(WIDE, 10_000);

        assertApproxEqRel(_worth(), spent, 1e10);
        assertGt(spent, 19_800 * USD); // the middle is a third of a tick spacing off
        assertLe(spent, 20_000 * USD);
        assertEq(adapter.ranges(poolId).length, 1);
        assertEq(adapter.ranges(poolId)[0].liquidity, adapter.units(poolId));
        _assertNothingKept();
    }

    function test_supply__tokens_that_lay_there__go_to_the_vault() public {
        mint(address(usdc), address(adapter), 7 * USD);
        uint256 before = usdc.balanceOf(address(this));

        _supply(WIDE, 10_000);

        assertGe(usdc.balanceOf(address(this)) - before, 7 * USD);
        _assertNothingKept();
    }

    function test_supply__the_same_range_again__is_one() public {
        _supply(WIDE, 10_000);
        uint256 units = adapter.units(poolId);

        _supply(WIDE, 10_000);

        assertEq(adapter.ranges(poolId).length, 1);
        assertApproxEqRel(adapter.units(poolId), 2 * units, 1e10);
    }

    function test_supply__a_fifth_range__is_refused() public {
        for (int24 i = 1; i <= 4; i++) {
            _supply(60 * i, 1_000);
        }
        mint(address(hst), address(adapter), 1_000 * ETH);
        mint(address(usdc), address(adapter), 1_000 * USD);

        vm.expectRevert(abi.encodeWithSelector(TooManyRanges.selector, poolId, 5));
        adapter.supply(poolId, MIDDLE - 300, MIDDLE + 300, two(1_000 * ETH, 1_000 * USD));
    }

    function testFuzz_supply__then_withdraw__never_profits(uint256 dollars, uint256 width)
        public
    {
        int24 half = int24(int256(60 * bound(width, 1, 1_000)));
        uint256 spent = _supply(half, bound(dollars, 1, 500_000));

        uint256 paid = _withdraw(half, ALL);

        assertLe(paid, spent);
        assertGe(paid + 5, spent);
    }

    /* WITHDRAWING */

    function test_withdraw__all__pays_what_was_said() public {
        _supply(WIDE, 10_000);
        uint256 said = _worth();

        uint256 paid = _withdraw(WIDE, ALL);

        assertApproxEqRel(paid, said, 1e10);
        assertEq(adapter.units(poolId), 0);
        assertEq(adapter.ranges(poolId).length, 0);
        assertEq(_worth(), 0);
        _assertNothingKept();
    }

    function test_withdraw__part__leaves_the_rest() public {
        _supply(WIDE, 10_000);
        (uint256 said, uint256 units) = (_worth(), adapter.units(poolId));

        uint256 paid = _withdraw(WIDE, units / 4);

        assertEq(adapter.units(poolId), units - units / 4);
        assertApproxEqRel(paid, said / 4, 1e10);
        assertApproxEqRel(_worth(), said * 3 / 4, 1e10);
    }

    function test_withdraw__first_of_two_ranges__leaves_the_second() public {
        _supply(WIDE, 10_000);
        _supply(NARROW, 5_000);

        _withdraw(WIDE, ALL);

        RangeAdapter.Range[] memory left = adapter.ranges(poolId);
        assertEq(left.length, 1);
        assertEq(left[0].tickLower, MIDDLE - NARROW);
        assertEq(left[0].tickUpper, MIDDLE + NARROW);
    }

    function test_withdraw__what_is_not_held__is_refused() public {
        _supply(WIDE, 10_000);
        uint256 held = adapter.units(poolId);
        (int24 lower, int24 upper) = (MIDDLE - WIDE, MIDDLE + WIDE);
        vm.expectRevert(
            abi.encodeWithSelector(
                LiquidityNotHeld.selector, lower, upper, held + 1, held
            )
        );
        adapter.withdraw(poolId, lower, upper, held + 1);
        vm.expectRevert(
            abi.encodeWithSelector(LiquidityNotHeld.selector, lower, upper + 60, 1, 0)
        );
        adapter.withdraw(poolId, lower, upper + 60, 1);
    }

    function test_withdraw__token_that_does_not_move__waits() public {
        _supply(WIDE, 10_000);
        uint256 said = _worth();
        hst.setFaults(HostileToken.Fault.REVERT, HostileToken.Fault.NONE);
        vm.expectRevert();
        adapter.withdraw(poolId, MIDDLE - WIDE, MIDDLE + WIDE, ALL);

        hst.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.NONE);

        assertApproxEqRel(_withdraw(WIDE, ALL), said, 1e10);
    }
}
