// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Side} from "../../../contracts/interfaces/Types.sol";
import {Reentrant, UncertaintyTooLarge} from "../../../contracts/libraries/Errors.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Views while a price is dead, and while an order runs.
contract SoftTest is Rig {
    uint256 private constant SHARE = 1e12;

    function setUp() public override {
        super.setUp();
        start(base(), 1_000 * USD);
        buyEthNow(400 * USD);
        ethSource.set(2_500e18, 0); // 1,100
        pass(1 hours);
        vault.poke();
    }

    function _dead() private returns (bytes memory error) {
        ethSource.setFault(SettableSource.Fault.REVERT);
        return abi.encodeWithSelector(SettableSource.Dead.selector);
    }

    function test_deadFeed__values__are_of_the_last_reading() public {
        _dead();

        assertApproxEqAbs(vault.totalAssets(), 1_100 * USD, 2); // kept in billionths
        assertApproxEqAbs(vault.convertToAssets(100 * SHARE), 110 * USD, 1);
        assertApproxEqAbs(vault.convertToShares(110 * USD), 100 * SHARE, 1e6);
    }

    function test_deadFeed__max__is_nothing() public {
        _dead();

        assertEq(vault.maxDeposit(alice), 0);
        assertEq(vault.maxMint(alice), 0);
        assertEq(vault.maxWithdraw(alice), 0);
        assertEq(vault.maxRedeem(alice), 0);
    }

    function test_deadFeed__previews_and_moves__revert_with_its_error() public {
        bytes memory error = _dead();

        vm.expectRevert(error);
        vault.previewDeposit(1);
        vm.expectRevert(error);
        vault.previewMint(1);
        vm.expectRevert(error);
        vault.previewWithdraw(1);
        vm.expectRevert(error);
        vault.previewRedeem(1);
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
        vm.expectRevert(error);
        vault.poke();
        vm.expectRevert(error);
        vault.netAssetValue(Side.MID);
        vm.expectRevert(error);
        vault.sharePriceWad();
        vm.expectRevert(error);
        vault.exitable(alice);
        refuse(newOrder(), error);
    }

    function test_deadFeed__that_burns_gas_or_answers_short__is_as_dead() public {
        for (uint8 fault = 2; fault <= 3; fault++) {
            ethSource.setFault(SettableSource.Fault(fault));
            assertApproxEqAbs(vault.totalAssets{gas: 10_000_000}(), 1_100 * USD, 2);
            assertEq(vault.maxDeposit{gas: 10_000_000}(alice), 0);
        }
    }

    function test_price__that_vouches_for_nothing__is_none() public {
        ethSource.set(2_500e18, WAD);

        vm.expectRevert(abi.encodeWithSelector(UncertaintyTooLarge.selector, WAD));
        vault.deposit(1, alice);
        assertEq(vault.maxDeposit(alice), 0);
    }

    /* DURING AN ORDER */

    function test_locked__views_of_share_prices__revert() public {
        bytes[10] memory calls = [
            abi.encodeCall(vault.totalAssets, ()),
            abi.encodeCall(vault.convertToAssets, (1)),
            abi.encodeCall(vault.convertToShares, (1)),
            abi.encodeCall(vault.previewDeposit, (1)),
            abi.encodeCall(vault.previewMint, (1)),
            abi.encodeCall(vault.previewWithdraw, (1)),
            abi.encodeCall(vault.previewRedeem, (1)),
            abi.encodeCall(vault.netAssetValue, (Side.MID)),
            abi.encodeCall(vault.exitable, (alice)),
            abi.encodeCall(vault.sharePriceWad, ())
        ];
        for (uint256 i; i < calls.length; i++) {
            lend.setHook(address(vault), calls[i], false);
            execute(ordering(supplyTo(lend, 1)));
            pass(1);

            assertTrue(lend.hookRan());
            assertFalse(lend.hookSucceeded());
            assertEq(lend.hookAnswer(), abi.encodeWithSelector(Reentrant.selector));
        }
    }

    function test_locked__max__is_nothing() public {
        bytes[4] memory calls = [
            abi.encodeCall(vault.maxDeposit, (alice)),
            abi.encodeCall(vault.maxMint, (alice)),
            abi.encodeCall(vault.maxWithdraw, (alice)),
            abi.encodeCall(vault.maxRedeem, (alice))
        ];
        for (uint256 i; i < calls.length; i++) {
            lend.setHook(address(vault), calls[i], true);
            execute(ordering(supplyTo(lend, 1)));
            pass(1);

            assertEq(lend.hookAnswer(), abi.encode(0));
        }
    }
}
