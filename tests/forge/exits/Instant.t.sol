// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Config} from "../../../contracts/interfaces/Types.sol";
import {DepositTooSmall} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Leaving at once: from what is idle and from positions of the asset, in the order
///         of the configuration; `max*` say how far.
contract InstantTest is Rig {
    using Build for Config;

    uint256 private constant SHARE = 1e12;
    HostileAdapter private second; // of the asset too

    /// @dev 100 idle, 200 and 300 lent, 400 in ETH.
    function setUp() public override {
        super.setUp();
        second = new HostileAdapter(address(vault), one(address(asset)));
        Config memory c = base();
        c.addPosition(address(second), MARKET);
        start(c, 1_000 * USD);
        buyEthNow(400 * USD);
        lendNow(200 * USD);
        execute(ordering(supplyTo(second, 300 * USD)));
        pass(1);
    }

    function _held() private view returns (uint256 idle, uint256 first, uint256 other) {
        return (asset.balanceOf(address(vault)), lend.units(MARKET), second.units(MARKET));
    }

    function _withdraw(uint256 assets) private returns (uint256) {
        vm.prank(alice);
        return vault.withdraw(assets, bob, alice);
    }

    /* WHAT IS DRAWN */

    function test_withdraw__less_than_is_idle__draws_nothing() public {
        _withdraw(100 * USD);

        (uint256 idle, uint256 first, uint256 other) = _held();
        assertEq(idle, 0);
        assertEq(first, 200 * USD);
        assertEq(other, 300 * USD);
    }

    function test_withdraw__more_than_is_idle__draws_the_first_position() public {
        _withdraw(150 * USD);

        (uint256 idle, uint256 first, uint256 other) = _held();
        assertEq(idle, 0);
        assertEq(first, 150 * USD);
        assertEq(other, 300 * USD);
        assertEq(asset.balanceOf(bob), 150 * USD);
    }

    function test_withdraw__more_than_the_first__draws_the_next() public {
        _withdraw(500 * USD);

        (uint256 idle, uint256 first, uint256 other) = _held();
        assertEq(idle, 0);
        assertEq(first, 0);
        assertEq(other, 100 * USD);
    }

    function test_max__is_all_that_is_liquid() public {
        assertEq(vault.maxWithdraw(alice), 600 * USD);
        assertEq(vault.maxRedeem(alice), 600 * SHARE);

        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxWithdraw.selector,
                alice,
                600 * USD + 1,
                600 * USD
            )
        );
        vault.withdraw(600 * USD + 1, alice, alice);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxRedeem.selector,
                alice,
                600 * SHARE + 1e6,
                600 * SHARE
            )
        );
        vault.redeem(600 * SHARE + 1e6, alice, alice);
        vault.redeem(600 * SHARE, alice, alice);
        vm.stopPrank();
    }

    function test_max__of_one_who_owns_less__is_what_he_owns() public {
        vm.prank(alice);
        vault.transfer(bob, 50 * SHARE);

        assertEq(vault.maxWithdraw(bob), 50 * USD);
        assertEq(vault.maxRedeem(bob), 50 * SHARE);
        vm.startPrank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxRedeem.selector, bob, 50 * SHARE + 1, 50 * SHARE
            )
        );
        vault.redeem(50 * SHARE + 1, bob, bob);
    }

    function test_max__position_that_cannot_pay_now__does_not_count() public {
        vm.mockCall(address(lend), abi.encodeCall(lend.drawable, (MARKET)), abi.encode(0));

        assertEq(vault.maxWithdraw(alice), 400 * USD);
        _withdraw(400 * USD);
        (, uint256 first, uint256 other) = _held();
        assertEq(first, 200 * USD);
        assertEq(other, 0);
    }

    function test_withdraw__from_a_position_that_pays_too_little__reverts() public {
        lend.setKept(0.5e18);
        // the next one makes up for it, as far as it can
        _withdraw(200 * USD);
        (uint256 idle,, uint256 other) = _held();
        assertEq(idle, 0);
        assertEq(other, 250 * USD);

        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, vault, 300 * USD, 350 * USD
            )
        );
        _withdraw(350 * USD);
    }

    /* WHO */

    function test_redeem__for_another__needs_an_allowance() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, mallory, 0, SHARE
            )
        );
        vm.prank(mallory);
        vault.redeem(SHARE, mallory, alice);

        vm.prank(alice);
        vault.approve(bob, SHARE);
        vm.prank(bob);
        vault.redeem(SHARE, bob, alice);
        assertEq(asset.balanceOf(bob), USD);
    }

    /* SMALL CHANGE */

    function test_deposit__too_small_for_a_share__is_refused() public {
        ethSource.set(1e30, 0); // one raw unit is worth no share

        vm.expectRevert(abi.encodeWithSelector(DepositTooSmall.selector, 1));
        vault.deposit(1, alice);
    }

    function test_moves__of_nothing__are_harmless() public {
        vault.mint(0, alice);
        vault.withdraw(0, alice, alice);
        vault.redeem(0, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(DepositTooSmall.selector, 0));
        vault.deposit(0, alice);

        assertEq(vault.totalAssets(), 1_000 * USD);
        assertEq(vault.totalSupply(), 1_000 * SHARE);
    }
}
