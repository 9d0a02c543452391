// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {stdError} from "forge-std/Test.sol";
import {Config, Params} from "../../../contracts/interfaces/Types.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Change, Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {NotTighter} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Lowering risk, field by field: each goes one way alone and changes nothing else.
contract TightenTest is Rig {
    using Build for Config;

    uint256 private constant START = 1000; // of every field

    function setUp() public override {
        super.setUp();
        start(_config(), 1_000 * USD);
    }

    function _config() private view returns (Config memory c) {
        c = base();
        c.addTag("one");
        c.addTag("two");
        for (uint8 f; f <= uint8(type(Field).max); f++) {
            _set(c, Field(f), START);
        }
    }

    /// @dev What `tighten` should do, written down once more.
    function _set(Config memory c, Field f, uint256 v) private pure {
        Params memory p = c.params;
        if (f == Field.TOKEN_CAP_ASSETS) c.tokens[1].capAssets = v;
        if (f == Field.TOKEN_CAP_WAD) c.tokens[1].capWad = v;
        if (f == Field.TOKEN_SLIPPAGE_WAD) c.tokens[1].slippageWad = v;
        if (f == Field.TOKEN_DEVIATION_WAD) c.tokens[1].deviationWad = v;
        if (f == Field.POSITION_CAP_ASSETS) c.positions[1].capAssets = v;
        if (f == Field.POSITION_CAP_WAD) c.positions[1].capWad = v;
        if (f == Field.TAG_CAP_ASSETS) c.tags[1].capAssets = v;
        if (f == Field.TAG_CAP_WAD) c.tags[1].capWad = v;
        if (f == Field.MAX_WINDOW_SECONDS) p.maxWindowSeconds = v;
        if (f == Field.COOLDOWN_SECONDS) p.cooldownSeconds = v;
        if (f == Field.LOSS_WAD) p.lossWad = v;
        if (f == Field.LOSS_REFILL_WAD) p.lossRefillWad = v;
        if (f == Field.HOLD_WAD) p.holdWad = v;
        if (f == Field.HOLD_REFILL_WAD) p.holdRefillWad = v;
        if (f == Field.TURNOVER_WAD) p.turnoverWad = v;
        if (f == Field.TURNOVER_REFILL_WAD) p.turnoverRefillWad = v;
        if (f == Field.LEVERAGE_WAD) p.leverageWad = v;
    }

    function _refuse(Field f, uint256 value) private {
        vm.expectRevert(
            abi.encodeWithSelector(NotTighter.selector, uint256(f), value, START)
        );
        tighten(f, 1, value);
    }

    function test_tighten__each_field__goes_one_way_alone() public {
        bytes32 before = keccak256(abi.encode(lens.config(vault)));
        for (uint8 f; f <= uint8(type(Field).max); f++) {
            bool up = Field(f) == Field.COOLDOWN_SECONDS;
            uint256 snapshot = vm.snapshotState();

            _refuse(Field(f), START);
            _refuse(Field(f), up ? START - 1 : START + 1);
            _refuse(Field(f), up ? 0 : ALL);
            tighten(Field(f), 1, up ? START + 1 : START - 1);

            Config memory expected = _config();
            assertEq(keccak256(abi.encode(expected)), before);
            _set(expected, Field(f), up ? START + 1 : START - 1);
            assertEq(
                keccak256(abi.encode(lens.config(vault))), keccak256(abi.encode(expected))
            );
            vm.revertToState(snapshot);
        }
    }

    function test_tighten__each_field__to_the_end_of_its_way() public {
        for (uint8 f; f <= uint8(type(Field).max); f++) {
            bool up = Field(f) == Field.COOLDOWN_SECONDS;
            tighten(Field(f), 1, up ? 365 days : 0);
        }

        Config memory expected = _config();
        for (uint8 f; f <= uint8(type(Field).max); f++) {
            _set(expected, Field(f), Field(f) == Field.COOLDOWN_SECONDS ? 365 days : 0);
        }
        assertEq(keccak256(abi.encode(lens.config(vault))), keccak256(abi.encode(expected)));
    }

    function test_tighten__cooldown_beyond_a_year__is_refused() public {
        _refuse(Field.COOLDOWN_SECONDS, 365 days + 1);
    }

    function test_tighten__record_that_does_not_exist__is_refused() public {
        vm.expectRevert(stdError.indexOOBError);
        tighten(Field.TOKEN_CAP_WAD, 3, 0);
        vm.expectRevert(stdError.indexOOBError);
        tighten(Field.POSITION_CAP_WAD, 3, 0);
        vm.expectRevert(stdError.indexOOBError);
        tighten(Field.TAG_CAP_WAD, 2, 0);
    }

    function test_tighten__several_changes__are_all_made_or_none() public {
        Change[] memory changes = new Change[](2);
        changes[0] = Change(Field.LOSS_WAD, 0, 900);
        changes[1] = Change(Field.HOLD_WAD, 0, 1001);

        vm.expectRevert(
            abi.encodeWithSelector(NotTighter.selector, uint256(Field.HOLD_WAD), 1001, START)
        );
        vault.tighten(changes);
        changes[1].value = 901;
        vault.tighten(changes);

        Params memory p = lens.config(vault).params;
        assertEq(p.lossWad, 900);
        assertEq(p.holdWad, 901);
    }

    function test_tighten__event__names_the_new_configuration() public {
        bytes32 before = vault.configHash();
        uint64 count = vm.getNonce(address(vault));
        address next = vm.computeCreateAddress(address(vault), count);

        vm.expectEmit(true, false, false, false, address(vault));
        emit IVault.SetConfig(next, 0);
        tighten(Field.LOSS_WAD, 0, 1);

        assertEq(vault.config(), next);
        assertEq(vault.configHash(), next.codehash);
        assertTrue(vault.configHash() != before);
    }
}
