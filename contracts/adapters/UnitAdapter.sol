// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {DrawNotSupported, NothingToClaim} from "../libraries/Errors.sol";
import {Adapter} from "./Adapter.sol";

/// @title UnitAdapter
/// @notice For protocols that count a holding in one number a market. It keeps the ledger:
///         units bought here for the vault, and units set aside for those who left. A
///         protocol's file says how units are bought, redeemed and valued.
///
/// ROUNDING  A slice Down.
/// TRUST     Units that others send here are in nobody's ledger.
abstract contract UnitAdapter is Adapter {
    /// @inheritdoc IAdapter
    mapping(bytes32 market => uint256) public units;
    mapping(bytes32 market => mapping(address account => uint256)) private _claims;

    /* VAULT */

    /// @inheritdoc IAdapter
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external onlyVault returns (uint256 bought) {
        _requireNoRange(tickLower, tickUpper);
        bought = _supply(market, maxAmounts);
        units[market] += bought;
    }

    /// @inheritdoc IAdapter
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        virtual
        onlyVault
    {
        _requireNoRange(tickLower, tickUpper);
        uint256 held = units[market];
        uint256 taken = _unitsToTake(held, units_, 0, 0);

        units[market] = held - taken;

        if (taken != 0) _redeem(market, taken, vault);
    }

    /// @inheritdoc IAdapter
    function draw(bytes32 market, uint256 amount) external onlyVault {
        units[market] -= _draw(market, amount);
    }

    /// @inheritdoc IAdapter
    function redeemSlice(bytes32 market, uint256 part, uint256 whole, address receiver)
        external
        onlyVault
    {
        uint256 slice = _takeSlice(market, part, whole);
        if (slice != 0) _redeem(market, slice, receiver);
    }

    /// @inheritdoc IAdapter
    function reserveSlice(bytes32 market, uint256 part, uint256 whole, address account)
        external
        onlyVault
    {
        uint256 slice = _takeSlice(market, part, whole);
        _claims[market][account] += slice;
        emit Reserved(market, account, slice);
    }

    /* ANYONE */

    /// @inheritdoc IAdapter
    function claim(bytes32 market, int24 tickLower, int24 tickUpper, address account)
        external
        returns (uint256 paidUnits)
    {
        _requireNoRange(tickLower, tickUpper);
        paidUnits = _claims[market][account];
        if (paidUnits == 0) revert NothingToClaim(uint256(market), account);

        _claims[market][account] = 0;
        emit Claimed(market, account, paidUnits);

        _redeem(market, paidUnits, account);
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function claimOf(bytes32 market, int24, int24, address account)
        external
        view
        returns (uint256)
    {
        return _claims[market][account];
    }

    /* PROTOCOL */

    /// @dev Buys with at most `maxAmounts`, sends the rest to the vault; units bought.
    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        virtual
        returns (uint256 bought);

    /// @dev Turns units into the market's tokens, sent to `to`.
    function _redeem(bytes32 market, uint256 units_, address to) internal virtual;

    /// @dev Sends the vault `amount` of the market's one token, as `draw` says; units it
    ///      took.
    function _draw(bytes32 market, uint256 amount) internal virtual returns (uint256) {
        revert DrawNotSupported(market, amount);
    }

    function _takeSlice(bytes32 market, uint256 part, uint256 whole)
        private
        returns (uint256 slice)
    {
        uint256 held = units[market];
        slice = Math.mulDiv(held, part, whole);
        units[market] = held - slice;
    }
}
