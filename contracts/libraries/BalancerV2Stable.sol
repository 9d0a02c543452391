// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IBalancerV2StablePool} from "../interfaces/IBalancerV2.sol";
import {BalancerV2} from "./BalancerV2.sol";
import {StableSwap} from "./StableSwap.sol";
import {WAD} from "./WadMath.sol";

/// @title BalancerV2Stable
/// @notice Composable stable pools of Balancer V2. They list their own shares as a token,
///         which is none of their coins.
///
/// UNITS     Scaled as in StableSwap: by decimals, and by the rates of the coins that have
///           a rate provider, which is an oracle.
library BalancerV2Stable {
    using BalancerV2 for bytes32;

    function at(bytes32 id) internal pure returns (IBalancerV2StablePool) {
        return IBalancerV2StablePool(id.poolOf());
    }

    function coins(bytes32 id) internal view returns (address[] memory) {
        (address[] memory listed,,) = id.vaultOf().getPoolTokens(id);
        uint256 own = at(id).getBptIndex();
        address[] memory list = new address[](listed.length - 1);
        for (uint256 i; i < list.length; i++) {
            list[i] = listed[i < own ? i : i + 1];
        }
        return list;
    }

    /// @notice Hash of what can change: the amplification, the swap fee, whether the pool
    ///         is paused or in recovery, and who tells the coins' rates.
    function parameters(bytes32 id) internal view returns (bytes32) {
        IBalancerV2StablePool pool = at(id);
        (uint256 amplification, bool isUpdating,) = pool.getAmplificationParameter();
        (bool paused,,) = pool.getPausedState();
        return keccak256(
            abi.encode(
                amplification,
                isUpdating,
                pool.getSwapFeePercentage(),
                paused,
                pool.inRecoveryMode(),
                pool.getRateProviders()
            )
        );
    }

    function scaling(bytes32 id) internal view returns (uint256[] memory) {
        return _without(at(id).getScalingFactors(), at(id).getBptIndex());
    }

    /// @notice The pool as it stands; reverts while the Vault is in the middle of something.
    function stable(bytes32 id) internal view returns (StableSwap.Pool memory pool) {
        id.requireIdle();
        (, uint256[] memory raw,) = id.vaultOf().getPoolTokens(id);
        pool.balances = _without(raw, at(id).getBptIndex());
        pool.scaling = scaling(id);
        uint256 count = pool.balances.length;
        for (uint256 i; i < count; i++) {
            pool.balances[i] = Math.mulDiv(pool.balances[i], pool.scaling[i], WAD);
        }
        (uint256 value,, uint256 precision) = at(id).getAmplificationParameter();
        pool.amplificationWad = value * count * WAD / precision;
        pool.invariant = StableSwap.invariantOf(pool.balances, pool.amplificationWad);
    }

    function _without(uint256[] memory values, uint256 index)
        private
        pure
        returns (uint256[] memory kept)
    {
        kept = new uint256[](values.length - 1);
        for (uint256 i; i < kept.length; i++) {
            kept[i] = values[i < index ? i : i + 1];
        }
    }
}
