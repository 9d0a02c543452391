// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAToken, IAaveV3Pool} from "../interfaces/IAaveV3.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title AaveV3Adapter
/// @notice Supply to Aave V3. Market: the aToken's address. Units: the scaled balance; but
///         `withdraw` takes its units in the underlying token, because that is what Aave
///         pays out exactly.
contract AaveV3Adapter is UnitAdapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    uint256 private constant RAY = 1e27;
    string public constant protocol = "aave-v3";

    constructor(address vault_) Adapter(vault_) {}

    /* VAULT */

    /// @inheritdoc IAdapter
    /// @dev All means what the scaled balance is worth, rounded down; when nobody else sent
    ///      aTokens here, Aave is told "all" itself, which leaves no dust.
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        override
        onlyVault
    {
        _requireNoRange(tickLower, tickUpper);
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);
        uint256 held = units[market];
        uint256 assets = _unitsToTake(_worthDown(pool, underlying, held), units_, 0, 0);
        if (assets == 0) return;
        if (units_ == type(uint256).max && aToken.scaledBalanceOf(address(this)) == held) {
            assets = type(uint256).max;
        }

        units[market] = held - _withdraw(aToken, pool, underlying, assets, vault);
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = IAToken(market.toAddress()).UNDERLYING_ASSET_ADDRESS();
    }

    /// @inheritdoc IAdapter
    function amount(bytes32 market) public view override returns (int256) {
        uint256 scaled = units[market];
        if (scaled == 0) return 0;
        (, IAaveV3Pool pool, address underlying) = _market(market);
        return int256(_worthDown(pool, underlying, scaled));
    }

    /// @inheritdoc IAdapter
    /// @dev What lies in the aToken can be paid out, unless the reserve is paused.
    function drawable(bytes32 market) external view override returns (uint256) {
        uint256 scaled = units[market];
        if (scaled == 0) return 0;
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);
        if (!_isOpen(pool.getConfiguration(underlying))) return 0;
        uint256 cash = IERC20(underlying).balanceOf(address(aToken));
        return Math.min(cash, _worthDown(pool, underlying, scaled));
    }

    /* PROTOCOL */

    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256 scaled)
    {
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);

        IERC20(underlying).forceApprove(address(pool), maxAmounts[0]);
        uint256 before = aToken.scaledBalanceOf(address(this));
        pool.supply(underlying, maxAmounts[0], address(this), 0);
        scaled = aToken.scaledBalanceOf(address(this)) - before;

        // when nothing is left here, nothing is left of the allowance
        if (_sweep(underlying) != 0) IERC20(underlying).forceApprove(address(pool), 0);
    }

    /// @dev Pays what the scaled balance is worth, Down; the rest of its last unit stays.
    function _redeem(bytes32 market, uint256 scaled, address to) internal override {
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);
        _withdraw(aToken, pool, underlying, _worthDown(pool, underlying, scaled), to);
    }

    function _draw(bytes32 market, uint256 assets) internal override returns (uint256) {
        (IAToken aToken, IAaveV3Pool pool, address underlying) = _market(market);
        return _withdraw(aToken, pool, underlying, assets, vault);
    }

    /// @return scaled What it took of the scaled balance.
    function _withdraw(
        IAToken aToken,
        IAaveV3Pool pool,
        address underlying,
        uint256 assets,
        address to
    ) private returns (uint256 scaled) {
        uint256 before = aToken.scaledBalanceOf(address(this));
        pool.withdraw(underlying, assets, to);
        scaled = before - aToken.scaledBalanceOf(address(this));
    }

    /// @dev floor(scaled * index / 1e27); Aave itself rounds half up.
    function _worthDown(IAaveV3Pool pool, address underlying, uint256 scaled)
        private
        view
        returns (uint256)
    {
        return Math.mulDiv(scaled, pool.getReserveNormalizedIncome(underlying), RAY);
    }

    /// @dev Bits 56 and 60 of a reserve's configuration: active, and paused.
    function _isOpen(uint256 configuration) private pure returns (bool) {
        return (configuration >> 56) & 1 == 1 && (configuration >> 60) & 1 == 0;
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
