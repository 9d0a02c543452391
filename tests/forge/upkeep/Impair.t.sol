// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IUpkeepEvents} from "../../../contracts/interfaces/IUpkeepEvents.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {
    AmountsUnreadable,
    DepositsClosed,
    NotConfirmed,
    PositionAnswers,
    PositionNotListed,
    ProtocolBusy
} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Rig} from "../support/Rig.sol";

/// @notice A position that cannot be valued: what still works before, while and after it
///         is taken out of the books.
contract ImpairTest is Rig {
    function setUp() public override {
        super.setUp();
        start(base(), 1_000 * USD);
        buyEthNow(100 * USD);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        pass(1);
        lendNow(300 * USD);
        vault.poke();
    }

    function _break() private {
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
    }

    function _impair() private {
        _break();
        impair(address(lend), MARKET);
    }

    /* BEFORE */

    function test_broken__position__stops_moves_by_price_but_not_views() public {
        _break();
        bytes memory error = abi.encodeWithSelector(HostileAdapter.Broken.selector);

        vm.expectRevert(error);
        vault.deposit(1, alice);
        vm.expectRevert(error);
        vm.prank(alice);
        vault.redeem(1e6, alice, alice);
        refuse(newOrder(), error);
        assertEq(vault.totalAssets(), 1_000 * USD); // the last reading
        assertEq(vault.maxRedeem(alice), 0);
    }

    /* WHEN */

    function test_impair__of_a_position_that_answers__is_refused() public {
        bytes memory error = abi.encodeWithSelector(PositionAnswers.selector, lend, MARKET);
        vm.expectRevert(error);
        vault.impair(address(lend), MARKET);
        error = abi.encodeWithSelector(PositionAnswers.selector, pair, MARKET);
        vm.expectRevert(error);
        vault.impair(address(pair), MARKET);
    }

    function test_impair__of_a_position_that_is_not_listed__is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(PositionNotListed.selector, mallory, MARKET));
        vault.impair(mallory, MARKET);
    }

    function test_impair__whatever_the_fault_is() public {
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.BURN_GAS);
        impair(address(lend), MARKET);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        vault.restore(address(lend), MARKET);

        _answerAmount("");
        _answerAmount(new bytes(31));
        _answerAmount(new bytes(64));
        _answerAmount(abi.encode(-1)); // debt
        _answerAmount(abi.encode(uint256(1) << 200)); // not sane
    }

    function _answerAmount(bytes memory answer) private {
        vm.mockCall(address(lend), abi.encodeCall(lend.amount, (MARKET)), answer);
        impair(address(lend), MARKET);
        assertEq(vault.excluded().impaired, 1);
        vm.expectRevert();
        vault.restore(address(lend), MARKET);
        vm.clearMockedCalls();
        vault.restore(address(lend), MARKET);
    }

    function test_impair__of_two_tokens__whatever_the_fault_is() public {
        _answerAmounts("");
        _answerAmounts(abi.encode(new int256[](1)));
        _answerAmounts(abi.encode(new int256[](3)));
        _answerAmounts(abi.encode(uint256(64), uint256(2), 0, 0)); // offset
        _answerAmounts(abi.encode(uint256(32), uint256(1), 0, 0)); // length
        _answerAmounts(abi.encode(uint256(32), uint256(2), -1, 0));
        _answerAmounts(abi.encode(uint256(32), uint256(2), 0, uint256(1) << 200));
    }

    function _answerAmounts(bytes memory answer) private {
        vm.mockCall(
            address(pair), abi.encodeWithSelector(IAdapter.amounts.selector), answer
        );
        impair(address(pair), MARKET);
        assertEq(vault.excluded().impaired, 4);
        vm.expectRevert();
        vault.restore(address(pair), MARKET);
        vm.clearMockedCalls();
        vault.restore(address(pair), MARKET);
    }

    function test_impair__within_an_hour__is_refused() public {
        _break();
        vault.impair(address(lend), MARKET);
        uint256 readyAt = nowPlus(1 hours);
        pass(1 hours - 1);

        vm.expectRevert(err(NotConfirmed.selector, readyAt, nowPlus(0)));
        vault.impair(address(lend), MARKET);
        assertEq(vault.excluded().impaired, 0);
    }

    function test_impair__after_it_answered_in_between__starts_anew() public {
        _break();
        vault.impair(address(lend), MARKET);
        pass(1 hours);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        vm.prank(mallory);
        vault.restore(address(lend), MARKET);
        _break();

        vault.impair(address(lend), MARKET);

        assertEq(vault.excluded().impaired, 0);
    }

    function test_impair__first_said_days_ago__starts_anew() public {
        _break();
        vault.impair(address(lend), MARKET);
        pass(1 days + 1);

        vault.impair(address(lend), MARKET);
        assertEq(vault.excluded().impaired, 0);
        pass(1 hours);
        vault.impair(address(lend), MARKET);
        assertEq(vault.excluded().impaired, 1 << LEND);
    }

    function test_impair__again_after_it_was_restored__starts_anew() public {
        _impair();
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        vault.restore(address(lend), MARKET);
        _break();

        vault.impair(address(lend), MARKET);

        assertEq(vault.excluded().impaired, 0);
    }

    function test_impair__of_one_that_is_busy__is_refused() public {
        bytes memory ask = abi.encodeCall(IAdapter.amount, (MARKET));
        bytes memory busy = abi.encodeWithSelector(ProtocolBusy.selector, MARKET);
        vm.mockCallRevert(address(lend), ask, busy);

        vm.expectRevert(abi.encodeWithSelector(PositionAnswers.selector, lend, MARKET));
        vault.impair(address(lend), MARKET);
    }

    function test_impair__while_a_price_is_dead__waits_for_it() public {
        _break();
        ethSource.setFault(SettableSource.Fault.REVERT);

        vm.expectRevert(abi.encodeWithSelector(SettableSource.Dead.selector));
        vault.impair(address(lend), MARKET);
    }

    /* WHILE */

    function test_impaired__position__is_worth_nothing_to_leavers() public {
        _break();
        vm.expectEmit(address(vault));
        emit IUpkeepEvents.Failing(address(lend), MARKET);
        vault.impair(address(lend), MARKET);
        pass(1 hours);
        vm.expectEmit(address(vault));
        emit IUpkeepEvents.Impaired(address(lend), MARKET);
        vault.impair(address(lend), MARKET);

        assertEq(vault.totalAssets(), 700 * USD);
        assertApproxEqAbs(redeem(alice, 100 * USD * 1e6), 70 * USD, 1);
    }

    function test_impaired__position__closes_deposits() public {
        _impair();
        bytes memory error = abi.encodeWithSelector(DepositsClosed.selector, 1);

        assertEq(vault.maxDeposit(bob), 0);
        assertEq(vault.maxMint(bob), 0);
        vm.expectRevert(error);
        vault.deposit(1, bob);
        vm.expectRevert(error);
        vault.mint(1, bob);
        vm.expectRevert(error);
        vault.previewDeposit(1);
    }

    function test_impaired__position__is_not_drawn() public {
        _impair();

        assertEq(vault.maxWithdraw(alice), 500 * USD); // what is idle
    }

    function test_impaired__position__leaves_orders_elsewhere_alone() public {
        _impair();

        execute(ordering(buyEth(100 * USD)));
        pass(1);
        execute(ordering(withdrawFrom(pair, ALL)));
    }

    function test_impaired__position__still_pays_in_kind() public {
        _impair();

        vm.prank(alice);
        vault.redeemInKind(100 * USD * 1e6, bob, alice, 0);

        assertApproxEqAbs(asset.balanceOf(bob), 90 * USD, 4);
    }

    /* AFTER */

    function test_restore__by_anyone__once_it_answers() public {
        _impair();
        vm.expectRevert(abi.encodeWithSelector(HostileAdapter.Broken.selector));
        vault.restore(address(lend), MARKET);

        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        vm.expectEmit(address(vault));
        emit IUpkeepEvents.Restored(address(lend), MARKET);
        vm.prank(mallory);
        vault.restore(address(lend), MARKET);

        assertEq(vault.excluded().impaired, 0);
        assertEq(vault.totalAssets(), 1_000 * USD);
        deposit(bob, 1);
    }

    function test_restore__of_one_of_two__leaves_the_other_out() public {
        _impair();
        pair.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
        impair(address(pair), MARKET);
        assertEq(vault.excluded().impaired, 5);

        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        vault.restore(address(lend), MARKET);

        assertEq(vault.excluded().impaired, 4);
        assertEq(vault.totalAssets(), 800 * USD);
    }

    /* MALFORMED ANSWERS IN A MOVE */

    function test_malformed__amount__is_refused_by_name() public {
        vm.mockCall(address(lend), abi.encodeCall(lend.amount, (MARKET)), new bytes(64));

        vm.expectRevert(abi.encodeWithSelector(AmountsUnreadable.selector, lend, MARKET));
        vault.poke();
    }

    function test_malformed__amounts__are_refused_by_name() public {
        bytes[4] memory answers = [
            abi.encode(new int256[](3)),
            abi.encode(uint256(64), uint256(2), 0, 0),
            abi.encode(uint256(32), uint256(1), 0, 0),
            abi.encode(uint256(32), uint256(2), 0, uint256(1) << 200)
        ];
        for (uint256 i; i < answers.length; i++) {
            vm.mockCall(
                address(pair), abi.encodeWithSelector(IAdapter.amounts.selector), answers[i]
            );
            vm.expectRevert(abi.encodeWithSelector(AmountsUnreadable.selector, pair, MARKET));
            vault.poke();
        }
    }
}
