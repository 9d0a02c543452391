// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {QueueStarved} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// @notice What the queue is owed: kept from those who leave at once, and, after a while,
///         from orders.
contract ReserveTest is Rig {
    uint256 private constant SHARE = 1e12;

    function setUp() public override {
        super.setUp();
        Config memory c = base();
        c.params.queue = address(queue);
        c.params.queueMaxWaitSeconds = 3 days;
        start(c, 1_000 * USD);
        deposit(bob, 1_000 * USD);
        pass(1);
    }

    /* AGAINST LEAVERS */

    function test_reserve__instant_leavers__get_what_the_queue_leaves() public {
        buyEthNow(1_500 * USD); // 500 idle
        request(bob, 300 * SHARE);

        assertEq(vault.maxWithdraw(alice), 200 * USD);
        assertEq(vault.maxRedeem(alice), 200 * SHARE);
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxWithdraw.selector,
                alice,
                200 * USD + 1,
                200 * USD
            )
        );
        vault.withdraw(200 * USD + 1, alice, alice);
        vault.withdraw(200 * USD, alice, alice);
        vm.stopPrank();

        (uint256 shares,) = queue.fill(1);
        assertEq(shares, 300 * SHARE);
    }

    function test_reserve__larger_than_all_that_is_liquid__leaves_nothing() public {
        buyEthNow(1_500 * USD);
        request(bob, 600 * SHARE);

        assertEq(vault.maxWithdraw(alice), 0);
        assertEq(vault.maxRedeem(alice), 0);
        assertEq(vault.maxRedeem(address(queue)), 500 * SHARE);
    }

    function test_reserve__counts_what_positions_can_pay() public {
        lendNow(1_900 * USD);
        request(bob, 1_000 * SHARE);

        assertEq(vault.maxWithdraw(alice), 1_000 * USD - SEED);
    }

    /* AGAINST ORDERS */

    function _starve(uint256 seconds_) private {
        buyEthNow(1_200 * USD); // 800 idle
        request(bob, 500 * SHARE);
        pass(seconds_);
    }

    function test_lateQueue__order_that_leaves_what_is_owed__passes() public {
        _starve(3 days + 1);

        refuse(
            ordering(buyEth(300 * USD + 1)),
            err(QueueStarved.selector, 500 * USD - 1, 500 * USD)
        );
        execute(ordering(buyEth(300 * USD)));
    }

    function test_lateQueue__not_late_yet__binds_no_order() public {
        _starve(3 days);

        execute(ordering(buyEth(500 * USD)));
    }

    function test_lateQueue__owed_more_than_there_is__lets_it_only_rise() public {
        buyEthNow(1_200 * USD);
        request(bob, 900 * SHARE);
        pass(3 days + 1);

        refuse(
            ordering(buyEth(2_000)), // one raw unit of ETH's price is far less
            err(QueueStarved.selector, 800 * USD - 2_000, 800 * USD)
        );
        execute(ordering(sellEth(ETH / 10, 200 * USD)));
    }

    function test_lateQueue__asset_that_is_lent__still_counts() public {
        _starve(3 days + 1);

        execute(ordering(supplyTo(lend, 800 * USD)));
    }

    function test_lateQueue__once_filled__binds_no_more() public {
        _starve(3 days + 1);
        queue.fill(1);

        execute(ordering(buyEth(300 * USD)));
    }

    function test_lateQueue__shares_given_to_it__are_nobodys_wait() public {
        buyEthNow(1_200 * USD);
        vm.prank(bob);
        vault.transfer(address(queue), 500 * SHARE);
        pass(30 days);

        execute(ordering(buyEth(800 * USD)));
    }

    function test_lateQueue__request_cancelled_at_the_front__makes_no_other_late() public {
        buyEthNow(1_200 * USD);
        vm.startPrank(alice);
        vault.approve(address(queue), 1);
        queue.request(1);
        queue.cancel(0);
        vm.stopPrank();
        pass(3 days + 1);
        request(bob, 500 * SHARE); // has only just come

        execute(ordering(buyEth(800 * USD)));
    }

    function test_queue__not_configured__reserves_nothing() public {
        Config memory c = base();
        buyEthNow(1_500 * USD);
        request(bob, 500 * SHARE);
        vault.submit(c);
        pass(30 days);

        assertEq(vault.maxWithdraw(alice), 500 * USD);
        execute(ordering(buyEth(500 * USD)));
    }
}
