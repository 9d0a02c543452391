// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {AdapterCases} from "./AdapterCases.sol";

/// @notice What an adapter of a lending protocol promises: USDC, of which others have lent a
///         million and 600,000 are borrowed; a tenth of the interest is the protocol's.
abstract contract LendingCases is AdapterCases {
    uint256 internal constant LENT = 40_000 * USD; // by the vault

    address internal holder; // of what is not lent out

    /// @dev Somebody borrows.
    function _borrow(uint256 assets) internal virtual;

    /// @dev Somebody lends, so that others can leave.
    function _lend(uint256 assets) internal virtual;

    /// @dev What the protocol reverts with when it has not enough to pay.
    function _shortError() internal view virtual returns (bytes memory);

    function _open(bytes32 market_, address spender_) internal {
        (market, spender) = (market_, spender_);
        coins = [address(usdc)];
        prices = [E36];
        each = [LENT];
    }

    function _amount() internal view returns (uint256) {
        return uint256(adapter.amount(market));
    }

    function _paid(int256[] memory gains) internal pure returns (uint256) {
        return uint256(gains[0]);
    }

    function _borrowAllBut(uint256 left) internal {
        _borrow(usdc.balanceOf(holder) - left);
    }

    /* SUPPLYING */

    function test_supply__is_worth_what_it_cost() public {
        assertEq(_supply(each), adapter.units(market));

        assertLe(_amount(), LENT);
        assertGe(_amount(), LENT - 1);
        _assertNothingLeft();
    }

    function testFuzz_supply__then_withdraw__never_profits(uint256 assets, uint256 time) public {
        pass(bound(time, 0, 300 days));
        assets = bound(assets, 1 * USD, 100_000_000 * USD);

        _supply(one(assets));
        uint256 paid = _paid(_withdraw(ALL));

        assertLe(paid, assets);
        assertGe(paid + 2, assets);
        _assertNothingLeft();
    }

    /* TIME */

    function testFuzz_amount__any_time_later__is_what_the_withdrawal_pays(uint256 time) public {
        _supply(each);
        pass(bound(time, 0, 300 days));
        uint256 said = _amount();

        uint256 paid = _paid(_withdraw(ALL));

        assertEq(paid, said, "to the unit");
        assertGe(paid + 1, LENT);
        assertEq(adapter.units(market), 0);
        assertEq(_amount(), 0);
    }

    function testFuzz_amount__never_falls_while_time_goes_on(uint256 time, uint256 more) public {
        _supply(each);
        pass(bound(time, 0, 100 days));
        uint256 before = _amount();

        pass(bound(more, 0, 100 days));

        assertGe(_amount(), before);
    }

    function test_amount__before_the_protocol_counts_its_interest__is_as_after() public {
        _supply(each);
        pass(30 days);
        uint256 said = _amount();
        assertGt(said, LENT);

        _lend(1);

        assertApproxEqAbs(_amount(), said, 1);
    }

    /* DRAWING */

    function testFuzz_draw__any_amount__is_paid_exactly(uint256 assets, uint256 time) public {
        uint256 units = _supply(each);
        pass(bound(time, 0, 100 days));
        uint256 before = _amount();
        assets = bound(assets, 1, before);
        uint256 idle = usdc.balanceOf(address(this));

        adapter.draw(market, assets);

        assertEq(usdc.balanceOf(address(this)) - idle, assets);
        assertLe(_amount(), before - assets + 1);
        assertGe(_amount() + assets + 2, before);
        assertLe(adapter.units(market), units);
    }

    function test_draw__more_than_is_held__is_refused() public {
        _supply(each);

        vm.expectRevert();
        adapter.draw(market, LENT + 10 * USD);
    }

    function test_drawable__is_worth_or_cash__whichever_is_less() public {
        assertEq(adapter.drawable(market), 0);
        _supply(each);
        pass(1 days);
        assertEq(adapter.drawable(market), _amount());

        _borrowAllBut(1_000 * USD);

        assertEq(adapter.drawable(market), 1_000 * USD);
        adapter.draw(market, 1_000 * USD);
        assertEq(adapter.drawable(market), 0);
        assertGe(_amount() + 2, LENT - 1_000 * USD, "lent out is not lost");
    }

    /* SHORT OF CASH */

    function test_exits__all_lent_out__wait_for_somebody_to_lend() public {
        uint256 units = _supply(each);
        _borrowAllBut(0);
        vm.expectRevert(_shortError());
        adapter.withdraw(market, 0, 0, ALL);
        vm.expectRevert(_shortError());
        adapter.redeemSlice(market, 1, 2, bob);
        vm.expectRevert(_shortError());
        adapter.draw(market, USD);
        adapter.reserveSlice(market, 1, 2, bob);
        vm.expectRevert(_shortError());
        adapter.claim(market, 0, 0, bob);
        assertEq(adapter.claimOf(market, 0, 0, bob), units / 2);

        _lend(LENT);

        adapter.claim(market, 0, 0, bob);
        assertApproxEqRel(usdc.balanceOf(bob), LENT / 2, 1e12);
        assertApproxEqRel(_paid(_withdraw(ALL)), LENT / 2, 1e12);
    }

    /* ONE TOKEN */

    function test_views__of_one_token__have_no_curve() public {
        uint256[] memory none = new uint256[](1);
        uint256 units = _supply(each);

        assertEq(adapter.amounts(market, none).length, 1);
        assertEq(adapter.amounts(market, none)[0], adapter.amount(market));
        assertEq(adapter.deviationWad(market, prices), 0);
        assertEq(adapter.concavityAssets(market, 0, 0, units, prices, one(0.1e18)), 0);
    }
}
