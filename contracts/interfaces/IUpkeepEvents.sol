// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IUpkeepEvents
/// @notice What the vault emits when it is kept without an order.
interface IUpkeepEvents {
    /// @param amount    Drawn, in the position's token.
    /// @param assets    The exposure before, and the cap that it was above.
    event Healed(
        address indexed adapter,
        bytes32 indexed market,
        uint256 amount,
        uint256 assets,
        uint256 capAssets
    );
    /// @notice A position could not be valued; if it still cannot in an hour, it may be
    ///         impaired.
    event Failing(address indexed adapter, bytes32 indexed market);
    event Impaired(address indexed adapter, bytes32 indexed market);
    event Restored(address indexed adapter, bytes32 indexed market);
}
