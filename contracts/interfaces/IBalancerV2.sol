// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @dev What Steelyard calls of the Balancer V2 Vault.
interface IBalancerV2Vault {
    struct PoolRequest {
        address[] assets;
        uint256[] limits;
        bytes userData;
        bool internalBalance;
    }

    struct SingleSwap {
        bytes32 poolId;
        uint8 kind; // 0: all of what is given
        address assetIn;
        address assetOut;
        uint256 amount;
        bytes userData;
    }

    struct FundManagement {
        address sender;
        bool fromInternalBalance;
        address recipient;
        bool toInternalBalance;
    }

    struct UserBalanceOp {
        uint8 kind;
        address asset;
        uint256 amount;
        address sender;
        address recipient;
    }

    function getPoolTokens(bytes32 poolId)
        external
        view
        returns (address[] memory tokens, uint256[] memory balances, uint256 lastChangeBlock);
    function joinPool(
        bytes32 poolId,
        address sender,
        address recipient,
        PoolRequest memory request
    ) external;
    function exitPool(
        bytes32 poolId,
        address sender,
        address recipient,
        PoolRequest memory request
    ) external;
    function swap(
        SingleSwap memory singleSwap,
        FundManagement memory funds,
        uint256 limit,
        uint256 deadline
    ) external returns (uint256 amountOut);
    function manageUserBalance(UserBalanceOp[] memory ops) external;
}

/// @dev What it calls of the pools, whose own address is also their share token's.
interface IBalancerV2Pool {
    function getVault() external view returns (address);
    function getActualSupply() external view returns (uint256);
    function getSwapFeePercentage() external view returns (uint256);
    function getPausedState()
        external
        view
        returns (bool paused, uint256 windowEnd, uint256 bufferEnd);
    function inRecoveryMode() external view returns (bool);
    function getScalingFactors() external view returns (uint256[] memory);
    function getRateProviders() external view returns (address[] memory);
    function balanceOf(address owner) external view returns (uint256);
}

interface IBalancerV2WeightedPool is IBalancerV2Pool {
    function getNormalizedWeights() external view returns (uint256[] memory);
}

interface IBalancerV2StablePool is IBalancerV2Pool {
    function getBptIndex() external view returns (uint256);
    function getRate() external view returns (uint256);
    function getTokenRateCache(address token)
        external
        view
        returns (uint256 rate, uint256 oldRate, uint256 duration, uint256 expires);
    function getAmplificationParameter()
        external
        view
        returns (uint256 value, bool isUpdating, uint256 precision);
}
