// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {FixedPointMathLib} from "@solady/utils/FixedPointMathLib.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {Rebalance} from "../../../contracts/interfaces/Types.sol";
import {Concavity} from "../../../contracts/libraries/Concavity.sol";
import {FairValue} from "../../../contracts/libraries/FairValue.sol";
import {Holdings} from "../../../contracts/libraries/Holdings.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice What liquidity is worth at other prices than those read, and at the edges of
///         what can be counted.
contract ValuesTest is MarketTest {
    int24 private constant MIDDLE = -200_340;
    uint256 private constant ETH_E36 = 2_000e24;

    /* HOW FAR A POSITION BENDS */

    /// @dev A position read at p, valued at p*: what its amounts overstate is no more than
    ///      what an order that enters it is charged for that.
    /// @param dice Uncertainty of each token, then where in it the true prices lie.
    function _checkBend(
        IAdapter adapter,
        bytes32 market,
        int24[2] memory range,
        uint256[4] memory dice
    ) private view {
        uint256[] memory read = two(ETH_E36, 1e36);
        uint256[] memory doubts =
            two(_bound(dice[0], 0, 0.2e18), _bound(dice[1], 0, 0.2e18));
        uint256[] memory truth =
            two(_within(dice[2], ETH_E36, doubts[0]), _within(dice[3], 1e36, doubts[1]));
        uint256 said = _value(adapter.amounts(market, read), truth);
        uint256 is_ = _value(adapter.amounts(market, truth), truth);
        uint256 units = adapter.units(market);
        uint256 most =
            adapter.concavityAssets(market, range[0], range[1], units, read, doubts);
        assertLe(said, is_ + most + 2);
    }

    function _value(int256[] memory amounts, uint256[] memory prices)
        private
        pure
        returns (uint256)
    {
        return uint256(amounts[0]) * prices[0] / 1e36 + uint256(amounts[1]) * prices[1] / 1e36;
    }

    function _within(uint256 dice, uint256 price, uint256 u) private pure returns (uint256) {
        return _bound(dice, price - price * u / WAD, price + price * u / WAD);
    }

    function testFuzz_concavity__of_a_pair__bounds_what_its_amounts_overstate(
        uint256[4] memory dice
    ) public {
        start(base(), 200_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        execute(ordering(supplyV2(18_000 * USD, 9 * ETH)));

        _checkBend(v2, Build.market(pairEth), [int24(0), 0], dice);
    }

    function testFuzz_concavity__of_a_range__bounds_what_its_amounts_overstate(
        uint256[4] memory dice,
        uint256 width,
        uint256 shift
    ) public {
        start(base(), 200_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        int24 half = int24(int256(60 * _bound(width, 5, 200)));
        int24 middle = MIDDLE + int24(int256(60 * _bound(shift, 0, 40))) - 1_200;
        int24[2] memory range = [middle - half, middle + half];
        execute(ordering(supplyV3(range[0], range[1], 18_000 * USD, 9 * ETH)));

        _checkBend(v3, Build.market(poolEth), range, dice);
    }

    function test_concavity__of_a_range_that_no_possible_price_is_in__is_nothing() public view {
        uint256[] memory prices = two(ETH_E36, 1e36);
        uint256[] memory doubts = two(uint256(0.01e18), 0);
        bytes32 market = Build.market(poolEth);

        assertEq(v3.concavityAssets(market, MIDDLE + 600, MIDDLE + 1_200, 1e15, prices, doubts), 0);
        assertEq(v3.concavityAssets(market, MIDDLE - 1_200, MIDDLE - 600, 1e15, prices, doubts), 0);
        assertGt(v3.concavityAssets(market, MIDDLE + 60, MIDDLE + 600, 1e15, prices, doubts), 0);
        assertGt(v3.concavityAssets(market, MIDDLE - 600, MIDDLE - 60, 1e15, prices, doubts), 0);
    }

    function test_concavity__without_doubt__is_nothing() public pure {
        assertEq(Concavity.ofLiquidityUp(1e18, 1e36, 0), 0);
        assertEq(Concavity.ofWeightsUp(1e18, 0), 0);
    }

    /// @dev A part w in one token and the rest in another, at prices r0 and r1 times those
    ///      read: worth r0^w r1^(1-w), by its amounts w r0 + (1-w) r1.
    function testFuzz_concavity__of_weights__bounds_what_they_overstate(
        uint256 w,
        uint256 u,
        uint256 r0,
        uint256 r1
    ) public pure {
        (w, u) = (_bound(w, 1, WAD - 1), _bound(u, 1e12, 0.5e18));
        (r0, r1) = (_within(r0, WAD, u), _within(r1, WAD, u));

        uint256 said = (w * r0 + (WAD - w) * r1) / WAD;
        uint256 is_ = uint256(FixedPointMathLib.powWad(int256(r0), int256(w)))
            * uint256(FixedPointMathLib.powWad(int256(r1), int256(WAD - w))) / WAD;

        assertLe(said, is_ + Concavity.ofWeightsUp(WAD, u) + 1_000); // powers are rounded
    }

    function test_concavity__of_weights__is_about_the_square_of_the_doubt() public pure {
        assertApproxEqRel(Concavity.ofWeightsUp(WAD, 0.01e18), 0.0001e18, 0.001e18);
        assertApproxEqRel(Concavity.rootRatioWadUp(0.01e18), 1.01005e18, 0.00001e18);
    }

    /* EDGES */

    function test_sqrtPrice__of_ratios_that_overflow__has_fewer_bits() public pure {
        assertEq(FairValue.sqrtPriceX96Down(4e36, 1e36), 2 << 96);
        assertEq(FairValue.sqrtPriceX96Down(1e36, 4e36), 1 << 95);
        // 2^80: its root is 2^40
        assertEq(FairValue.sqrtPriceX96Down(uint256(1) << 180, uint256(1) << 100), 1 << 136);
    }

    function test_deviation__of_extremes__is_the_most_there_is() public pure {
        assertEq(FairValue.deviationWadUp(0, 1), ALL);
        assertEq(FairValue.deviationWadUp(1, 0), ALL);
        assertEq(FairValue.deviationWadUp(1, 1 << 160), ALL);
        assertEq(FairValue.deviationWadUp(7, 7), 0);
        assertEq(FairValue.deviationWadUp(100, 101), 0.0201e18);
        assertEq(FairValue.deviationWadUp(101, 100), 0.0201e18);
    }

    function test_pendingFee__before_any_or_without_growth__is_none() public pure {
        assertEq(FairValue.supplyWithPendingFee(1_000, 1e12, 0), 1_000);
        assertEq(FairValue.supplyWithPendingFee(1_000, 1e12, 1e12), 1_000);
        assertEq(FairValue.supplyWithPendingFee(1_000, 1e12, 2e12), 1_000);
        // roots 2 and 1: 1 / (5 * 2 + 1)
        assertEq(FairValue.supplyWithPendingFee(11_000, 4, 1), 12_000);
    }

    function test_shortfall__of_a_debt_held_then__counts_it() public pure {
        int256[] memory held = new int256[](2);
        (held[0], held[1]) = (100, -30);
        uint256[] memory prices = two(uint256(1e36), 2e36);

        assertEq(Holdings.shortfallUp(held, prices, 30), 10); // 100 - 60 - 30
        assertEq(Holdings.shortfallUp(held, prices, 50), 0);
    }

    /* SMALL THINGS */

    function test_supply__gift_that_lies_in_a_lending_adapter__comes_back() public {
        start(base(), 200_000 * USD);
        vm.startPrank(trader);
        asset.transfer(address(aave), 7 * USD);
        asset.transfer(address(saver), 5 * USD);
        vm.stopPrank();
        uint256 before = asset.balanceOf(address(vault));

        execute(ordering(supplyAave(1_000 * USD)));
        execute(ordering(supplySavings(1_000 * USD)));

        assertEq(asset.balanceOf(address(vault)), before - 2_000 * USD + 12 * USD);
        assertEq(asset.allowance(address(aave), aavePool), 0);
        assertEq(asset.allowance(address(saver), savings), 0);
    }

    function test_structHash__of_the_lens__is_what_is_signed() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = ordering(supplyV2(1, 2));
        order.withdraws = ordering(withdrawV2(3)).withdraws;
        order.swaps = ordering(swapV2(address(asset), address(eth), 4)).swaps;

        bytes32 digest = keccak256(
            abi.encodePacked(hex"1901", vault.DOMAIN_SEPARATOR(), lens.structHash(order))
        );

        assertEq(digest, digestOf(order));
    }
}
