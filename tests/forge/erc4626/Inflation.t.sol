// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {DepositTooSmall} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {VaultTest} from "../support/VaultTest.sol";

/// @notice The first depositor's attack and gifts, in value: whoever gives to move the price
///         of a share never gets it back, and his victim loses next to nothing.
abstract contract Inflation is VaultTest {
    using Build for Config;

    uint256 private unit;

    function assetDecimals() internal pure virtual returns (uint8);

    function setUp() public {
        unit = 10 ** assetDecimals();
        deployVault(assetDecimals());
        Config memory c = Build.open(strategist);
        c.addToken(address(asset), address(0));
        vault.submit(c);
    }

    function _give(uint256 assets) private {
        deal(address(asset), mallory, asset.balanceOf(mallory) + assets);
        vm.prank(mallory);
        asset.transfer(address(vault), assets);
    }

    function _redeemAll(address who) private returns (uint256) {
        return redeem(who, vault.maxRedeem(who));
    }

    function testFuzz_firstDepositor__is_robbed_of_next_to_nothing(
        uint256 tiny,
        uint256 gift,
        uint256 assets
    ) public {
        tiny = _bound(tiny, 1, 1_000 * unit);
        gift = _bound(gift, 0, 1_000_000 * unit);
        assets = _bound(assets, unit, 1_000_000 * unit);
        deposit(mallory, tiny);
        _give(gift);

        uint256 shares = deposit(alice, assets);
        uint256 stolen = _redeemAll(mallory);
        uint256 back = _redeemAll(alice);

        assertGt(shares, 0);
        assertLe(stolen, tiny + gift); // nobody profits
        uint256 lost = assets - back;
        // a millionth of what the gift cost him at the most, and a unit of rounding
        uint256 cost = tiny + gift - stolen;
        assertLe(lost, cost / 1_000_000 + assets / 1e9 + 2);
    }

    function testFuzz_deposit__after_any_gift__buys_its_worth_or_reverts(
        uint256 gift,
        uint256 assets
    ) public {
        _give(_bound(gift, 0, 1e9 * unit));
        assets = _bound(assets, 1, 1_000_000 * unit);
        deal(address(asset), alice, assets);
        vm.startPrank(alice);
        asset.approve(address(vault), ALL);

        try vault.deposit(assets, alice) returns (uint256 shares) {
            // at the most one share's worth is lost to rounding
            uint256 worth = vault.convertToAssets(shares);
            assertGe(worth + vault.convertToAssets(1) + 2, assets);
        } catch (bytes memory error) {
            assertEq(error, abi.encodeWithSelector(DepositTooSmall.selector, assets));
        }
    }

    function testFuzz_gift__is_never_got_back(uint256 own, uint256 gift, uint256 others)
        public
    {
        own = _bound(own, 1, 1_000_000 * unit);
        gift = _bound(gift, 1, 1_000_000 * unit);
        deposit(bob, _bound(others, unit, 1_000_000 * unit));
        deposit(mallory, own);

        _give(gift);
        uint256 back = _redeemAll(mallory);

        assertLe(back, own + gift);
        assertGe(_redeemAll(bob) + 2, _bound(others, unit, 1_000_000 * unit));
    }

    /// @dev Many small steps, each rounded against somebody.
    function testFuzz_manySmallMoves__steal_nothing(uint256 seed) public {
        deposit(alice, 1_000 * unit);
        uint256 given;
        uint256 taken;
        for (uint256 i; i < 20; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 assets = 1 + (dice >> 8) % (dice % 2 == 0 ? 10 : unit);
            given += assets;
            uint256 shares = deposit(mallory, assets);
            taken += redeem(mallory, (dice >> 128) % (shares + 1));
        }
        taken += _redeemAll(mallory);

        assertLe(taken, given);
        assertGe(vault.convertToAssets(vault.balanceOf(alice)) + 1, 1_000 * unit);
    }

    function test_seed__keeps_the_price_defined_when_all_have_left() public {
        deposit(alice, 1_000 * unit);
        _redeemAll(alice);

        assertGt(vault.totalSupply(), 0);
        assertGt(vault.totalAssets(), 0);
        assertEq(deposit(bob, unit), unit * 1e6);
    }
}

contract Inflation6Test is Inflation {
    function assetDecimals() internal pure override returns (uint8) {
        return 6;
    }
}

contract Inflation8Test is Inflation {
    function assetDecimals() internal pure override returns (uint8) {
        return 8;
    }
}

contract Inflation18Test is Inflation {
    function assetDecimals() internal pure override returns (uint8) {
        return 18;
    }
}

contract Inflation24Test is Inflation {
    function assetDecimals() internal pure override returns (uint8) {
        return 24;
    }
}
