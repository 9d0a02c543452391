// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Change} from "../libraries/ConfigEdit.sol";
import {Config, Excluded, Rebalance, Side} from "./Types.sol";

/// @title IVault
/// @notice One asset from depositors, spread over tokens and positions by signed orders.
///
/// UNITS     assets, shares: raw token units. *Wad: 1e18 = 1. Share prices: wad, whole
///           assets per whole share. *At, *Until: unix seconds.
/// ROUNDING  For those who stay: shares minted Down, shares burnt Up, assets paid Down.
/// TRUST     A strategist picks what is held inside the limits, never who receives it.
///           Who submits a configuration picks adapters, venues and sources: code with the
///           power to lose all that it touches; so that waits, in the AccessManager, longer
///           than the slowest exit. Nobody can stop `redeemInKind`.
interface IVault is IERC4626 {
    event SetConfig(address indexed config, bytes32 configHash);
    event CancelOrder(address indexed caller, uint256 nonce);
    event Brake(uint256 until, bool isPause);
    /// @param shares     Minted for fees.
    /// @param highWater  Share price that performance fees are paid up to.
    event Accrued(uint256 shares, uint256 highWater);

    /* OWNER */

    /// @notice Sets the fees, within the limits in the code; what is due is paid first.
    function setFees(address recipient, uint256 managementWad, uint256 performanceWad)
        external;

    /// @notice Sets the brake for another while, whenever it was used last.
    function renewBrake(bool isPause) external;

    /* CURATOR */

    /// @notice Puts a new configuration in force; orders signed for another one do not run.
    ///         The first one is paid for with a seed deposit that stays for ever.
    function submit(Config calldata newConfig) external;

    /// @notice Ends a drawdown: the mark starts anew from the last reading.
    function resetMark() external;

    /* GUARDIAN */

    /// @notice Lowers risk at once: caps, limits and budgets down, the cooldown up.
    function tighten(Change[] calldata changes) external;

    /// @notice Sets the brake, for a bounded time and not again before it has rested: a pause
    ///         stops deposits, orders and exits by price, otherwise orders may only reduce
    ///         risk. While it is set, it can be changed between the two.
    function brake(bool isPause) external;

    /// @notice Ends the brake.
    function releaseBrake() external;

    /// @notice Takes a position that cannot be valued out of the books: it counts as nothing,
    ///         and deposits are closed. Called twice: the first call notes that it fails, the
    ///         second, an hour to a day later, confirms it. Later than that, a call is a
    ///         first one again; a `restore` in between forgets the first. Refused, each time,
    ///         of a position that answers or whose protocol says that it is busy.
    function impair(address adapter, bytes32 market) external;

    /* STRATEGIST */

    /// @notice Skips the current nonce: the order that carries it can never run.
    ///         For the strategist, and for roles that the authority grants it.
    function cancelOrder() external;

    /// @notice Executes a signed order, then checks every limit.
    function rebalance(Rebalance calldata order, bytes calldata signature) external;

    /* HOLDERS */

    /// @notice Burns shares for a slice of every token and every position, in their own
    ///         units. What cannot be paid now is set aside for the receiver, who claims it
    ///         here (tokens) or at the adapter (positions). Never paused.
    /// @param skip Bit i: leave the slice of position i behind, bit 128 + i: of token i.
    function redeemInKind(uint256 shares, address receiver, address owner, uint256 skip)
        external;

    /// @notice Pays an account a token that could not be paid before.
    function claim(address token, address account) external returns (uint256 amount);

    /* ANYONE */

    /// @notice Pays due fees and takes a reading of the share price.
    function poke() external;

    /// @notice Brings a position of one token that stands clearly above its cap back under
    ///         it; no swap, no loss beyond dust.
    function heal(address adapter, bytes32 market) external;

    /// @notice Takes an impaired or failing position back into the books once it can be
    ///         valued.
    function restore(address adapter, bytes32 market) external;

    /* VIEWS */

    /// @notice Data contract that holds the configuration.
    function config() external view returns (address);

    /// @notice Hash that orders must carry: the code hash of `config`.
    function configHash() external view returns (bytes32);

    /// @notice Nonce of the next order.
    function nonce() external view returns (uint256);

    /// @notice What the vault remembers, as words of its storage: VaultState.State, from its
    ///         first slot on. `Lens.status` reads them.
    function memoryWords(uint256 count) external view returns (bytes32[] memory);

    /// @notice What the books leave out.
    function excluded() external view returns (Excluded memory);

    /// @notice What a token still owes an account, and all accounts together.
    function claims(address token, address account)
        external
        view
        returns (uint256 own, uint256 all);

    /// @notice Net asset value at one side of the price uncertainty [assets, Down], and the
    ///         shares it belongs to once due fees are paid.
    function netAssetValue(Side side) external view returns (uint256 nav, uint256 supply);

    /// @notice What an owner can take out at once [assets and shares, Down].
    function exitable(address owner) external view returns (uint256 assets, uint256 shares);

    /// @notice Middle share price as orders see it, before fees that are due [wad, Down].
    function sharePriceWad() external view returns (uint256);
}
