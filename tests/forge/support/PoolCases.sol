// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {
    AmountsUnreadable,
    DrawNotSupported,
    ProtocolBusy
} from "../../../contracts/libraries/Errors.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {AdapterCases} from "./AdapterCases.sol";

/// @notice What an adapter of a pool promises, whatever the pool's curve: USDC and HST are
///         among its coins, at the prices that the pool starts with.
abstract contract PoolCases is AdapterCases {
    /// @dev The position is at most this part of the pool.
    uint256 internal constant PARTS = 50;

    uint256 internal feeWad; // of a swap
    address internal other; // a coin that USDC is traded for
    uint256 internal most; // dollars of USDC that the pool takes at once

    /// @dev `trader` sells; what it got.
    function _trade(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        virtual
        returns (uint256 amountOut);

    /// @dev `maker` takes a part of every coin out.
    function _leave() internal virtual;

    function _skew(uint256 dollars) internal returns (uint256 amountOut) {
        return _trade(address(usdc), other, dollars * USD);
    }

    function _only(address coin, uint256 amount)
        internal
        view
        returns (uint256[] memory list)
    {
        list = new uint256[](coins.length);
        list[_place(coin)] = amount;
    }

    function _place(address coin) internal view returns (uint256 i) {
        while (coins[i] != coin) i++;
    }

    /* SUPPLYING */

    function test_supply__in_the_pools_ratio__is_worth_what_it_cost() public {
        assertEq(_supply(each), adapter.units(market));

        int256[] memory held = _amounts();
        for (uint256 i; i < coins.length; i++) {
            assertLe(held[i], int256(each[i]));
            assertGe(held[i], int256(each[i] - each[i] / 1e9 - 2));
        }
        _assertNothingLeft();
    }

    function test_supply__one_coin__costs_no_more_than_the_fee() public {
        uint256 cost = 3_000 * USD;

        _supply(_only(address(usdc), cost));

        assertLt(_worth(), cost);
        assertGt(_worth(), cost - cost * (feeWad + 0.001e18) / WAD);
        _assertNothingLeft();
    }

    function test_supply__twice__adds_up() public {
        uint256 first = _supply(each);

        uint256 second = _supply(each);

        assertEq(adapter.units(market), first + second);
        assertApproxEqRel(second, first, 1e9);
    }

    function testFuzz_supply__then_withdraw__never_profits(uint256 seed) public {
        uint256[] memory given = new uint256[](coins.length);
        uint256 cost; // E36
        for (uint256 i; i < coins.length; i++) {
            uint256 dollars = uint256(keccak256(abi.encode(seed, i))) % 50_000;
            given[i] = ofDollars(coins[i], 1 + dollars);
            cost += given[i] * prices[i];
        }

        _supply(given);
        int256[] memory paid = _withdraw(ALL);

        assertLe(worthOf(paid, prices), cost / E36);
        // the fee, and the price that a fortieth of a balance moves
        assertGe(worthOf(paid, prices), cost * (WAD - feeWad - 0.015e18) / WAD / E36);
        _assertNothingLeft();
    }

    /* WITHDRAWING */

    function test_withdraw__all__pays_what_was_said() public {
        _supply(each);
        int256[] memory said = _amounts();

        int256[] memory paid = _withdraw(ALL);

        for (uint256 i; i < coins.length; i++) {
            assertGe(paid[i], said[i] - said[i] / 1e9 - 2);
            assertLe(paid[i], said[i] + said[i] / 1e8 + 2);
        }
        assertEq(adapter.units(market), 0);
        assertEq(_worth(), 0);
    }

    function test_withdraw__coin_that_does_not_move__waits() public {
        uint256 units = _supply(each);
        hst.setFaults(HostileToken.Fault.REVERT, HostileToken.Fault.NONE);
        vm.expectRevert();
        adapter.withdraw(market, 0, 0, ALL);
        assertEq(adapter.units(market), units);
        adapter.reserveSlice(market, 1, 2, bob);

        hst.setFaults(HostileToken.Fault.NONE, HostileToken.Fault.NONE);

        assertGt(worthOf(_withdraw(ALL), prices), 0);
        assertEq(adapter.claim(market, 0, 0, bob), units / 2);
    }

    function test_draw__is_not_supported() public {
        _supply(each);
        assertEq(adapter.drawable(market), 0);
        vm.expectRevert(abi.encodeWithSelector(DrawNotSupported.selector, market, 1));
        adapter.draw(market, 1);
        vm.expectRevert(abi.encodeWithSelector(AmountsUnreadable.selector, adapter, market));
        adapter.amount(market);
    }

    /* WORTH */

    function test_views__in_the_middle_of_a_call_of_the_protocol__refuse() public {
        _supply(each);
        uint256[] memory doubts = new uint256[](coins.length);
        bytes[3] memory views = [
            abi.encodeCall(IAdapter.amounts, (market, prices)),
            abi.encodeCall(IAdapter.deviationWad, (market, prices)),
            abi.encodeCall(IAdapter.concavityAssets, (market, 0, 0, 1e18, prices, doubts))
        ];
        for (uint256 i; i < 3; i++) {
            bytes memory answer = insideOf(address(adapter), views[i], _leave);
            assertEq(answer, abi.encodeWithSelector(ProtocolBusy.selector, market));
        }
    }

    function testFuzz_amounts__any_skew__never_above_what_leaving_pays(uint256 dollars) public {
        _supply(each);
        uint256 before = _worth();

        _skew(bound(dollars, 1, most));

        uint256 said = _worth();
        assertGe(said + 2, before, "who skews the pool pays for it");
        assertGe(worthOf(_withdraw(ALL), prices) + 10, said);
    }

    function testFuzz_amounts__any_skew__gain_no_more_than_the_fee(uint256 dollars) public {
        _supply(each);
        uint256 before = _worth();
        dollars = bound(dollars, 1, most);

        _skew(dollars);

        assertLe(_worth(), before + dollars * USD * feeWad / WAD / PARTS + 2);
    }

    function testFuzz_amounts__skew_undone__only_fees_remain(uint256 dollars) public {
        _supply(each);
        uint256 before = _worth();
        dollars = bound(dollars, 100, most);

        _trade(other, address(usdc), _skew(dollars));

        assertGe(_worth() + 2, before);
        assertLe(_worth(), before + 2 * dollars * USD * feeWad / WAD / PARTS + 4);
    }

    function testFuzz_amounts__any_price_higher__is_never_worth_less(uint256 i, uint256 price)
        public
    {
        _supply(each);
        uint256 before = _worth();
        i = bound(i, 0, coins.length - 1);

        prices[i] = bound(price, prices[i], prices[i] * 2);

        assertGe(_worth() + 2, before);
    }

    function testFuzz_amounts__any_prices__never_above_the_pools_own_balances(uint256 seed)
        public
    {
        _supply(each);
        for (uint256 i; i < coins.length; i++) {
            uint256 percent = 50 + uint256(keccak256(abi.encode(seed, i))) % 100;
            prices[i] = prices[i] * percent / 100;
        }

        uint256 said = _worth();

        assertGe(worthOf(_withdraw(ALL), prices) + 10, said);
    }

    /* DEVIATION */

    function test_deviation__at_the_pools_prices__is_next_to_nothing() public view {
        assertLe(adapter.deviationWad(market, prices), 1e12);
    }

    function test_deviation__price_a_twentieth_higher__is_that() public {
        prices[_place(other)] = prices[_place(other)] * 105 / 100;

        assertApproxEqRel(adapter.deviationWad(market, prices), 0.05e18, 1e15);
    }

    function test_deviation__skewed_pool__is_the_pools_own_price() public {
        _skew(most);

        uint256 deviationWad = adapter.deviationWad(market, prices);

        uint256 back = _trade(other, address(usdc), ofDollars(other, 1));
        uint256 priceWad = back * WAD / USD * WAD / (WAD - feeWad);
        assertGt(deviationWad, 0.02e18);
        assertApproxEqRel(deviationWad, priceWad - WAD, 0.01e18);
    }

    function testFuzz_deviation__skew_undone__is_small_again(uint256 dollars) public {
        uint256 got = _skew(bound(dollars, most / 2, most));
        uint256 skewed = adapter.deviationWad(market, prices);

        _trade(other, address(usdc), got);

        assertLt(adapter.deviationWad(market, prices), 0.005e18);
        assertLt(adapter.deviationWad(market, prices), skewed / 2);
    }
}
