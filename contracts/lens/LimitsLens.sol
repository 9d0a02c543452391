// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IExitQueue} from "../interfaces/IExitQueue.sol";
import {Book, Config, Excluded, Params, Prices, Side} from "../interfaces/Types.sol";
import {IVault} from "../interfaces/IVault.sol";
import {Budget} from "../libraries/Budget.sol";
import {ConfigStore} from "../libraries/ConfigStore.sol";
import {Holdings} from "../libraries/Holdings.sol";
import {Limits} from "../libraries/Limits.sol";
import {SharePrice} from "../libraries/SharePrice.sol";
import {Valuation} from "../libraries/Valuation.sol";
import {WAD, WadMath} from "../libraries/WadMath.sol";
import {Status, VaultStatus} from "./Status.sol";

/// @title LimitsLens
/// @notice Which limit binds now: for each one its value, its bound and the room between.
contract LimitsLens {
    using Math for uint256;

    /// @dev One limit of a vault. The room is zero where it binds.
    struct Limit {
        string kind;
        address item; // token, adapter, or zero
        bytes32 name; // market, tag, or zero
        bool isCeiling; // the value may be at most the bound; else at least
        uint256 value; // assets, wad or seconds, as the kind says
        uint256 bound;
        uint256 room;
    }

    /// @dev What all limits are computed from.
    struct Reading {
        Config c;
        VaultStatus status;
        Excluded excluded;
        Prices p;
        Book book;
        uint256 supply;
        uint256 base; // that relative limits are measured against
        uint256 navLow;
    }

    /// @notice Every limit of a vault, at the middle prices of this block. Reverts when the
    ///         vault cannot be valued.
    function limits(IVault vault) external view returns (Limit[] memory list) {
        Reading memory r = _read(vault);
        list = new Limit[](
            r.c.tokens.length + 2 * r.c.positions.length + r.c.tags.length + 10
        );
        uint256 count = _addCaps(list, r);
        count = _addShares(list, r, count);
        count = _addBudgets(list, r, count);
        count = _addHealth(list, r, count);
        count = _addTimes(list, r, vault, count);
        assembly ("memory-safe") {
            mstore(list, count)
        }
    }

    function _read(IVault vault) private view returns (Reading memory r) {
        r.c = ConfigStore.read(vault.config());
        r.status = Status.read(vault, r.c.tokens.length);
        r.excluded = vault.excluded();
        r.p = Valuation.readPrices(r.c);
        r.book = Valuation.book(r.c, r.p.midE36, address(vault), r.excluded);
        r.supply = IERC20(address(vault)).totalSupply();
        bool isThisBlock = r.status.touchedBlock == block.number % 65_536
            && r.status.touchedAt == block.timestamp;
        uint256 before = isThisBlock ? r.status.supplyBefore.min(r.supply) : r.supply;
        r.base = Limits.withoutFlashDown(r.book.nav, before, r.supply);
        r.navLow = Valuation.netAssetsAt(
            r.c, r.book.held, r.book.amounts, Valuation.at(r.p, Side.LOW), r.excluded
        );
    }

    function _addCaps(Limit[] memory list, Reading memory r)
        private
        pure
        returns (uint256 count)
    {
        for (uint256 i; i < r.c.tokens.length; i++) {
            list[count++] = _ceiling(
                "token cap [assets]",
                r.c.tokens[i].token,
                0,
                r.book.tokenAssets[i],
                Limits.capAssetsDown(r.c.tokens[i].capAssets, r.c.tokens[i].capWad, r.base)
            );
        }
        for (uint256 i; i < r.c.positions.length; i++) {
            list[count++] = _ceiling(
                "position cap [assets]",
                r.c.positions[i].adapter,
                r.c.positions[i].market,
                r.book.positionAssets[i],
                Limits.capAssetsDown(
                    r.c.positions[i].capAssets, r.c.positions[i].capWad, r.base
                )
            );
        }
        for (uint256 i; i < r.c.tags.length; i++) {
            list[count++] = _ceiling(
                "tag cap [assets]",
                address(0),
                r.c.tags[i].name,
                r.book.tagAssets[i],
                Limits.capAssetsDown(r.c.tags[i].capAssets, r.c.tags[i].capWad, r.base)
            );
        }
    }

    /// @dev What is measured against the whole: idle, leverage, drawdown.
    function _addShares(Limit[] memory list, Reading memory r, uint256 count)
        private
        pure
        returns (uint256)
    {
        Params memory p = r.c.params;
        list[count++] = _floor(
            "idle buffer [assets]",
            r.c.tokens[0].token,
            0,
            r.book.inventory[0].saturatingSub(r.book.nav - r.base),
            WadMath.mulWadUp(r.base, p.idleWad)
        );
        list[count++] = _ceiling(
            "gross exposure [assets]",
            address(0),
            0,
            r.book.grossAssets,
            WadMath.mulWadDown(r.book.nav, p.leverageWad)
        );
        list[count++] = _floor(
            "share price in a drawdown [wad]",
            address(0),
            0,
            SharePrice.wadDown(r.navLow, r.supply),
            WadMath.mulWadDown(r.status.mark, WAD - p.drawdownWad)
        );
        return count;
    }

    /// @dev Levels as they are by now; for holding, with what it has cost since.
    function _addBudgets(Limit[] memory list, Reading memory r, uint256 count)
        private
        view
        returns (uint256)
    {
        Params memory p = r.c.params;
        list[count++] = _budget(
            "loss budget [wad of NAV]", r, r.status.lossWad, p.lossRefillWad, 0, p.lossWad
        );
        uint256 shortfall =
            Holdings.shortfallUp(r.status.holdings, r.p.midE36, r.book.nav);
        list[count++] = _budget(
            "hold budget [wad of NAV]",
            r,
            r.status.holdWad,
            p.holdRefillWad,
            Budget.shareUp(shortfall, r.navLow),
            p.holdWad
        );
        list[count++] = _budget(
            "turnover budget [wad of NAV]",
            r,
            r.status.turnoverWad,
            p.turnoverRefillWad,
            0,
            p.turnoverWad
        );
        return count;
    }

    function _budget(
        string memory kind,
        Reading memory r,
        uint256 levelWad,
        uint256 refillWad,
        uint256 chargeWad,
        uint256 budgetWad
    ) private view returns (Limit memory) {
        uint256 elapsed = block.timestamp - r.status.orderAt;
        uint256 level = Budget.level(levelWad / Budget.UNIT_WAD, refillWad, elapsed, chargeWad);
        return _ceiling(kind, address(0), 0, level, budgetWad);
    }

    function _addHealth(Limit[] memory list, Reading memory r, uint256 count)
        private
        view
        returns (uint256)
    {
        for (uint256 i; i < r.c.positions.length; i++) {
            if (r.c.positions[i].minHealthWad == 0) continue;
            list[count++] = _floor(
                "health factor [wad]",
                r.c.positions[i].adapter,
                r.c.positions[i].market,
                IAdapter(r.c.positions[i].adapter).healthWad(r.c.positions[i].market),
                r.c.positions[i].minHealthWad
            );
        }
        return count;
    }

    /// @dev Clocks: since the last order, of the queue, of the brakes.
    function _addTimes(Limit[] memory list, Reading memory r, IVault vault, uint256 count)
        private
        view
        returns (uint256)
    {
        Params memory p = r.c.params;
        list[count++] = _floor(
            "time since the last order [s]",
            address(0),
            0,
            block.timestamp - r.status.orderAt,
            p.cooldownSeconds
        );
        if (p.queue != address(0) && IERC20(address(vault)).balanceOf(p.queue) != 0) {
            uint256 since = IExitQueue(p.queue).waitingSince(); // zero: only gifts lie there
            list[count++] = _ceiling(
                "wait in the queue [s]",
                p.queue,
                0,
                since == 0 ? 0 : block.timestamp - since,
                p.queueMaxWaitSeconds
            );
        }
        list[count++] = _ceiling(
            r.status.isPause ? "paused until [unix s]" : "reduce-only until [unix s]",
            address(0),
            0,
            r.status.brakeUntil,
            block.timestamp
        );
        return count;
    }

    function _ceiling(
        string memory kind,
        address item,
        bytes32 name,
        uint256 value,
        uint256 bound
    ) private pure returns (Limit memory) {
        return Limit(kind, item, name, true, value, bound, bound.saturatingSub(value));
    }

    function _floor(
        string memory kind,
        address item,
        bytes32 name,
        uint256 value,
        uint256 bound
    ) private pure returns (Limit memory) {
        return Limit(kind, item, name, false, value, bound, value.saturatingSub(bound));
    }
}
