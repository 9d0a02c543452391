// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ExitQueue} from "../../../contracts/ExitQueue.sol";
import {IExitQueue} from "../../../contracts/interfaces/IExitQueue.sol";
import {Config} from "../../../contracts/interfaces/Types.sol";
import {NotRequestOwner, NothingToClaim, RequestTooSmall} from
    "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The exit queue: first come first served, in parts, cancellable, claimable.
contract QueueTest is Rig {
    uint256 private constant SHARE = 1e12; // one whole share: a dollar's worth

    function setUp() public override {
        super.setUp();
        Config memory c = base();
        c.params.queue = address(queue);
        start(c, 1_000 * USD);
    }

    /// @dev All but so much of the asset is ETH, which no exit by price can draw.
    function _idle(uint256 assets) private {
        buyEthNow(asset.balanceOf(address(vault)) - assets);
    }

    function _shares(uint256 id) private view returns (uint256) {
        return queue.requests(id).shares;
    }

    function _paid(uint256 id) private view returns (uint256) {
        return queue.requests(id).assets;
    }

    /* REQUESTS */

    function test_request__takes_the_shares_and_a_number() public {
        vm.startPrank(alice);
        vault.approve(address(queue), 100 * SHARE);
        vm.expectEmit(address(queue));
        emit IExitQueue.Requested(0, alice, 100 * SHARE);
        queue.request(100 * SHARE);
        vm.stopPrank();

        assertEq(vault.balanceOf(address(queue)), 100 * SHARE);
        assertEq(_shares(0), 100 * SHARE);
        assertEq(queue.requests(0).owner, alice);
        assertEq(queue.waitingSince(), vm.getBlockTimestamp());
    }

    function test_request__of_less_than_the_least__is_refused() public {
        queue = new ExitQueue(vault, 10 * SHARE);
        vm.startPrank(alice);
        vault.approve(address(queue), 10 * SHARE);

        vm.expectRevert(err(RequestTooSmall.selector, 10 * SHARE - 1, 10 * SHARE));
        queue.request(10 * SHARE - 1);
        queue.request(10 * SHARE);
    }

    /* FILLING */

    function test_fill__by_anyone__pays_the_low_price() public {
        buyEthNow(500 * USD);
        ethSource.set(2_000e18, 0.1e18); // 950 at the low prices
        request(alice, 100 * SHARE);

        vm.expectEmit(address(queue));
        emit IExitQueue.Filled(0, 100 * SHARE, 95 * USD);
        vm.prank(mallory);
        (uint256 shares, uint256 assets) = queue.fill(1);

        assertEq(shares, 100 * SHARE);
        assertEq(assets, 95 * USD);
        assertEq(_paid(0), 95 * USD);
        assertEq(asset.balanceOf(address(queue)), 95 * USD);
        assertEq(queue.waitingSince(), 0);
    }

    function test_fill__goes_from_the_front_and_fills_the_head_in_part() public {
        deposit(bob, 300 * USD);
        pass(1);
        _idle(250 * USD);
        request(alice, 200 * SHARE);
        request(bob, 100 * SHARE);
        request(alice, 50 * SHARE);

        queue.fill(10);

        assertEq(_paid(0), 200 * USD);
        assertEq(_paid(1), 50 * USD);
        assertEq(_shares(1), 50 * SHARE);
        assertEq(_paid(2), 0);
        (uint256 first, uint256 next) = queue.bounds();
        assertEq(first, 1);
        assertEq(next, 3);

        deal(address(asset), address(vault), 0);
        (uint256 shares,) = queue.fill(10);
        assertEq(shares, 0);
    }

    function test_fill__of_few_entries__looks_at_no_more() public {
        for (uint256 i; i < 3; i++) {
            request(alice, 10 * SHARE);
        }

        queue.fill(0);
        assertEq(_paid(0), 0);
        queue.fill(2);

        assertEq(_paid(0), 10 * USD);
        assertEq(_paid(1), 10 * USD);
        assertEq(_paid(2), 0);
        (uint256 first,) = queue.bounds();
        assertEq(first, 2);
    }

    function test_fill__one_price_for_all() public {
        request(alice, 100 * SHARE + 1);
        request(alice, 100 * SHARE + 2);
        request(alice, 100 * SHARE + 3);

        (, uint256 assets) = queue.fill(3);

        assertEq(assets, 300 * USD);
        for (uint256 i; i < 3; i++) {
            assertApproxEqAbs(_paid(i), 100 * USD, 1);
        }
    }

    function test_fill__without_anybody_waiting__does_nothing() public {
        (uint256 shares, uint256 assets) = queue.fill(ALL);

        assertEq(shares, 0);
        assertEq(assets, 0);
    }

    function test_fill__draws_positions_of_the_asset() public {
        lendNow(900 * USD);
        request(alice, 500 * SHARE);

        queue.fill(1);

        assertEq(_paid(0), 500 * USD);
        assertEq(lend.units(MARKET), 500 * USD);
    }

    /* CANCELLING */

    function test_cancel__gives_back_what_waits() public {
        request(alice, 100 * SHARE);
        uint256 before = vault.balanceOf(alice);

        vm.expectEmit(address(queue));
        emit IExitQueue.Cancelled(0, 100 * SHARE);
        vm.prank(alice);
        queue.cancel(0);

        assertEq(vault.balanceOf(alice) - before, 100 * SHARE);
        assertEq(vault.balanceOf(address(queue)), 0);
    }

    function test_cancel__of_a_part_filled_request__leaves_its_claim() public {
        _idle(40 * USD);
        request(alice, 100 * SHARE);
        queue.fill(1);

        vm.startPrank(alice);
        assertEq(queue.cancel(0), 60 * SHARE);
        assertEq(queue.claim(0, bob), 40 * USD);
        vm.stopPrank();

        assertEq(asset.balanceOf(bob), 40 * USD);
        assertEq(vault.balanceOf(address(queue)), 0);
    }

    function test_cancel__in_the_middle__leaves_a_hole_that_is_stepped_over() public {
        deposit(bob, 100 * USD);
        request(alice, 10 * SHARE);
        request(bob, 10 * SHARE);
        request(bob, 10 * SHARE);
        request(alice, 10 * SHARE);
        vm.startPrank(bob);
        queue.cancel(1);
        queue.cancel(2);
        vm.stopPrank();

        queue.fill(3); // the first, and two holes
        (uint256 first,) = queue.bounds();
        assertEq(first, 3);
        queue.fill(1);
        assertEq(_paid(3), 10 * USD);
    }

    function test_cancel__of_anothers_request__is_refused() public {
        request(alice, 10 * SHARE);

        vm.startPrank(mallory);
        vm.expectRevert(abi.encodeWithSelector(NotRequestOwner.selector, 0, alice, mallory));
        queue.cancel(0);
        vm.expectRevert(abi.encodeWithSelector(NotRequestOwner.selector, 0, alice, mallory));
        queue.claim(0, mallory);
        vm.expectRevert(
            abi.encodeWithSelector(NotRequestOwner.selector, 1, address(0), mallory)
        );
        queue.cancel(1);
    }

    function test_cancel__twice__gives_nothing() public {
        request(alice, 10 * SHARE);

        vm.startPrank(alice);
        queue.cancel(0);
        assertEq(queue.cancel(0), 0);
    }

    /* CLAIMING */

    function test_claim__waits_for_ever_outside_the_vault() public {
        request(alice, 100 * SHARE);
        queue.fill(1);
        uint256 nav = vault.totalAssets();

        vault.brake(true);
        pass(3650 days);

        vm.expectEmit(address(queue));
        emit IExitQueue.Claimed(0, alice, 100 * USD);
        vm.prank(alice);
        queue.claim(0, alice);
        assertEq(asset.balanceOf(alice), 100 * USD);
        assertEq(vault.totalAssets(), nav);
    }

    function test_claim__of_nothing__is_refused() public {
        request(alice, 100 * SHARE);

        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, 0, alice));
        queue.claim(0, alice);
        queue.fill(1);
        queue.claim(0, alice);
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, 0, alice));
        queue.claim(0, alice);
    }

    /* GIFTS */

    function test_skim__gives_away_what_nobody_has_queued() public {
        request(alice, 100 * SHARE);
        vm.prank(alice);
        vault.transfer(address(queue), 50 * SHARE);

        assertEq(queue.skim(bob), 50 * SHARE);

        assertEq(vault.balanceOf(bob), 50 * SHARE);
        assertEq(vault.balanceOf(address(queue)), 100 * SHARE);
        queue.fill(1);
        assertEq(queue.skim(bob), 0);
    }

    function test_skim__of_a_part_filled_queue__takes_nothing_from_it() public {
        _idle(40 * USD);
        request(alice, 100 * SHARE);
        queue.fill(1);

        assertEq(queue.skim(mallory), 0);
        assertEq(vault.balanceOf(address(queue)), 60 * SHARE);
    }

    /* WAITING */

    function test_waitingSince__is_the_front_requests() public {
        uint256 first = vm.getBlockTimestamp();
        request(alice, 10 * SHARE);
        pass(1 days);
        request(alice, 10 * SHARE);
        assertEq(queue.waitingSince(), first);

        queue.fill(1);

        assertEq(queue.waitingSince(), first + 1 days);
    }

    function test_waitingSince__those_before_all_cancelled__is_the_next_ones_own() public {
        deposit(bob, 100 * USD);
        pass(1);
        for (uint256 i; i < 5; i++) {
            request(alice, 10 * SHARE);
        }
        pass(7 days);
        request(bob, 10 * SHARE);
        for (uint256 i = 5; i > 0; i--) {
            vm.prank(alice);
            queue.cancel(i - 1); // the front one last
        }

        assertEq(queue.waitingSince(), vm.getBlockTimestamp());
        (uint256 first,) = queue.bounds();
        assertEq(first, 5);
        assertEq(queue.requests(5).shares, 10 * SHARE);
    }

    function test_waitingSince__front_request_cancelled__is_that_of_the_next() public {
        request(alice, 10 * SHARE);
        pass(1 days);
        request(alice, 10 * SHARE);

        vm.startPrank(alice);
        queue.cancel(0);
        assertEq(queue.waitingSince(), vm.getBlockTimestamp());
        queue.cancel(1);
        assertEq(queue.waitingSince(), 0);
    }

    function test_waitingSince__all_cancelled_from_the_back__is_nobodys() public {
        request(alice, 10 * SHARE);
        request(alice, 10 * SHARE);
        vm.startPrank(alice);
        queue.cancel(1);
        queue.cancel(0);
        vm.stopPrank();
        assertEq(queue.waitingSince(), 0);
        pass(1 days);

        request(alice, 10 * SHARE); // the first to wait

        assertEq(queue.waitingSince(), vm.getBlockTimestamp());
        queue.fill(1);
        assertEq(_paid(2), 10 * USD);
    }

    function test_cancel__at_the_front_and_again__takes_nobodys_place() public {
        deposit(bob, 100 * USD);
        request(alice, 10 * SHARE);
        request(bob, 10 * SHARE);
        vm.startPrank(alice);
        queue.cancel(0);
        queue.cancel(0);
        vm.stopPrank();

        (uint256 first,) = queue.bounds();
        assertEq(first, 1);
        queue.fill(1);
        assertEq(_paid(1), 10 * USD);
    }
}
