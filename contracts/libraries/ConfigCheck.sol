// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IExitQueue} from "../interfaces/IExitQueue.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {
    Config,
    Params,
    PoolConfig,
    PositionConfig,
    SignerKind,
    TokenConfig
} from "../interfaces/Types.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {
    DuplicateRecord,
    FeesNotCurators,
    MarketTokensMismatch,
    ParametersChanged,
    ParamOutOfRange,
    PositionNotEmpty,
    SignersOutOfOrder,
    TokenNotEmpty,
    TokenScaleMismatch,
    TooManyRecords,
    UnknownTag,
    WrongAsset,
    WrongVault
} from "./Errors.sol";
import {MAX_MANAGEMENT_FEE_WAD, MAX_PERFORMANCE_FEE_WAD} from "./Fees.sol";
import {Holdings} from "./Holdings.sol";
import {Limits} from "./Limits.sol";
import {Valuation} from "./Valuation.sol";
import {VaultState} from "./VaultState.sol";
import {WAD} from "./WadMath.sol";

/// @title ConfigCheck
/// @notice Refuses a configuration that contradicts itself or the contracts it names, then
///         stores it. Linked to the vault and runs in its context.
library ConfigCheck {
    uint256 private constant MOST_TOKENS = 32;
    uint256 private constant MOST_POSITIONS = 64;
    uint256 private constant MOST_TAGS = 64;
    uint256 private constant MOST_POOLS = 64;
    uint256 private constant MOST_SIGNERS = 16;
    uint256 private constant MOST_SIGNATURES = 7;
    uint256 private constant MOST_TURNOVER_WAD = 10e18;
    uint256 private constant MOST_LEVERAGE_WAD = 10e18;
    uint256 private constant DUST_UNITS = 1000; // LP tokens, liquidity, shares

    /// @notice Stores a configuration of the vault in whose context this runs. What it
    ///         holds must stay listed, unless it can no longer be valued; fees stay.
    function submit(Config calldata config) external {
        VaultState.State storage s = VaultState.load();
        Config memory c = config;
        check(c, IERC4626(address(this)).asset());
        if (s.config != address(0)) {
            Config memory old = ConfigStore.read(s.config);
            _checkFees(c.params, old.params);
            _checkRemoved(c, old, s.impaired);
            _moveImpaired(s, c, old);
            Holdings.remap(s, old, c);
        }
        s.config = ConfigStore.write(c);
    }

    /// @notice Reverts where a configuration contradicts itself or what it names.
    function check(Config memory c, address asset) internal view {
        _checkCounts(c);
        _checkParams(c.params);
        _checkSigners(c);
        _checkTokens(c, asset);
        for (uint256 i; i < c.positions.length; i++) {
            _checkPosition(c, i);
        }
        for (uint256 i; i < c.pools.length; i++) {
            _checkPool(c, c.pools[i]);
        }
        for (uint256 i; i < c.tags.length; i++) {
            _checkMost("capWad", c.tags[i].capWad, WAD);
        }
        Valuation.readPrices(c); // every source answers
    }

    function _checkCounts(Config memory c) private pure {
        _checkCount(c.tokens.length, MOST_TOKENS);
        _checkCount(c.positions.length, MOST_POSITIONS);
        _checkCount(c.tags.length, MOST_TAGS);
        _checkCount(c.pools.length, MOST_POOLS);
        _checkCount(c.signers.length, MOST_SIGNERS);
        if (c.tokens.length == 0) revert TooManyRecords(0, MOST_TOKENS);
    }

    function _checkParams(Params memory p) private view {
        _checkMost("idleWad", p.idleWad, WAD);
        _checkMost("lossWad", p.lossWad, WAD);
        _checkMost("lossRefillWad", p.lossRefillWad, WAD);
        _checkMost("holdWad", p.holdWad, WAD);
        _checkMost("holdRefillWad", p.holdRefillWad, WAD);
        _checkMost("turnoverWad", p.turnoverWad, MOST_TURNOVER_WAD);
        _checkMost("turnoverRefillWad", p.turnoverRefillWad, WAD);
        _checkMost("drawdownWad", p.drawdownWad, WAD);
        _checkMost("leverageWad", p.leverageWad, MOST_LEVERAGE_WAD);
        _checkMost("healBandWad", p.healBandWad, WAD);
        _checkMost("managementFeeWad", p.managementFeeWad, MAX_MANAGEMENT_FEE_WAD);
        _checkMost("performanceFeeWad", p.performanceFeeWad, MAX_PERFORMANCE_FEE_WAD);
        if (p.managementFeeWad + p.performanceFeeWad != 0 && p.feeRecipient == address(0)) {
            revert ParamOutOfRange("feeRecipient", 0, 0);
        }
        // time is added to these
        _checkMost("maxWindowSeconds", p.maxWindowSeconds, 365 days);
        _checkMost("cooldownSeconds", p.cooldownSeconds, 365 days);
        _checkMost("healCooldownSeconds", p.healCooldownSeconds, 365 days);
        _checkMost("markMaxAgeSeconds", p.markMaxAgeSeconds, 365 days);
        _checkMost("queueMaxWaitSeconds", p.queueMaxWaitSeconds, 365 days);
        if (p.queue != address(0) && IExitQueue(p.queue).vault() != address(this)) {
            revert WrongVault(p.queue, IExitQueue(p.queue).vault());
        }
    }

    /// @dev Ascending, so that none is listed twice and none is the zero address.
    function _checkSigners(Config memory c) private pure {
        uint256 count = c.signers.length;
        uint256 most =
            c.params.signerKind == SignerKind.ERC1271 ? 1 : MOST_SIGNATURES;
        uint256 threshold = c.params.threshold;
        if (threshold == 0 || threshold > most || threshold > count) {
            revert ParamOutOfRange("threshold", threshold, most < count ? most : count);
        }
        if (c.params.signerKind == SignerKind.ERC1271 && count != 1) {
            revert TooManyRecords(count, 1);
        }
        address last;
        for (uint256 i; i < count; i++) {
            if (c.signers[i] <= last) revert SignersOutOfOrder(c.signers[i], last);
            last = c.signers[i];
        }
    }

    function _checkTokens(Config memory c, address asset) private view {
        if (c.tokens[0].token != asset) revert WrongAsset(c.tokens[0].token, asset);
        uint256 assetDecimals = IERC20Metadata(asset).decimals();
        for (uint256 i; i < c.tokens.length; i++) {
            TokenConfig memory token = c.tokens[i];
            uint256 expected =
                10 ** (18 + assetDecimals - IERC20Metadata(token.token).decimals());
            if (token.unitScale != expected) {
                revert TokenScaleMismatch(token.token, token.unitScale, expected);
            }
            if (Limits.findToken(c, token.token) != i) revert DuplicateRecord(token.token, 0);
            _checkTags(c, token.token, token.tags);
            _checkMost("capWad", token.capWad, WAD);
            _checkMost("slippageWad", token.slippageWad, WAD);
        }
    }

    /// @dev A token or position listed twice would be counted twice.
    function _checkPosition(Config memory c, uint256 i) private view {
        PositionConfig memory position = c.positions[i];
        (address adapter, bytes32 market) = (position.adapter, position.market);
        if (Limits.findPosition(c, adapter, market) != i) {
            revert DuplicateRecord(adapter, market);
        }
        _checkTags(c, adapter, position.tags);
        _checkMost("capWad", position.capWad, WAD);
        if (IAdapter(adapter).vault() != address(this)) {
            revert WrongVault(adapter, IAdapter(adapter).vault());
        }
        _checkMarket(
            c,
            adapter,
            market,
            position.tokenCount,
            position.tokenIndexes,
            IAdapter(adapter).tokens(market)
        );
        bytes32 parameters = IAdapter(adapter).parameters(market);
        if (parameters != position.parameters) {
            revert ParametersChanged(adapter, market, parameters, position.parameters);
        }
    }

    function _checkPool(Config memory c, PoolConfig memory pool) private view {
        _checkMarket(
            c,
            pool.venue,
            pool.pool,
            pool.tokenCount,
            pool.tokenIndexes,
            IVenue(pool.venue).tokens(pool.pool)
        );
        bytes32 parameters = IVenue(pool.venue).parameters(pool.pool);
        if (parameters != pool.parameters) {
            revert ParametersChanged(pool.venue, pool.pool, parameters, pool.parameters);
        }
    }

    /// @dev The market's own tokens are those that the record points to.
    function _checkMarket(
        Config memory c,
        address keeper,
        bytes32 market,
        uint256 count,
        uint256 indexes,
        address[] memory tokens
    ) private pure {
        bool same = tokens.length == count && count != 0;
        for (uint256 j; same && j < count; j++) {
            uint256 index = Valuation.tokenIndex(indexes, j);
            same = index < c.tokens.length && c.tokens[index].token == tokens[j];
        }
        if (!same) revert MarketTokensMismatch(keeper, market);
    }

    /// @dev The owner sets fees, whoever submits the rest.
    function _checkFees(Params memory p, Params memory old) private pure {
        if (
            p.feeRecipient != old.feeRecipient || p.managementFeeWad != old.managementFeeWad
                || p.performanceFeeWad != old.performanceFeeWad
        ) revert FeesNotCurators(p.managementFeeWad, p.performanceFeeWad, p.feeRecipient);
    }

    /// @dev Dust may stay behind, so that no gift and no rounding can block a removal; an
    ///      impaired position is given up with all that is in it.
    function _checkRemoved(Config memory c, Config memory old, uint256 impaired) private view {
        for (uint256 i; i < old.positions.length; i++) {
            PositionConfig memory position = old.positions[i];
            if ((impaired >> i) & 1 == 1) continue;
            if (Limits.findPosition(c, position.adapter, position.market) < c.positions.length)
            {
                continue;
            }
            uint256 units = IAdapter(position.adapter).units(position.market);
            if (units > DUST_UNITS) {
                revert PositionNotEmpty(position.adapter, position.market, units);
            }
        }
        for (uint256 i; i < old.tokens.length; i++) {
            IERC20Metadata token = IERC20Metadata(old.tokens[i].token);
            if (Limits.findToken(c, address(token)) < c.tokens.length) continue;
            uint256 balance = token.balanceOf(address(this));
            if (balance > 10 ** token.decimals() / 1e6) {
                revert TokenNotEmpty(address(token), balance);
            }
        }
    }

    /// @dev Impaired positions keep their mark under their new numbers.
    function _moveImpaired(VaultState.State storage s, Config memory c, Config memory old)
        private
    {
        if (!s.hasImpaired) return;
        uint256 moved;
        for (uint256 i; i < old.positions.length; i++) {
            if ((s.impaired >> i) & 1 == 0) continue;
            PositionConfig memory position = old.positions[i];
            uint256 at = Limits.findPosition(c, position.adapter, position.market);
            if (at < c.positions.length) moved |= 1 << at;
        }
        (s.impaired, s.hasImpaired) = (moved, moved != 0);
    }

    /// @dev A bit without a tag would be a cap that is never checked.
    function _checkTags(Config memory c, address item, uint256 tags) private pure {
        if (tags >> c.tags.length != 0) revert UnknownTag(item, tags, c.tags.length);
    }

    function _checkMost(bytes32 field, uint256 value, uint256 most) private pure {
        if (value > most) revert ParamOutOfRange(field, value, most);
    }

    function _checkCount(uint256 count, uint256 most) private pure {
        if (count > most) revert TooManyRecords(count, most);
    }
}
