// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {ICurvePool} from "../interfaces/ICurvePool.sol";
import {CurvePool} from "../libraries/CurvePool.sol";
import {Market} from "../libraries/Market.sol";
import {StableSwap} from "../libraries/StableSwap.sol";
import {WadMath} from "../libraries/WadMath.sol";
import {Adapter} from "./Adapter.sol";
import {StableAdapter} from "./StableAdapter.sol";

/// @title CurveAdapter
/// @notice Liquidity in plain StableSwap pools of Curve's factory. Market: the pool's
///         address, which is its LP token's. Units: LP tokens.
contract CurveAdapter is StableAdapter {
    using CurvePool for bytes32;
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "curve";

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
        returns (uint256 lpTokens)
    {
        ICurvePool pool = market.at();
        for (uint256 i; i < maxAmounts.length; i++) {
            if (maxAmounts[i] == 0) continue;
            IERC20(pool.coins(i)).forceApprove(address(pool), maxAmounts[i]);
        }
        uint256 before = pool.balanceOf(address(this));
        market.add(maxAmounts);
        lpTokens = pool.balanceOf(address(this)) - before;
    }

    function _redeem(bytes32 market, uint256 lpTokens, address to) internal override {
        market.remove(lpTokens, to);
    }

    function _invariantOf(bytes32 market, uint256 lpTokens)
        internal
        view
        override
        returns (uint256 part)
    {
        part = WadMath.mulWadDown(lpTokens, market.at().get_virtual_price());
        market.requireIdle();
    }

    function _scaling(bytes32 market) internal view override returns (uint256[] memory) {
        return market.scaling(market.balances().length);
    }

    function _pool(bytes32 market) internal view override returns (StableSwap.Pool memory) {
        return market.stable();
    }
}
