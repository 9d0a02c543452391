// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IBalancerV2Vault} from "../interfaces/IBalancerV2.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {BalancerV2} from "../libraries/BalancerV2.sol";
import {BalancerV2Stable} from "../libraries/BalancerV2Stable.sol";
import {BalancerV2Weighted} from "../libraries/BalancerV2Weighted.sol";
import {TokenPairMismatch} from "../libraries/Errors.sol";
import {StableSwap} from "../libraries/StableSwap.sol";
import {WeightedPool} from "../libraries/WeightedPool.sol";

/// @title BalancerV2Venue
/// @notice Swaps in one weighted or composable stable pool of Balancer V2. Pool: its id.
contract BalancerV2Venue is IVenue {
    using BalancerV2 for bytes32;
    using SafeERC20 for IERC20;

    uint8 private constant GIVEN_IN = 0;
    string public constant protocol = "balancer-v2";

    /// @inheritdoc IVenue
    function swap(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        returns (uint256)
    {
        IBalancerV2Vault vault = pool.vaultOf();

        // takes all of the amount, and so all of the allowance
        IERC20(tokenIn).forceApprove(address(vault), amountIn);
        return vault.swap(
            IBalancerV2Vault.SingleSwap(pool, GIVEN_IN, tokenIn, tokenOut, amountIn, ""),
            IBalancerV2Vault.FundManagement(address(this), false, msg.sender, false),
            0,
            block.timestamp
        );
    }

    /// @inheritdoc IVenue
    function tokens(bytes32 pool) public view returns (address[] memory) {
        return _isStable(pool) ? BalancerV2Stable.coins(pool) : BalancerV2Weighted.coins(pool);
    }

    /// @inheritdoc IVenue
    function parameters(bytes32 pool) external view returns (bytes32) {
        return _isStable(pool)
            ? BalancerV2Stable.parameters(pool)
            : BalancerV2Weighted.parameters(pool);
    }

    /// @inheritdoc IVenue
    function deviationWad(
        bytes32 pool,
        address tokenIn,
        address tokenOut,
        uint256 priceInE36,
        uint256 priceOutE36
    ) external view returns (uint256) {
        uint256 i = _index(pool, tokenIn, tokenIn, tokenOut);
        uint256 j = _index(pool, tokenOut, tokenIn, tokenOut);
        if (_isStable(pool)) {
            StableSwap.Pool memory stable = BalancerV2Stable.stable(pool);
            return StableSwap.pairDeviationWadUp(stable, i, j, priceInE36, priceOutE36);
        }
        (uint256[] memory held, uint256[] memory weights) = BalancerV2Weighted.curve(pool);
        return WeightedPool.deviationWadUp(
            _two(held[i], held[j]), _two(weights[i], weights[j]), _two(priceInE36, priceOutE36)
        );
    }

    /// @dev A pool with an amplification; who sends too little gas to hear it fails later.
    function _isStable(bytes32 pool) private view returns (bool) {
        try BalancerV2Stable.at(pool).getAmplificationParameter() returns (uint256, bool, uint256) {
            return true;
        } catch {
            return false;
        }
    }

    function _index(bytes32 pool, address token, address tokenIn, address tokenOut)
        private
        view
        returns (uint256 i)
    {
        address[] memory list = tokens(pool);
        for (; i < list.length; i++) {
            if (list[i] == token) return i;
        }
        revert TokenPairMismatch(pool, tokenIn, tokenOut);
    }

    function _two(uint256 a, uint256 b) private pure returns (uint256[] memory pair) {
        pair = new uint256[](2);
        (pair[0], pair[1]) = (a, b);
    }
}
