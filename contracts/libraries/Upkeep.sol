// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IUpkeepEvents} from "../interfaces/IUpkeepEvents.sol";
import {Book, Config, Excluded, PositionConfig} from "../interfaces/Types.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {
    GasTooLow,
    HealCooldownActive,
    HealLossy,
    NotConfirmed,
    NotHealable,
    PositionAnswers,
    PositionImpaired,
    ProtocolBusy
} from "./Errors.sol";
import {Limits} from "./Limits.sol";
import {Valuation} from "./Valuation.sol";
import {VaultState} from "./VaultState.sol";
import {E36, WadMath} from "./WadMath.sol";

/// @title Upkeep
/// @notice What keeps a vault alive without an order: an exposure clearly above its cap is
///         brought back, a position that cannot be valued any more is taken out of the
///         books. Linked to the vault and runs in its context.
library Upkeep {
    int256 private constant DUST = 10; // raw units that a healing may lose
    uint256 private constant VALUE_GAS = 2_000_000;
    uint256 private constant CONFIRM_SECONDS = 1 hours;
    uint256 private constant FORGET_SECONDS = 1 days;

    /// @notice Draws a position of one token from clearly above its cap to as far below.
    function heal(address adapter, bytes32 market) external {
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        uint256 i = Limits.positionIndex(c, adapter, market);
        PositionConfig memory position = c.positions[i];
        _checkCooldown(s, c, adapter, market);

        Excluded memory excluded = VaultState.excluded(c);
        if ((excluded.impaired >> i) & 1 == 1) revert PositionImpaired(adapter, market);
        uint256[] memory prices = Valuation.readPrices(c).midE36;
        Book memory b = Valuation.book(c, prices, address(this), excluded);
        uint256 base = Limits.baseAssetsDown(s, b.nav, IERC20(address(this)).totalSupply());
        uint256 cap = Limits.capAssetsDown(position.capAssets, position.capWad, base);
        uint256 assets = b.positionAssets[i];
        uint256 bandAssets = WadMath.mulWadDown(cap, c.params.healBandWad);
        if (position.tokenCount != 1 || assets <= cap + bandAssets) {
            revert NotHealable(adapter, market, assets, cap + bandAssets);
        }
        uint256 token = Valuation.tokenIndex(position.tokenIndexes, 0);
        uint256 amount =
            _amount(adapter, market, assets - (cap - bandAssets), prices[token]);
        IAdapter(adapter).draw(market, amount);
        _checkLoss(c, i, token, b, excluded);
        emit IUpkeepEvents.Healed(adapter, market, amount, assets, cap);
    }

    /// @notice Takes a position that cannot be valued out of the books: worth nothing to
    ///         those who leave, closed to those who would enter. Only when its adapter
    ///         fails with plenty of gas, now and an hour to a day ago. A protocol that is
    ///         busy, which anybody can make it by calling from inside it, is not failing.
    function impair(address adapter, bytes32 market) external {
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        uint256 i = Limits.positionIndex(c, adapter, market);
        PositionConfig memory position = c.positions[i];
        if (_answers(position, Valuation.readPrices(c).midE36)) {
            revert PositionAnswers(adapter, market);
        }
        bytes32 key = _key(adapter, market);
        uint256 since = s.failingSince[key];
        if (since == 0 || block.timestamp > since + FORGET_SECONDS) {
            s.failingSince[key] = block.timestamp;
            emit IUpkeepEvents.Failing(adapter, market);
            return;
        }
        uint256 readyAt = since + CONFIRM_SECONDS;
        if (block.timestamp < readyAt) revert NotConfirmed(readyAt, block.timestamp);
        delete s.failingSince[key];
        s.impaired |= 1 << i;
        s.hasImpaired = true;
        emit IUpkeepEvents.Impaired(adapter, market);
    }

    /// @notice Says that a position can be valued: takes it back into the books, or ends
    ///         what was said against it.
    function restore(address adapter, bytes32 market) external {
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        uint256 i = Limits.positionIndex(c, adapter, market);
        Valuation.positionAmounts(c.positions[i], Valuation.readPrices(c).midE36);
        s.impaired &= ~(1 << i);
        s.hasImpaired = s.impaired != 0;
        delete s.failingSince[_key(adapter, market)];
        emit IUpkeepEvents.Restored(adapter, market);
    }

    function _checkCooldown(
        VaultState.State storage s,
        Config memory c,
        address adapter,
        bytes32 market
    ) private {
        bytes32 key = _key(adapter, market);
        uint256 readyAt = s.healedAt[key] + c.params.healCooldownSeconds;
        if (block.timestamp < readyAt) revert HealCooldownActive(readyAt, block.timestamp);
        s.healedAt[key] = block.timestamp;
    }

    /// @dev Units of the token that are worth `excess`, as far as they can be drawn.
    function _amount(address adapter, bytes32 market, uint256 excess, uint256 priceE36)
        private
        view
        returns (uint256)
    {
        uint256 wanted = Math.mulDiv(excess, E36, priceE36);
        return Math.min(wanted, IAdapter(adapter).drawable(market));
    }

    /// @dev What left the position lies in the vault, but for dust.
    function _checkLoss(
        Config memory c,
        uint256 i,
        uint256 token,
        Book memory before,
        Excluded memory excluded
    ) private view {
        PositionConfig memory position = c.positions[i];
        int256 now_ = Valuation.positionAmounts(position, before.pricesE36)[0]
            + int256(Valuation.balance(c, token, address(this), excluded));
        int256 least = before.amounts[i][0] + int256(before.inventory[token]) - DUST;
        if (now_ < least) revert HealLossy(position.adapter, position.market, now_, least);
    }

    /// @dev Whether an adapter, given plenty of gas, gives an answer that
    ///      `Valuation.positionAmounts` takes, or says that its protocol is busy.
    function _answers(PositionConfig memory position, uint256[] memory prices)
        private
        view
        returns (bool)
    {
        uint256 least = VALUE_GAS * 64 / 63 + 100_000;
        if (gasleft() < least) revert GasTooLow(gasleft(), least);
        (bytes32 market, uint256 count) = (position.market, position.tokenCount);
        bytes memory ask = count == 1
            ? abi.encodeCall(IAdapter.amount, (market))
            : abi.encodeCall(
                IAdapter.amounts,
                (market, Valuation.marketPrices(position.tokenIndexes, count, prices))
            );
        (bool ok, bytes memory answer) = position.adapter.staticcall{gas: VALUE_GAS}(ask);
        uint256 head = count == 1 ? 0 : 2; // offset and length
        if (!ok) return bytes4(answer) == ProtocolBusy.selector;
        if (answer.length != 32 * (head + count)) return false;
        if (head != 0 && (_word(answer, 0) != 32 || _word(answer, 1) != count)) return false;
        for (uint256 j; j < count; j++) {
            if (_word(answer, head + j) >> Valuation.SANE_BITS != 0) return false;
        }
        return true;
    }

    function _key(address adapter, bytes32 market) private pure returns (bytes32) {
        return keccak256(abi.encode(adapter, market));
    }

    function _word(bytes memory data, uint256 i) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(data, mul(32, add(i, 1))))
        }
    }
}
