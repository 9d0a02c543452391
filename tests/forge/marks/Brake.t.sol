// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {BrakeNotRested, ExposureRaised, VaultPaused} from
    "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The brake: a pause or reduce-only, for a week, not again for a month.
contract BrakeTest is Rig {
    function setUp() public override {
        super.setUp();
        start(base(), 1_000 * USD);
        buyEthNow(100 * USD);
        lendNow(100 * USD);
    }

    function _week() private view returns (uint256) {
        return nowPlus(7 days);
    }

    /* PAUSE */

    function test_pause__stops_moves_by_price_and_orders() public {
        uint256 until = _week();
        vm.expectEmit(address(vault));
        emit IVault.Brake(until, true);
        vault.brake(true);
        bytes memory error = abi.encodeWithSelector(VaultPaused.selector, until);

        vm.expectRevert(error);
        vault.deposit(1, alice);
        vm.expectRevert(error);
        vault.mint(1, alice);
        vm.startPrank(alice);
        vm.expectRevert(error);
        vault.withdraw(1, alice, alice);
        vm.expectRevert(error);
        vault.redeem(1, alice, alice);
        vm.stopPrank();
        refuse(newOrder(), error);
        vm.expectRevert(error);
        vault.heal(address(lend), MARKET);
    }

    function test_pause__is_seen_in_every_max() public {
        vault.brake(true);

        assertEq(vault.maxDeposit(alice), 0);
        assertEq(vault.maxMint(alice), 0);
        assertEq(vault.maxWithdraw(alice), 0);
        assertEq(vault.maxRedeem(alice), 0);
        assertEq(vault.totalAssets(), 1_000 * USD); // but not in values
    }

    function test_pause__leaves_exits_in_kind_claims_and_upkeep_alone() public {
        vault.brake(true);

        vault.poke();
        vm.prank(alice);
        vault.redeemInKind(100 * USD * 1e6, alice, alice, 0);
        vm.prank(strategist);
        vault.cancelOrder();
        vault.setFees(treasury, 0.01e18, 0);

        assertApproxEqAbs(asset.balanceOf(alice), 90 * USD, 2); // two slices, Down
    }

    function test_pause__fill_of_the_queue__waits() public {
        request(alice, 100 * USD * 1e6);
        vault.brake(true);

        (uint256 shares,) = queue.fill(1);
        assertEq(shares, 0);
        pass(7 days);
        (shares,) = queue.fill(1);
        assertEq(shares, 100 * USD * 1e6);
    }

    function test_pause__ends_by_itself() public {
        vault.brake(true);

        skip(7 days - 1);
        vm.expectPartialRevert(VaultPaused.selector);
        vault.deposit(1, alice);
        skip(1);
        deposit(bob, 1);
        execute(ordering(buyEth(100 * USD)));
    }

    /* REDUCE-ONLY */

    function test_reduceOnly__stops_new_risk_alone() public {
        vault.brake(false);

        refuse(
            ordering(buyEth(1 * USD)),
            abi.encodeWithSelector(
                ExposureRaised.selector, address(eth), 101 * USD, 100 * USD
            )
        );
        execute(ordering(sellEth(ETH / 40, 50 * USD)));
        deposit(bob, 1);
        redeem(alice, 1e6);
    }

    /* HOW OFTEN */

    function test_brake__while_set__changes_kind_but_not_its_end() public {
        uint256 until = _week();
        vault.brake(false);
        skip(6 days);

        vm.expectEmit(address(vault));
        emit IVault.Brake(until, true);
        vault.brake(true);

        assertEq(status().brakeUntil, until);
        assertTrue(status().isPause);
    }

    function test_brake__again__rests_for_thirty_days() public {
        uint256 readyAt = _week() + 30 days;
        vault.brake(true);
        skip(7 days);

        vm.expectRevert(err(BrakeNotRested.selector, readyAt, nowPlus(0)));
        vault.brake(true);
        skip(30 days - 1);
        vm.expectRevert(err(BrakeNotRested.selector, readyAt, readyAt - 1));
        vault.brake(false);
        skip(1);
        vault.brake(true);
        assertTrue(status().isPause);
    }

    function test_brake__released_early__rests_from_then_on() public {
        vault.brake(true);
        skip(1 days);

        vm.expectEmit(address(vault));
        emit IVault.Brake(nowPlus(0), false);
        vault.releaseBrake();
        deposit(bob, 1);
        uint256 readyAt = nowPlus(30 days);

        vm.expectRevert(err(BrakeNotRested.selector, readyAt, nowPlus(0)));
        vault.brake(true);
        skip(30 days);
        vault.brake(true);
    }

    function test_release__of_a_brake_long_over__starts_no_new_rest() public {
        vault.brake(true);
        uint256 until = status().brakeUntil;
        skip(30 days);

        vault.releaseBrake();

        assertEq(status().brakeUntil, until);
        skip(7 days);
        vault.brake(true);
    }

    function test_release__of_a_brake_never_set__leaves_it_ready() public {
        vault.releaseBrake();

        assertEq(status().brakeUntil, 0);
        vault.brake(true);
    }

    function test_renew__by_the_owner__needs_no_rest() public {
        vault.brake(true);
        skip(7 days);

        uint256 until = _week();
        vm.expectEmit(address(vault));
        emit IVault.Brake(until, true);
        vault.renewBrake(true);

        assertEq(status().brakeUntil, until);
        assertEq(vault.maxDeposit(alice), 0);
    }
}
