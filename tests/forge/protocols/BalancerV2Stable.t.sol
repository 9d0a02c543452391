// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {BalancerV2StableAdapter} from
    "../../../contracts/adapters/BalancerV2StableAdapter.sol";
import {IBalancerV2StablePool} from "../../../contracts/interfaces/IBalancerV2.sol";
import {BalancerCases} from "../support/BalancerCases.sol";

interface IStableOwned {
    function startAmplificationParameterUpdate(uint256 end, uint256 at) external;
}

/// @notice The adapter of Balancer's composable stable pools: USDC, DAI and HST.
/// forge-config: default.fuzz.runs = 64
contract BalancerV2StableTest is BalancerCases {
    function setUp() public override {
        super.setUp();
        _open(".balancer.stable");
        adapter = new BalancerV2StableAdapter(address(this));
        coins = _listedCoins();
        prices = pricesOf(coins);
        for (uint256 i; i < 3; i++) {
            each.push(ofDollars(coins[i], 10_000));
        }
        (feeWad, other, most, exitKind) = (0.0004e18, address(dai), 950_000, 2);
    }

    function _listedCoins() private view returns (address[] memory list) {
        (address[] memory listed,,) = balancer.getPoolTokens(market);
        list = new address[](listed.length - 1);
        uint256 count;
        for (uint256 i; i < listed.length; i++) {
            if (listed[i] != address(pool)) list[count++] = listed[i];
        }
    }

    function test_protocol__has_a_name_and_own_shares_are_no_coin() public view {
        assertEq(adapter.protocol(), "balancer-v2-stable");
        address[] memory listed = adapter.tokens(market);
        assertEq(listed.length, 3);
        for (uint256 i; i < 3; i++) {
            assertNotEq(listed[i], address(pool));
        }
    }

    function test_amounts__are_the_rate_at_the_lowest_price_split_evenly() public {
        uint256 units = _supply(each);
        uint256 place = _place(address(dai));
        prices[place] = prices[place] * 995 / 1000;

        int256[] memory held = _amounts();

        uint256 rate = IBalancerV2StablePool(address(pool)).getRate();
        uint256 assets = units * rate / WAD * 995 / 1000 / 1e12;
        assertApproxEqAbs(worthOf(held, prices), assets, 4);
        for (uint256 i; i < 3; i++) {
            assertApproxEqAbs(uint256(held[i]) * prices[i] / E36, assets / 3, 2);
        }
    }

    function test_concavity__is_twice_the_largest_doubt() public view {
        uint256[] memory doubts = new uint256[](3);
        (doubts[0], doubts[2]) = (0.01e18, 0.005e18);

        uint256 assets = adapter.concavityAssets(market, 0, 0, 1_000e18, prices, doubts);

        assertApproxEqAbs(assets, 20 * USD, 10);
    }

    function test_parameters__amplification_ramped__change_at_once_and_as_it_moves() public {
        bytes32 listed = adapter.parameters(market);
        pass(1 days);
        uint256 end = vm.getBlockTimestamp() + 2 days;

        from(
            maker,
            address(pool),
            abi.encodeCall(IStableOwned.startAmplificationParameterUpdate, (300, end))
        );

        bytes32 ramping = adapter.parameters(market);
        assertNotEq(ramping, listed);
        pass(1 days);
        assertNotEq(adapter.parameters(market), ramping);
    }
}
