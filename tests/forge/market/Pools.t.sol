// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {MarketNotAddress, PartialSwap, TokenPairMismatch} from
    "../../../contracts/libraries/Errors.sol";
import {UniswapV2Adapter} from "../../../contracts/adapters/UniswapV2Adapter.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

interface IPair {
    function skim(address to) external;
    function sync() external;
    function totalSupply() external view returns (uint256);
}

interface IFactory {
    function setFeeTo(address to) external;
    function feeToSetter() external view returns (address);
}

/// @notice Swaps in real pools, and constant-product liquidity at fair reserves.
contract PoolsTest is MarketTest {
    function _venues() private view returns (IVenue[2] memory, bytes32[2] memory) {
        return (
            [IVenue(venueV2), IVenue(venueV3)],
            [Build.market(pairEth), Build.market(poolEth)]
        );
    }

    function _swap(IVenue venue, bytes32 pool, address tokenIn, address tokenOut, uint256 amount)
        private
        returns (uint256)
    {
        deal(tokenIn, address(venue), amount);
        vm.prank(bob);
        return venue.swap(pool, tokenIn, tokenOut, amount);
    }

    /* VENUES */

    function test_swap__both_ways__pays_the_caller_what_the_pool_gives() public {
        (IVenue[2] memory venues, bytes32[2] memory pools) = _venues();
        for (uint256 i; i < 2; i++) {
            uint256 ethers = _swap(venues[i], pools[i], address(asset), address(eth), 2_000 * USD);
            assertApproxEqRel(ethers, 0.997e18, 0.001e18);
            uint256 assets = _swap(venues[i], pools[i], address(eth), address(asset), ETH);
            assertApproxEqRel(assets, 1_994 * USD, 0.001e18);
            assertEq(asset.balanceOf(address(venues[i])), 0);
            assertEq(eth.balanceOf(address(venues[i])), 0);
        }
        assertGt(asset.balanceOf(bob), 3_980 * USD);
    }

    function test_swap__tokens_that_are_not_the_pools__are_refused() public {
        (IVenue[2] memory venues, bytes32[2] memory pools) = _venues();
        for (uint256 i; i < 2; i++) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    TokenPairMismatch.selector, pools[i], address(asset), address(btc)
                )
            );
            venues[i].swap(pools[i], address(asset), address(btc), 1);
            vm.expectRevert(
                abi.encodeWithSelector(
                    TokenPairMismatch.selector, pools[i], address(eth), address(btc)
                )
            );
            venues[i].swap(pools[i], address(eth), address(btc), 1);
        }
    }

    function test_swap__that_a_pool_cannot_take_in_full__is_refused() public {
        uint256 amount = 1e38; // beyond all its liquidity
        deal(address(asset), address(venueV3), amount);

        vm.expectPartialRevert(PartialSwap.selector);
        venueV3.swap(Build.market(poolEth), address(asset), address(eth), amount);
    }

    function test_venue__names_its_protocol_and_tokens() public {
        (IVenue[2] memory venues, bytes32[2] memory pools) = _venues();
        for (uint256 i; i < 2; i++) {
            assertEq(venues[i].protocol(), i == 0 ? "uniswap-v2" : "uniswap-v3");
            assertEq(venues[i].tokens(pools[i])[0], address(eth));
            assertEq(venues[i].tokens(pools[i])[1], address(asset));
            assertEq(venues[i].parameters(pools[i]), 0);
            bytes32 dirty = bytes32(uint256(pools[i]) | 1 << 200);
            vm.expectRevert(abi.encodeWithSelector(MarketNotAddress.selector, dirty));
            venues[i].tokens(dirty);
        }
    }

    function test_deviation__is_the_same_seen_from_both_tokens() public {
        (IVenue[2] memory venues, bytes32[2] memory pools) = _venues();
        (uint256 dollar, uint256 ether_) = (1e36, 2_000e24);
        for (uint256 i; i < 2; i++) {
            assertLt(
                venues[i].deviationWad(pools[i], address(asset), address(eth), dollar, ether_),
                0.001e18
            );
            _swap(venues[i], pools[i], address(asset), address(eth), 500_000 * USD);
            uint256 one_ =
                venues[i].deviationWad(pools[i], address(asset), address(eth), dollar, ether_);
            uint256 other =
                venues[i].deviationWad(pools[i], address(eth), address(asset), ether_, dollar);
            assertApproxEqRel(one_, other, 1e12);
            assertGt(one_, 0.04e18);
        }
    }

    /* CONSTANT PRODUCT */

    function _hold() private returns (bytes32 market) {
        start(base(), 200_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        execute(ordering(supplyV2(18_000 * USD, 9 * ETH)));
        pass(1);
        return Build.market(pairEth);
    }

    function test_fairReserves__of_a_skewed_pair__gain_its_fees_alone() public {
        _hold();
        uint256 before = vault.totalAssets();

        tradeV2(address(asset), address(eth), 5_000_000 * USD);

        assertGe(vault.totalAssets(), before);
        assertApproxEqRel(vault.totalAssets(), before, 0.0005e18);
    }

    function test_fairReserves__of_a_pair_given_tokens__are_of_what_it_counts() public {
        _hold();
        uint256 before = vault.totalAssets();
        vm.prank(trader);
        asset.transfer(pairEth, 1_000_000 * USD);
        assertEq(vault.totalAssets(), before);

        IPair(pairEth).sync();
        assertGt(vault.totalAssets(), before); // a gift to all that hold the pair
    }

    function test_pendingFee__of_the_protocol__is_counted_before_it_is_minted() public {
        IFactory factory = IFactory(0x610178dA211FEF7D417bC0e6FeD39F05609AD788);
        vm.prank(factory.feeToSetter());
        factory.setFeeTo(treasury);
        bytes32 market = _hold();
        for (uint256 i; i < 5; i++) {
            tradeV2(address(asset), address(eth), 1_000_000 * USD);
            tradeV2(address(eth), address(asset), 500 * ETH);
        }
        uint256 supply = IPair(pairEth).totalSupply();
        uint256 before = vault.totalAssets();

        // a withdrawal of one unit makes the pair mint it
        vm.prank(address(vault));
        v2.withdraw(market, 0, 0, 1e6);

        assertGt(IPair(pairEth).totalSupply(), supply);
        assertApproxEqAbs(vault.totalAssets(), before, 3);
    }

    function test_supply__takes_the_pairs_ratio_and_returns_the_rest() public {
        start(base(), 200_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        uint256 held = eth.balanceOf(address(vault));

        execute(ordering(supplyV2(2_000 * USD, 9 * ETH))); // too much ETH
        assertApproxEqRel(held - eth.balanceOf(address(vault)), ETH, 0.01e18);
        execute(ordering(supplyV2(18_000 * USD, ETH))); // too many dollars
        assertApproxEqRel(asset.balanceOf(address(vault)), 176_000 * USD, 0.01e18);
        assertEq(asset.balanceOf(address(v2)) + eth.balanceOf(address(v2)), 0);
    }

    function test_amounts__of_nothing__are_nothing() public {
        UniswapV2Adapter other = new UniswapV2Adapter(address(vault));
        int256[] memory amounts =
            other.amounts(Build.market(pairEth), two(uint256(2_000e24), 1e36));

        assertEq(amounts.length, 2);
        assertEq(amounts[0] + amounts[1], 0);
    }

    function test_deviation__of_the_adapter__is_the_venues() public view {
        bytes32 market = Build.market(pairEth);
        assertEq(
            v2.deviationWad(market, two(uint256(2_100e24), 1e36)),
            venueV2.deviationWad(market, address(eth), address(asset), 2_100e24, 1e36)
        );
    }
}
