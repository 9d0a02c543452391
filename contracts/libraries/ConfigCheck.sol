// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {Config, PoolConfig, PositionConfig, Side} from "../interfaces/Types.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {
    CapWadAboveOne,
    DuplicateRecord,
    MarketTokensMismatch,
    PositionNotEmpty,
    TokenNotEmpty,
    TokenPairMismatch,
    TokenScaleMismatch,
    TooManyRecords,
    UnknownTag,
    WrongAsset,
    WrongVault
} from "./Errors.sol";
import {Limits} from "./Limits.sol";
import {Valuation} from "./Valuation.sol";

/// @title ConfigCheck
/// @notice Refuses a configuration that contradicts itself or the contracts it names, then
///         stores it. Linked to the vault and runs in its context.
library ConfigCheck {
    uint256 private constant MOST_TOKENS = 32;
    uint256 private constant MOST_POSITIONS = 64;
    uint256 private constant MOST_TAGS = 64;
    uint256 private constant MOST_POOLS = 64;
    uint256 private constant DUST_UNITS = 1000; // LP tokens, liquidity, shares

    /// @param current The configuration in force, or zero; what it holds must stay listed.
    function store(Config calldata config, address asset, address current)
        external
        returns (address)
    {
        Config memory c = config;
        _checkCounts(c);
        _checkTokens(c, asset);
        for (uint256 i; i < c.positions.length; i++) {
            _checkPosition(c, i);
        }
        for (uint256 i; i < c.pools.length; i++) {
            _checkPool(c, c.pools[i]);
        }
        for (uint256 i; i < c.tags.length; i++) {
            _checkWad(i, c.tags[i].capWad);
        }
        _checkWad(0, c.params.idleWad);
        Valuation.pricesE36(c, Side.MID); // every source answers
        if (current != address(0)) _checkRemoved(c, ConfigStore.read(current));
        return ConfigStore.write(c);
    }

    function _checkCounts(Config memory c) private pure {
        if (c.tokens.length > MOST_TOKENS || c.tokens.length == 0) {
            revert TooManyRecords(c.tokens.length, MOST_TOKENS);
        }
        if (c.positions.length > MOST_POSITIONS) {
            revert TooManyRecords(c.positions.length, MOST_POSITIONS);
        }
        if (c.tags.length > MOST_TAGS) revert TooManyRecords(c.tags.length, MOST_TAGS);
        if (c.pools.length > MOST_POOLS) revert TooManyRecords(c.pools.length, MOST_POOLS);
    }

    function _checkTokens(Config memory c, address asset) private view {
        if (c.tokens[0].token != asset) revert WrongAsset(c.tokens[0].token, asset);
        uint256 assetDecimals = IERC20Metadata(asset).decimals();
        for (uint256 i; i < c.tokens.length; i++) {
            address token = c.tokens[i].token;
            uint256 expected =
                10 ** (18 + assetDecimals - IERC20Metadata(token).decimals());
            if (c.tokens[i].unitScale != expected) {
                revert TokenScaleMismatch(token, c.tokens[i].unitScale, expected);
            }
            if (Limits.findToken(c, token) != i) revert DuplicateRecord(token, 0);
            _checkTags(c, token, c.tokens[i].tags);
            _checkWad(i, c.tokens[i].capWad);
            _checkWad(i, c.tokens[i].slippageWad);
        }
    }

    /// @dev A token or position listed twice would be counted twice.
    function _checkPosition(Config memory c, uint256 i) private view {
        PositionConfig memory position = c.positions[i];
        if (Limits.findPosition(c, position.adapter, position.market) != i) {
            revert DuplicateRecord(position.adapter, position.market);
        }
        _checkTags(c, position.adapter, position.tags);
        _checkWad(i, position.capWad);
        IAdapter adapter = IAdapter(position.adapter);
        if (adapter.vault() != address(this)) revert WrongVault(position.adapter, adapter.vault());
        address[] memory tokens = adapter.tokens(position.market);
        bool same = tokens.length == position.tokenCount;
        for (uint256 j; same && j < tokens.length; j++) {
            uint256 index = Valuation.tokenIndex(position, j);
            same = index < c.tokens.length && c.tokens[index].token == tokens[j];
        }
        if (!same) revert MarketTokensMismatch(position.adapter, position.market);
    }

    function _checkPool(Config memory c, PoolConfig memory pool) private view {
        (address token0, address token1) = IVenue(pool.venue).tokens(pool.pool);
        if (
            pool.token0 >= c.tokens.length || pool.token1 >= c.tokens.length
                || c.tokens[pool.token0].token != token0
                || c.tokens[pool.token1].token != token1
        ) revert TokenPairMismatch(pool.pool, token0, token1);
    }

    /// @dev Dust may stay behind, so that no gift and no rounding can block a removal.
    function _checkRemoved(Config memory c, Config memory old) private view {
        for (uint256 i; i < old.positions.length; i++) {
            PositionConfig memory position = old.positions[i];
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

    /// @dev A bit without a tag would be a cap that is never checked.
    function _checkTags(Config memory c, address item, uint256 tags) private pure {
        if (tags >> c.tags.length != 0) revert UnknownTag(item, tags, c.tags.length);
    }

    function _checkWad(uint256 index, uint256 wad) private pure {
        if (wad > 1e18) revert CapWadAboveOne(index, wad);
    }
}
