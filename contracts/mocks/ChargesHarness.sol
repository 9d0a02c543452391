// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Params, Prices} from "../interfaces/Types.sol";
import {Budget} from "../libraries/Budget.sol";
import {Concavity} from "../libraries/Concavity.sol";
import {Fees} from "../libraries/Fees.sol";
import {Holdings} from "../libraries/Holdings.sol";
import {Limits} from "../libraries/Limits.sol";
import {Marks} from "../libraries/Marks.sol";
import {SharePrice} from "../libraries/SharePrice.sol";
import {VaultState} from "../libraries/VaultState.sol";

/// @title ChargesHarness
/// @notice The formulas of charges, fees and marks, many cases a call. Those of a vault's
///         memory start from the memory that a case gives and are only ever called.
contract ChargesHarness {
    struct Action {
        uint256 indexes;
        int256[] changes;
        uint256 concavityAssets;
    }

    struct Holding {
        int256[] held;
        uint256[] pricesE36;
        uint256 nav;
    }

    struct Mark {
        uint48 mark;
        uint48 lastMark;
        uint48 reading;
        uint32 periodAge; // seconds before this block
        uint32 readingAge;
        uint32 turnedAge; // or zero: not turned
        bool reduceOnly;
        uint256 drawdownWad;
        uint256 lowWad;
    }

    /// @notice What the actions of one order add up to, after each of them.
    /// @return out loss, traded
    function charges(
        uint256[] calldata pricesE36,
        uint256[] calldata uncertaintiesWad,
        Action[] calldata actions
    ) external view returns (uint256[2][] memory out) {
        Prices memory p = Prices(pricesE36, uncertaintiesWad, block.timestamp);
        Budget.Tally memory tally;
        out = new uint256[2][](actions.length);
        for (uint256 i; i < out.length; i++) {
            Budget.add(
                tally, p, actions[i].indexes, actions[i].changes, actions[i].concavityAssets
            );
            out[i] = [tally.lossAssets, tally.tradedAssets];
        }
    }

    /// @param cases stored level, refill, seconds, charge
    /// @return out level, the same as it is stored
    function levels(uint256[4][] calldata cases)
        external
        pure
        returns (uint256[2][] memory out)
    {
        out = new uint256[2][](cases.length);
        for (uint256 i; i < out.length; i++) {
            uint256 level =
                Budget.level(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
            out[i] = [level, Budget.packUp(level)];
        }
    }

    /// @param cases assets, nav
    function budgetShares(uint256[2][] calldata cases)
        external
        pure
        returns (uint256[] memory out)
    {
        out = new uint256[](cases.length);
        for (uint256 i; i < out.length; i++) {
            out[i] = Budget.shareUp(cases[i][0], cases[i][1]);
        }
    }

    /// @param cases assets or root amount, price, uncertainty
    /// @return out of liquidity, of weights, root ratio
    function concavities(uint256[3][] calldata cases)
        external
        pure
        returns (uint256[3][] memory out)
    {
        out = new uint256[3][](cases.length);
        for (uint256 i; i < out.length; i++) {
            (uint256 amount, uint256 priceE36, uint256 uncertaintyWad) =
                (cases[i][0], cases[i][1], cases[i][2]);
            out[i] = [
                Concavity.ofLiquidityUp(amount, priceE36, uncertaintyWad),
                Concavity.ofWeightsUp(amount, uncertaintyWad),
                Concavity.rootRatioWadUp(uncertaintyWad)
            ];
        }
    }

    function shortfalls(Holding[] calldata cases)
        external
        pure
        returns (uint256[] memory out)
    {
        out = new uint256[](cases.length);
        for (uint256 i; i < out.length; i++) {
            out[i] = Holdings.shortfallUp(cases[i].held, cases[i].pricesE36, cases[i].nav);
        }
    }

    /// @param cases nav, supply before the block, supply
    /// @return out base of relative limits, share price, net asset value at it
    function bases(uint256[3][] calldata cases)
        external
        pure
        returns (uint256[3][] memory out)
    {
        out = new uint256[3][](cases.length);
        for (uint256 i; i < out.length; i++) {
            (uint256 nav, uint256 supply) = (cases[i][0], cases[i][2]);
            uint256 priceWad = SharePrice.wadDown(nav, supply);
            out[i] = [
                Limits.withoutFlashDown(nav, cases[i][1], supply),
                priceWad,
                SharePrice.navDown(priceWad, supply)
            ];
        }
    }

    /// @param cases supply, fee, seconds
    function managementShares(uint256[3][] calldata cases)
        external
        returns (uint256[] memory out)
    {
        VaultState.State storage s = VaultState.load();
        Params memory p;
        out = new uint256[](cases.length);
        for (uint256 i; i < out.length; i++) {
            p.managementFeeWad = cases[i][1];
            s.touchedAt = uint32(block.timestamp - cases[i][2]);
            out[i] = Fees.managementShares(s, p, cases[i][0]);
        }
    }

    /// @param cases high-water mark, checkpoint, fee, low net asset value, supply
    /// @return out shares, high-water mark, checkpoint
    function performances(uint256[5][] calldata cases)
        external
        returns (uint256[3][] memory out)
    {
        VaultState.State storage s = VaultState.load();
        Params memory p;
        out = new uint256[3][](cases.length);
        for (uint256 i; i < out.length; i++) {
            Fees.Due memory due;
            (s.highWater, s.checkpoint) = (uint128(cases[i][0]), uint128(cases[i][1]));
            p.performanceFeeWad = cases[i][2];
            Fees.performance(s, p, due, cases[i][3], cases[i][4]);
            out[i] = [due.shares, due.highWater, due.checkpoint];
        }
    }

    /// @return now_ This block's time.
    /// @return out mark, last mark, reading, period, reading and turn times, reduce-only
    function marks(Mark[] calldata cases)
        external
        returns (uint256 now_, uint256[7][] memory out)
    {
        VaultState.State storage s = VaultState.load();
        Params memory p;
        now_ = block.timestamp;
        out = new uint256[7][](cases.length);
        for (uint256 i; i < out.length; i++) {
            Mark calldata m = cases[i];
            (s.mark, s.lastMark, s.reading) = (m.mark, m.lastMark, m.reading);
            s.periodAt = uint32(now_) - m.periodAge;
            s.readingAt = uint32(now_) - m.readingAge;
            s.turnedAt = m.turnedAge == 0 ? 0 : uint32(now_) - m.turnedAge;
            s.reduceOnly = m.reduceOnly;
            p.drawdownWad = m.drawdownWad;
            Marks.read(s, p, m.lowWad);
            out[i] = [
                uint256(s.mark),
                s.lastMark,
                s.reading,
                s.periodAt,
                s.readingAt,
                s.turnedAt,
                s.reduceOnly ? 1 : 0
            ];
        }
    }
}
