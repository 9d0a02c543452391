// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance, Swap} from "../../../contracts/interfaces/Types.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {TurnoverBudgetExceeded} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The turnover bucket: value traded, one way, of the flash-proof value.
contract TurnoverTest is Rig {
    function test_turnover__at_the_budget__passes_and_one_unit_above_reverts() public {
        Config memory c = base();
        c.params.turnoverWad = 0.1e18;
        start(c, 1_000 * USD);

        refuse(ordering(buyEth(100 * USD + 1)), _exceeded(0.1e18 + 1e9, 0.1e18 + 1e9));
        execute(ordering(buyEth(100 * USD)));

        assertEq(status().turnoverWad, 0.1e18);
    }

    function test_turnover__of_several_actions__adds_up() public {
        Config memory c = base();
        c.params.turnoverWad = 0.1e18;
        start(c, 1_000 * USD);
        Rebalance memory order = newOrder();
        order.swaps = new Swap[](2);
        order.swaps[0] = buyEth(60 * USD);
        order.swaps[1] = buyBtc(40 * USD + 400); // one raw unit of BTC is 400 of the asset
        btcVenue.setPay(0.00100001e8, 0.00100001e8, 0);

        refuse(order, _exceeded(0.1e18 + 400e9, 0.1e18 + 400e9));
    }

    function test_turnover__lending_the_asset__is_free() public {
        Config memory c = base();
        c.params.turnoverWad = 0;
        start(c, 1_000 * USD);

        execute(ordering(supplyTo(lend, 500 * USD)));

        assertEq(status().turnoverWad, 0);
    }

    function test_turnover__refills_by_the_second() public {
        Config memory c = base();
        c.params.turnoverWad = 0.1e18;
        c.params.turnoverRefillWad = 0.1e18 / uint256(1_000);
        start(c, 1_000 * USD);
        execute(ordering(buyEth(100 * USD)));
        pass(500);

        refuse(
            ordering(buyEth(50 * USD + 1)), _exceeded(0.05e18 + 1e9, 0.1e18 + 1e9)
        );
        execute(ordering(buyEth(50 * USD)));
    }

    function test_turnover__tightened__keeps_its_level() public {
        Config memory c = base();
        c.params.turnoverWad = 0.2e18;
        start(c, 1_000 * USD);
        buyEthNow(100 * USD);

        tighten(Field.TURNOVER_WAD, 0, 0.1e18);

        assertEq(status().turnoverWad, 0.1e18);
        refuse(ordering(buyEth(1)), _exceeded(1e9, 0.1e18 + 1e9));
    }

    function test_turnover__flash_deposit__widens_nothing() public {
        Config memory c = base();
        c.params.turnoverWad = 0.1e18;
        start(c, 1_000 * USD);

        deposit(mallory, 9_000 * USD);

        refuse(ordering(buyEth(100 * USD + 1)), _exceeded(0.1e18 + 1e9, 0.1e18 + 1e9));
        execute(ordering(buyEth(100 * USD)));
    }

    function _exceeded(uint256 charge, uint256 level) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            TurnoverBudgetExceeded.selector, charge, level, 0.1e18
        );
    }
}
