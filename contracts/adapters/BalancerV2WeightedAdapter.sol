// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../interfaces/IAdapter.sol";
import {BalancerV2} from "../libraries/BalancerV2.sol";
import {BalancerV2Weighted} from "../libraries/BalancerV2Weighted.sol";
import {Concavity} from "../libraries/Concavity.sol";
import {WadMath} from "../libraries/WadMath.sol";
import {WeightedPool} from "../libraries/WeightedPool.sol";
import {Adapter} from "./Adapter.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title BalancerV2WeightedAdapter
/// @notice Liquidity in weighted pools of Balancer V2 that say their actual supply, which
///         counts the protocol fees that are due (WeightedPoolFactory 2 and later). Market:
///         the pool's id. Units: pool shares.
contract BalancerV2WeightedAdapter is UnitAdapter {
    using BalancerV2 for bytes32;
    using BalancerV2Weighted for bytes32;

    uint256 private constant PROPORTIONAL_EXIT = 1;
    string public constant protocol = "balancer-v2-weighted";

    constructor(address vault_) Adapter(vault_) {}

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory) {
        return market.coins();
    }

    /// @inheritdoc IAdapter
    function parameters(bytes32 market) external view override returns (bytes32) {
        return market.parameters();
    }

    /// @inheritdoc IAdapter
    function amounts(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        override
        returns (int256[] memory)
    {
        uint256 shares = units[market];
        if (shares == 0) return new int256[](pricesE36.length);
        (uint256[] memory balances, uint256[] memory weights) = market.curve();
        uint256 partWad = _partWadDown(market, shares);
        return WeightedPool.amountsDown(balances, weights, pricesE36, partWad);
    }

    /// @inheritdoc IAdapter
    function deviationWad(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        override
        returns (uint256)
    {
        (uint256[] memory balances, uint256[] memory weights) = market.curve();
        return WeightedPool.deviationWadUp(balances, weights, pricesE36);
    }

    /// @inheritdoc IAdapter
    function concavityAssets(
        bytes32 market,
        int24,
        int24,
        uint256 shares,
        uint256[] calldata pricesE36,
        uint256[] calldata uncertaintiesWad
    ) external view override returns (uint256) {
        return Concavity.ofWeightsUp(
            _worthDown(market, shares, pricesE36) + 1, Concavity.most(uncertaintiesWad)
        );
    }

    /* PROTOCOL */

    /// @dev All of the amounts; what they are out of the pool's own ratio costs its fee.
    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256)
    {
        address[] memory list = market.coins();
        return market.join(list, list, maxAmounts);
    }

    function _redeem(bytes32 market, uint256 shares, address to) internal override {
        market.exit(market.coins(), PROPORTIONAL_EXIT, shares, to);
    }

    function _worthDown(bytes32 market, uint256 shares, uint256[] memory pricesE36)
        private
        view
        returns (uint256)
    {
        (uint256[] memory balances, uint256[] memory weights) = market.curve();
        uint256 partWad = _partWadDown(market, shares);
        return WeightedPool.worthDown(balances, weights, pricesE36, partWad);
    }

    /// @dev Of the pool, as an exit would round it.
    function _partWadDown(bytes32 market, uint256 shares) private view returns (uint256) {
        return WadMath.divWadDown(shares, market.at().getActualSupply());
    }
}
