// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IExitQueue
/// @notice First come, first served, for exits larger than what a vault has at hand.
///
/// UNITS     shares, assets: raw units of the vault's share and of its asset.
/// ROUNDING  What a request is paid: Down.
/// TRUST     No role. Requests are shares in escrow: they carry the vault's risk and fees
///           until they are filled, at the low net asset value of that moment.
interface IExitQueue {
    struct Request {
        address owner;
        uint128 shares; // still waiting
        uint128 assets; // paid, not yet claimed
        uint40 requestedAt;
    }

    event Requested(uint256 indexed id, address indexed owner, uint256 shares);
    event Filled(uint256 indexed id, uint256 shares, uint256 assets);
    event Cancelled(uint256 indexed id, uint256 shares);
    event Claimed(uint256 indexed id, address indexed receiver, uint256 assets);

    /// @notice Puts the caller's shares into the queue; at least `leastShares`.
    function request(uint256 shares) external returns (uint256 id);

    /// @notice Gives the owner back what has not been filled.
    function cancel(uint256 id) external returns (uint256 shares);

    /// @notice Fills requests from the front, as far as the vault can pay; anyone may.
    /// @param maxEntries Most requests to look at; cancelled ones count.
    function fill(uint256 maxEntries) external returns (uint256 shares, uint256 assets);

    /// @notice Pays the owner what has been filled.
    function claim(uint256 id, address receiver) external returns (uint256 assets);

    /// @notice Gives away shares that nobody has queued: sent here by a transfer, they would
    ///         keep the vault from paying others.
    function skim(address receiver) external returns (uint256 shares);

    /// @notice The vault whose shares wait here.
    function vault() external view returns (address);

    /// @notice When the request at the front was made; zero when none waits.
    function waitingSince() external view returns (uint256);

    /// @notice A request, by its number.
    function requests(uint256 id) external view returns (Request memory);

    /// @notice Number of the request at the front, and of the next one to come.
    function bounds() external view returns (uint256 first, uint256 next);

    /// @notice Fewest shares of a request.
    function leastShares() external view returns (uint256);
}
