// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Config, Rebalance, Side} from "./Types.sol";

/// @title IVault
/// @notice One asset from depositors, spread over tokens and positions by signed orders.
///
/// UNITS     assets, shares: raw token units. *Wad: 1e18 = 1. Share prices: wad, whole
///           assets per whole share. *At: unix seconds.
/// ROUNDING  For those who stay: shares minted Down, shares burnt Up, assets paid Down.
/// TRUST     A strategist picks what is held inside the limits, never who receives it.
///           Who sets the configuration picks adapters, venues and sources: code with
///           the power to lose all that it touches.
interface IVault is IERC4626 {
    event SetConfig(address indexed config, bytes32 configHash);
    event CancelOrder(address indexed caller, uint256 nonce);

    /// @notice Puts a new configuration in force; orders signed for another one do not run.
    function setConfig(Config calldata newConfig) external;

    /// @notice Skips the current nonce: the order that carries it can never run.
    ///         For the strategist, and for roles that the authority grants it.
    function cancelOrder() external;

    /// @notice Executes a signed order, then checks every limit.
    function rebalance(Rebalance calldata order, bytes calldata signature) external;

    /// @notice Data contract that holds the configuration.
    function config() external view returns (address);

    /// @notice Hash that orders must carry: the code hash of `config`.
    function configHash() external view returns (bytes32);

    /// @notice Nonce of the next order.
    function nonce() external view returns (uint256);

    /// @notice Net asset value at one side of the price uncertainty [assets, Down].
    function netAssetValue(Side side) external view returns (uint256);

    /// @notice Middle share price [wad, Down].
    function sharePriceWad() external view returns (uint256);
}
