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
    event Reserved(bytes32 indexed market, address indexed account, uint256 units);
    event Claimed(bytes32 indexed market, address indexed account, uint256 units);

    /* VAULT */

    /// @notice Puts in at most `maxAmounts`, which the vault has sent here before, and
    ///         sends back what was not used.
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external returns (uint256 suppliedUnits);

    /// @notice Takes out `units_` (max = all) and sends everything to the vault, what can
    ///         be claimed of fees and rewards included; zero units claim alone.
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external;

    /// @notice Takes `amount` of its token out of a market of one token, to the vault; more
    ///         only where the protocol pays in lumps, and then less than one lump more.
    function draw(bytes32 market, uint256 amount) external;

    /// @notice Pays `part / whole` of the position to `receiver`, in its own tokens.
    function redeemSlice(bytes32 market, uint256 part, uint256 whole, address receiver)
        external;

    /// @notice Sets `part / whole` of the position aside for `account`, without a call to
    ///         anyone: for when the protocol cannot pay now.
    function reserveSlice(bytes32 market, uint256 part, uint256 whole, address account)
        external;

    /* ANYONE */

    /// @notice Pays an account what was set aside for it.
    function claim(bytes32 market, int24 tickLower, int24 tickUpper, address account)
        external
        returns (uint256 paidUnits);

    /* VIEWS */

    /// @notice Name of the protocol, as keepers know it: "uniswap-v3".
    function protocol() external view returns (string memory);

    /// @notice The only account that may supply and withdraw.
    function vault() external view returns (address);

    /// @notice Tokens of a market, in the protocol's own order.
    function tokens(bytes32 market) external view returns (address[] memory);

    /// @notice Hash of what the protocol's owner may change in a market (an amplification,
    ///         a fee); zero where nothing that the vault relies on can change. An order
    ///         that touches a market whose parameters are not those listed is refused.
    function parameters(bytes32 market) external view returns (bytes32);

    /// @notice Units held in a market, over all ranges; zero means no position.
    function units(bytes32 market) external view returns (uint256);

    /// @notice What the position would pay if it were wound up at these prices, fees and
    ///         rewards that can be claimed included; debt is negative.
    /// @param pricesE36 Asset units per token unit, per token of the market.
    function amounts(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        returns (int256[] memory);

    /// @notice The same for a market of one token, of which prices change nothing; reverts
    ///         for others. It is what the vault asks there.
    function amount(bytes32 market) external view returns (int256);

    /// @notice How far the market's own price stands from these prices [wad, up];
    ///         zero where the protocol quotes no price.
    function deviationWad(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        returns (uint256);

    /// @notice By how much `amounts` at these prices can overstate what the units are worth
    ///         at other prices, each within its uncertainty [assets, up]; a position's
    ///         worth is concave in prices, and this is how far it bends below its tangent.
    /// @param units_ Units of the range, which need not be held.
    function concavityAssets(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256 units_,
        uint256[] calldata pricesE36,
        uint256[] calldata uncertaintiesWad
    ) external view returns (uint256);

    /// @notice Health factor of the position's debt [wad, down]; max without debt.
    function healthWad(bytes32 market) external view returns (uint256);

    /// @notice How much of its one token `draw` can take now, without moving any price;
    ///         zero where a withdrawal has a price impact.
    function drawable(bytes32 market) external view returns (uint256);

    /// @notice Units that are set aside for an account.
    function claimOf(bytes32 market, int24 tickLower, int24 tickUpper, address account)
        external
        view
        returns (uint256);
}
