// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance, Target} from "../../../contracts/interfaces/Types.sol";
import {
    PositionNotListed,
    SharePriceAboveCeil,
    SharePriceBelowFloor,
    SharePriceFallsBelowFloor,
    TargetMissed,
    TokenNotListed
} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice What an order itself demands: share prices before and after, weights after.
contract SharePricesTest is Rig {
    uint256 private constant LESS_WAD = 0.999e18; // 999 of 1,000 assets, about

    /* BEFORE */

    function test_floorBefore__at_it__passes_and_below_reverts() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        order.sharePriceFloorBefore = WAD + 1;
        refuse(order, err(SharePriceBelowFloor.selector, WAD, WAD + 1));
        order.sharePriceFloorBefore = WAD;
        execute(order);
    }

    function test_ceilBefore__at_it__passes_and_above_reverts() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        order.sharePriceCeilBefore = WAD - 1;
        refuse(order, err(SharePriceAboveCeil.selector, WAD, WAD - 1));
        order.sharePriceCeilBefore = WAD;
        execute(order);
    }

    function test_bandBefore__deposit_and_withdrawal_between__break_nothing() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        (order.sharePriceFloorBefore, order.sharePriceCeilBefore) = (WAD, WAD);

        deposit(bob, 500 * USD);
        redeem(alice, 100 * USD * 1e6);

        execute(order);
    }

    /* AFTER */

    function test_floorAfter__at_it__passes_and_below_reverts() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = ordering(buyEth(100 * USD, 0.0495e18)); // one lost
        uint256 after_ = (999 * USD + 1) * 1e24 / (1_000 * USD * 1e6 + 1e6);

        order.sharePriceFloorAfter = after_ + 1;
        refuse(order, err(SharePriceFallsBelowFloor.selector, after_, after_ + 1));
        order.sharePriceFloorAfter = after_;
        execute(order);

        assertApproxEqAbs(after_, LESS_WAD, 1e9);
    }

    /* WEIGHTS */

    function test_target__of_a_position__holds_at_both_ends() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = ordering(supplyTo(lend, 250 * USD));

        order.targets = one(Target(address(lend), MARKET, 0.25e18 + 1, WAD));
        refuse(order, _missed(address(lend), MARKET, 0.25e18, 0.25e18 + 1, WAD));
        order.targets = one(Target(address(lend), MARKET, 0, 0.25e18 - 1));
        refuse(order, _missed(address(lend), MARKET, 0.25e18, 0, 0.25e18 - 1));
        order.targets = one(Target(address(lend), MARKET, 0.25e18, 0.25e18));
        execute(order);
    }

    function test_target__of_a_token__counts_the_vaults_own_alone() public {
        start(base(), 1_000 * USD);
        buyEthNow(200 * USD);
        Rebalance memory order = ordering(supplyTo(stake, ETH / 20)); // half of them

        order.targets = one(Target(address(eth), 0, 0.1e18 + 1, WAD));
        refuse(order, _missed(address(eth), 0, 0.1e18, 0.1e18 + 1, WAD));
        order.targets = one(Target(address(eth), 0, 0.1e18, 0.1e18));
        execute(order);
    }

    function test_target__second_of_two__is_checked() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        order.targets = new Target[](2);
        order.targets[0] = Target(address(asset), 0, WAD, WAD);
        order.targets[1] = Target(address(eth), 0, 1, WAD);

        refuse(order, _missed(address(eth), 0, 0, 1, WAD));
    }

    function test_target__that_is_not_listed__reverts() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        order.targets = one(Target(mallory, 0, 0, WAD));
        refuse(order, abi.encodeWithSelector(TokenNotListed.selector, mallory));
        order.targets = one(Target(mallory, MARKET, 0, WAD));
        refuse(order, abi.encodeWithSelector(PositionNotListed.selector, mallory, MARKET));
    }

    function _missed(address item, bytes32 market, uint256 weight, uint256 least, uint256 most)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            TargetMissed.selector, item, market, weight, least, most
        );
    }
}
