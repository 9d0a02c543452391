// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IBalancerV2StablePool, IBalancerV2WeightedPool} from "../interfaces/IBalancerV2.sol";
import {ICurvePool} from "../interfaces/ICurvePool.sol";
import {BalancerV2} from "../libraries/BalancerV2.sol";
import {BalancerV2Stable} from "../libraries/BalancerV2Stable.sol";
import {BalancerV2Weighted} from "../libraries/BalancerV2Weighted.sol";
import {CurvePool} from "../libraries/CurvePool.sol";
import {Market} from "../libraries/Market.sol";
import {WAD} from "../libraries/WadMath.sol";

interface IRateProvider {
    function getRate() external view returns (uint256);
}

/// @title PoolLens
/// @notice All that the curve of a pool of several tokens needs, in one call at one block.
///         Holds nothing. Markets are named as the adapters name them.
///
/// UNITS     balances raw; scaling 1e18 = 1, times a raw balance / 1e18 counts all tokens of
///           a pool alike; fees, weights and amplifications as the protocol has them.
contract PoolLens {
    using BalancerV2 for bytes32;
    using Market for bytes32;

    struct Pool {
        uint256 chainId;
        uint256 blockNumber;
        uint256 timestamp;
        address[] tokens;
        uint256[] balances;
        uint256[] scaling;
        uint256 fee;
        uint256 supply; // of its shares, those due as protocol fees included
    }

    function balancerV2Weighted(bytes32 id)
        external
        view
        returns (Pool memory pool, uint256[] memory weightsWad)
    {
        IBalancerV2WeightedPool at = BalancerV2Weighted.at(id);
        _stamp(pool);
        (pool.tokens, pool.balances,) = id.vaultOf().getPoolTokens(id);
        pool.scaling = at.getScalingFactors();
        pool.fee = at.getSwapFeePercentage();
        pool.supply = at.getActualSupply();
        weightsWad = at.getNormalizedWeights();
    }

    /// @notice Without the pool's own shares, which the Vault lists as a token.
    /// @dev The amplification has three decimals; `lastScaling` is of the rates that the
    ///      pool's own views still go by.
    function balancerV2Stable(bytes32 id)
        external
        view
        returns (Pool memory pool, uint256 amplification, uint256[] memory lastScaling)
    {
        IBalancerV2StablePool at = BalancerV2Stable.at(id);
        _stamp(pool);
        uint256 own = at.getBptIndex();
        (, uint256[] memory listed,) = id.vaultOf().getPoolTokens(id);
        address[] memory providers = at.getRateProviders();
        pool.tokens = BalancerV2Stable.coins(id);
        uint256 count = pool.tokens.length;
        pool.balances = new uint256[](count);
        pool.scaling = new uint256[](count);
        for (uint256 i; i < count; i++) {
            uint256 place = i < own ? i : i + 1;
            pool.balances[i] = listed[place];
            pool.scaling[i] = _scaling(at, pool.tokens[i], providers[place]);
        }
        pool.fee = at.getSwapFeePercentage();
        pool.supply = at.getActualSupply();
        (amplification,,) = at.getAmplificationParameter();
        lastScaling = BalancerV2Stable.scaling(id);
    }

    /// @notice The amplification has two decimals; `adminFee` is the protocol's part of the
    ///         fee, 1e10 = 1 as the fee itself; the virtual price is 0 where the pool cannot
    ///         find it.
    function curve(bytes32 market)
        external
        view
        returns (
            Pool memory pool,
            uint256 amplification,
            uint256 adminFee,
            uint256 virtualPriceWad
        )
    {
        _stamp(pool);
        pool.tokens = CurvePool.coins(market);
        pool.balances = CurvePool.balances(market);
        pool.scaling = CurvePool.scaling(market, pool.tokens.length);
        ICurvePool at = CurvePool.at(market);
        pool.fee = at.fee();
        pool.supply = IERC20(market.toAddress()).totalSupply();
        amplification = at.A_precise();
        adminFee = at.admin_fee();
        try at.get_virtual_price() returns (uint256 price) {
            virtualPriceWad = price;
        } catch {}
    }

    function _stamp(Pool memory pool) private view {
        pool.chainId = block.chainid;
        pool.blockNumber = block.number;
        pool.timestamp = block.timestamp;
    }

    /// @dev The rate that a swap in this block uses: one that has expired is asked for anew.
    function _scaling(IBalancerV2StablePool at, address token, address provider)
        private
        view
        returns (uint256)
    {
        uint256 base = 10 ** (36 - IERC20Metadata(token).decimals());
        if (provider == address(0)) return base;
        (uint256 rate,,, uint256 expires) = at.getTokenRateCache(token);
        if (block.timestamp > expires) rate = IRateProvider(provider).getRate();
        return Math.mulDiv(base, rate, WAD);
    }
}
