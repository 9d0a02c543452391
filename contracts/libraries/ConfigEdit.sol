// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../interfaces/Types.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {NotTighter, ParamOutOfRange} from "./Errors.sol";
import {MAX_MANAGEMENT_FEE_WAD, MAX_PERFORMANCE_FEE_WAD} from "./Fees.sol";
import {VaultState} from "./VaultState.sol";

/// @dev What `tighten` can change; a value may only go the way that lowers risk.
enum Field {
    TOKEN_CAP_ASSETS,
    TOKEN_CAP_WAD,
    TOKEN_SLIPPAGE_WAD,
    TOKEN_DEVIATION_WAD,
    POSITION_CAP_ASSETS,
    POSITION_CAP_WAD,
    TAG_CAP_ASSETS,
    TAG_CAP_WAD,
    MAX_WINDOW_SECONDS,
    COOLDOWN_SECONDS, // up
    LOSS_WAD,
    LOSS_REFILL_WAD,
    HOLD_WAD,
    HOLD_REFILL_WAD,
    TURNOVER_WAD,
    TURNOVER_REFILL_WAD,
    LEVERAGE_WAD
}

struct Change {
    Field field;
    uint256 index; // of the token, position or tag; zero for the others
    uint256 value;
}

/// @title ConfigEdit
/// @notice A copy of the configuration in force with a few fields changed. Linked to the
///         vault and runs in its context.
library ConfigEdit {
    uint256 private constant MOST_COOLDOWN_SECONDS = 365 days;

    /// @notice Lowers risk, field by field. Uncertainties, sources, the idle buffer, the
    ///         drawdown and the fees are not here: moving them costs somebody either way.
    function tighten(Change[] calldata changes) external {
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        for (uint256 k; k < changes.length; k++) {
            _apply(c, changes[k].field, changes[k].index, changes[k].value);
        }
        s.config = ConfigStore.write(c);
    }

    /// @notice Sets the fees, within the limits that are in the code.
    function setFees(address recipient, uint256 managementWad, uint256 performanceWad)
        external
    {
        if (managementWad > MAX_MANAGEMENT_FEE_WAD) {
            revert ParamOutOfRange("managementFeeWad", managementWad, MAX_MANAGEMENT_FEE_WAD);
        }
        if (performanceWad > MAX_PERFORMANCE_FEE_WAD) {
            revert ParamOutOfRange("performanceFeeWad", performanceWad, MAX_PERFORMANCE_FEE_WAD);
        }
        if (recipient == address(0) && managementWad + performanceWad != 0) {
            revert ParamOutOfRange("feeRecipient", 0, 0);
        }
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        (c.params.feeRecipient, c.params.managementFeeWad, c.params.performanceFeeWad) =
            (recipient, managementWad, performanceWad);
        s.config = ConfigStore.write(c);
    }

    function _apply(Config memory c, Field f, uint256 i, uint256 v) private pure {
        if (f == Field.TOKEN_CAP_ASSETS) {
            c.tokens[i].capAssets = _lower(f, c.tokens[i].capAssets, v);
        } else if (f == Field.TOKEN_CAP_WAD) {
            c.tokens[i].capWad = _lower(f, c.tokens[i].capWad, v);
        } else if (f == Field.TOKEN_SLIPPAGE_WAD) {
            c.tokens[i].slippageWad = _lower(f, c.tokens[i].slippageWad, v);
        } else if (f == Field.TOKEN_DEVIATION_WAD) {
            c.tokens[i].deviationWad = _lower(f, c.tokens[i].deviationWad, v);
        } else if (f == Field.POSITION_CAP_ASSETS) {
            c.positions[i].capAssets = _lower(f, c.positions[i].capAssets, v);
        } else if (f == Field.POSITION_CAP_WAD) {
            c.positions[i].capWad = _lower(f, c.positions[i].capWad, v);
        } else if (f == Field.TAG_CAP_ASSETS) {
            c.tags[i].capAssets = _lower(f, c.tags[i].capAssets, v);
        } else if (f == Field.TAG_CAP_WAD) {
            c.tags[i].capWad = _lower(f, c.tags[i].capWad, v);
        } else {
            _applyParam(c, f, v);
        }
    }

    function _applyParam(Config memory c, Field f, uint256 v) private pure {
        if (f == Field.MAX_WINDOW_SECONDS) {
            c.params.maxWindowSeconds = _lower(f, c.params.maxWindowSeconds, v);
        } else if (f == Field.COOLDOWN_SECONDS) {
            if (v <= c.params.cooldownSeconds || v > MOST_COOLDOWN_SECONDS) {
                revert NotTighter(uint256(f), v, c.params.cooldownSeconds);
            }
            c.params.cooldownSeconds = v;
        } else if (f == Field.LOSS_WAD) {
            c.params.lossWad = _lower(f, c.params.lossWad, v);
        } else if (f == Field.LOSS_REFILL_WAD) {
            c.params.lossRefillWad = _lower(f, c.params.lossRefillWad, v);
        } else if (f == Field.HOLD_WAD) {
            c.params.holdWad = _lower(f, c.params.holdWad, v);
        } else if (f == Field.HOLD_REFILL_WAD) {
            c.params.holdRefillWad = _lower(f, c.params.holdRefillWad, v);
        } else if (f == Field.TURNOVER_WAD) {
            c.params.turnoverWad = _lower(f, c.params.turnoverWad, v);
        } else if (f == Field.TURNOVER_REFILL_WAD) {
            c.params.turnoverRefillWad = _lower(f, c.params.turnoverRefillWad, v);
        } else {
            c.params.leverageWad = _lower(f, c.params.leverageWad, v);
        }
    }

    function _lower(Field f, uint256 current, uint256 value) private pure returns (uint256) {
        if (value >= current) revert NotTighter(uint256(f), value, current);
        return value;
    }
}
