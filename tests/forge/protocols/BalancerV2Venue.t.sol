// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {BalancerVenueCases} from "../support/BalancerVenueCases.sol";

/// @notice Swaps in a weighted pool: 20 % USDC, 50 % ETH, 30 % HST.
contract BalancerV2WeightedVenueTest is BalancerVenueCases {
    function setUp() public override {
        super.setUp();
        pool = wordOf(".balancer.weighted");
        (other, stranger) = (address(eth), address(dai));
        (feeWad, most) = (0.003e18, 550_000);
    }
}

/// @notice Swaps in a composable stable pool: USDC, DAI, HST.
contract BalancerV2StableVenueTest is BalancerVenueCases {
    function setUp() public override {
        super.setUp();
        pool = wordOf(".balancer.stable");
        (other, stranger) = (address(dai), address(eth));
        (feeWad, most) = (0.0004e18, 950_000);
    }
}
