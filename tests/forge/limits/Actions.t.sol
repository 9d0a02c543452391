// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance, Supply, Withdraw} from "../../../contracts/interfaces/Types.sol";
import {IOrderEvents} from "../../../contracts/interfaces/IOrderEvents.sol";
import {
    AmountsLengthMismatch,
    InsufficientOutput,
    ParametersChanged,
    PoolDeviation,
    PositionImpaired,
    PositionNotListed
} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Supplies and withdrawals: where they may happen and what they must bring.
contract ActionsTest is Rig {
    /* MARKETS */

    function test_action__position_that_is_not_listed__reverts() public {
        start(base(), 1_000 * USD);
        bytes32 other = bytes32(uint256(2));
        Supply memory supply = supplyTo(lend, 1);
        Withdraw memory withdraw = withdrawFrom(lend, 1);
        (supply.market, withdraw.market) = (other, other);

        refuse(
            ordering(supply), abi.encodeWithSelector(PositionNotListed.selector, lend, other)
        );
        refuse(
            ordering(withdraw), abi.encodeWithSelector(PositionNotListed.selector, lend, other)
        );
    }

    function test_action__amounts_of_another_length__revert() public {
        start(base(), 1_000 * USD);
        Supply memory supply = supplyTo(lend, 1);
        Withdraw memory withdraw = withdrawFrom(lend, 1);
        supply.maxAmounts = two(uint256(1), 1);
        withdraw.minAmounts = new uint256[](0);

        refuse(ordering(supply), err(AmountsLengthMismatch.selector, 2, 1));
        refuse(ordering(withdraw), err(AmountsLengthMismatch.selector, 0, 1));
    }

    function test_action__impaired_position__is_closed() public {
        start(base(), 1_000 * USD);
        lendNow(100 * USD);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
        impair(address(lend), MARKET);

        bytes memory error = abi.encodeWithSelector(PositionImpaired.selector, lend, MARKET);
        refuse(ordering(supplyTo(lend, 1)), error);
        refuse(ordering(withdrawFrom(lend, 1)), error);
    }

    function test_action__market_whose_parameters_changed__reverts() public {
        Config memory c = base();
        lend.setParameters("A 100");
        c.positions[LEND].parameters = "A 100";
        start(c, 1_000 * USD);
        lendNow(100 * USD);

        lend.setParameters("A 101");
        bytes memory error = abi.encodeWithSelector(
            ParametersChanged.selector, lend, MARKET, bytes32("A 101"), bytes32("A 100")
        );
        refuse(ordering(supplyTo(lend, 1)), error);
        refuse(ordering(withdrawFrom(lend, 1)), error);
    }

    function test_action__parameters_that_change_during_it__revert() public {
        Config memory c = base();
        lend.setParameters("A 100");
        c.positions[LEND].parameters = "A 100";
        start(c, 1_000 * USD);
        bytes memory call = abi.encodeCall(lend.setParameters, ("A 101"));

        bytes memory error = abi.encodeWithSelector(
            ParametersChanged.selector, lend, MARKET, bytes32("A 101"), bytes32("A 100")
        );
        lend.setHook(address(lend), call, true);
        refuse(ordering(supplyTo(lend, 100 * USD)), error);
        lend.setHook(address(0), "", true);
        lendNow(100 * USD);
        lend.setHook(address(lend), call, true);
        refuse(ordering(withdrawFrom(lend, 1)), error);
    }

    /* DEVIATION */

    function test_deviation__of_a_pool_held__holds_to_the_unit() public {
        start(base(), 1_000 * USD); // 2 %
        buyEthNow(100 * USD);
        bytes memory error =
            abi.encodeWithSelector(PoolDeviation.selector, MARKET, 0.02e18 + 1, 0.02e18);

        pair.setDeviation(0.02e18 + 1);
        refuse(ordering(supplyPair(100 * USD, ETH / 20)), error);
        pair.setDeviation(0.02e18);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        pass(1);

        pair.setDeviation(0.02e18 + 1);
        refuse(ordering(withdrawFrom(pair, ALL)), error);
        pair.setDeviation(0.02e18);
        execute(ordering(withdrawFrom(pair, ALL)));
    }

    function test_deviation__that_arises_during_an_action__reverts() public {
        start(base(), 1_000 * USD);
        buyEthNow(100 * USD);
        bytes memory call = abi.encodeCall(pair.setDeviation, (0.02e18 + 1));
        bytes memory error =
            abi.encodeWithSelector(PoolDeviation.selector, MARKET, 0.02e18 + 1, 0.02e18);

        pair.setHook(address(pair), call, true);
        refuse(ordering(supplyPair(100 * USD, ETH / 20)), error);
        pair.setHook(address(0), "", true);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        pass(1);
        pair.setHook(address(pair), call, true);
        refuse(ordering(withdrawFrom(pair, ALL)), error);
    }

    function test_deviation__of_a_market_of_one_token__is_not_asked_for() public {
        start(base(), 1_000 * USD);
        lend.setDeviation(ALL);

        execute(ordering(supplyTo(lend, 100 * USD)));
    }

    /* MINIMUMS */

    function test_withdraw__less_than_its_minimum__reverts() public {
        start(base(), 1_000 * USD);
        buyEthNow(100 * USD);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        pass(1);
        Withdraw memory action = withdrawFrom(pair, ALL);

        action.minAmounts = two(100 * USD, ETH / 20 + 1);
        refuse(
            ordering(action),
            abi.encodeWithSelector(
                InsufficientOutput.selector, 0, 1, ETH / 20, ETH / 20 + 1
            )
        );
        action.minAmounts = two(100 * USD, ETH / 20);
        execute(ordering(action));
    }

    function test_supply__fewer_units_than_its_minimum__reverts() public {
        start(base(), 1_000 * USD);
        Supply memory action = supplyTo(lend, 100 * USD);

        action.minUnits = 100 * USD + 1;
        refuse(
            ordering(action),
            abi.encodeWithSelector(
                InsufficientOutput.selector, 0, 0, 100 * USD, 100 * USD + 1
            )
        );
        action.minUnits = 100 * USD;
        execute(ordering(action));
    }

    /* EVENTS */

    function test_supply__event__says_what_went_in() public {
        start(base(), 1_000 * USD);
        buyEthNow(100 * USD);
        Rebalance memory order = ordering(supplyPair(100 * USD, ETH / 20));

        vm.expectEmit(address(vault));
        emit IOrderEvents.Supplied(
            address(pair), MARKET, 100 * USD + ETH / 20, two(100 * USD, ETH / 20)
        );
        execute(order);
    }

    function test_supply__gift_that_comes_back__counts_as_nothing_put_in() public {
        start(base(), 1_000 * USD);
        // the adapter sends 150 back while it takes 100
        bytes memory call = abi.encodeCall(asset.transfer, (address(vault), 150 * USD));
        deal(address(asset), address(this), 150 * USD);
        lend.setHook(address(this), abi.encodeCall(this.give, (call)), true);
        Rebalance memory order = ordering(supplyTo(lend, 100 * USD));

        vm.expectEmit(address(vault));
        emit IOrderEvents.Supplied(address(lend), MARKET, 100 * USD, one(uint256(0)));
        execute(order);
    }

    /// @dev Called by a double in the middle of an action.
    function give(bytes calldata call) external {
        (bool ok,) = address(asset).call(call);
        assertTrue(ok);
    }

    function test_withdraw__event__says_what_came_out() public {
        start(base(), 1_000 * USD);
        lendNow(100 * USD);
        Rebalance memory order = ordering(withdrawFrom(lend, ALL));

        vm.expectEmit(address(vault));
        emit IOrderEvents.Withdrawn(address(lend), MARKET, ALL, one(100 * USD));
        execute(order);
    }
}
