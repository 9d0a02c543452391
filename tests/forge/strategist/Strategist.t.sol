// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {console} from "forge-std/console.sol";
import {Search} from "./Search.sol";

/// @notice The hostile strategist as a search: from many seeds, step by step, the attempt
///         that costs a share most, as large as the limits let it be. All of it together
///         costs no more than the bucket and its refill.
contract StrategistTest is Search {
    uint256 private constant STEPS = 14;
    uint256 private constant TRIES = 5; // attempts compared at each step

    struct Found {
        uint256 lossWad;
        uint256 boundWad;
        uint256 attempts;
        uint256 orders;
    }

    /// @dev STEELYARD_SEEDS says how many searches; their figure goes to a file as well.
    function test_search__worst_loss_of_a_share__is_under_the_bound() public {
        vm.pauseGasMetering();
        uint256 seeds = vm.envOr("STEELYARD_SEEDS", uint256(3));
        Found memory worst;
        uint256 attempts;
        uint256 snapshot = vm.snapshotState();
        for (uint256 seed; seed < seeds; seed++) {
            Found memory found = _search(seed);
            attempts += found.attempts;
            // the most of its own bound
            if (found.lossWad * worst.boundWad >= worst.lossWad * found.boundWad) {
                worst = found;
            }
            vm.revertToState(snapshot);
        }

        console.log("worst loss found: %s of bound %s", worst.lossWad, worst.boundWad);
        _write(worst, seeds, attempts);
        assertLe(worst.lossWad, worst.boundWad);
        assertGt(worst.lossWad, worst.boundWad * 9 / 10); // or it did not search well
    }

    function _search(uint256 seed) private returns (Found memory found) {
        uint256 startAt = vm.getBlockTimestamp();
        for (uint256 step; step < STEPS; step++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, step)));
            (uint256 kind, uint256 inner, uint256 size) = _best(dice, found);
            if (size != 0) {
                (bool done, uint256 lossWad) = this.attempt(kind, inner, size);
                assertTrue(done);
                found.lossWad += lossWad;
                found.orders++;
                // rounding of a few units at each reading
                found.boundWad =
                    LOSS_WAD + LOSS_REFILL_WAD * (vm.getBlockTimestamp() - startAt) + step * 1e9;
                assertLe(found.lossWad, found.boundWad);
            }
            pass(1 + dice % 8 hours);
        }
    }

    /// @dev Tries some, each as large as it may be, and names the one that cost most.
    function _best(uint256 dice, Found memory found)
        private
        returns (uint256 kind, uint256 seed, uint256 size)
    {
        uint256 most;
        for (uint256 i; i < TRIES; i++) {
            uint256 inner = uint256(keccak256(abi.encode(dice, i)));
            uint256 each = i < 2 ? inner % 4 : inner % KINDS; // plain theft is always tried
            (uint256 largest, uint256 lossWad) = _largest(each, inner, found);
            if (lossWad > most) (most, kind, seed, size) = (lossWad, each, inner, largest);
        }
    }

    /// @dev Bisects the size that the limits still allow.
    function _largest(uint256 kind, uint256 seed, Found memory found)
        private
        returns (uint256 size, uint256 lossWad)
    {
        (uint256 low, uint256 high) = (0, 2e6);
        for (uint256 i; i < 10; i++) {
            uint256 middle = (low + high) / 2;
            uint256 snapshot = vm.snapshotState();
            (bool done, uint256 cost) = this.attempt(kind, seed, middle);
            vm.revertToStateAndDelete(snapshot);
            found.attempts++;
            if (!done) {
                high = middle;
                continue;
            }
            low = middle;
            if (cost > lossWad) (size, lossWad) = (middle, cost);
        }
    }

    function _write(Found memory worst, uint256 seeds, uint256 attempts) private {
        string memory key = "strategist";
        vm.serializeUint(key, "lossWad", worst.lossWad);
        vm.serializeUint(key, "boundWad", worst.boundWad);
        vm.serializeUint(key, "orders", worst.orders);
        vm.serializeUint(key, "seeds", seeds);
        string memory json = vm.serializeUint(key, "attempts", attempts);
        vm.writeJson(json, "build/forge/strategist.json");
    }
}
