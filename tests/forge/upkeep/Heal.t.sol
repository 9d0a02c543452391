// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {IUpkeepEvents} from "../../../contracts/interfaces/IUpkeepEvents.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {
    HealCooldownActive,
    HealLossy,
    NotHealable,
    PositionImpaired,
    PositionNotListed
} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Anyone may bring a position of one token that stands clearly above its cap as
///         far below it; nothing is lost, and not again at once.
contract HealTest is Rig {
    /// @dev 300 lent; its cap is 200, the band 1 %: healed above 202, down to 198.
    function setUp() public override {
        super.setUp();
        start(base(), 1_000 * USD);
        lendNow(300 * USD);
        tighten(Field.POSITION_CAP_ASSETS, LEND, 200 * USD);
    }

    function _heal(bytes memory error) private {
        vm.expectRevert(error);
        vault.heal(address(lend), MARKET);
    }

    function _notHealable(HostileAdapter adapter, uint256 assets, uint256 above)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            NotHealable.selector, adapter, MARKET, assets, above
        );
    }

    /* HOW FAR */

    function test_heal__clearly_above__ends_as_far_below() public {
        vm.expectEmit(address(vault));
        emit IUpkeepEvents.Healed(address(lend), MARKET, 102 * USD, 300 * USD, 200 * USD);
        vm.prank(mallory);
        vault.heal(address(lend), MARKET);

        assertEq(lend.units(MARKET), 198 * USD);
        assertEq(asset.balanceOf(address(vault)), 802 * USD);
        assertEq(vault.totalAssets(), 1_000 * USD);
    }

    function test_heal__at_the_band__is_refused_and_one_unit_above_passes() public {
        execute(ordering(withdrawFrom(lend, 98 * USD)));
        pass(1);
        _heal(_notHealable(lend, 202 * USD, 202 * USD));

        deal(address(asset), address(lend), 202 * USD + 1); // what it has earned
        vault.heal(address(lend), MARKET);
        assertApproxEqAbs(lens.book(vault).positionAssets[LEND], 198 * USD, 1);
    }

    function test_heal__relative_cap__is_of_the_value_without_this_blocks_deposits() public {
        Config memory c = base();
        c.positions[LEND].capWad = 0.2e18;
        vault.submit(c);
        deposit(mallory, 9_000 * USD); // would put 300 far below a fifth

        vault.heal(address(lend), MARKET);

        assertEq(lend.units(MARKET), 198 * USD);
    }

    function test_heal__of_what_cannot_be_drawn_now__takes_what_can() public {
        vm.mockCall(
            address(lend), abi.encodeCall(lend.drawable, (MARKET)), abi.encode(50 * USD)
        );

        vault.heal(address(lend), MARKET);

        assertEq(lend.units(MARKET), 250 * USD);
    }

    function test_heal__of_another_token__is_counted_in_it() public {
        buyEthNow(400 * USD);
        execute(ordering(supplyTo(stake, 0.2e18)));
        pass(1);
        tighten(Field.POSITION_CAP_ASSETS, STAKE, 200 * USD);

        vault.heal(address(stake), MARKET);

        assertEq(stake.units(MARKET), 0.099e18);
        assertEq(eth.balanceOf(address(vault)), 0.101e18);
    }

    /* WHAT */

    function test_heal__of_a_position_of_two_tokens__is_refused() public {
        buyEthNow(100 * USD);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        pass(1);
        tighten(Field.POSITION_CAP_ASSETS, PAIR, 100 * USD);

        vm.expectRevert(_notHealable(pair, 200 * USD, 101 * USD));
        vault.heal(address(pair), MARKET);
    }

    function test_heal__of_a_position_that_is_not_listed__is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(PositionNotListed.selector, mallory, MARKET));
        vault.heal(mallory, MARKET);
    }

    function test_heal__of_an_impaired_position__is_refused() public {
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
        impair(address(lend), MARKET);

        _heal(abi.encodeWithSelector(PositionImpaired.selector, lend, MARKET));
    }

    /* LOSS */

    function test_heal__that_loses_more_than_dust__is_refused() public {
        // of 102 drawn, 10 raw units may be missing; the mock rounds the fee down
        lend.setKept(uint256(11e18) / (102 * USD) + 1);
        _heal(
            abi.encodeWithSelector(
                HealLossy.selector,
                lend,
                MARKET,
                int256(1_000 * USD - 11),
                int256(1_000 * USD - 10)
            )
        );

        lend.setKept(uint256(10e18) / (102 * USD) + 1);
        vault.heal(address(lend), MARKET);
        assertEq(asset.balanceOf(address(vault)), 802 * USD - 10);
    }

    /* HOW OFTEN */

    function test_heal__again__waits_for_its_cooldown() public {
        uint256 readyAt = nowPlus(1 hours);
        vault.heal(address(lend), MARKET);
        deal(address(asset), address(lend), 203 * USD); // above again

        skip(1 hours - 1);
        _heal(err(HealCooldownActive.selector, readyAt, readyAt - 1));
        skip(1);
        vault.heal(address(lend), MARKET);
        assertLt(lens.book(vault).positionAssets[LEND], 200 * USD);
    }

    function test_heal__cooldown__is_each_positions_own() public {
        buyEthNow(400 * USD);
        execute(ordering(supplyTo(stake, 0.2e18)));
        pass(1);
        tighten(Field.POSITION_CAP_ASSETS, STAKE, 200 * USD);

        vault.heal(address(lend), MARKET);
        vault.heal(address(stake), MARKET);
    }

    function test_heal__refused__starts_no_cooldown() public {
        lend.setKept(0.01e18);
        vm.expectPartialRevert(HealLossy.selector);
        vault.heal(address(lend), MARKET);

        lend.setKept(0);
        vault.heal(address(lend), MARKET);
    }
}
