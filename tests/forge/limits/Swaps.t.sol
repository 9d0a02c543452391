// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance, Swap} from "../../../contracts/interfaces/Types.sol";
import {IOrderEvents} from "../../../contracts/interfaces/IOrderEvents.sol";
import {
    InsufficientOutput,
    ParametersChanged,
    PoolDeviation,
    PoolNotListed,
    SwapBelowOracle,
    TokenPairMismatch,
    TransferMismatch
} from "../../../contracts/libraries/Errors.sol";
import {HostileVenue} from "../../../contracts/mocks/HostileVenue.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice What a swap may cost, where it may happen, and that all of it is measured.
contract SwapsTest is Rig {
    using Build for Config;

    /* SLIPPAGE */

    function test_slippage__at_the_limit__passes_and_one_unit_below_reverts() public {
        start(base(), 1_000 * USD); // ETH and BTC: 1 %
        buyEthNow(200 * USD);

        refuse(
            ordering(sellEth(ETH / 20, 99 * USD - 1)),
            abi.encodeWithSelector(
                SwapBelowOracle.selector, address(eth), address(asset), 99 * USD - 1, 99 * USD
            )
        );
        execute(ordering(sellEth(ETH / 20, 99 * USD)));
    }

    function test_slippage__of_a_purchase__is_measured_in_the_asset() public {
        start(base(), 1_000 * USD);

        // 0.0495 ETH are 99
        refuse(
            ordering(buyEth(100 * USD, 0.0495e18 - 1)),
            abi.encodeWithSelector(
                SwapBelowOracle.selector, address(asset), address(eth), 99 * USD - 1, 99 * USD
            )
        );
        execute(ordering(buyEth(100 * USD, 0.0495e18)));
    }

    function test_slippage__of_two_tokens__is_the_larger_limit() public {
        HostileVenue cross = new HostileVenue(address(eth), address(btc));
        Config memory c = base();
        c.tokens[2].slippageWad = 0.02e18;
        c.addPool(address(cross), MARKET);
        start(c, 1_000 * USD);
        buyEthNow(400 * USD);
        btc.mint(address(cross), BTC);

        // 0.2 ETH for 0.01 BTC less 2 %
        refuse(
            ordering(swapOn(cross, address(eth), 0.2e18, address(btc), 0.0098e8 - 1)),
            abi.encodeWithSelector(
                SwapBelowOracle.selector, address(eth), address(btc), 392 * USD - 400, 392 * USD
            )
        );
        execute(ordering(swapOn(cross, address(eth), 0.2e18, address(btc), 0.0098e8)));
    }

    function test_slippage__gain__passes() public {
        start(base(), 1_000 * USD);

        execute(ordering(buyEth(100 * USD, ETH)));

        assertEq(lens.book(vault).nav, 2_900 * USD);
    }

    /* DEVIATION */

    function test_deviation__before_the_swap__holds_to_the_unit() public {
        start(base(), 1_000 * USD); // 2 %

        ethVenue.setDeviation(0.02e18 + 1, 0);
        refuse(
            ordering(buyEth(100 * USD)),
            abi.encodeWithSelector(
                PoolDeviation.selector, MARKET, 0.02e18 + 1, 0.02e18
            )
        );
        ethVenue.setDeviation(0.02e18, 0);
        execute(ordering(buyEth(100 * USD)));
    }

    function test_deviation__after_the_swap__holds_to_the_unit() public {
        start(base(), 1_000 * USD);

        ethVenue.setDeviation(0, 0.02e18 + 1);
        refuse(
            ordering(buyEth(100 * USD)),
            abi.encodeWithSelector(
                PoolDeviation.selector, MARKET, 0.02e18 + 1, 0.02e18
            )
        );
        ethVenue.setDeviation(0, 0.02e18);
        execute(ordering(buyEth(100 * USD)));
    }

    function test_deviation__of_two_tokens__is_the_larger_limit() public {
        Config memory c = base();
        c.tokens[0].deviationWad = 0.03e18;
        start(c, 1_000 * USD);

        ethVenue.setDeviation(0.03e18 + 1, 0);
        refuse(
            ordering(buyEth(100 * USD)),
            abi.encodeWithSelector(PoolDeviation.selector, MARKET, 0.03e18 + 1, 0.03e18)
        );
        ethVenue.setDeviation(0.03e18, 0.03e18);
        execute(ordering(buyEth(100 * USD)));
        pass(1);
        execute(ordering(sellEth(ETH / 20, 100 * USD)));
    }

    /* POOLS */

    function test_swap__pool_that_is_not_listed__reverts() public {
        start(base(), 1_000 * USD);
        Swap memory action = buyEth(100 * USD);

        action.pool = bytes32(uint256(2));
        refuse(
            ordering(action),
            abi.encodeWithSelector(PoolNotListed.selector, ethVenue, action.pool)
        );
        action.pool = MARKET;
        action.venue = mallory;
        refuse(
            ordering(action), abi.encodeWithSelector(PoolNotListed.selector, mallory, MARKET)
        );
    }

    function test_swap__tokens_that_are_not_the_pools__revert() public {
        start(base(), 1_000 * USD);
        Swap memory action = buyEth(100 * USD);

        (action.tokenIn, action.tokenOut) = (address(btc), address(eth));
        _refusePair(action);
        (action.tokenIn, action.tokenOut) = (address(asset), address(btc));
        _refusePair(action);
        (action.tokenIn, action.tokenOut) = (address(eth), address(eth));
        _refusePair(action);
    }

    function test_swap__pool_whose_parameters_changed__reverts() public {
        Config memory c = base();
        ethVenue.setParameters("fee 1");
        c.pools[0].parameters = "fee 1";
        start(c, 1_000 * USD);
        execute(ordering(buyEth(100 * USD)));
        pass(1);

        ethVenue.setParameters("fee 2");
        refuse(
            ordering(buyEth(100 * USD)),
            abi.encodeWithSelector(
                ParametersChanged.selector,
                ethVenue,
                MARKET,
                bytes32("fee 2"),
                bytes32("fee 1")
            )
        );
    }

    /* MEASURING */

    function test_swap__less_than_its_minimum__reverts() public {
        start(base(), 1_000 * USD);
        Swap memory action = buyEth(100 * USD);

        action.minAmountOut = ETH / 20 + 1;
        refuse(
            ordering(action),
            abi.encodeWithSelector(
                InsufficientOutput.selector, 0, 0, ETH / 20, ETH / 20 + 1
            )
        );
        action.minAmountOut = ETH / 20;
        execute(ordering(action));
    }

    function test_swap__error_of_the_second__carries_its_number() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        order.swaps = new Swap[](2);
        order.swaps[0] = buyEth(100 * USD);
        order.swaps[1] = buyEth(100 * USD);
        order.swaps[1].minAmountOut = ETH;

        refuse(
            order,
            abi.encodeWithSelector(InsufficientOutput.selector, 1, 0, ETH / 20, ETH)
        );
    }

    function test_swap__venue_that_takes_less__reverts() public {
        start(base(), 1_000 * USD);
        Swap memory action = buyEth(100 * USD);
        ethVenue.setPay(ETH / 20, ETH / 20, 1);

        refuse(
            ordering(action),
            abi.encodeWithSelector(
                TransferMismatch.selector,
                address(asset),
                -int256(100 * USD - 1),
                -int256(100 * USD)
            )
        );
    }

    function test_swap__venue_that_says_more_than_it_pays__reverts() public {
        start(base(), 1_000 * USD);
        Swap memory action = buyEth(100 * USD);
        ethVenue.setPay(ETH / 20, ETH / 20 + 1, 0);

        refuse(
            ordering(action),
            abi.encodeWithSelector(
                TransferMismatch.selector,
                address(eth),
                int256(ETH / 20),
                int256(ETH / 20 + 1)
            )
        );
    }

    /* EVENT */

    function test_swap__event__says_what_the_oracle_would_have_paid() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = ordering(buyEth(100 * USD, 0.0499e18));

        vm.expectEmit(address(vault));
        emit IOrderEvents.Swapped(
            address(ethVenue),
            MARKET,
            address(asset),
            address(eth),
            100 * USD,
            0.0499e18,
            0.05e18
        );
        execute(order);
    }

    function _refusePair(Swap memory action) private {
        refuse(
            ordering(action),
            abi.encodeWithSelector(
                TokenPairMismatch.selector, MARKET, action.tokenIn, action.tokenOut
            )
        );
    }
}
