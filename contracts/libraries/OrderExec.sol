// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IOrderEvents} from "../interfaces/IOrderEvents.sol";
import {Book, Config, Params, Rebalance, Side} from "../interfaces/Types.sol";
import {Actions} from "./Actions.sol";
import {Budget} from "./Budget.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {
    ConfigHashMismatch,
    CooldownActive,
    HoldBudgetExceeded,
    LossBudgetExceeded,
    OrderExpired,
    OrderNotYetValid,
    OrderWindowTooLong,
    SharePriceAboveCeil,
    SharePriceBelowFloor,
    SharePriceFallsBelowFloor,
    TurnoverBudgetExceeded,
    WrongNonce,
    WrongRelayer
} from "./Errors.sol";
import {Holdings} from "./Holdings.sol";
import {Limits} from "./Limits.sol";
import {Liquidity} from "./Liquidity.sol";
import {Marks} from "./Marks.sol";
import {OrderHash} from "./OrderHash.sol";
import {SharePrice} from "./SharePrice.sol";
import {Signatures} from "./Signatures.sol";
import {Valuation} from "./Valuation.sol";
import {VaultState} from "./VaultState.sol";

/// @title OrderExec
/// @notice The life of one order: is it valid, do what it says, does every limit still hold.
///         Linked to the vault, runs in its context and on its state.
library OrderExec {
    /// @dev What is read before the actions and needed after them.
    struct Opening {
        bytes32 digest;
        uint256 supply;
        uint256 nav; // middle
        uint256 navLow;
        uint256 sharePrice; // middle
        uint256 hold; // level of the hold budget
        uint256 liquid; // what exits could be paid from, if the queue has waited too long
        Limits.Before before;
    }

    /// @notice Executes an order of the vault in whose context this runs. Behind the
    ///         arguments the vault puts its domain separator and its share supply.
    function execute(Rebalance calldata order, bytes calldata signature) external {
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        _checkWindow(s, c, order);
        bytes32 digest = _digest(order);
        Signatures.check(c, digest, signature);
        s.nonce++;

        Actions.Run memory run = Actions.Run({
            c: c,
            p: Valuation.readPrices(c),
            excluded: VaultState.excluded(c),
            inventory: new uint256[](0),
            amounts: new int256[][](0),
            tally: Budget.Tally(0, 0)
        });
        Opening memory opening = _open(s, run, order, digest);
        for (uint256 i; i < order.withdraws.length; i++) {
            Actions.withdraw(run, order.withdraws[i], i);
        }
        for (uint256 i; i < order.swaps.length; i++) {
            Actions.swap(run, order.swaps[i], i);
        }
        for (uint256 i; i < order.supplies.length; i++) {
            Actions.supply(run, order.supplies[i], i);
        }
        _close(s, run, order, opening);
    }

    /* BEFORE */

    function _checkWindow(VaultState.State storage s, Config memory c, Rebalance calldata order)
        private
        view
    {
        if (order.nonce != s.nonce) revert WrongNonce(order.nonce, s.nonce);
        if (block.timestamp < order.validAfter) {
            revert OrderNotYetValid(order.validAfter, block.timestamp);
        }
        if (block.timestamp > order.deadline) {
            revert OrderExpired(order.deadline, block.timestamp);
        }
        if (
            order.relayer != address(0) && msg.sender != order.relayer
                && block.timestamp < order.publicAfter
        ) revert WrongRelayer(msg.sender, order.relayer, order.publicAfter);
        bytes32 configHash = s.config.codehash;
        if (order.configHash != configHash) {
            revert ConfigHashMismatch(order.configHash, configHash);
        }
        uint256 window = order.deadline - order.validAfter;
        if (window > c.params.maxWindowSeconds) {
            revert OrderWindowTooLong(window, c.params.maxWindowSeconds);
        }
        uint256 readyAt = s.levels.orderAt + c.params.cooldownSeconds;
        if (block.timestamp < readyAt) revert CooldownActive(readyAt, block.timestamp);
    }

    function _digest(Rebalance calldata order) private pure returns (bytes32) {
        (bytes32 separator,) = _more();
        bytes32 structHash = OrderHash.structHash(order);
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// @dev What the vault has put behind its own call: domain separator and share supply.
    function _more() private pure returns (bytes32 separator, uint256 supply) {
        assembly ("memory-safe") {
            separator := calldataload(sub(calldatasize(), 64))
            supply := calldataload(sub(calldatasize(), 32))
        }
    }

    function _open(
        VaultState.State storage s,
        Actions.Run memory run,
        Rebalance calldata order,
        bytes32 digest
    ) private returns (Opening memory o) {
        o.digest = digest;
        o.before.inventory = Valuation.inventory(run.c, address(this), run.excluded);
        o.before.amounts = Valuation.allAmounts(run.c, run.p.midE36, run.excluded);
        int256[] memory held =
            Valuation.heldOf(run.c, o.before.inventory, o.before.amounts);
        o.nav = Valuation.valueDown(held, run.p.midE36);
        (, o.supply) = _more();
        o.sharePrice = SharePrice.wadDown(o.nav, o.supply);
        if (o.sharePrice < order.sharePriceFloorBefore) {
            revert SharePriceBelowFloor(o.sharePrice, order.sharePriceFloorBefore);
        }
        if (o.sharePrice > order.sharePriceCeilBefore) {
            revert SharePriceAboveCeil(o.sharePrice, order.sharePriceCeilBefore);
        }
        o.navLow = run.c.tokens.length == 1
            ? o.nav // there is no doubt about the asset
            : Valuation.netAssetsAt(
                run.c, held, o.before.amounts, Valuation.at(run.p, Side.LOW), run.excluded
            );
        if (Marks.isFresh(run.c.params, run.p.updatedAt)) {
            Marks.read(s, run.c.params, SharePrice.wadDown(o.navLow, o.supply));
        }
        _chargeHolding(s, run, o, order.swaps.length + order.supplies.length != 0);
        if (Liquidity.isQueueLate(run.c)) {
            o.liquid = Liquidity.liquid(
                run.c, run.excluded, o.before.inventory[0], type(uint256).max
            );
        }
        run.inventory = Valuation.copy(o.before.inventory);
        run.amounts = Valuation.copy(o.before.amounts);
    }

    /// @dev What holding has cost since the last order. When that is too much, positions
    ///      may be left but none entered, so that a bad range is not chosen again.
    function _chargeHolding(
        VaultState.State storage s,
        Actions.Run memory run,
        Opening memory o,
        bool enters
    ) private {
        uint256 shortfall = Holdings.shortfallUp(
            Holdings.load(s, run.c.tokens.length), run.p.midE36, o.nav
        );
        uint256 chargeWad = Budget.shareUp(shortfall, o.navLow);
        uint256 elapsed = block.timestamp - s.levels.orderAt;
        uint256 level =
            Budget.level(s.levels.hold, run.c.params.holdRefillWad, elapsed, chargeWad);
        if (enters && level > run.c.params.holdWad) {
            revert HoldBudgetExceeded(chargeWad, level, run.c.params.holdWad);
        }
        o.hold = level;
        if (chargeWad != 0) emit IOrderEvents.HoldingCharged(o.digest, chargeWad, level);
    }

    /* AFTER */

    function _close(
        VaultState.State storage s,
        Actions.Run memory run,
        Rebalance calldata order,
        Opening memory o
    ) private {
        Config memory c = run.c;
        Book memory now_ =
            Valuation.bookOf(c, run.p.midE36, run.inventory, run.amounts);
        uint256 sharePrice = SharePrice.wadDown(now_.nav, o.supply);
        if (sharePrice < order.sharePriceFloorAfter) {
            revert SharePriceFallsBelowFloor(sharePrice, order.sharePriceFloorAfter);
        }
        uint256 base = Limits.baseAssetsDown(s, now_.nav, o.supply);
        Limits.checkCaps(c, o.before, now_, base);
        if (Marks.isReduceOnly(s)) Limits.checkReduceOnly(c, o.before, now_);
        Limits.checkIdle(c, o.before.inventory[0], now_, base);
        Limits.checkTargets(c, order.targets, now_);
        if (o.liquid != 0) {
            Liquidity.checkQueue(
                c, run.excluded, o.liquid, now_.inventory[0], now_.nav
            );
        }
        (uint256 lossWad, uint256 turnoverWad) = _charge(s, run, o, now_.held[0]);
        Holdings.storeTokens(s, now_.held);

        emit IOrderEvents.Rebalanced(
            order.nonce,
            o.digest,
            order.inputsHash,
            msg.sender,
            o.nav,
            now_.nav,
            o.sharePrice,
            sharePrice,
            lossWad,
            turnoverWad
        );
    }

    /// @dev Buckets are emptied by time alone.
    function _charge(
        VaultState.State storage s,
        Actions.Run memory run,
        Opening memory o,
        int256 heldAssets
    ) private returns (uint256 lossWad, uint256 turnoverWad) {
        Params memory p = run.c.params;
        uint256 elapsed = block.timestamp - s.levels.orderAt;
        lossWad = Budget.shareUp(run.tally.lossAssets, o.navLow);
        uint256 loss = Budget.level(s.levels.loss, p.lossRefillWad, elapsed, lossWad);
        if (loss > p.lossWad) revert LossBudgetExceeded(lossWad, loss, p.lossWad);

        uint256 base = Limits.baseAssetsDown(s, o.nav, o.supply);
        turnoverWad = Budget.shareUp(run.tally.tradedAssets, base);
        uint256 turnover =
            Budget.level(s.levels.turnover, p.turnoverRefillWad, elapsed, turnoverWad);
        if (turnover > p.turnoverWad) {
            revert TurnoverBudgetExceeded(turnoverWad, turnover, p.turnoverWad);
        }
        s.levels = VaultState.Levels({
            loss: Budget.packUp(loss),
            hold: Budget.packUp(o.hold),
            turnover: Budget.packUp(turnover),
            orderAt: uint32(block.timestamp),
            heldAssets: Holdings.packAssets(s, heldAssets)
        });
    }
}
