// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Side} from "../../../contracts/interfaces/Types.sol";
import {DepositTooSmall} from "../../../contracts/libraries/Errors.sol";
import {SharePrice} from "../../../contracts/libraries/SharePrice.sol";
import {Shaken} from "./Shaken.sol";

/// @notice What ERC-4626 asks of a vault, for one with two-sided prices, in any state.
abstract contract Properties is Shaken {
    uint256 private constant MOST = 1_000_000; // units of the asset

    function _assets(uint256 size) private view returns (uint256) {
        return _bound(size, 1, MOST * unit);
    }

    function _shares(uint256 size) private view returns (uint256) {
        return _bound(size, 1, MOST * unit * 1e6);
    }

    /// @dev Deposits as mallory, unless so little buys no share.
    function _deposit(uint256 assets) private returns (uint256 shares) {
        fund(mallory, assets);
        vm.prank(mallory);
        try vault.deposit(assets, mallory) returns (uint256 shares_) {
            return shares_;
        } catch (bytes memory error) {
            assertEq(error, abi.encodeWithSelector(DepositTooSmall.selector, assets));
            vm.assume(false);
        }
    }

    /* ROUND TRIPS */

    function testFuzz_roundTrip__deposit_then_redeem__never_profits(uint256 seed, uint256 size)
        public
    {
        shake(seed);
        uint256 assets = _assets(size);
        uint256 shares = _deposit(assets);

        uint256 most = vault.maxRedeem(mallory);
        uint256 left = shares < most ? shares : most;
        vm.prank(mallory);
        uint256 back = vault.redeem(left, mallory, mallory);

        // what could not be paid now is worth no more than the rest
        assertLe(back, assets * left / shares + 1);
        assertLe(back, assets);
    }

    function testFuzz_roundTrip__deposit_then_withdraw__never_profits(
        uint256 seed,
        uint256 size
    ) public {
        shake(seed);
        uint256 assets = _assets(size);
        uint256 shares = _deposit(assets);

        uint256 most = vault.maxWithdraw(mallory);
        assertLe(most, assets);
        vm.prank(mallory);
        uint256 burnt = vault.withdraw(most, mallory, mallory);

        assertGe(burnt * assets, most * shares); // at no better price
        assertLe(burnt, shares);
    }

    function testFuzz_roundTrip__mint_then_redeem__never_profits(uint256 seed, uint256 size)
        public
    {
        shake(seed);
        uint256 shares = _shares(size);
        fund(mallory, vault.previewMint(shares));
        vm.prank(mallory);
        uint256 paid = vault.mint(shares, mallory);

        uint256 most = vault.maxRedeem(mallory);
        vm.prank(mallory);
        uint256 back = vault.redeem(most, mallory, mallory);

        assertLe(back, paid);
    }

    function testFuzz_roundTrip__redeem_then_deposit__never_gains_shares(
        uint256 seed,
        uint256 size
    ) public {
        shake(seed);
        uint256 most = vault.maxRedeem(alice);
        vm.assume(most != 0);
        uint256 shares = _bound(size, 1, most);
        uint256 assets = redeem(alice, shares);
        vm.assume(assets != 0);

        vm.startPrank(alice);
        asset.approve(address(vault), ALL);
        try vault.deposit(assets, alice) returns (uint256 again) {
            assertLe(again, shares);
        } catch (bytes memory error) {
            assertEq(error, abi.encodeWithSelector(DepositTooSmall.selector, assets));
        }
    }

    function testFuzz_roundTrip__deposit_then_in_kind__never_profits(
        uint256 seed,
        uint256 size
    ) public {
        shake(seed);
        uint256 assets = _assets(size);
        uint256 shares = _deposit(assets);

        vm.prank(mallory);
        vault.redeemInKind(shares, mallory, mallory, 0);

        // at the high price, which deposits have paid
        (uint256 priceWad, uint256 uncertaintyWad,) = source.price();
        uint256 ethWorth = eth.balanceOf(mallory) * priceWad / 1e18 * (1e18 + uncertaintyWad)
            / 1e18 * unit / 1e18;
        assertLe(asset.balanceOf(mallory) + ethWorth, assets);
    }

    /* FEE TIMING */

    function testFuzz_feeTiming__in_before_and_out_after_a_checkpoint__never_profits(
        uint256 seed,
        uint256 size,
        bool leavesBefore
    ) public {
        shake(seed);
        uint256 assets = _assets(size);
        uint256 shares = _deposit(assets);
        vm.roll(vm.getBlockNumber() + 1);

        if (!leavesBefore) {
            pass(2 days); // a checkpoint is due
            vault.poke();
        }

        uint256 left = shares < vault.maxRedeem(mallory) ? shares : vault.maxRedeem(mallory);
        vm.prank(mallory);
        uint256 back = vault.redeem(left, mallory, mallory);
        assertLe(back, assets * left / shares + 1);
    }

    /* PREVIEWS */

    function testFuzz_preview__of_all_four_moves__is_exact(uint256 seed, uint256 size) public {
        shake(seed);
        pass(size % 3 days);
        fund(mallory, type(uint128).max);
        uint256 assets = _assets(size);
        uint256 snapshot = vm.snapshotState();
        uint256 expected = vault.previewDeposit(assets);
        if (expected != 0) {
            vm.prank(mallory);
            assertEq(vault.deposit(assets, mallory), expected, "deposit");
        }
        vm.revertToState(snapshot);
        uint256 shares = _shares(size);
        expected = vault.previewMint(shares);
        vm.prank(mallory);
        assertEq(vault.mint(shares, mallory), expected, "mint");
        vm.revertToState(snapshot);

        uint256 most = vault.maxWithdraw(alice);
        assets = _bound(size, 0, most);
        expected = vault.previewWithdraw(assets);
        vm.prank(alice);
        assertEq(vault.withdraw(assets, alice, alice), expected, "withdraw");
        vm.revertToState(snapshot);
        shares = _bound(size, 0, vault.maxRedeem(alice));
        expected = vault.previewRedeem(shares);
        vm.prank(alice);
        assertEq(vault.redeem(shares, alice, alice), expected, "redeem");
    }

    /* MAX */

    function testFuzz_max__passes_and_one_more_reverts(uint256 seed, bool isQueue) public {
        shake(seed);
        address who = isQueue ? address(queue) : alice;
        uint256 assets = vault.maxWithdraw(who);
        uint256 shares = vault.maxRedeem(who);

        vm.startPrank(who);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxWithdraw.selector, who, assets + 1, assets
            )
        );
        vault.withdraw(assets + 1, who, who);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxRedeem.selector, who, shares + 1, shares
            )
        );
        vault.redeem(shares + 1, who, who);

        uint256 snapshot = vm.snapshotState();
        vault.withdraw(assets, who, who);
        vm.revertToState(snapshot);
        vault.redeem(shares, who, who);
    }

    function testFuzz_max__fill_of_the_queue__never_fails(uint256 seed) public {
        shake(seed);

        (uint256 shares, uint256 assets) = queue.fill(10);

        assertGt(shares, 0);
        assertEq(queue.requests(0).assets, assets);
    }

    /* WHO STAYS */

    function _prices() private view returns (uint256 low, uint256 mid, uint256 high) {
        (uint256 nav, uint256 supply) = vault.netAssetValue(Side.LOW);
        low = SharePrice.wadDown(nav, supply);
        (nav, supply) = vault.netAssetValue(Side.MID);
        mid = SharePrice.wadDown(nav, supply);
        (nav, supply) = vault.netAssetValue(Side.HIGH);
        high = SharePrice.wadDown(nav, supply);
    }

    function testFuzz_deposit__of_another__lowers_no_price_but_the_high_ones_spread(
        uint256 seed,
        uint256 size
    ) public {
        shake(seed);
        (uint256 low, uint256 mid, uint256 high) = _prices();
        _deposit(_assets(size));
        (uint256 lowNow, uint256 midNow, uint256 highNow) = _prices();

        assertGe(lowNow + 1, low);
        assertGe(midNow + 1, mid);
        assertGe(highNow + 1, high); // paid at it, rounded for those who were there
    }

    function testFuzz_redemption__of_another__lowers_no_price(uint256 seed, uint256 size)
        public
    {
        deposit(bob, 1_000 * unit);
        shake(seed);
        (uint256 low, uint256 mid, uint256 high) = _prices();
        redeem(bob, _bound(size, 0, vault.maxRedeem(bob)));
        (uint256 lowNow, uint256 midNow, uint256 highNow) = _prices();

        assertGe(lowNow + 1, low);
        assertGe(midNow + 1, mid);
        assertGe(highNow + 1, high);
    }

    function testFuzz_inKind__of_another__lowers_no_price(uint256 seed, uint256 size) public {
        deposit(bob, 1_000 * unit);
        shake(seed);
        vault.poke(); // or a due fee would be paid in between
        (uint256 low, uint256 mid, uint256 high) = _prices();
        uint256 shares = _bound(size, 0, vault.balanceOf(bob));
        vm.prank(bob);
        vault.redeemInKind(shares, bob, bob, 0);
        (uint256 lowNow, uint256 midNow, uint256 highNow) = _prices();

        // slices are rounded down, but so is the value of what is left: by a unit
        uint256 dust = 1e24 / (vault.totalSupply() + 1e6) + 1;
        assertGe(lowNow + dust, low);
        assertGe(midNow + dust, mid);
        assertGe(highNow + dust, high);
    }

    /* CONVERSION */

    function testFuzz_convert__there_and_back__never_gains(uint256 seed, uint256 size) public {
        shake(seed);
        uint256 assets = _assets(size);
        uint256 shares = _shares(size);

        assertLe(vault.convertToAssets(vault.convertToShares(assets)), assets);
        assertLe(vault.convertToShares(vault.convertToAssets(shares)), shares);
    }

    function testFuzz_convert__stands_between_the_previews(uint256 seed, uint256 size) public {
        shake(seed);
        uint256 assets = _assets(size);
        uint256 shares = _shares(size);

        assertLe(vault.previewDeposit(assets), vault.convertToShares(assets));
        assertGe(vault.previewWithdraw(assets), vault.convertToShares(assets));
        assertLe(vault.previewRedeem(shares), vault.convertToAssets(shares));
        assertGe(vault.previewMint(shares), vault.convertToAssets(shares));
    }

    function testFuzz_views__are_the_same_for_everyone(uint256 seed, address who) public {
        shake(seed);
        uint256 shares = vault.convertToShares(unit);
        uint256 assets = vault.totalAssets();

        vm.startPrank(who);
        assertEq(vault.convertToShares(unit), shares);
        assertEq(vault.totalAssets(), assets);
        assertEq(vault.maxDeposit(who), ALL);
        assertEq(vault.maxMint(who), ALL);
    }
}

contract Properties6Test is Properties {
    function assetDecimals() internal pure override returns (uint8) {
        return 6;
    }
}

contract Properties8Test is Properties {
    function assetDecimals() internal pure override returns (uint8) {
        return 8;
    }
}

contract Properties18Test is Properties {
    function assetDecimals() internal pure override returns (uint8) {
        return 18;
    }
}

contract Properties24Test is Properties {
    function assetDecimals() internal pure override returns (uint8) {
        return 24;
    }
}
