// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title IAdapter
/// @notice Holds one vault's positions in one protocol; one market of it is one position.
///
/// UNITS     amounts: raw token units, in the order of `tokens(market)`. units: what the
///           protocol counts a holding in (LP tokens, liquidity, shares).
/// ROUNDING  Down, both what a position is worth and what it pays.
/// TRUST     No proxy, no owner, no setting: code is all that decides.
interface IAdapter {
    /// @notice Name of the protocol, as keepers know it: "uniswap-v3".
    function protocol() external view returns (string memory);

    /// @notice The only account that may supply and withdraw.
    function vault() external view returns (address);

    /// @notice Tokens of a market, in the protocol's own order.
    function tokens(bytes32 market) external view returns (address[] memory);

    /// @notice Units held in a market, over all ranges; zero means no position.
    function units(bytes32 market) external view returns (uint256);

    /// @notice What the position would pay if it were wound up at these prices, fees and
    ///         rewards that can be claimed included; debt is negative.
    /// @param pricesE36 Asset units per token unit, per token of the market.
    function amounts(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        returns (int256[] memory);

    /// @notice How far the market's own price stands from these prices [wad, up];
    ///         zero where the protocol quotes no price.
    function deviationWad(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        returns (uint256);

    /// @notice Puts in at most `maxAmounts`, which the vault has sent here before, and
    ///         sends back what was not used.
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external returns (uint256 suppliedUnits);

    /// @notice Takes out `units_` (max = all) and sends everything to the vault.
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external;
}
