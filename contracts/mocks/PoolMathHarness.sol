// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Concavity} from "../libraries/Concavity.sol";
import {StableSwap} from "../libraries/StableSwap.sol";
import {WeightedPool} from "../libraries/WeightedPool.sol";

/// @title PoolMathHarness
/// @notice The formulas of weighted and stable pools, for tests.
contract PoolMathHarness {
    function weightedWorth(
        uint256[] calldata balances,
        uint256[] calldata weights,
        uint256[] calldata pricesE36,
        uint256 partWad
    ) external pure returns (uint256) {
        return WeightedPool.worthDown(balances, weights, pricesE36, partWad);
    }

    function weightedAmounts(
        uint256[] calldata balances,
        uint256[] calldata weights,
        uint256[] calldata pricesE36,
        uint256 partWad
    ) external pure returns (int256[] memory) {
        return WeightedPool.amountsDown(balances, weights, pricesE36, partWad);
    }

    function weightedConcavity(
        uint256[] calldata balances,
        uint256[] calldata weights,
        uint256[] calldata pricesE36,
        uint256 partWad,
        uint256 uncertaintyWad
    ) external pure returns (uint256) {
        uint256 worth = WeightedPool.worthDown(balances, weights, pricesE36, partWad);
        return Concavity.ofWeightsUp(worth + 1, uncertaintyWad);
    }

    function weightedDeviation(
        uint256[] calldata balances,
        uint256[] calldata weights,
        uint256[] calldata pricesE36
    ) external pure returns (uint256) {
        return WeightedPool.deviationWadUp(balances, weights, pricesE36);
    }

    function stableInvariant(uint256[] calldata balances, uint256 amplificationWad)
        external
        pure
        returns (uint256)
    {
        return StableSwap.invariantOf(balances, amplificationWad);
    }

    function stableWorth(
        uint256 invariant,
        uint256[] calldata scaling,
        uint256[] calldata pricesE36
    ) external pure returns (uint256) {
        return StableSwap.worthDown(invariant, scaling, pricesE36);
    }

    function stableAmounts(
        uint256 invariant,
        uint256[] calldata scaling,
        uint256[] calldata pricesE36
    ) external pure returns (int256[] memory) {
        return StableSwap.amountsDown(invariant, scaling, pricesE36);
    }

    function stableDeviation(StableSwap.Pool calldata pool, uint256[] calldata pricesE36)
        external
        pure
        returns (uint256)
    {
        return StableSwap.deviationWadUp(pool, pricesE36);
    }

    function stablePairDeviation(
        StableSwap.Pool calldata pool,
        uint256 i,
        uint256 j,
        uint256 priceIE36,
        uint256 priceJE36
    ) external pure returns (uint256) {
        return StableSwap.pairDeviationWadUp(pool, i, j, priceIE36, priceJE36);
    }
}
