// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, PositionConfig, Rebalance, TokenConfig} from
    "../../../contracts/interfaces/Types.sol";
import {IOrderEvents} from "../../../contracts/interfaces/IOrderEvents.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {HoldBudgetExceeded} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice What holding has cost against standing still: charged at the next order, from
///         its own bucket; when that is full, positions may be left but none entered.
contract HoldTest is Rig {
    /// @dev 100 of the asset and 0.05 ETH lie in the pair; 800 are idle.
    function _startPaired(Config memory c) private {
        start(c, 1_000 * USD);
        buyEthNow(100 * USD);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        pass(1);
    }

    /// @dev The pair's asset is now so much less.
    function _lose(uint256 assets) private {
        int256[] memory worth = new int256[](2);
        (worth[0], worth[1]) = (int256(100 * USD - assets), int256(ETH / 20));
        pair.setWorth(worth);
    }

    /* WHAT IS CHARGED */

    function test_hold__loss_between_orders__is_charged_to_the_next() public {
        _startPaired(base());
        _lose(10 * USD);
        Rebalance memory order = newOrder();
        uint256 charge = (10 * USD * WAD + 990 * USD - 1) / (990 * USD); // of the value now

        vm.expectEmit(address(vault));
        emit IOrderEvents.HoldingCharged(digestOf(order), charge, charge);
        execute(order);

        assertEq(status().holdWad, (charge + 1e9 - 1) / 1e9 * 1e9);
        pass(1);
        execute(newOrder()); // not again
        assertEq(status().holdWad, (charge + 1e9 - 1) / 1e9 * 1e9);
    }

    function test_hold__fall_of_the_market__is_nobodys_fault() public {
        _startPaired(base());

        ethSource.set(1_000e18, 0);
        execute(newOrder());

        assertEq(status().holdWad, 0);
    }

    function test_hold__payments_in_and_out__change_nothing() public {
        _startPaired(base());

        deposit(bob, 500 * USD);
        redeem(alice, 300 * USD * 1e6);
        vm.prank(alice);
        vault.redeemInKind(200 * USD * 1e6, alice, alice, 0);
        execute(newOrder());

        // slices are rounded down, so nothing or one unit may seem to be missing
        assertLe(status().holdWad, 2e9);
        assertEq(lens.book(vault).nav / USD, 1_000);
    }

    function test_hold__loss_beside_payments__is_charged_in_full() public {
        _startPaired(base());
        deposit(bob, 1_000 * USD);
        redeem(alice, 500 * USD * 1e6);

        _lose(15 * USD); // 1,485 left

        execute(newOrder());
        assertApproxEqAbs(status().holdWad, 0.010101011e18, 1e9);
    }

    function test_hold__gain__is_no_credit_for_a_later_loss() public {
        _startPaired(base());
        int256[] memory worth = new int256[](2);
        (worth[0], worth[1]) = (int256(110 * USD), int256(ETH / 20));
        pair.setWorth(worth); // earns 10

        execute(newOrder());
        pass(1);
        assertEq(status().holdWad, 0);

        _lose(0); // and loses them again: charged
        execute(newOrder());
        assertEq(status().holdWad, 0.01e18);
    }

    function test_hold__other_order_of_tokens__is_followed() public {
        Config memory c = base();
        _startPaired(c);
        buyBtcNow(100 * USD);
        (TokenConfig memory first, TokenConfig memory second) = (c.tokens[1], c.tokens[2]);
        (c.tokens[1], c.tokens[2]) = (second, first);
        for (uint256 i; i < 3; i++) {
            PositionConfig memory p = c.positions[i];
            if (i != LEND) p.tokenIndexes = i == PAIR ? 0x0200 : 0x02;
        }
        c.pools[0].tokenIndexes = 0x0200;
        c.pools[1].tokenIndexes = 0x0100;

        vault.submit(c);
        ethSource.set(3_000e18, 0);
        execute(newOrder());

        assertEq(status().holdWad, 0);
    }

    function test_hold__token_that_is_listed_anew__starts_at_nothing() public {
        Config memory c = base();
        Config memory less = base();
        TokenConfig[] memory tokens = new TokenConfig[](2);
        (tokens[0], tokens[1]) = (c.tokens[0], c.tokens[1]);
        less.tokens = tokens;
        less.pools[1] = less.pools[0];
        _startPaired(less);

        vault.submit(c);
        execute(newOrder());

        assertEq(status().holdWad, 0);
    }

    /* HOW MUCH */

    function test_hold__at_the_budget__passes_and_one_unit_above_reverts() public {
        Config memory c = base();
        c.params.holdWad = 0.02e18;
        _startPaired(c);
        deposit(bob, 20 * USD); // 1,000 is left after 20 are lost

        _lose(20 * USD + 1);
        uint256 nav = 1_000 * USD - 1;
        uint256 charge = ((20 * USD + 1) * WAD + nav - 1) / nav;
        refuse(
            ordering(buyBtc(40 * USD)),
            abi.encodeWithSelector(
                HoldBudgetExceeded.selector, charge, charge, 0.02e18
            )
        );
        refuse(
            ordering(supplyTo(lend, 1)),
            abi.encodeWithSelector(
                HoldBudgetExceeded.selector, charge, charge, 0.02e18
            )
        );
        _lose(20 * USD);
        execute(ordering(buyBtc(40 * USD)));
        assertEq(status().holdWad, 0.02e18);
    }

    function test_hold__above_the_budget__positions_may_still_be_left() public {
        Config memory c = base();
        c.params.holdWad = 0.02e18;
        _startPaired(c);
        lendNow(100 * USD);
        _lose(50 * USD);

        execute(ordering(withdrawFrom(lend, ALL)));

        assertEq(lend.units(MARKET), 0);
        assertGt(status().holdWad, 0.05e18);
    }

    function test_hold__above_the_budget__refills_by_the_second() public {
        Config memory c = base();
        c.params.holdWad = 0.02e18;
        c.params.holdRefillWad = 0.00001e18;
        _startPaired(c);
        deposit(bob, 50 * USD);
        _lose(50 * USD); // 0.05 of 1,000
        execute(newOrder());

        pass(2_999);
        refuse(
            ordering(supplyTo(lend, 1)),
            abi.encodeWithSelector(
                HoldBudgetExceeded.selector, 0, 0.02001e18, 0.02e18
            )
        );
        skip(1);
        execute(ordering(supplyTo(lend, 1)));
    }

    function test_hold__tightened__keeps_its_level() public {
        _startPaired(base());
        deposit(bob, 10 * USD);
        _lose(10 * USD);
        execute(newOrder());
        pass(1);

        tighten(Field.HOLD_WAD, 0, 0.009e18);

        refuse(
            ordering(supplyTo(lend, 1)),
            abi.encodeWithSelector(HoldBudgetExceeded.selector, 0, 0.01e18, 0.009e18)
        );
        execute(newOrder());
    }
}
