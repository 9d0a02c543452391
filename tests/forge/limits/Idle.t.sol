// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {IdleBelowBuffer} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The liquidity buffer is kept, or at least not lowered.
contract IdleTest is Rig {
    function test_idle__at_the_buffer__passes_and_one_unit_below_reverts() public {
        Config memory c = base();
        c.params.idleWad = 0.1e18;
        start(c, 1_000 * USD);

        refuse(
            ordering(supplyTo(lend, 900 * USD + 1)),
            err(IdleBelowBuffer.selector, 100 * USD - 1, 100 * USD)
        );
        execute(ordering(supplyTo(lend, 900 * USD)));

        assertEq(asset.balanceOf(address(vault)), 100 * USD);
    }

    function test_idle__buffer_of_an_odd_value__is_rounded_up() public {
        Config memory c = base();
        c.params.idleWad = 0.1e18;
        start(c, 1_000 * USD + 1); // a tenth is 100,000,000.1

        refuse(
            ordering(supplyTo(lend, 900 * USD + 1)),
            err(IdleBelowBuffer.selector, 100 * USD, 100 * USD + 1)
        );
        execute(ordering(supplyTo(lend, 900 * USD)));
    }

    function test_idle__below_the_buffer__may_rise_or_stay() public {
        Config memory c = base();
        start(c, 1_000 * USD);
        buyEthNow(200 * USD);
        lendNow(750 * USD);
        c.params.idleWad = 0.1e18;
        vault.submit(c);

        execute(ordering(supplyTo(stake, ETH / 10))); // 50 idle before and after
        pass(1);
        execute(ordering(withdrawFrom(lend, 10 * USD)));
        pass(1);

        refuse(
            ordering(supplyTo(lend, 1)),
            err(IdleBelowBuffer.selector, 60 * USD - 1, 100 * USD)
        );
    }

    function test_idle__flash_deposit__does_not_fill_the_buffer() public {
        Config memory c = base();
        c.params.idleWad = 0.1e18;
        start(c, 1_000 * USD);
        lendNow(900 * USD);

        deposit(mallory, 9_000 * USD);

        // 9,100 idle, of which 9,000 came in this block
        refuse(
            ordering(supplyTo(lend, 1)),
            err(IdleBelowBuffer.selector, 100 * USD - 1, 100 * USD)
        );
        vm.roll(vm.getBlockNumber() + 1);
        execute(ordering(supplyTo(lend, 8_100 * USD)));
    }
}
