// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {
    AmountsUnreadable,
    LiquidityNotHeld,
    NotVault,
    RangeNotSupported
} from "../libraries/Errors.sol";

/// @title Adapter
/// @notice What all adapters share: one vault, and tokens sent back to it.
abstract contract Adapter is IAdapter {
    using SafeERC20 for IERC20;

    address public immutable vault;

    modifier onlyVault() {
        if (msg.sender != vault) revert NotVault(msg.sender, vault);
        _;
    }

    constructor(address vault_) {
        vault = vault_;
    }

    /// @inheritdoc IAdapter
    function amount(bytes32 market) public view virtual returns (int256) {
        revert AmountsUnreadable(address(this), market);
    }

    /// @inheritdoc IAdapter
    /// @dev Of one token; adapters of more override it.
    function amounts(bytes32 market, uint256[] calldata)
        external
        view
        virtual
        returns (int256[] memory held)
    {
        held = new int256[](1);
        held[0] = amount(market);
    }

    /// @inheritdoc IAdapter
    function parameters(bytes32) external view virtual returns (bytes32) {
        return 0;
    }

    /// @inheritdoc IAdapter
    function deviationWad(bytes32, uint256[] calldata) external view virtual returns (uint256) {
        return 0;
    }

    /// @inheritdoc IAdapter
    function concavityAssets(
        bytes32,
        int24,
        int24,
        uint256,
        uint256[] calldata,
        uint256[] calldata
    ) external view virtual returns (uint256) {
        return 0;
    }

    /// @inheritdoc IAdapter
    function healthWad(bytes32) external view virtual returns (uint256) {
        return type(uint256).max;
    }

    /// @inheritdoc IAdapter
    function drawable(bytes32) external view virtual returns (uint256) {
        return 0;
    }

    /// @dev Takes `units_` of what is held; max means all of it.
    function _unitsToTake(uint256 held, uint256 units_, int24 tickLower, int24 tickUpper)
        internal
        pure
        returns (uint256)
    {
        if (units_ == type(uint256).max) return held;
        if (units_ > held) revert LiquidityNotHeld(tickLower, tickUpper, units_, held);
        return units_;
    }

    function _requireNoRange(int24 tickLower, int24 tickUpper) internal pure {
        if (tickLower != 0 || tickUpper != 0) revert RangeNotSupported(tickLower, tickUpper);
    }

    /// @dev Sends the vault whatever of a token lies here.
    function _sweep(address token) internal returns (uint256 left) {
        left = IERC20(token).balanceOf(address(this));
        if (left != 0) IERC20(token).safeTransfer(vault, left);
    }
}
