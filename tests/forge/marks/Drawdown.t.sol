// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {ExposureRaised} from "../../../contracts/libraries/Errors.sol";
import {Marks} from "../../../contracts/libraries/Marks.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Drawdown both ways: what latches and releases it, what moves its mark, and what
///         an order may still do in it.
contract DrawdownTest is Rig {
    uint256 private constant IDLE = 500 * USD;
    uint256 private constant UNIT = 1e9; // of a stored price; virtual shares take one

    function setUp() public override {
        super.setUp();
        Config memory c = base();
        c.params.drawdownWad = 0.1e18;
        start(c, 1_000 * USD);
        lendNow(1_000 * USD - IDLE);
    }

    /// @dev The whole vault is worth so much from now on.
    function _worth(uint256 nav) private {
        int256[] memory worth = new int256[](1);
        worth[0] = int256(nav - IDLE);
        lend.setWorth(worth);
    }

    function _pokeAfter(uint256 seconds_) private {
        pass(seconds_);
        vault.poke();
    }

    function _latch() private {
        _worth(899 * USD);
        vault.poke();
        _pokeAfter(30 minutes);
        assertTrue(status().isReduceOnly);
    }

    /* LATCHING */

    function test_drawdown__one_reading_below__proves_nothing() public {
        _worth(500 * USD);
        vault.poke();
        vault.poke();

        assertFalse(status().isReduceOnly);
        assertEq(status().turnedAt, vm.getBlockTimestamp());
    }

    function test_drawdown__two_readings_half_an_hour_apart__latch() public {
        _worth(899 * USD);
        vault.poke();

        _pokeAfter(30 minutes - 1);
        assertFalse(status().isReduceOnly);

        skip(1);
        vm.expectEmit(address(vault));
        emit Marks.Marked(0.899e18, 1e18, true);
        vault.poke();
        assertTrue(status().isReduceOnly);
    }

    function test_drawdown__exactly_at_it__is_none() public {
        _worth(900 * USD);
        vault.poke();
        _pokeAfter(1 hours);
        assertFalse(status().isReduceOnly);

        _worth(900 * USD - 1);
        vault.poke();
        _pokeAfter(1 hours);
        assertTrue(status().isReduceOnly);
    }

    function test_drawdown__reading_above_in_between__starts_the_clock_again() public {
        _worth(899 * USD);
        vault.poke();
        _worth(900 * USD);
        _pokeAfter(29 minutes);
        assertEq(status().turnedAt, 0);

        _worth(899 * USD);
        _pokeAfter(1 minutes);
        _pokeAfter(29 minutes);
        assertFalse(status().isReduceOnly);
        _pokeAfter(1 minutes);
        assertTrue(status().isReduceOnly);
    }

    function test_drawdown__orders__take_readings_too() public {
        _worth(899 * USD);
        execute(newOrder());
        pass(30 minutes);

        refuse(
            ordering(buyEth(1 * USD)),
            abi.encodeWithSelector(ExposureRaised.selector, address(eth), 1 * USD, 0)
        );
        execute(newOrder());
        assertTrue(status().isReduceOnly);
    }

    function test_drawdown__is_read_at_low_prices() public {
        buyEthNow(500 * USD);
        ethSource.set(2_000e18, 0.3e18); // 850 at the low ones

        vault.poke();
        _pokeAfter(30 minutes);

        assertTrue(status().isReduceOnly);
    }

    /* IN IT */

    function test_reduceOnly__new_exposure__is_refused() public {
        buyEthNow(100 * USD);
        _latch();

        refuse(
            ordering(buyEth(1 * USD)),
            abi.encodeWithSelector(
                ExposureRaised.selector, address(eth), 101 * USD, 100 * USD
            )
        );
        refuse(
            ordering(supplyPair(10 * USD, 0)),
            abi.encodeWithSelector(ExposureRaised.selector, pair, 10 * USD, 0)
        );
    }

    function test_reduceOnly__exposure_that_is_moved_or_lent__passes() public {
        buyEthNow(400 * USD);
        execute(ordering(supplyTo(stake, ETH / 10)));
        ethSource.set(1_400e18, 0); // 880
        vault.poke();
        _pokeAfter(30 minutes);
        assertTrue(status().isReduceOnly);

        execute(ordering(supplyTo(stake, ETH / 10))); // ETH, but no more of it
        pass(1);
        execute(ordering(withdrawFrom(stake, ALL)));
        pass(1);
        execute(ordering(sellEth(ETH / 10, 140 * USD)));
        pass(1);
        execute(ordering(supplyTo(lend, 200 * USD)));
        pass(1);
        execute(ordering(withdrawFrom(lend, ALL)));
    }

    function test_reduceOnly__a_millionth__is_no_rise() public {
        buyEthNow(100 * USD);
        _latch();

        refuse(
            ordering(buyEth(101)),
            abi.encodeWithSelector(
                ExposureRaised.selector, address(eth), 100 * USD + 101, 100 * USD
            )
        );
        execute(ordering(buyEth(100)));
    }

    function test_reduceOnly__gross_exposure__may_not_rise() public {
        buyEthNow(100 * USD);
        _latch();
        uint256 nav = lens.book(vault).nav;

        // ETH worth 20 sold for 120
        refuse(
            ordering(sellEth(ETH / 100, 120 * USD)),
            abi.encodeWithSelector(
                ExposureRaised.selector, address(0), nav + 100 * USD, nav
            )
        );
    }

    /* RELEASE */

    function test_release__half_way_back_at_two_readings__frees() public {
        _latch();
        _worth(950 * USD);

        vault.poke();
        _pokeAfter(30 minutes - 1);
        assertTrue(status().isReduceOnly);
        skip(1);
        vm.expectEmit(address(vault));
        emit Marks.Marked(0.95e18, 1e18, false);
        vault.poke();

        assertFalse(status().isReduceOnly);
        execute(ordering(buyEth(100 * USD)));
    }

    function test_release__just_below_half_way__does_not_free() public {
        _latch();
        _worth(950 * USD - 1);

        vault.poke();
        _pokeAfter(1 hours);

        assertTrue(status().isReduceOnly);
    }

    function test_release__fall_in_between__starts_the_clock_again() public {
        _latch();
        _worth(950 * USD);
        vault.poke();
        _worth(949 * USD);
        _pokeAfter(29 minutes);
        _worth(950 * USD);
        _pokeAfter(1 minutes);

        _pokeAfter(29 minutes);
        assertTrue(status().isReduceOnly);
    }

    function test_resetMark__starts_from_the_last_reading() public {
        _latch();
        _pokeAfter(1 hours);

        vm.expectEmit(address(vault));
        emit Marks.Marked(0.899e18, 0.899e18, false);
        vault.resetMark();

        assertFalse(status().isReduceOnly);
        assertEq(status().mark, 0.899e18);
        assertEq(status().turnedAt, 0);
        execute(ordering(buyEth(100 * USD)));
    }

    /* THE MARK */

    function test_mark__one_high_reading__does_not_lift_it() public {
        _worth(1_200 * USD);
        _pokeAfter(1 hours);
        _worth(1_000 * USD);
        _pokeAfter(1 hours);

        assertEq(status().mark, 1e18);
    }

    function test_mark__two_high_readings__lift_it_to_the_lower() public {
        _worth(1_200 * USD);
        _pokeAfter(1 hours);
        _worth(1_100 * USD);
        vm.expectEmit(address(vault));
        emit Marks.Marked(1.1e18 - UNIT, 1.1e18 - UNIT, false);
        _pokeAfter(1 hours);

        assertEq(status().mark, 1.1e18 - UNIT);
    }

    function test_mark__readings_within_the_hour__do_not_count() public {
        _worth(1_200 * USD);
        _pokeAfter(1 hours);
        _pokeAfter(1 hours - 1);
        assertEq(status().mark, 1e18);

        skip(1);
        vault.poke();
        assertEq(status().mark, 1.2e18 - UNIT);
    }

    function test_mark__gift__lifts_it_when_it_stays() public {
        deal(address(asset), address(vault), IDLE + 200 * USD);
        _pokeAfter(1 hours);
        assertEq(status().mark, 1e18);
        _pokeAfter(1 hours);
        assertEq(status().mark, 1.2e18 - UNIT);
    }

    function test_mark__of_an_old_period__is_forgotten_after_the_next() public {
        _worth(1_200 * USD);
        _pokeAfter(1 hours);
        _pokeAfter(1 hours); // 1.2
        _worth(1_000 * USD);
        _pokeAfter(15 days); // the second period begins
        assertEq(status().mark, 1.2e18 - UNIT);
        _pokeAfter(15 days - 1);
        assertEq(status().mark, 1.2e18 - UNIT);
        _pokeAfter(1 hours); // the third
        assertEq(status().mark, 1e18);
    }

    function test_mark__after_two_silent_periods__starts_from_what_is_confirmed() public {
        _worth(700 * USD);

        _pokeAfter(30 days);
        assertEq(status().mark, 0.7e18);
        _pokeAfter(30 minutes);

        assertFalse(status().isReduceOnly);
    }

    /* OLD PRICES */

    function test_mark__price_older_than_allowed__moves_nothing() public {
        ethSource.setUpdatedAt(vm.getBlockTimestamp());
        _worth(899 * USD);

        pass(2 days);
        vault.poke(); // at the limit: a reading, and the first breach
        assertEq(status().reading, 0.899e18);
        uint256 turnedAt = status().turnedAt;
        assertEq(turnedAt, vm.getBlockTimestamp());

        _worth(2_000 * USD);
        _pokeAfter(1 hours);
        assertEq(status().reading, 0.899e18);
        execute(newOrder());
        assertEq(status().reading, 0.899e18);
        assertEq(status().turnedAt, turnedAt);
    }
}
