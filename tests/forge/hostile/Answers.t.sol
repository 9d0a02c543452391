// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {ParametersChanged} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Adapters and venues that answer too little, too much or with all the gas: an
///         order that meets one fails as a whole and leaves nothing behind.
contract AnswersTest is Rig {
    function setUp() public override {
        super.setUp();
        Config memory c = base();
        lend.setParameters("A 100");
        c.positions[LEND].parameters = "A 100";
        start(c, 1_000 * USD);
        buyEthNow(100 * USD);
        lendNow(100 * USD);
    }

    function _fails(Rebalance memory order) private {
        bytes32 before = keccak256(abi.encode(status(), lens.book(vault)));
        bytes memory signature = sign(order);
        vm.expectRevert();
        vault.rebalance{gas: 20_000_000}(order, signature);
        vm.clearMockedCalls();
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        assertEq(keccak256(abi.encode(status(), lens.book(vault))), before);
        assertEq(vault.allowance(address(vault), address(lend)), 0);
    }

    function _answers(address target, bytes4 selector, bytes memory answer) private {
        vm.mockCall(target, abi.encodePacked(selector), answer);
    }

    function test_supply__answer_too_short__fails() public {
        Rebalance memory order = ordering(supplyTo(lend, USD));
        _answers(address(lend), IAdapter.supply.selector, new bytes(31));
        _fails(order);
    }

    function test_swap__answer_too_short__fails() public {
        Rebalance memory order = ordering(buyEth(USD));
        _answers(address(ethVenue), IVenue.swap.selector, "");
        _fails(order);
    }

    function test_deviation__answer_too_short__fails() public {
        Rebalance memory order = ordering(buyEth(USD));
        _answers(address(ethVenue), IVenue.deviationWad.selector, new bytes(31));
        _fails(order);
        order = ordering(supplyPair(USD, 0));
        _answers(address(pair), IAdapter.deviationWad.selector, new bytes(31));
        _fails(order);
    }

    function test_parameters__unreadable__count_as_none() public {
        Rebalance memory order = ordering(supplyTo(lend, USD));
        bytes memory error = abi.encodeWithSelector(
            ParametersChanged.selector, lend, MARKET, bytes32(0), bytes32("A 100")
        );
        bytes4 selector = IAdapter.parameters.selector;

        _answers(address(lend), selector, new bytes(31));
        refuse(order, error);
        _answers(address(lend), selector, abi.encode("A 100", "A 100"));
        refuse(order, error);
        vm.clearMockedCalls();
        vm.mockCallRevert(address(lend), abi.encodePacked(selector), "");
        refuse(order, error);
        vm.clearMockedCalls();
        execute(order);
    }

    function test_withdraw__that_burns_all_gas__fails() public {
        Rebalance memory order = ordering(withdrawFrom(lend, USD));
        lend.setFaults(HostileAdapter.Fault.BURN_GAS, HostileAdapter.Fault.NONE);
        _fails(order);
    }

    function test_value__that_burns_all_gas__fails() public {
        Rebalance memory order = newOrder();
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.BURN_GAS);
        bytes memory signature = sign(order);

        vm.expectRevert();
        vault.rebalance{gas: 20_000_000}(order, signature);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.NONE);
        execute(order);
    }

    /// @dev A revert with 100,000 bytes is passed on, and costs whoever asked for it.
    function test_value__that_reverts_with_much__is_passed_on() public {
        bytes memory much = new bytes(100_000);
        vm.mockCallRevert(address(lend), abi.encodeCall(lend.amount, (MARKET)), much);

        vm.expectRevert(much);
        vault.poke();
    }

    /// @dev An adapter that takes what it is sent and says that it is worth nothing.
    function test_supply__into_a_hole__is_charged_in_full() public {
        Config memory c = lens.config(vault);
        c.params.lossWad = 0.01e18;
        vault.submit(c);
        int256[] memory worth = new int256[](1);
        stake.setHook(address(stake), abi.encodeCall(stake.setWorth, (worth)), true);
        Rebalance memory order = ordering(supplyTo(stake, 0.005e18)); // 10 of 1,000

        execute(order);

        assertEq(status().lossWad, 0.01e18);
        assertEq(lens.book(vault).nav, 990 * USD);
    }
}
