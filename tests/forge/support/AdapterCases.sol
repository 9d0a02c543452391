// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {
    LiquidityNotHeld,
    NotVault,
    NothingToClaim,
    RangeNotSupported
} from "../../../contracts/libraries/Errors.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

/// @notice What an adapter promises that counts a holding in one number a market. The test is
///         its vault.
abstract contract AdapterCases is ProtocolTest {
    IAdapter internal adapter;
    bytes32 internal market;
    address internal spender; // that the adapter lets take its tokens for a moment
    address[] internal coins; // of the market, in its order
    uint256[] internal prices; // of the coins, E36
    uint256[] internal each; // raw units that the vault supplies

    /// @dev Sends the adapter protocol units that nobody bought for the vault.
    function _giveUnits(uint256 units) internal virtual;

    /* THE VAULT'S PART */

    function _supply(uint256[] memory given) internal returns (uint256 units) {
        for (uint256 i; i < coins.length; i++) {
            if (given[i] != 0) mint(coins[i], address(adapter), given[i]);
        }
        return adapter.supply(market, 0, 0, given);
    }

    function _withdraw(uint256 units) internal returns (int256[] memory paid) {
        paid = balancesOf(address(this), coins);
        adapter.withdraw(market, 0, 0, units);
        paid = _gains(address(this), paid);
    }

    function _gains(address account, int256[] memory before)
        internal
        view
        returns (int256[] memory gained)
    {
        gained = balancesOf(account, coins);
        for (uint256 i; i < coins.length; i++) {
            gained[i] -= before[i];
        }
    }

    function _amounts() internal view returns (int256[] memory) {
        return adapter.amounts(market, prices);
    }

    /// @dev What the adapter says, in asset units.
    function _worth() internal view returns (uint256) {
        return worthOf(_amounts(), prices);
    }

    function _assertNothingLeft() internal view {
        for (uint256 i; i < coins.length; i++) {
            IERC20 coin = IERC20(coins[i]);
            assertEq(coin.balanceOf(address(adapter)), 0);
            assertEq(coin.allowance(address(adapter), spender), 0);
        }
    }

    /* WHO AND WHERE */

    function test_adapter__called_by_others_than_the_vault__refuses() public {
        _supply(each);
        bytes memory error =
            abi.encodeWithSelector(NotVault.selector, mallory, address(this));
        vm.startPrank(mallory);
        vm.expectRevert(error);
        adapter.supply(market, 0, 0, each);
        vm.expectRevert(error);
        adapter.withdraw(market, 0, 0, ALL);
        vm.expectRevert(error);
        adapter.draw(market, 1);
        vm.expectRevert(error);
        adapter.redeemSlice(market, 1, 1, mallory);
        vm.expectRevert(error);
        adapter.reserveSlice(market, 1, 1, mallory);
    }

    function test_adapter__range__is_not_supported() public {
        bytes memory error = abi.encodeWithSelector(RangeNotSupported.selector, -60, 60);
        vm.expectRevert(error);
        adapter.supply(market, -60, 60, each);
        vm.expectRevert(error);
        adapter.withdraw(market, -60, 60, ALL);
        vm.expectRevert(error);
        adapter.claim(market, -60, 60, bob);
        vm.expectRevert(abi.encodeWithSelector(RangeNotSupported.selector, 0, 60));
        adapter.withdraw(market, 0, 60, ALL);
    }

    function test_adapter__says_its_vault_and_tokens() public view {
        address[] memory listed = adapter.tokens(market);

        assertEq(listed.length, coins.length);
        for (uint256 i; i < coins.length; i++) {
            assertEq(listed[i], coins[i]);
        }
        assertEq(adapter.vault(), address(this));
        assertEq(adapter.healthWad(market), ALL);
    }

    /* UNITS */

    function test_units__are_a_ledger_that_gifts_do_not_change() public {
        uint256 units = _supply(each);
        uint256 said = _worth();

        _giveUnits(units);
        for (uint256 i; i < coins.length; i++) {
            mint(coins[i], address(adapter), each[i]);
        }

        assertEq(adapter.units(market), units);
        assertEq(_worth(), said);
        assertApproxEqRel(worthOf(_withdraw(ALL), prices), said, 1e12);
    }

    function test_withdraw__part__leaves_the_rest() public {
        uint256 units = _supply(each);
        uint256 said = _worth();

        int256[] memory paid = _withdraw(units / 4);

        assertEq(adapter.units(market), units - units / 4);
        assertApproxEqRel(_worth(), said * 3 / 4, 1e10);
        assertApproxEqRel(worthOf(paid, prices), said / 4, 1e10);
    }

    function test_withdraw__more_than_is_held__is_refused() public {
        uint256 units = _supply(each);

        vm.expectRevert(
            abi.encodeWithSelector(LiquidityNotHeld.selector, 0, 0, units + 1, units)
        );
        adapter.withdraw(market, 0, 0, units + 1);
    }

    function test_withdraw__of_nothing__pays_nothing() public {
        assertEq(adapter.units(market), 0);
        assertEq(worthOf(_withdraw(ALL), prices), 0);
        assertEq(worthOf(_withdraw(0), prices), 0);
        adapter.redeemSlice(market, 1, 2, bob);
        assertEq(worthOf(balancesOf(bob, coins), prices), 0);
    }

    function test_amounts__of_nothing__are_nothing() public view {
        int256[] memory none = _amounts();

        assertEq(none.length, coins.length);
        assertEq(worthOf(none, prices), 0);
    }

    function testFuzz_amounts__more_units__are_never_less(uint256 part) public {
        uint256 units = _supply(each);
        uint256 whole = _worth();

        _withdraw(bound(part, 0, units));

        assertLe(_worth(), whole);
        uint256 left = adapter.units(market);
        assertApproxEqAbs(_worth(), whole * left / units, whole / 1e8 + 2);
    }

    /* SLICES */

    function testFuzz_slice__any_part__is_paid_to_the_receiver(uint256 part) public {
        uint256 units = _supply(each);
        uint256 whole = _worth();
        part = bound(part, 1, 1e6);
        int256[] memory before = balancesOf(bob, coins);

        adapter.redeemSlice(market, part, 1e6, bob);

        assertEq(adapter.units(market), units - units * part / 1e6);
        uint256 paid = worthOf(_gains(bob, before), prices);
        assertApproxEqAbs(paid, whole * part / 1e6, whole / 1e8 + 2);
        assertApproxEqAbs(_worth(), whole - whole * part / 1e6, whole / 1e8 + 2);
    }

    function test_slice__set_aside__is_claimed_by_its_owner_alone() public {
        uint256 units = _supply(each);
        uint256 whole = _worth();
        vm.expectEmit(address(adapter));
        emit IAdapter.Reserved(market, bob, units / 4);
        adapter.reserveSlice(market, 1, 4, bob);
        assertEq(adapter.claimOf(market, 0, 0, bob), units / 4);
        assertEq(adapter.units(market), units - units / 4);
        assertApproxEqRel(_worth(), whole * 3 / 4, 1e10);

        _withdraw(ALL); // the others leave first
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, market, mallory));
        adapter.claim(market, 0, 0, mallory);
        vm.expectEmit(address(adapter));
        emit IAdapter.Claimed(market, bob, units / 4);
        vm.prank(mallory);
        assertEq(adapter.claim(market, 0, 0, bob), units / 4);

        assertApproxEqRel(worthOf(balancesOf(bob, coins), prices), whole / 4, 1e10);
        assertEq(worthOf(balancesOf(mallory, coins), prices), 0);
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, market, bob));
        adapter.claim(market, 0, 0, bob);
    }
}
