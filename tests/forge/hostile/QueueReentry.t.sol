// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ExitQueue} from "../../../contracts/ExitQueue.sol";
import {Config} from "../../../contracts/interfaces/Types.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The queue while the vault pays it: code that a position runs in the middle finds
///         nothing to take.
contract QueueReentryTest is Rig {
    uint256 private constant SHARE = 1e12;

    function setUp() public override {
        super.setUp();
        Config memory c = base();
        c.params.queue = address(queue);
        start(c, 1_000 * USD);
        deposit(bob, 1_000 * USD);
        pass(1);
        buyEthNow(1_900 * USD);
        lendNow(100 * USD);
        request(alice, 300 * SHARE);
        request(bob, 400 * SHARE);
    }

    /// @dev The position that pays the fill makes this call of the queue while it does.
    function _fillWhile(bytes memory call) private {
        lend.setHook(address(queue), call, false);
        queue.fill(10);
        assertTrue(lend.hookRan());
    }

    function _assertPaid() private view {
        assertEq(queue.requests(0).assets, 100 * USD);
        assertEq(queue.requests(0).shares, 200 * SHARE);
        assertEq(queue.requests(1).shares, 400 * SHARE);
        assertEq(vault.balanceOf(address(queue)), 600 * SHARE);
        assertEq(asset.balanceOf(address(queue)), 100 * USD);
    }

    function test_skim__during_a_fill__takes_nothing() public {
        _fillWhile(abi.encodeCall(queue.skim, (mallory)));

        assertEq(vault.balanceOf(mallory), 0);
        _assertPaid();
    }

    function test_fill__during_a_fill__pays_nobody_twice() public {
        _fillWhile(abi.encodeCall(queue.fill, (10)));

        _assertPaid();
    }

    function test_cancel__during_a_fill__gives_back_what_is_not_being_paid() public {
        lend.setHook(address(this), abi.encodeCall(this.cancelAsAlice, ()), true);
        queue.fill(10);

        assertEq(queue.requests(0).assets, 100 * USD);
        assertEq(queue.requests(0).shares, 0);
        assertEq(vault.balanceOf(address(queue)), 400 * SHARE);
        assertEq(queue.skim(mallory), 0);
    }

    function cancelAsAlice() external {
        vm.prank(alice);
        queue.cancel(0);
    }

    function test_request__during_a_fill__joins_behind() public {
        lend.setHook(address(this), abi.encodeCall(this.requestAsBob, ()), true);
        queue.fill(10);

        assertEq(queue.requests(2).shares, 50 * SHARE);
        assertEq(vault.balanceOf(address(queue)), 650 * SHARE);
        (uint256 first, uint256 next) = queue.bounds();
        assertEq(first, 0);
        assertEq(next, 3);
        assertEq(queue.skim(mallory), 0);
    }

    function requestAsBob() external {
        request(bob, 50 * SHARE);
    }
}
