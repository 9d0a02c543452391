// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {BalancerV2WeightedAdapter} from
    "../../../contracts/adapters/BalancerV2WeightedAdapter.sol";
import {BalancerCases} from "../support/BalancerCases.sol";

/// @notice The adapter of Balancer's weighted pools: 20 % USDC, 50 % ETH and 30 % HST.
/// forge-config: default.fuzz.runs = 64
contract BalancerV2WeightedTest is BalancerCases {
    function setUp() public override {
        super.setUp();
        _open(".balancer.weighted");
        adapter = new BalancerV2WeightedAdapter(address(this));
        (coins,,) = balancer.getPoolTokens(market);
        prices = pricesOf(coins);
        for (uint256 i; i < 3; i++) {
            each.push(ofDollars(coins[i], _dollars(coins[i])));
        }
        (feeWad, other, most, exitKind) = (0.003e18, address(eth), 550_000, 1);
    }

    /// @dev Of forty thousand.
    function _dollars(address coin) private view returns (uint256) {
        return coin == address(usdc) ? 8_000 : coin == address(eth) ? 20_000 : 12_000;
    }

    function test_protocol__has_a_name() public view {
        assertEq(adapter.protocol(), "balancer-v2-weighted");
    }

    function test_amounts__eth_a_fifth_higher__are_the_invariants() public {
        _supply(each);
        uint256 place = _place(address(eth));
        prices[place] = prices[place] * 121 / 100; // to the half: 1.1 times the worth

        int256[] memory held = _amounts();

        for (uint256 i; i < 3; i++) {
            uint256 expected = i == place ? each[i] * 10 / 11 : each[i] * 11 / 10;
            assertApproxEqRel(uint256(held[i]), expected, 1e10);
        }
        assertApproxEqRel(worthOf(held, prices), 44_000 * USD, 1e10);
    }

    function testFuzz_deviation__any_trade__is_the_product_of_the_balances_changes(
        uint256 dollars
    ) public {
        uint256 ethBefore = _balance(address(eth));
        uint256 usdcBefore = _balance(address(usdc));

        _skew(bound(dollars, 10_000, most));

        uint256 grown = _balance(address(usdc)) * WAD / usdcBefore;
        uint256 shrunk = ethBefore * WAD / _balance(address(eth));
        uint256 expected = grown * shrunk / WAD - WAD;
        assertApproxEqRel(adapter.deviationWad(market, prices), expected, 1e9);
    }

    function test_concavity__is_of_the_largest_doubt() public {
        uint256 units = _supply(each);
        uint256[] memory doubts = new uint256[](3);
        (doubts[1], doubts[2]) = (0.01e18, 0.005e18);

        uint256 assets = adapter.concavityAssets(market, 0, 0, units, prices, doubts);

        // (sqrt(1.01) - sqrt(0.99))^2 of 40,000
        assertApproxEqRel(assets, 40_000 * USD * 1.000025e14 / WAD, 1e14);
        doubts = new uint256[](3);
        assertEq(adapter.concavityAssets(market, 0, 0, units, prices, doubts), 0);
    }

    function _balance(address coin) private view returns (uint256) {
        (, uint256[] memory balances,) = balancer.getPoolTokens(market);
        return balances[_place(coin)];
    }
}
