// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";

/// @title ERC4626Adapter
/// @notice Shares of any ERC-4626 vault. Market: the vault's address. Units: shares bought
///         here; shares sent by others are not counted.
contract ERC4626Adapter is Adapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "erc4626";

    mapping(bytes32 market => uint256 shares) public units;

    constructor(address vault_) Adapter(vault_) {}

    /* VAULT */

    /// @inheritdoc IAdapter
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external onlyVault returns (uint256 shares) {
        _requireNoRange(tickLower, tickUpper);
        IERC4626 target = IERC4626(market.toAddress());

        IERC20(target.asset()).forceApprove(address(target), maxAmounts[0]);
        uint256 before = target.balanceOf(address(this));
        target.deposit(maxAmounts[0], address(this));
        shares = target.balanceOf(address(this)) - before;
        IERC20(target.asset()).forceApprove(address(target), 0);

        units[market] += shares;
        _sweep(target.asset());
    }

    /// @inheritdoc IAdapter
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        onlyVault
    {
        _requireNoRange(tickLower, tickUpper);
        uint256 shares = _unitsToTake(units[market], units_, 0, 0);

        units[market] -= shares;

        IERC4626(market.toAddress()).redeem(shares, vault, address(this));
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = IERC4626(market.toAddress()).asset();
    }

    /// @inheritdoc IAdapter
    /// @dev At `previewRedeem`, so that the target's exit fee is already taken off.
    function amounts(bytes32 market, uint256[] calldata)
        external
        view
        returns (int256[] memory held)
    {
        held = new int256[](1);
        uint256 shares = units[market];
        if (shares != 0) held[0] = int256(IERC4626(market.toAddress()).previewRedeem(shares));
    }
}
