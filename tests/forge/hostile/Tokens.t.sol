// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {stdError} from "forge-std/Test.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {Config, Swap} from "../../../contracts/interfaces/Types.sol";
import {TokenCapExceeded, TokenUnreadable, TransferMismatch} from
    "../../../contracts/libraries/Errors.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {HostileVenue} from "../../../contracts/mocks/HostileVenue.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Tokens that charge, rebase, answer badly or stop: refused where they would cost
///         those who stay, survived elsewhere.
contract TokensTest is Rig {
    using Build for Config;

    uint256 private constant SHARE = 1e12;

    HostileToken private token; // the asset
    HostileToken private other; // held under the name of ETH

    function setUp() public override {
        vm.warp(START_AT);
        token = new HostileToken(6);
        deployVault(DemoToken(address(token)));
        other = new HostileToken(18);
        deployRig(DemoToken(address(other)));
        start(base(), 1_000 * USD);
    }

    function _depositAs(address who, uint256 assets) private {
        token.mint(who, assets);
        vm.startPrank(who);
        token.approve(address(vault), assets);
        vault.deposit(assets, who);
        vm.stopPrank();
    }

    /* FEES ON TRANSFER */

    function test_feeOnTransfer__deposit__is_refused() public {
        token.setFees(0.01e18, 0);
        token.mint(bob, 100 * USD);
        vm.startPrank(bob);
        token.approve(address(vault), 100 * USD);

        vm.expectRevert(
            abi.encodeWithSelector(
                TransferMismatch.selector, token, int256(99 * USD), int256(100 * USD)
            )
        );
        vault.deposit(100 * USD, bob);
    }

    function test_feeOnTransfer__withdrawal__is_the_leavers_cost() public {
        token.setFees(0.01e18, 0);
        uint256 price = vault.sharePriceWad();

        redeem(alice, 100 * SHARE);

        assertEq(token.balanceOf(alice), 99 * USD);
        assertEq(vault.sharePriceWad(), price);
    }

    function test_feeOnTransfer__swap__is_refused_both_ways() public {
        other.setFees(0.01e18, 0);
        refuse(
            ordering(buyEth(100 * USD)),
            abi.encodeWithSelector(
                TransferMismatch.selector, other, int256(0.0495e18), int256(0.05e18)
            )
        );
        other.setFees(0, 0);
        buyEthNow(100 * USD);
        other.setFees(0, 0.01e18); // burnt from the vault on top
        refuse(
            ordering(sellEth(0.02e18, 40 * USD)),
            abi.encodeWithSelector(
                TransferMismatch.selector, other, -int256(0.0202e18), -int256(0.02e18)
            )
        );
    }

    function test_feeOnTransfer__supply__is_charged_as_a_loss() public {
        buyEthNow(100 * USD);
        other.setFees(0.02e18, 0);

        execute(ordering(supplyTo(stake, 0.05e18)));

        assertEq(status().lossWad, 0.002e18); // 2 of 1,000
    }

    /* REBASES */

    function test_rebase__up__is_everybodys_gain() public {
        buyEthNow(500 * USD);

        other.mint(address(vault), 0.025e18); // a tenth more

        assertEq(vault.totalAssets(), 1_050 * USD);
        assertApproxEqAbs(redeem(alice, 100 * SHARE), 105 * USD, 1);
    }

    function test_rebase__down__is_everybodys_loss() public {
        buyEthNow(500 * USD);

        other.burn(address(vault), 0.025e18);

        assertEq(vault.totalAssets(), 950 * USD);
        assertApproxEqAbs(redeem(alice, 100 * SHARE), 95 * USD, 1);
        execute(ordering(sellEth(0.225e18, 450 * USD)));
    }

    function test_rebase__below_what_is_owed__leaves_nothing_and_breaks_nothing() public {
        buyEthNow(500 * USD);
        other.setBlocked(bob, true);
        vm.prank(alice);
        vault.redeemInKind(500 * SHARE, bob, alice, 0); // 0.125 set aside
        other.setBlocked(bob, false);

        other.burn(address(vault), 0.2e18); // 0.05 left

        assertEq(lens.book(vault).inventory[1], 0);
        assertApproxEqAbs(vault.totalAssets(), 250 * USD, 2);
        _depositAs(alice, USD);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientBalance.selector);
        vault.claim(address(other), bob);
        vm.prank(alice);
        vault.redeemInKind(100 * SHARE, alice, alice, 0);
        assertEq(other.balanceOf(alice), 0);
    }

    /* ANSWERS */

    function test_noAnswer__asset__works_like_any_other() public {
        token.setFaults(HostileToken.Fault.RETURN_NOTHING, HostileToken.Fault.NONE);

        _depositAs(bob, 100 * USD);
        redeem(bob, 100 * SHARE);

        assertEq(token.balanceOf(bob), 100 * USD);
    }

    function test_falseAnswer__asset__is_refused() public {
        token.mint(bob, USD);
        vm.prank(bob);
        token.approve(address(vault), USD);
        token.setFaults(HostileToken.Fault.RETURN_FALSE, HostileToken.Fault.NONE);
        bytes memory error =
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, token);

        vm.expectRevert(error);
        vm.prank(bob);
        vault.deposit(USD, bob);
        vm.expectRevert(error);
        vm.prank(alice);
        vault.redeem(SHARE, alice, alice);
    }

    function test_falseAnswer__of_a_token__stops_its_swaps() public {
        buyEthNow(100 * USD);
        other.setFaults(HostileToken.Fault.RETURN_FALSE, HostileToken.Fault.NONE);

        refuse(
            ordering(sellEth(0.05e18, 100 * USD)),
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, other)
        );
    }

    function test_unreadableBalance__of_a_token__is_refused_by_name() public {
        bytes memory error = abi.encodeWithSelector(TokenUnreadable.selector, other);
        other.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.REVERT);
        vm.expectRevert(error);
        vault.poke();
        other.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.RETURN_NOTHING);
        vm.expectRevert(error);
        vault.poke();
        other.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.NONE);
        other.mint(address(vault), 1 << 200); // no sane amount
        vm.expectRevert(error);
        vault.poke();
    }

    /* STOPS */

    function test_pausedAsset__exits_by_price__fail_and_in_kind_are_set_aside() public {
        token.setFaults(HostileToken.Fault.REVERT, HostileToken.Fault.NONE);

        vm.expectRevert(abi.encodeWithSelector(HostileToken.Broken.selector));
        vm.prank(alice);
        vault.redeem(SHARE, alice, alice);
        vm.prank(alice);
        vault.redeemInKind(100 * SHARE, alice, alice, 0);
        token.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.NONE);
        vault.claim(address(token), alice);

        assertApproxEqAbs(token.balanceOf(alice), 100 * USD, 1);
    }

    function test_blockedReceiver__loses_nothing_by_price() public {
        token.setBlocked(alice, true);

        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(HostileToken.Blocked.selector, alice));
        vault.redeem(SHARE, alice, alice);
        vault.redeem(SHARE, bob, alice);

        assertEq(token.balanceOf(bob), USD);
    }

    /* DECIMALS */

    function test_decimals__24__of_a_token__are_counted_exactly() public {
        HostileToken fine = new HostileToken(24);
        SettableSource source = new SettableSource(5e18, 0);
        HostileVenue venue = new HostileVenue(address(token), address(fine));
        fine.mint(address(venue), 1e30);
        Config memory c = base();
        c.addToken(address(fine), address(source));
        c.addPool(address(venue), MARKET);
        c.tokens[3].capAssets = 100 * USD;
        vault.submit(c);

        // 5 dollars each: 20 of them are 100 dollars
        Swap memory action =
            swapOn(venue, address(token), 100 * USD + 1, address(fine), 20e24 + 0.2e18);
        refuse(
            ordering(action),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, fine, 100 * USD + 1, 100 * USD
            )
        );
        execute(ordering(swapOn(venue, address(token), 100 * USD, address(fine), 20e24)));

        assertEq(lens.book(vault).tokenAssets[3], 100 * USD);
        vm.prank(alice);
        vault.redeemInKind(100 * SHARE, bob, alice, 0);
        assertApproxEqRel(fine.balanceOf(bob), 2e24, 1e10);
    }

    function test_decimals__25__of_a_token_in_an_asset_of_6__are_refused() public {
        HostileToken finer = new HostileToken(25);
        Config memory c = base();
        c.tokens[2].token = address(finer);

        vm.expectRevert(stdError.arithmeticError);
        vault.submit(c);
    }
}
