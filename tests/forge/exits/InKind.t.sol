// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {IExitEvents} from "../../../contracts/interfaces/IExitEvents.sol";
import {NothingToClaim, SliceRefused, TokenUnreadable} from
    "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Leaving with a slice of everything: whatever is broken, the rest is paid and the
///         broken part becomes a claim in units that those who stay do not count.
contract InKindTest is Rig {
    uint256 private constant SHARE = 1e12;
    uint256 private constant TENTH = 100 * SHARE; // of all shares

    HostileToken private hostileEth;

    /// @dev 400 idle, 300 lent, 0.05 ETH held, 0.1 ETH staked.
    function setUp() public override {
        deployVault(6);
        hostileEth = new HostileToken(18);
        deployRig(DemoToken(address(hostileEth)));
        start(base(), 1_000 * USD);
        buyEthNow(300 * USD);
        execute(ordering(supplyTo(stake, ETH / 10)));
        pass(1);
        lendNow(300 * USD);
    }

    function _leave(uint256 skipped) private {
        vm.prank(alice);
        vault.redeemInKind(TENTH, bob, alice, skipped);
    }

    /// @dev Down, and virtual shares have a part too small to see.
    function _assertPaid(uint256 assets, uint256 ethAmount) private view {
        assertApproxEqAbs(asset.balanceOf(bob), assets, 2);
        assertApproxEqAbs(eth.balanceOf(bob), ethAmount, 1e9);
        assertLe(asset.balanceOf(bob), assets);
        assertLe(eth.balanceOf(bob), ethAmount);
    }

    /* THE SLICE */

    function test_inKind__pays_a_slice_of_every_token_and_position() public {
        vm.expectEmit(address(vault));
        emit IExitEvents.RedeemedInKind(alice, bob, alice, TENTH);
        _leave(0);

        _assertPaid(70 * USD, 0.015e18);
        assertApproxEqAbs(vault.totalAssets(), 900 * USD, 2);
        assertEq(vault.balanceOf(alice), 900 * SHARE - SEED * 1e6);
    }

    function test_inKind__for_another__needs_an_allowance() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, mallory, 0, TENTH
            )
        );
        vm.prank(mallory);
        vault.redeemInKind(TENTH, mallory, alice, 0);

        vm.prank(alice);
        vault.approve(bob, TENTH);
        vm.expectEmit(address(vault));
        emit IExitEvents.RedeemedInKind(bob, bob, alice, TENTH);
        vm.prank(bob);
        vault.redeemInKind(TENTH, bob, alice, 0);
        assertEq(vault.allowance(alice, bob), 0);
    }

    function test_inKind__of_more_than_is_owned__is_refused() public {
        uint256 owned = vault.balanceOf(alice);

        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, alice, owned, owned + 1
            )
        );
        vm.prank(alice);
        vault.redeemInKind(owned + 1, alice, alice, 0);
    }

    function test_inKind__of_nothing__pays_nothing() public {
        vm.prank(alice);
        vault.redeemInKind(0, bob, alice, 0);

        _assertPaid(0, 0);
        assertEq(vault.totalAssets(), 1_000 * USD);
    }

    function test_inKind__those_who_stay__lose_nothing() public {
        uint256 before = vault.sharePriceWad();

        for (uint256 i; i < 5; i++) {
            uint256 third = vault.balanceOf(alice) / 3;
            vm.prank(alice);
            vault.redeemInKind(third, bob, alice, 0);
        }

        assertGe(vault.sharePriceWad(), before);
        assertApproxEqRel(vault.sharePriceWad(), before, 1e11);
    }

    /* WHATEVER IS DEAD */

    function test_inKind__every_oracle_dead__pays() public {
        for (uint8 fault = 1; fault <= 3; fault++) {
            uint256 snapshot = vm.snapshotState();
            ethSource.setFault(SettableSource.Fault(fault));
            btcSource.setFault(SettableSource.Fault(fault));
            _leave(0);
            _assertPaid(70 * USD, 0.015e18);
            vm.revertToState(snapshot);
        }
    }

    function test_inKind__position_that_cannot_be_valued__pays_its_slice() public {
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
        _leave(0);
        _assertPaid(70 * USD, 0.015e18);
    }

    function test_inKind__paused_and_nobody_there__pays() public {
        vault.brake(true);
        pass(3 days);

        _leave(0);

        _assertPaid(70 * USD, 0.015e18);
    }

    function test_inKind__adapter_that_reverts_or_burns_gas__becomes_a_claim() public {
        for (uint8 fault = 1; fault <= 2; fault++) {
            uint256 snapshot = vm.snapshotState();
            lend.setFaults(HostileAdapter.Fault(fault), HostileAdapter.Fault.NONE);

            vm.expectEmit(address(vault));
            emit IExitEvents.SliceSetAside(address(lend), MARKET, bob);
            _leave(0);

            _assertPaid(40 * USD, 0.015e18);
            assertApproxEqAbs(lend.claimOf(MARKET, 0, 0, bob), 30 * USD, 1);
            assertApproxEqAbs(lend.units(MARKET), 270 * USD, 1);
            vm.revertToState(snapshot);
        }
    }

    function test_inKind__token_that_reverts_or_burns_gas__becomes_a_claim() public {
        HostileToken.Fault[3] memory faults = [
            HostileToken.Fault.REVERT,
            HostileToken.Fault.BURN_GAS,
            HostileToken.Fault.RETURN_FALSE
        ];
        for (uint256 i; i < faults.length; i++) {
            uint256 snapshot = vm.snapshotState();
            hostileEth.setFaults(faults[i], HostileToken.Fault.NONE);

            vm.expectEmit(true, true, false, false, address(vault));
            emit IExitEvents.TokenSetAside(address(eth), bob, 0);
            _leave(0);

            _assertPaid(70 * USD, 0);
            (uint256 own, uint256 all) = vault.claims(address(eth), bob);
            assertApproxEqAbs(own, 0.005e18, 1e9);
            assertEq(all, own);
            vm.revertToState(snapshot);
        }
    }

    function test_inKind__receiver_that_a_token_blocks__is_paid_the_rest() public {
        hostileEth.setBlocked(bob, true);

        _leave(0);

        _assertPaid(70 * USD, 0);
        (uint256 own,) = vault.claims(address(eth), bob);
        assertApproxEqAbs(own, 0.005e18, 1e9);
        // what was staked is set aside where it lies
        assertApproxEqAbs(stake.claimOf(MARKET, 0, 0, bob), 0.01e18, 1e9);
    }

    function test_inKind__token_that_answers_nothing_or_much__is_paid() public {
        hostileEth.setFaults(HostileToken.Fault.RETURN_NOTHING, HostileToken.Fault.NONE);
        vm.prank(alice);
        vault.redeemInKind(TENTH, bob, alice, 2); // the mock adapter expects a word

        assertApproxEqAbs(eth.balanceOf(bob), 0.005e18, 1e9);
        hostileEth.setFaults(HostileToken.Fault.RETURN_MUCH, HostileToken.Fault.NONE);
        vm.prank(alice);
        vault.redeemInKind(TENTH, treasury, alice, 2);
        assertApproxEqAbs(eth.balanceOf(treasury), 0.005e18, 1e9);
    }

    function test_inKind__token_whose_balance_cannot_be_read__is_left_behind() public {
        hostileEth.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.REVERT);
        bytes memory error = abi.encodeWithSelector(TokenUnreadable.selector, address(eth));

        vm.expectRevert(error);
        _leave(0);
        hostileEth.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.RETURN_NOTHING);
        vm.expectRevert(error);
        _leave(0);
        // a reason as long as a number is none
        bytes memory ask = abi.encodeCall(eth.balanceOf, (address(vault)));
        vm.mockCallRevert(address(eth), ask, abi.encode(uint256(1)));
        vm.expectRevert(error);
        _leave(0);
        _leave(uint256(1) << 129);

        assertApproxEqAbs(asset.balanceOf(bob), 70 * USD, 2);
    }

    function test_inKind__adapter_that_cannot_even_set_aside__is_left_behind() public {
        vm.etch(address(lend), hex"fe");

        vm.expectRevert(abi.encodeWithSelector(SliceRefused.selector, lend, MARKET));
        _leave(0);
        _leave(1);

        _assertPaid(40 * USD, 0.015e18);
    }

    function test_inKind__adapter_whose_code_is_gone__is_left_behind() public {
        vm.etch(address(lend), "");

        vm.expectRevert(abi.encodeWithSelector(SliceRefused.selector, lend, MARKET));
        _leave(0);
    }

    function test_skip__leaves_these_slices_to_those_who_stay() public {
        _leave(1 << 0 | 1 << 129); // what is lent, and the ETH held

        _assertPaid(40 * USD, 0.01e18);
        assertEq(lend.units(MARKET), 300 * USD);
        assertEq(eth.balanceOf(address(vault)), 0.05e18);
        assertGt(vault.sharePriceWad(), WAD);
    }

    /* CLAIMS */

    function _setAside() private returns (uint256 tokens, uint256 units) {
        hostileEth.setFaults(HostileToken.Fault.REVERT, HostileToken.Fault.NONE);
        lend.setFaults(HostileAdapter.Fault.REVERT, HostileAdapter.Fault.NONE);
        _leave(0);
        (tokens,) = vault.claims(address(eth), bob);
        units = lend.claimOf(MARKET, 0, 0, bob);
        hostileEth.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.NONE);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
    }

    function test_claim__pays_tokens_and_units_once_they_move_again() public {
        (uint256 tokens, uint256 units) = _setAside();
        uint256 paid = asset.balanceOf(bob);

        vm.expectEmit(address(vault));
        emit IExitEvents.TokenClaimed(address(eth), bob, tokens);
        vm.prank(mallory); // anyone, for bob
        assertEq(vault.claim(address(eth), bob), tokens);
        vm.expectEmit(address(lend));
        emit IAdapter.Claimed(MARKET, bob, units);
        lend.claim(MARKET, 0, 0, bob);

        assertEq(eth.balanceOf(bob), tokens);
        assertGt(asset.balanceOf(bob), paid);
        (uint256 own, uint256 all) = vault.claims(address(eth), bob);
        assertEq(own + all, 0);
        assertEq(lend.claimOf(MARKET, 0, 0, bob), 0);
    }

    function test_claim__twice__is_refused() public {
        _setAside();
        vault.claim(address(eth), bob);
        lend.claim(MARKET, 0, 0, bob);

        vm.expectRevert(
            abi.encodeWithSelector(
                NothingToClaim.selector, uint256(uint160(address(eth))), bob
            )
        );
        vault.claim(address(eth), bob);
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, MARKET, bob));
        lend.claim(MARKET, 0, 0, bob);
    }

    function test_claim__that_cannot_be_paid_yet__stays() public {
        (uint256 tokens,) = _setAside();
        hostileEth.setBlocked(bob, true);

        vm.expectRevert(abi.encodeWithSelector(HostileToken.Blocked.selector, bob));
        vault.claim(address(eth), bob);

        (uint256 own,) = vault.claims(address(eth), bob);
        assertEq(own, tokens);
    }

    function test_claims__are_in_nobodys_books() public {
        (uint256 tokens,) = _setAside();

        assertEq(vault.excluded().claimed[1], tokens);
        assertApproxEqAbs(vault.totalAssets(), 900 * USD, 3);
        assertEq(lens.book(vault).inventory[1], 0.05e18 - tokens);
        // the next one's slice is of what is left
        vm.prank(alice);
        vault.redeemInKind(TENTH, treasury, alice, 0);
        assertApproxEqAbs(eth.balanceOf(treasury), 0.015e18, 1e9);
        assertGe(eth.balanceOf(address(vault)), tokens);
    }

    function test_claims__strategist__cannot_spend_them() public {
        (uint256 tokens, uint256 units) = _setAside();
        uint256 left = 0.05e18 - tokens;

        execute(ordering(withdrawFrom(lend, ALL)));
        pass(1);
        execute(ordering(sellEth(left, left * 2_000 * USD / ETH)));

        assertEq(eth.balanceOf(address(vault)), tokens);
        assertEq(asset.balanceOf(address(lend)), units);
        vault.claim(address(eth), bob);
        lend.claim(MARKET, 0, 0, bob);
    }

    function test_claims__several_of_one_account__add_up() public {
        (uint256 first,) = _setAside();
        (uint256 both,) = _setAside();

        assertGt(both, first);
        assertEq(vault.claim(address(eth), bob), both);
    }
}
