// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IExitEvents
/// @notice What the vault emits when it pays in kind what it can and remembers the rest.
interface IExitEvents {
    event RedeemedInKind(
        address indexed caller, address indexed receiver, address indexed owner, uint256 shares
    );
    event TokenSetAside(address indexed token, address indexed account, uint256 amount);
    event TokenClaimed(address indexed token, address indexed account, uint256 amount);
    event SliceSetAside(
        address indexed adapter, bytes32 indexed market, address indexed account
    );
}
