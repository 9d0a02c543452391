// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {NothingToClaim} from "../../../contracts/libraries/Errors.sol";
import {RangeTest} from "../support/RangeTest.sol";

/// @notice Whose the fees of V4's ranges are: the manager pays all of them whenever the
///         liquidity changes.
/// forge-config: default.evm_version = "cancun"
contract UniswapV4FeesTest is RangeTest {
    function _backAndForth(uint256 dollars) private {
        _trade(address(hst), _trade(address(usdc), dollars * USD));
    }

    /* COLLECTING */

    function test_collect__fees__are_what_was_owed() public {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        (int256[] memory fees, uint256 before) = (_fees(WIDE), _worth());
        assertGt(fees[0], 0);
        assertGt(fees[1], 0);

        int256[] memory paid = _withdrawn(MIDDLE - WIDE, MIDDLE + WIDE, 0);

        assertEq(paid, fees);
        assertEq(_fees(WIDE), new int256[](2));
        assertApproxEqAbs(_worth() + worthOf(paid, prices), before, 2);
        _assertNothingKept();
    }

    function testFuzz_fees__of_any_range_and_price__are_what_the_manager_pays(
        uint256 place,
        uint256 width,
        uint256 dollars
    ) public {
        // from wholly below the price to wholly above it, and crossed by trades
        int24 lower = MIDDLE - 3_000 + 60 * int24(int256(bound(place, 0, 100)));
        int24 upper = lower + 60 * int24(int256(bound(width, 1, 50)));
        _supplyAt(lower, upper, 10_000);
        dollars = bound(dollars, 1_000, 600_000);
        _trade(address(usdc), dollars * USD);
        _backAndForth(dollars);
        _trade(address(hst), 2 * dollars * ETH);
        int256[] memory fees = _feesAt(lower, upper);

        int256[] memory paid = _withdrawn(lower, upper, 0);

        assertEq(paid, fees);
        _assertNothingKept();
    }

    function test_fees__two_ranges__each_earns_its_own() public {
        _supply(WIDE, 5_000);
        _supply(NARROW, 5_000);
        _backAndForth(20_000);
        (int256[] memory wide, int256[] memory narrow) = (_fees(WIDE), _fees(NARROW));
        assertGt(narrow[0], wide[0], "more liquidity for the money");
        assertGt(narrow[1], wide[1]);

        _withdraw(NARROW, ALL);

        assertEq(_fees(WIDE), wide);
    }

    function test_fees__donation__is_shared_like_one() public {
        _supply(WIDE, 10_000);
        uint256 before = _worth();

        _donate(1_000 * ETH, 1_000 * USD);

        assertGt(_worth(), before);
        assertLt(_worth(), before + 2_000 * USD / 50, "most of it is others'");
    }

    /* KEEPING */

    function test_supply__fees_pending__are_kept_and_still_counted() public {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        int256[] memory fees = _fees(WIDE);

        _supply(WIDE, 5_000);

        assertEq(_fees(WIDE), fees);
        _assertKept(fees);
        assertEq(_withdrawn(MIDDLE - WIDE, MIDDLE + WIDE, 0), fees);
        _assertNothingKept();
    }

    function test_supply__fees_kept_and_new_ones__are_paid_together() public {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        _supply(WIDE, 5_000);
        int256[] memory kept = _fees(WIDE);

        _backAndForth(100_000);

        int256[] memory fees = _fees(WIDE);
        assertGt(fees[0], kept[0]);
        assertGt(fees[1], kept[1]);
        _assertKept(kept);
        assertEq(_withdrawn(MIDDLE - WIDE, MIDDLE + WIDE, 0), fees);
        _assertNothingKept();
    }

    function test_supply__more_fees_than_it_costs__the_rest_comes() public {
        _supply(WIDE, 10_000);
        for (uint256 i; i < 5; i++) {
            _backAndForth(100_000);
        }
        int256[] memory fees = _fees(WIDE);

        uint256 spent = _supply(WIDE, 1);

        assertGt(worthOf(fees, prices), 2 * USD);
        assertApproxEqAbs(spent, 2 * USD, USD / 10);
        assertEq(_fees(WIDE), fees);
        _assertKept(fees);
    }

    function test_supply__another_range__leaves_kept_fees_where_they_are() public {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        _supply(WIDE, 5_000);
        int256[] memory kept = _fees(WIDE);

        uint256 spent = _supply(NARROW, 1_000);

        assertLe(spent, 2_000 * USD);
        assertEq(_fees(WIDE), kept);
        assertEq(_fees(NARROW), new int256[](2));
        _assertKept(kept);
    }

    /* SLICES */

    function testFuzz_slice__any_part__is_of_liquidity_and_fees(uint256 part) public {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        (int256[] memory fees, uint256 whole) = (_fees(WIDE), _worth());
        uint256 units = adapter.units(poolId);
        part = bound(part, 1, 1e6);

        adapter.redeemSlice(poolId, part, 1e6, bob);

        uint256 left = units - units * part / 1e6;
        assertEq(adapter.units(poolId), left);
        uint256 paid = worthOf(balancesOf(bob, coins), prices);
        assertApproxEqAbs(paid, whole * part / 1e6, whole / 1e5 + 2);
        if (left == 0) return _assertNothingKept();
        int256[] memory rest = _fees(WIDE);
        for (uint256 i; i < 2; i++) {
            assertApproxEqAbs(rest[i], fees[i] - fees[i] * int256(part) / 1e6, 1);
        }
        _assertKept(rest);
    }

    function test_slice__set_aside__has_its_fees_and_is_claimed_by_its_owner_alone()
        public
    {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        (int256[] memory fees, uint256 whole) = (_fees(WIDE), _worth());
        uint256 slice = adapter.units(poolId) / 4;
        (int24 lower, int24 upper) = (MIDDLE - WIDE, MIDDLE + WIDE);
        vm.expectEmit(address(adapter));
        emit IAdapter.Reserved(poolId, bob, slice);
        adapter.reserveSlice(poolId, 1, 4, bob);
        assertEq(adapter.claimOf(poolId, lower, upper, bob), slice);
        assertApproxEqRel(_worth(), whole * 3 / 4, 1e12);
        assertApproxEqAbs(_fees(WIDE)[0], fees[0] * 3 / 4, 1);

        _withdraw(WIDE, ALL); // the others leave first
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, poolId, mallory));
        adapter.claim(poolId, lower, upper, mallory);
        vm.expectEmit(address(adapter));
        emit IAdapter.Claimed(poolId, bob, slice);
        assertEq(adapter.claim(poolId, lower, upper, bob), slice);

        assertApproxEqRel(worthOf(balancesOf(bob, coins), prices), whole / 4, 1e13);
        _assertNothingKept();
        vm.expectRevert(abi.encodeWithSelector(NothingToClaim.selector, poolId, bob));
        adapter.claim(poolId, lower, upper, bob);
    }

    function test_slice__set_aside__earns_for_those_who_stay() public {
        _supply(WIDE, 10_000);
        _backAndForth(100_000);
        adapter.reserveSlice(poolId, 1, 2, bob);
        int256[] memory before = _fees(WIDE);

        _backAndForth(100_000);

        int256[] memory fees = _fees(WIDE);
        // half of the liquidity is theirs, all of its new fees are
        assertApproxEqRel(fees[1] - before[1], 2 * before[1], 0.01e18);
        adapter.claim(poolId, MIDDLE - WIDE, MIDDLE + WIDE, bob);
        assertEq(_fees(WIDE), fees);
        _assertKept(fees);
    }

    function test_slice__set_aside_while_the_manager_is_unlocked__has_no_fees() public {
        _supply(WIDE, 10_000);
        _backAndForth(200_000);
        int256[] memory fees = _fees(WIDE);
        uint256 slice = adapter.units(poolId) / 2;
        hst.setHook(address(this), abi.encodeCall(this.reserveHalf, ()), true);

        _moveHst();

        assertTrue(hst.hookSucceeded());
        assertEq(adapter.claimOf(poolId, MIDDLE - WIDE, MIDDLE + WIDE, bob), slice);
        assertGe(_fees(WIDE)[0], fees[0], "all of the fees stay");
        assertGe(_fees(WIDE)[1], fees[1]);
        int256[] memory rest = _fees(WIDE);
        adapter.claim(poolId, MIDDLE - WIDE, MIDDLE + WIDE, bob);
        assertEq(_fees(WIDE), rest);
    }

    function reserveHalf() external {
        adapter.reserveSlice(poolId, 1, 2, bob);
    }
}
