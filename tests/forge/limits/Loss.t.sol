// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Prices, Rebalance, Swap} from "../../../contracts/interfaces/Types.sol";
import {IOrderEvents} from "../../../contracts/interfaces/IOrderEvents.sol";
import {Budget} from "../../../contracts/libraries/Budget.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {LossBudgetExceeded} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The loss bucket: what is charged to it, how full it may be, that time alone
///         empties it.
contract LossTest is Rig {
    uint256 private constant PER_MILLE = 0.001e18;

    /* WHAT IS CHARGED */

    function test_charge__loss_at_middle_prices__is_charged() public {
        start(base(), 1_000 * USD);

        execute(ordering(buyEth(100 * USD, 0.0495e18))); // 1 of 1,000

        assertEq(status().lossWad, PER_MILLE);
    }

    function test_charge__doubt_of_what_moves__is_charged_to_a_fair_trade() public {
        ethSource.set(2_000e18, 0.01e18);
        start(base(), 1_000 * USD);

        execute(ordering(buyEth(100 * USD))); // 1 % of 100, of 1,000

        assertEq(status().lossWad, PER_MILLE);
    }

    function test_charge__is_a_share_of_the_low_value() public {
        ethSource.set(2_000e18, 0.01e18);
        start(base(), 1_000 * USD);
        buyEthNow(500 * USD); // low value 995 from here on
        uint256 before = status().lossWad;

        execute(ordering(buyEth(99.5e6)));

        assertEq(status().lossWad - before, PER_MILLE);
    }

    function test_charge__gain_of_another_action__is_not_credited() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        order.swaps = new Swap[](2);
        order.swaps[0] = buyEth(100 * USD, ETH); // gains 1,900
        order.swaps[1] = buyBtc(100 * USD);
        btcVenue.setPay(0.002475e8, 0.002475e8, 0); // loses 1

        execute(order);

        assertEq(status().lossWad, PER_MILLE);
    }

    function test_charge__position_that_is_worth_less_than_paid__is_charged() public {
        start(base(), 1_000 * USD);
        int256[] memory worth = new int256[](1);
        worth[0] = int256(99 * USD);
        lend.setHook(address(lend), abi.encodeCall(lend.setWorth, (worth)), true);

        execute(ordering(supplyTo(lend, 100 * USD)));

        assertEq(status().lossWad, PER_MILLE);
    }

    function test_charge__position_that_pays_less_than_it_was_worth__is_charged() public {
        start(base(), 1_000 * USD);
        lendNow(100 * USD);
        lend.setKept(0.01e18);

        execute(ordering(withdrawFrom(lend, ALL)));

        assertEq(status().lossWad, PER_MILLE);
    }

    function test_charge__of_the_asset_moved_to_a_position_of_it__is_nothing() public {
        ethSource.set(2_000e18, 0.01e18);
        start(base(), 1_000 * USD);

        execute(ordering(supplyTo(lend, 500 * USD)));

        assertEq(status().lossWad, 0);
    }

    function test_charge__event__carries_it() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = ordering(buyEth(100 * USD, 0.0495e18));
        order.inputsHash = "inputs";
        uint256 after_ = (999 * USD + 1) * 1e24 / (1_000 * USD * 1e6 + 1e6);

        vm.expectEmit(address(vault));
        emit IOrderEvents.Rebalanced(
            0,
            digestOf(order),
            "inputs",
            relayer,
            1_000 * USD,
            999 * USD,
            WAD,
            after_,
            PER_MILLE,
            0.0995e18 // (100 + 99) / 2 of 1,000
        );
        execute(order);
    }

    /* HOW MUCH */

    function test_bucket__at_the_budget__passes_and_one_unit_above_reverts() public {
        ethSource.set(2_000e18, 0.01e18);
        Config memory c = base();
        c.params.lossWad = PER_MILLE;
        start(c, 1_000 * USD);
        uint256 over = PER_MILLE + 1e9; // one raw unit of 1,000 assets

        refuse(ordering(buyEth(100 * USD + 1)), _exceeded(over, over, PER_MILLE));
        execute(ordering(buyEth(100 * USD)));
    }

    function test_bucket__refills_by_the_second() public {
        ethSource.set(2_000e18, 0.01e18);
        Config memory c = base();
        c.params.lossWad = PER_MILLE;
        c.params.lossRefillWad = PER_MILLE / 1000;
        start(c, 1_000 * USD);
        execute(ordering(buyEth(100 * USD)));
        ethSource.set(2_000e18, 0); // a share of 1,000 again
        pass(500);

        uint256 charge = PER_MILLE / 2 + 1e9;
        refuse(
            ordering(buyEth(100 * USD, 0.04975e18 - 5e8)),
            _exceeded(charge, PER_MILLE + 1e9, PER_MILLE)
        );
        execute(ordering(buyEth(100 * USD, 0.04975e18))); // half a unit lost

        assertEq(status().lossWad, PER_MILLE);
    }

    function test_bucket__left_alone__never_holds_less_than_nothing() public {
        Config memory c = base();
        c.tokens[1].slippageWad = 0.02e18;
        c.params.lossWad = PER_MILLE;
        c.params.lossRefillWad = PER_MILLE;
        start(c, 1_000 * USD);
        execute(newOrder());
        pass(30 days);

        uint256 over = PER_MILLE + 1e9;
        refuse(
            ordering(buyEth(100 * USD, 0.0495e18 - 5e8)), _exceeded(over, over, PER_MILLE)
        );
    }

    function test_bucket__tightened__keeps_its_level() public {
        Config memory c = base();
        c.params.lossWad = PER_MILLE;
        start(c, 1_000 * USD);
        execute(ordering(buyEth(100 * USD, 0.04975e18)));
        pass(1);

        tighten(Field.LOSS_WAD, 0, PER_MILLE / 2);

        assertEq(status().lossWad, PER_MILLE / 2);
        execute(newOrder()); // at the budget, charged nothing
        pass(1);
        tighten(Field.LOSS_WAD, 0, PER_MILLE / 2 - 1e9);
        refuse(newOrder(), _exceeded(0, PER_MILLE / 2, PER_MILLE / 2 - 1e9));
    }

    function test_bucket__new_configuration__keeps_its_level() public {
        Config memory c = base();
        c.params.lossWad = PER_MILLE;
        start(c, 1_000 * USD);
        execute(ordering(buyEth(100 * USD, 0.0495e18)));
        pass(1);

        c.params.lossWad = 0.002e18;
        vault.submit(c);

        assertEq(status().lossWad, PER_MILLE);
        uint256 nav = 999 * USD;
        uint256 charge = (USD * WAD + nav - 1) / nav; // 1 of 999
        refuse(
            ordering(buyEth(100 * USD, 0.0495e18)),
            _exceeded(charge, PER_MILLE + charge, 0.002e18)
        );
    }

    function test_bucket__order_that_reverts__leaves_no_trace() public {
        Config memory c = base();
        c.tokens[1].slippageWad = 0.02e18;
        c.params.lossWad = PER_MILLE;
        start(c, 1_000 * USD);

        for (uint256 i; i < 3; i++) {
            refuse(
                ordering(buyEth(100 * USD, 0.0495e18 - 5e8)),
                _exceeded(PER_MILLE + 1e9, PER_MILLE + 1e9, PER_MILLE)
            );
        }

        assertEq(status().lossWad, 0);
        execute(ordering(buyEth(100 * USD, 0.0495e18)));
    }

    /* ARITHMETIC */

    function test_level__is_stored_in_billionths_rounded_up() public pure {
        assertEq(Budget.packUp(0), 0);
        assertEq(Budget.packUp(1), 1);
        assertEq(Budget.packUp(1e9), 1);
        assertEq(Budget.packUp(1e9 + 1), 2);
        assertEq(Budget.packUp(type(uint256).max), type(uint40).max);
    }

    function test_share__of_nothing__is_all_and_more() public pure {
        assertEq(Budget.shareUp(0, 0), 0);
        assertEq(Budget.shareUp(1, 0), type(uint64).max);
        assertEq(Budget.shareUp(1, 3), 0.333333333333333334e18);
    }

    function test_add__three_tokens_of_one_action__are_each_charged_their_doubt() public pure {
        Prices memory p;
        p.midE36 = new uint256[](3);
        p.uncertaintyWad = new uint256[](3);
        (p.midE36[0], p.midE36[1], p.midE36[2]) = (1e36, 2e36, 3e36);
        (p.uncertaintyWad[1], p.uncertaintyWad[2]) = (0.1e18, 0.01e18);
        int256[] memory changes = new int256[](3);
        (changes[0], changes[1], changes[2]) = (-1_000, 300, 100); // of tokens 2, 1, 0
        Budget.Tally memory tally;

        Budget.add(tally, p, 0x000102, changes, 7);

        assertEq(tally.lossAssets, (3_000 - 700) + 30 + 60 + 7);
        assertEq(tally.tradedAssets, 1_850);
    }

    function test_add__actions__add_up() public pure {
        Prices memory p;
        p.midE36 = new uint256[](1);
        p.uncertaintyWad = new uint256[](1);
        p.midE36[0] = 1e36;
        int256[] memory changes = new int256[](1);
        Budget.Tally memory tally;

        changes[0] = 5;
        Budget.add(tally, p, 0, changes, 0); // a gain
        changes[0] = -3;
        Budget.add(tally, p, 0, changes, 0);
        Budget.add(tally, p, 0, changes, 1);

        assertEq(tally.lossAssets, 3 + 4);
        assertEq(tally.tradedAssets, 3 + 2 + 2);
    }

    function _exceeded(uint256 charge, uint256 level, uint256 budget)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(LossBudgetExceeded.selector, charge, level, budget);
    }
}
