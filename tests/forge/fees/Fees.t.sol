// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {ParamOutOfRange} from "../../../contracts/libraries/Errors.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Fees: for management by the second, for performance on gains that stood at two
///         checkpoints a day apart.
contract FeesTest is Rig {
    uint256 private constant SHARE = 1e12;
    uint256 private constant SHARES = 1_000 * SHARE; // of all, before fees

    function _start(uint256 managementWad, uint256 performanceWad) private {
        Config memory c = base();
        c.params.feeRecipient = treasury;
        (c.params.managementFeeWad, c.params.performanceFeeWad) =
            (managementWad, performanceWad);
        vault.submit(c);
        deposit(alice, 1_000 * USD - SEED);
        vm.roll(vm.getBlockNumber() + 1);
    }

    /// @dev The vault is worth so much from now on.
    function _worth(uint256 assets) private {
        deal(address(asset), address(vault), assets);
    }

    function _pokeAfter(uint256 seconds_) private {
        pass(seconds_);
        vault.poke();
    }

    /* MANAGEMENT */

    function test_management__of_a_year__is_its_part_of_all_shares() public {
        _start(0.02e18, 0);

        _pokeAfter(365 days);

        // 2 / 98 of what was there is 2 of 100 afterwards
        assertEq(vault.balanceOf(treasury), SHARES * 2 / 98);
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(treasury)), 20 * USD, 1);
    }

    function test_management__is_counted_by_the_second() public {
        _start(0.05e18, 0);

        _pokeAfter(1);
        uint256 dueWad = uint256(0.05e18) / 365 days;

        assertEq(vault.balanceOf(treasury), SHARES * dueWad / (1e18 - dueWad));
    }

    function test_management__of_many_small_times__is_that_of_one() public {
        _start(0.05e18, 0);
        uint256 snapshot = vm.snapshotState();
        _pokeAfter(100 days);
        uint256 once = vault.balanceOf(treasury);

        vm.revertToState(snapshot);
        for (uint256 i; i < 100; i++) {
            _pokeAfter(1 days);
        }

        // e^x - 1 is less than x / (1 - x): nobody is paid for poking
        assertLe(vault.balanceOf(treasury), once);
        assertApproxEqRel(vault.balanceOf(treasury), once, 0.01e18);
    }

    function test_management__of_more_than_a_year__is_of_one() public {
        _start(0.02e18, 0);

        _pokeAfter(3 * 365 days);

        assertEq(vault.balanceOf(treasury), SHARES * 2 / 98);
    }

    function test_management__is_minted_before_every_move_of_shares() public {
        _start(0.02e18, 0);
        for (uint256 i; i < 5; i++) {
            uint256 snapshot = vm.snapshotState();
            pass(365 days);

            if (i == 0) deposit(bob, USD);
            if (i == 1) {
                deal(address(asset), alice, USD);
                vm.prank(alice);
                vault.mint(1, alice);
            }
            vm.startPrank(alice);
            if (i == 2) vault.withdraw(USD, alice, alice);
            if (i == 3) vault.redeem(SHARE, alice, alice);
            if (i == 4) vault.redeemInKind(SHARE, alice, alice, 0);
            vm.stopPrank();

            assertEq(vault.balanceOf(treasury), SHARES * 2 / 98);
            vm.revertToState(snapshot);
        }
    }

    function test_management__needs_no_price() public {
        _start(0.02e18, 0);
        pass(365 days);
        ethSource.setFault(SettableSource.Fault.REVERT);

        vm.prank(alice);
        vault.redeemInKind(SHARE, alice, alice, 0);

        assertEq(vault.balanceOf(treasury), SHARES * 2 / 98);
    }

    /* PERFORMANCE */

    function test_performance__of_a_gain_that_stays__is_its_part() public {
        _start(0, 0.2e18);
        _worth(1_100 * USD);

        _pokeAfter(2 days);
        assertEq(vault.balanceOf(treasury), 0); // seen once
        pass(2 days);
        vm.expectEmit(true, true, true, false, address(vault));
        emit IVault.Accrued(0, 0);
        vault.poke();

        // 20 of 1,100
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(treasury)), 20 * USD, 2);
        assertApproxEqAbs(status().highWater, 1.08e18, 2e9);
    }

    function test_performance__is_charged_once() public {
        _start(0, 0.2e18);
        _worth(1_100 * USD);
        _pokeAfter(2 days);
        _pokeAfter(2 days);
        uint256 minted = vault.balanceOf(treasury);

        for (uint256 i; i < 5; i++) {
            _pokeAfter(2 days);
        }

        // but for the last digits of a wad
        assertApproxEqRel(vault.balanceOf(treasury), minted, 1e9);
    }

    function test_performance__wick_up__pays_nothing() public {
        _start(0, 0.2e18);
        _pokeAfter(2 days);

        _worth(1_500 * USD);
        _pokeAfter(2 days); // high now, not before
        _worth(1_000 * USD);
        _pokeAfter(2 days); // high before, not now

        assertEq(vault.balanceOf(treasury), 0);
    }

    function test_performance__lower_of_the_two__is_what_counts() public {
        _start(0, 0.2e18);
        _worth(1_500 * USD);
        _pokeAfter(2 days);
        _worth(1_100 * USD);
        _pokeAfter(2 days);

        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(treasury)), 20 * USD, 2);
    }

    function test_performance__back_at_the_mark__pays_nothing() public {
        _start(0, 0.2e18);
        _worth(800 * USD);
        _pokeAfter(2 days);
        _worth(1_000 * USD);
        _pokeAfter(2 days);
        _pokeAfter(2 days);

        assertEq(vault.balanceOf(treasury), 0);
    }

    function test_performance__checkpoints__are_a_day_apart() public {
        _start(0, 0.2e18);
        _worth(1_100 * USD);
        _pokeAfter(2 days);
        uint256 day = status().checkpointDay * 1 days; // when the next may be, not before

        vm.warp(day - 1);
        vault.poke();
        assertEq(vault.balanceOf(treasury), 0);
        vm.warp(day + 1 days - 1);
        vault.poke();
        assertEq(vault.balanceOf(treasury), 0);
        vm.warp(day + 1 days);
        vault.poke();
        assertGt(vault.balanceOf(treasury), 0);
    }

    function test_performance__old_prices__make_no_checkpoint() public {
        _start(0, 0.2e18);
        buyEthNow(500 * USD);
        ethSource.setUpdatedAt(vm.getBlockTimestamp());
        uint256 checkpoint = status().checkpoint;

        ethSource.set(3_000e18, 0);
        _pokeAfter(2 days + 1); // a second too old
        assertEq(status().checkpoint, checkpoint);
        ethSource.setUpdatedAt(vm.getBlockTimestamp() - 2 days);
        vault.poke();
        assertGt(status().checkpoint, checkpoint);
    }

    function test_performance__is_of_the_low_side() public {
        _start(0, 0.2e18);
        buyEthNow(500 * USD);
        ethSource.set(2_400e18, 0.2e18); // 1,100 in the middle, 960 + 500 low
        _pokeAfter(2 days);
        _pokeAfter(2 days);

        assertEq(vault.balanceOf(treasury), 0);
    }

    function test_performance__and_management__together() public {
        _start(0.02e18, 0.2e18);
        _worth(1_100 * USD);
        _pokeAfter(2 days);
        pass(363 days);
        vault.poke();

        // 1,100 with 2 % more shares: 1.078; a fifth of 0.078 on top
        uint256 worth = vault.convertToAssets(vault.balanceOf(treasury));
        assertApproxEqRel(worth, 22 * USD + 15.6e6, 0.02e18);
    }

    /* SETTING THEM */

    function test_setFees__above_the_most_in_the_code__is_refused() public {
        _start(0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ParamOutOfRange.selector,
                bytes32("managementFeeWad"),
                0.05e18 + 1,
                0.05e18
            )
        );
        vault.setFees(treasury, 0.05e18 + 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ParamOutOfRange.selector,
                bytes32("performanceFeeWad"),
                0.3e18 + 1,
                0.3e18
            )
        );
        vault.setFees(treasury, 0, 0.3e18 + 1);
        vault.setFees(treasury, 0.05e18, 0.3e18);
    }

    function test_setFees__for_nobody__is_refused() public {
        _start(0, 0);
        bytes memory error =
            abi.encodeWithSelector(ParamOutOfRange.selector, bytes32("feeRecipient"), 0, 0);

        vm.expectRevert(error);
        vault.setFees(address(0), 1, 0);
        vm.expectRevert(error);
        vault.setFees(address(0), 0, 1);
        vault.setFees(address(0), 0, 0);
    }

    function test_setFees__pays_what_is_due_to_the_one_before() public {
        _start(0.02e18, 0);
        pass(365 days);
        address next = vm.computeCreateAddress(address(vault), vm.getNonce(address(vault)));

        vm.expectEmit(true, false, false, false, address(vault));
        emit IVault.SetConfig(next, 0);
        vault.setFees(bob, 0.05e18, 0);

        assertEq(vault.balanceOf(treasury), SHARES * 2 / 98);
        assertEq(lens.config(vault).params.managementFeeWad, 0.05e18);
        _pokeAfter(365 days);
        assertEq(vault.balanceOf(treasury), SHARES * 2 / 98);
        assertGt(vault.balanceOf(bob), 0);
    }

    function test_setFees__gains_of_before__are_not_charged() public {
        _start(0, 0);
        _worth(1_100 * USD);
        _pokeAfter(4 days);

        vault.setFees(treasury, 0, 0.3e18);
        _pokeAfter(2 days);
        _pokeAfter(2 days);
        assertEq(vault.balanceOf(treasury), 0);
        assertApproxEqAbs(status().highWater, 1.1e18, 1e9);

        _worth(1_200 * USD); // later ones are
        _pokeAfter(2 days);
        _pokeAfter(2 days);
        assertApproxEqAbs(vault.convertToAssets(vault.balanceOf(treasury)), 30 * USD, 2);
    }

    function test_setFees__after_a_fall__does_not_lower_the_mark() public {
        _start(0, 0.2e18);
        _worth(800 * USD);
        _pokeAfter(2 days);

        vault.setFees(treasury, 0, 0.3e18);
        _worth(1_000 * USD);
        _pokeAfter(2 days);
        _pokeAfter(2 days);

        assertEq(vault.balanceOf(treasury), 0);
        assertEq(status().highWater, 1e18);
    }

    function test_setFees__others_parts_of_the_configuration__stay() public {
        _start(0, 0);
        Config memory expected = lens.config(vault);

        vault.setFees(bob, 0.01e18, 0.1e18);

        (expected.params.feeRecipient, expected.params.managementFeeWad) = (bob, 0.01e18);
        expected.params.performanceFeeWad = 0.1e18;
        assertEq(keccak256(abi.encode(lens.config(vault))), keccak256(abi.encode(expected)));
    }
}
