// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IBalancerV2Pool, IBalancerV2Vault} from "../interfaces/IBalancerV2.sol";
import {ProtocolBusy} from "./Errors.sol";

/// @title BalancerV2
/// @notice What all pools of Balancer V2 share. A pool's id begins with its address; the
///         pool names its Vault.
///
/// TRUST     An asset manager may take a pool's tokens out and tell how many are left: pools
///           with one are not to be listed.
library BalancerV2 {
    using SafeERC20 for IERC20;

    uint256 private constant EXACT_TOKENS_IN = 1;
    uint256 private constant RECOVERY_EXIT = 255;
    /// @dev Enough for a Vault in the middle of something to say so.
    uint256 private constant PROBE_GAS = 10_000;

    function poolOf(bytes32 id) internal pure returns (address) {
        return address(uint160(uint256(id) >> 96));
    }

    function vaultOf(bytes32 id) internal view returns (IBalancerV2Vault) {
        return IBalancerV2Vault(IBalancerV2Pool(poolOf(id)).getVault());
    }

    /// @notice Reverts while the Vault is in the middle of a join, exit or swap, when
    ///         balances and supply may not belong together.
    /// @dev The Vault's guard comes first in this call: a busy Vault refuses with an error.
    ///      A free one goes on to write the guard, which a static call may not, and fails
    ///      with no data. Who sends so little gas that a busy Vault fails so too has not
    ///      enough left to go on.
    function requireIdle(bytes32 id) internal view {
        bytes memory nothing = abi.encodeCall(
            IBalancerV2Vault.manageUserBalance, (new IBalancerV2Vault.UserBalanceOp[](0))
        );
        (bool ok, bytes memory answer) =
            address(vaultOf(id)).staticcall{gas: PROBE_GAS}(nothing);
        if (ok || answer.length != 0) revert ProtocolBusy(id);
    }

    /// @notice Pays all of these amounts in, in the order of `coins`; pool shares bought.
    /// @param tokens As the Vault lists them, the pool's own shares included.
    function join(
        bytes32 id,
        address[] memory tokens,
        address[] memory coins,
        uint256[] memory amounts
    ) internal returns (uint256 shares) {
        IBalancerV2Vault vault = vaultOf(id);
        for (uint256 i; i < coins.length; i++) {
            // the Vault takes all of the amount, and so all of the allowance
            if (amounts[i] != 0) IERC20(coins[i]).forceApprove(address(vault), amounts[i]);
        }
        uint256[] memory most = new uint256[](tokens.length);
        for (uint256 i; i < most.length; i++) {
            most[i] = type(uint256).max;
        }
        bytes memory kind = abi.encode(EXACT_TOKENS_IN, amounts, 0);

        uint256 before = IBalancerV2Pool(poolOf(id)).balanceOf(address(this));
        vault.joinPool(
            id,
            address(this),
            address(this),
            IBalancerV2Vault.PoolRequest(tokens, most, kind, false)
        );
        shares = IBalancerV2Pool(poolOf(id)).balanceOf(address(this)) - before;
    }

    /// @notice Takes a part of every token out; in recovery mode by the exit that asks the
    ///         pool for no sum and works while it is paused.
    /// @param kind Of a proportional exit, which pools number each their own way.
    function exit(
        bytes32 id,
        address[] memory tokens,
        uint256 kind,
        uint256 shares,
        address to
    ) internal {
        if (IBalancerV2Pool(poolOf(id)).inRecoveryMode()) kind = RECOVERY_EXIT;
        vaultOf(id).exitPool(
            id,
            address(this),
            to,
            IBalancerV2Vault.PoolRequest(
                tokens, new uint256[](tokens.length), abi.encode(kind, shares), false
            )
        );
    }
}
