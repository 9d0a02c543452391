// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {
    ConfigHashMismatch,
    CooldownActive,
    OrderExpired,
    OrderNotYetValid,
    OrderWindowTooLong,
    WrongNonce,
    WrongRelayer
} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice When, by whom, how often and under which configuration an order may run.
contract WindowTest is Rig {
    /* NONCE */

    function test_nonce__other_than_the_current__reverts() public {
        start(base(), 1_000 * USD);
        execute(newOrder());
        Rebalance memory order = newOrder();

        order.nonce = 0;
        refuse(order, err(WrongNonce.selector, 0, 1));
        order.nonce = 2;
        refuse(order, err(WrongNonce.selector, 2, 1));
        order.nonce = 1;
        execute(order);
    }

    function test_nonce__order_that_ran__cannot_run_again() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        execute(order);

        refuse(order, err(WrongNonce.selector, 0, 1));
    }

    function test_nonce__cancelled_by_the_strategist__is_skipped() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        vm.expectEmit(address(vault));
        emit IVault.CancelOrder(strategist, 0);
        vm.prank(strategist);
        vault.cancelOrder();

        assertEq(vault.nonce(), 1);
        refuse(order, err(WrongNonce.selector, 0, 1));
    }

    /* TIME */

    function test_window__before_and_at_its_start() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        (order.validAfter, order.deadline) = (nowPlus(100), nowPlus(200));

        skip(99);
        refuse(
            order, err(OrderNotYetValid.selector, order.validAfter, order.validAfter - 1)
        );
        skip(1);
        execute(order);
    }

    function test_window__at_and_after_its_end() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        order.deadline = nowPlus(100);

        skip(101);
        refuse(order, err(OrderExpired.selector, order.deadline, order.deadline + 1));
        rewind(1);
        execute(order);
    }

    function test_window__longer_than_allowed__reverts() public {
        start(base(), 1_000 * USD); // 600 seconds
        Rebalance memory order = newOrder();

        order.deadline = order.validAfter + 601;
        refuse(order, err(OrderWindowTooLong.selector, 601, 600));
        order.deadline = order.validAfter + 600;
        execute(order);
    }

    /* RELAYER */

    function test_relayer__named__relays_alone_until_the_order_is_public() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        (order.relayer, order.publicAfter) = (bob, nowPlus(100));
        skip(99);

        refuse(
            order,
            abi.encodeWithSelector(
                WrongRelayer.selector, relayer, bob, order.publicAfter
            )
        );
        skip(1);
        execute(order);
    }

    function test_relayer__named__may_relay_at_once() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        (order.relayer, order.publicAfter) = (bob, nowPlus(100));
        bytes memory signature = sign(order);

        vm.prank(bob);
        vault.rebalance(order, signature);

        assertEq(vault.nonce(), 1);
    }

    function test_relayer__nobody_named__anyone_may_at_once() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        order.publicAfter = nowPlus(100); // which then says nothing

        execute(order);

        assertEq(vault.nonce(), 1);
    }

    /* CONFIGURATION */

    function test_configHash__of_another_configuration__reverts() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        bytes32 old = order.configHash;

        tighten(Field.TOKEN_CAP_WAD, 1, 0.5e18);

        refuse(
            order,
            abi.encodeWithSelector(ConfigHashMismatch.selector, old, vault.configHash())
        );
        execute(newOrder());
    }

    /* COOLDOWN */

    function test_cooldown__before_and_at_its_end() public {
        Config memory c = base();
        c.params.cooldownSeconds = 300;
        start(c, 1_000 * USD);
        execute(newOrder());
        uint256 readyAt = nowPlus(300);

        skip(299);
        refuse(newOrder(), err(CooldownActive.selector, readyAt, readyAt - 1));
        skip(1);
        execute(newOrder());
    }

    function test_cooldown__first_order__needs_to_wait_for_nothing() public {
        Config memory c = base();
        c.params.cooldownSeconds = 365 days;
        start(c, 1_000 * USD);

        execute(newOrder());
    }
}
