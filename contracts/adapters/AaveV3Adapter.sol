// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAToken, IAaveV3Pool} from "../interfaces/IAaveV3.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";

/// @title AaveV3Adapter
/// @notice Supply to Aave V3. Market: the aToken's address. Units: the scaled balance bought
///         here, so that aTokens sent by others are not counted; `withdraw` takes its units
///         in the underlying token, because that is what Aave pays out exactly.
contract AaveV3Adapter is Adapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    uint256 private constant RAY = 1e27;
    string public constant protocol = "aave-v3";

    mapping(bytes32 market => uint256 scaled) public units;

    constructor(address vault_) Adapter(vault_) {}

    /* VAULT */

    /// @inheritdoc IAdapter
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external onlyVault returns (uint256 scaled) {
        _requireNoRange(tickLower, tickUpper);
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);

        IERC20(underlying).forceApprove(address(pool), maxAmounts[0]);
        uint256 before = aToken.scaledBalanceOf(address(this));
        pool.supply(underlying, maxAmounts[0], address(this), 0);
        scaled = aToken.scaledBalanceOf(address(this)) - before;
        IERC20(underlying).forceApprove(address(pool), 0);

        units[market] += scaled;
        _sweep(underlying);
    }

    /// @inheritdoc IAdapter
    /// @dev All means what the scaled balance is worth, rounded down; when nobody else sent
    ///      aTokens here, Aave is told "all" itself, which leaves no dust.
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        onlyVault
    {
        _requireNoRange(tickLower, tickUpper);
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);
        uint256 before = aToken.scaledBalanceOf(address(this));
        uint256 assets =
            _unitsToTake(_worthDown(pool, underlying, units[market]), units_, 0, 0);
        if (units_ == type(uint256).max && before == units[market]) {
            assets = type(uint256).max;
        }

        pool.withdraw(underlying, assets, vault);

        units[market] -= before - aToken.scaledBalanceOf(address(this));
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = IAToken(market.toAddress()).UNDERLYING_ASSET_ADDRESS();
    }

    /// @inheritdoc IAdapter
    function amounts(bytes32 market, uint256[] calldata)
        external
        view
        returns (int256[] memory held)
    {
        held = new int256[](1);
        uint256 scaled = units[market];
        if (scaled == 0) return held;
        (, IAaveV3Pool pool, address underlying) = _market(market);
        held[0] = int256(_worthDown(pool, underlying, scaled));
    }

    /// @dev floor(scaled * index / 1e27); Aave itself rounds half up.
    function _worthDown(IAaveV3Pool pool, address underlying, uint256 scaled)
        private
        view
        returns (uint256)
    {
        return Math.mulDiv(scaled, pool.getReserveNormalizedIncome(underlying), RAY);
    }

    function _market(bytes32 market)
        private
        view
        returns (IAToken aToken, IAaveV3Pool pool, address underlying)
    {
        aToken = IAToken(market.toAddress());
        pool = IAaveV3Pool(aToken.POOL());
        underlying = aToken.UNDERLYING_ASSET_ADDRESS();
    }
}
