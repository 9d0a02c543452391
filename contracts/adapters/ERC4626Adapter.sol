// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title ERC4626Adapter
/// @notice Shares of any ERC-4626 vault. Market: the vault's address. Units: shares.
contract ERC4626Adapter is UnitAdapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "erc4626";

    constructor(address vault_) Adapter(vault_) {}

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = IERC4626(market.toAddress()).asset();
    }

    /// @inheritdoc IAdapter
    /// @dev At `previewRedeem`, so that the target's exit fee is already taken off.
    function amount(bytes32 market) public view override returns (int256) {
        uint256 shares = units[market];
        if (shares == 0) return 0;
        return int256(IERC4626(market.toAddress()).previewRedeem(shares));
    }

    /// @inheritdoc IAdapter
    function drawable(bytes32 market) external view override returns (uint256) {
        IERC4626 target = IERC4626(market.toAddress());
        uint256 shares = units[market];
        if (shares == 0) return 0;
        try target.maxWithdraw(address(this)) returns (uint256 most) {
            return Math.min(most, target.previewRedeem(shares));
        } catch {
            return 0;
        }
    }

    /* PROTOCOL */

    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256 shares)
    {
        IERC4626 target = IERC4626(market.toAddress());
        IERC20 asset = IERC20(target.asset());

        asset.forceApprove(address(target), maxAmounts[0]);
        shares = target.deposit(maxAmounts[0], address(this));
        // when nothing is left here, nothing is left of the allowance
        if (_sweep(address(asset)) != 0) asset.forceApprove(address(target), 0);
    }

    function _redeem(bytes32 market, uint256 shares, address to) internal override {
        IERC4626(market.toAddress()).redeem(shares, to, address(this));
    }

    function _draw(bytes32 market, uint256 assets) internal override returns (uint256) {
        return IERC4626(market.toAddress()).withdraw(assets, vault, address(this));
    }
}
