// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../interfaces/IAdapter.sol";
import {BalancerV2} from "../libraries/BalancerV2.sol";
import {BalancerV2Stable} from "../libraries/BalancerV2Stable.sol";
import {StableSwap} from "../libraries/StableSwap.sol";
import {WadMath} from "../libraries/WadMath.sol";
import {Adapter} from "./Adapter.sol";
import {StableAdapter} from "./StableAdapter.sol";

/// @title BalancerV2StableAdapter
/// @notice Liquidity in composable stable pools of Balancer V2. Market: the pool's id.
///         Units: pool shares, at the pool's rate, which counts the protocol fees due.
contract BalancerV2StableAdapter is StableAdapter {
    using BalancerV2 for bytes32;
    using BalancerV2Stable for bytes32;

    uint256 private constant PROPORTIONAL_EXIT = 2;
    string public constant protocol = "balancer-v2-stable";

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

    /* PROTOCOL */

    /// @dev All of the amounts; what they are out of the pool's own ratio costs its fee.
    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256)
    {
        return market.join(_listed(market), market.coins(), maxAmounts);
    }

    function _redeem(bytes32 market, uint256 shares, address to) internal override {
        market.exit(_listed(market), PROPORTIONAL_EXIT, shares, to);
    }

    function _invariantOf(bytes32 market, uint256 shares)
        internal
        view
        override
        returns (uint256)
    {
        market.requireIdle();
        return WadMath.mulWadDown(shares, market.at().getRate());
    }

    function _scaling(bytes32 market) internal view override returns (uint256[] memory) {
        return market.scaling();
    }

    function _pool(bytes32 market) internal view override returns (StableSwap.Pool memory) {
        return market.stable();
    }

    /// @dev As the Vault lists them, the pool's own shares included.
    function _listed(bytes32 market) private view returns (address[] memory list) {
        (list,,) = market.vaultOf().getPoolTokens(market);
    }
}
