// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IBalancerV2WeightedPool} from "../interfaces/IBalancerV2.sol";
import {BalancerV2} from "./BalancerV2.sol";

/// @title BalancerV2Weighted
/// @notice Weighted pools of Balancer V2.
library BalancerV2Weighted {
    using BalancerV2 for bytes32;

    function at(bytes32 id) internal pure returns (IBalancerV2WeightedPool) {
        return IBalancerV2WeightedPool(id.poolOf());
    }

    function coins(bytes32 id) internal view returns (address[] memory list) {
        (list,,) = id.vaultOf().getPoolTokens(id);
    }

    /// @notice Hash of what can change: the swap fee, whether the pool is paused or in
    ///         recovery, and the weights, which in some kinds of pools can be moved.
    function parameters(bytes32 id) internal view returns (bytes32) {
        (bool paused,,) = at(id).getPausedState();
        return keccak256(
            abi.encode(
                at(id).getSwapFeePercentage(),
                paused,
                at(id).inRecoveryMode(),
                at(id).getNormalizedWeights()
            )
        );
    }

    /// @notice Raw balances and wad weights; reverts while the Vault is in the middle of
    ///         something.
    function curve(bytes32 id)
        internal
        view
        returns (uint256[] memory balances, uint256[] memory weights)
    {
        id.requireIdle();
        (, balances,) = id.vaultOf().getPoolTokens(id);
        weights = at(id).getNormalizedWeights();
    }
}
