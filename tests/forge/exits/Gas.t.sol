// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {GasTooLow} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Who calls chooses the gas: too little of it reverts, and never changes what a
///         call does.
contract GasTest is Rig {
    uint256 private constant TENTH = 1e14;
    uint256 private constant MOST_GAS = 6_000_000;

    function _startWithFees() private {
        Config memory c = base();
        (c.params.feeRecipient, c.params.performanceFeeWad) = (treasury, 0.2e18);
        start(c, 1_000 * USD);
        buyEthNow(300 * USD);
        execute(ordering(supplyTo(stake, ETH / 10)));
        pass(1);
        lendNow(300 * USD);
    }

    /// @dev With every gas up to plenty, an exit in kind reverts or pays it all.
    function test_inKind__any_gas__sets_nothing_aside_that_can_be_paid() public {
        _startWithFees();
        uint256 paid;
        uint256 refused;
        for (uint256 gas_ = 50_000; gas_ < 3_000_000; gas_ += 10_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(alice);
            (bool ok,) = address(vault).call{gas: gas_}(
                abi.encodeCall(vault.redeemInKind, (TENTH, bob, alice, 0))
            );
            if (ok) {
                paid++;
                (uint256 own,) = vault.claims(address(eth), bob);
                assertEq(own, 0);
                (own,) = vault.claims(address(asset), bob);
                assertEq(own, 0);
                assertEq(lend.claimOf(MARKET, 0, 0, bob), 0);
                assertEq(stake.claimOf(MARKET, 0, 0, bob), 0);
                assertApproxEqAbs(asset.balanceOf(bob), 70 * USD, 3);
            } else {
                refused++;
                assertEq(asset.balanceOf(bob), 0);
            }
            vm.revertToState(snapshot);
        }
        assertGt(paid, 0);
        assertGt(refused, 0);
    }

    function test_inKind__little_gas__says_how_much_it_needs() public {
        start(base(), 1_000 * USD);

        vm.expectPartialRevert(GasTooLow.selector);
        vm.prank(alice);
        vault.redeemInKind{gas: 500_000}(TENTH, bob, alice, 0);
    }

    /// @dev A performance fee is due: whoever leaves in kind pays it, whatever gas he sends.
    function test_inKind__any_gas__does_not_dodge_the_performance_fee() public {
        _startWithFees();
        deal(address(asset), address(vault), asset.balanceOf(address(vault)) + 100 * USD);
        pass(2 days);
        vault.poke();
        pass(2 days); // a gain, confirmed for two days
        assertEq(vault.balanceOf(treasury), 0);

        uint256 paid;
        for (uint256 gas_ = 1_000_000; gas_ < MOST_GAS; gas_ += 50_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(alice);
            (bool ok,) = address(vault).call{gas: gas_}(
                abi.encodeCall(vault.redeemInKind, (TENTH, bob, alice, 0))
            );
            if (ok) {
                paid++;
                assertGt(vault.balanceOf(treasury), 0);
            }
            vm.revertToState(snapshot);
        }
        assertGt(paid, 0);
    }

    /* SOFT VIEWS */

    /// @dev While everything answers, no gas makes a value come from memory.
    function test_totalAssets__any_gas__is_the_true_one_or_none() public {
        start(base(), 1_000 * USD);
        buyEthNow(300 * USD);
        ethSource.set(1_000e18, 0); // 850; the last reading was of 1,000
        uint256 answered;
        for (uint256 gas_ = 20_000; gas_ < MOST_GAS; gas_ += 20_000) {
            (bool ok, bytes memory answer) = address(vault).staticcall{gas: gas_}(
                abi.encodeCall(vault.totalAssets, ())
            );
            if (!ok) continue;
            answered++;
            assertEq(abi.decode(answer, (uint256)), 850 * USD);
        }
        assertGt(answered, 0);
    }

    function test_convertTo__any_gas__is_the_true_one_or_none() public {
        start(base(), 1_000 * USD);
        buyEthNow(300 * USD);
        ethSource.set(1_000e18, 0);
        uint256 shares = vault.convertToShares(USD);
        uint256 assets = vault.convertToAssets(1e12);

        for (uint256 gas_ = 20_000; gas_ < MOST_GAS; gas_ += 50_000) {
            (bool ok, bytes memory answer) = address(vault).staticcall{gas: gas_}(
                abi.encodeCall(vault.convertToShares, (USD))
            );
            if (ok) assertEq(abi.decode(answer, (uint256)), shares);
            (ok, answer) = address(vault).staticcall{gas: gas_}(
                abi.encodeCall(vault.convertToAssets, (1e12))
            );
            if (ok) assertEq(abi.decode(answer, (uint256)), assets);
        }
    }

    function test_totalAssets__gas_too_low_to_tell__says_so() public {
        start(base(), 1_000 * USD);
        uint256 told;
        for (uint256 gas_ = 5_000; gas_ < 60_000; gas_ += 1_000) {
            (bool ok, bytes memory answer) = address(vault).staticcall{gas: gas_}(
                abi.encodeCall(vault.totalAssets, ())
            );
            if (!ok && bytes4(answer) == GasTooLow.selector) told++;
        }
        assertGt(told, 0);
    }

    /* IMPAIRING */

    /// @dev A healthy position cannot be written off by sending little gas.
    function test_impair__any_gas__of_a_healthy_position_fails() public {
        start(base(), 1_000 * USD);
        lendNow(300 * USD);
        for (uint256 gas_ = 50_000; gas_ < 3_000_000; gas_ += 10_000) {
            (bool ok,) = address(vault).call{gas: gas_}(
                abi.encodeCall(vault.impair, (address(lend), MARKET))
            );
            assertFalse(ok);
        }
    }
}
