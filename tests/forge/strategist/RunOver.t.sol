// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {console} from "forge-std/console.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Book, Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {HoldBudgetExceeded} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice Narrow ranges chosen to be run over, again and again: no order loses anything,
///         holding does. What it costs against standing still, until the vault lets none be
///         entered any more, is under the hold bucket and its refill.
contract RunOverTest is MarketTest {
    uint256 private constant STEPS = 24;
    uint256 private constant HOLD_WAD = 0.01e18;
    uint256 private constant HOLD_REFILL_WAD = 0.005e18 / uint256(1 days);
    int24 private constant SPACING = 60;

    struct Course {
        uint256 priceWad;
        uint256 costWad; // of holding, when the last range was entered
        uint256 lastWad; // of the one held since
        uint256 boundWad;
        uint256 entered;
        bool stopped; // by the hold bucket
    }

    function setUp() public override {
        super.setUp();
        Config memory c = base();
        (c.params.holdWad, c.params.holdRefillWad) = (HOLD_WAD, HOLD_REFILL_WAD);
        c.tokens[1].slippageWad = 0.05e18;
        c.tokens[1].deviationWad = 0.05e18;
        start(c, 1_000_000 * USD);
        for (uint256 i; i < 5; i++) {
            execute(ordering(swapV2(address(asset), address(eth), 100_000 * USD)));
            tradeV2(address(eth), address(asset), 50 * ETH);
            pass(1);
        }
    }

    function test_search__ranges_run_over__cost_less_than_the_hold_bucket() public {
        vm.pauseGasMetering();
        uint256 seeds = vm.envOr("STEELYARD_SEEDS", uint256(3)) * 2;
        uint256 first = vm.envOr("STEELYARD_FIRST_SEED", uint256(0)) * 2;
        Course memory worst;
        uint256 stops;
        uint256 snapshot = vm.snapshotState();
        for (uint256 seed = first; seed < first + seeds; seed++) {
            Course memory c = this.search(seed);
            if (c.stopped) stops++;
            // the most of its own bound; one that is stopped at once has none
            bool worse = c.costWad * worst.boundWad >= worst.costWad * c.boundWad;
            if (c.boundWad != 0 && worse) worst = c;
            vm.revertToState(snapshot);
        }

        console.log(
            "worst loss of holding found: %s of bound %s, and %s in the last range",
            worst.costWad,
            worst.boundWad,
            worst.lastWad
        );
        string memory key = "run over";
        vm.serializeUint(key, "lossWad", worst.costWad);
        vm.serializeUint(key, "boundWad", worst.boundWad);
        vm.serializeUint(key, "lastWad", worst.lastWad);
        string memory json = vm.serializeUint(key, "seeds", seeds);
        vm.writeJson(json, "build/forge/run-over.json");
        assertGt(stops, 0); // or nothing was tried in earnest
        assertGt(worst.costWad, worst.boundWad / 2);
    }

    /// @dev The price goes up and down by as much as a range is wide; each time the range is
    ///      left and another one is put around the new price.
    function search(uint256 seed) external returns (Course memory c) {
        uint256 startAt = vm.getBlockTimestamp();
        c.priceWad = 2_000e18;
        int24 half = 240 + SPACING * int24(int256(seed % 5));
        uint256 moveWad = uint256(uint24(half)) * 1e14 * (80 + seed % 41) / 100;
        (int24 lower, int24 upper) = _around(c.priceWad, half);
        assertTrue(_enter(lower, upper));
        Book memory stood = lens.book(vault);
        for (uint256 step; step < STEPS; step++) {
            bool up = step % 2 == 0;
            c.priceWad = up
                ? c.priceWad * (WAD + moveWad) / WAD
                : c.priceWad * WAD / (WAD + moveWad);
            ethSource.set(c.priceWad, UNCERTAINTY_WAD);
            _follow(c.priceWad);
            pass(1 hours);

            c.lastWad += _missing(stood);
            execute(ordering(withdrawV3(lower, upper, ALL)));
            (lower, upper) = _around(c.priceWad, half);
            stood = lens.book(vault);
            if (!_enter(lower, upper)) {
                c.stopped = true;
                return c;
            }
            c.costWad += c.lastWad;
            c.lastWad = 0;
            c.entered++;
            c.boundWad = HOLD_WAD + HOLD_REFILL_WAD * (vm.getBlockTimestamp() - startAt);
            assertLe(c.costWad, c.boundWad + c.entered * 2e9); // levels are in billionths
            stood = lens.book(vault);
        }
    }

    /// @dev Half of all there is, in a range; or not, and only because of the bucket.
    function _enter(int24 lower, int24 upper) private returns (bool) {
        Rebalance memory order = ordering(
            supplyV3(
                lower,
                upper,
                asset.balanceOf(address(vault)) * 9 / 10,
                eth.balanceOf(address(vault)) * 9 / 10
            )
        );
        bytes memory signature = sign(order);
        try vault.rebalance(order, signature) {
            return true;
        } catch (bytes memory error) {
            assertEq(bytes4(error), HoldBudgetExceeded.selector);
            return false;
        }
    }

    /// @dev What was held then is worth at today's prices beyond what there is, of the value
    ///      now.
    function _missing(Book memory stood) private view returns (uint256) {
        Book memory now_ = lens.book(vault);
        uint256 standing;
        for (uint256 i; i < 3; i++) {
            standing += uint256(stood.held[i]) * now_.pricesE36[i] / 1e36;
        }
        if (standing <= now_.nav) return 0;
        return Math.mulDiv(standing - now_.nav, WAD, now_.nav);
    }

    function _around(uint256 priceWad, int24 half) private pure returns (int24, int24) {
        // ticks from 2,000 on, where the tick is -200,312: ln(p / 2,000) / ln(1.0001)
        int256 off = (int256(priceWad) - 2_000e18) * 10_000 / 2_000e18;
        int24 middle = (int24(-200_312 + off) / SPACING) * SPACING;
        return (middle - half, middle + half);
    }

    /// @dev Others bring the pool to a price.
    function _follow(uint256 priceWad) private {
        uint256[] memory prices = two(priceWad * 1e6, 1e36);
        for (uint256 i; i < 80; i++) {
            uint256 before = v3.deviationWad(Build.market(poolEth), prices);
            if (before < 0.002e18) return;
            uint256 snapshot = vm.snapshotState();
            tradeV3(address(asset), address(eth), 40_000 * USD);
            if (v3.deviationWad(Build.market(poolEth), prices) < before) continue;
            vm.revertToStateAndDelete(snapshot);
            tradeV3(address(eth), address(asset), 20 * ETH);
        }
    }
}
