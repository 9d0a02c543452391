// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {
    Config,
    Params,
    PoolConfig,
    PositionConfig,
    TagConfig,
    TokenConfig
} from "../interfaces/Types.sol";
import {ConfigNotSet, ConfigNotStored} from "./Errors.sol";

/// @title ConfigStore
/// @notice A configuration as the code of one immutable data contract.
///
/// LAYOUT  A STOP byte, then words: the counts of tokens, positions, tags and pools, then
///         Params and the records, each exactly as it lies in memory. Reading is one
///         extcodecopy and a table of pointers; nothing is decoded.
library ConfigStore {
    uint256 private constant COUNTS = 4;
    uint256 private constant PARAMS_WORDS = 4;
    uint8 private constant TOKEN_WORDS = 8;
    uint8 private constant POSITION_WORDS = 7;
    uint8 private constant TAG_WORDS = 3;
    uint8 private constant POOL_WORDS = 4;

    /// @notice Deploys the data contract.
    function write(Config memory c) internal returns (address store) {
        bytes memory data = abi.encodePacked(
            abi.encode(c.tokens.length, c.positions.length, c.tags.length, c.pools.length),
            abi.encode(c.params)
        );
        for (uint256 i; i < c.tokens.length; i++) {
            data = bytes.concat(data, abi.encode(c.tokens[i]));
        }
        for (uint256 i; i < c.positions.length; i++) {
            data = bytes.concat(data, abi.encode(c.positions[i]));
        }
        for (uint256 i; i < c.tags.length; i++) {
            data = bytes.concat(data, abi.encode(c.tags[i]));
        }
        for (uint256 i; i < c.pools.length; i++) {
            data = bytes.concat(data, abi.encode(c.pools[i]));
        }
        // init code: copy what follows these 11 bytes and return it
        bytes memory initCode = bytes.concat(hex"600b380380600b3d393df3", hex"00", data);
        assembly ("memory-safe") {
            store := create(0, add(initCode, 32), mload(initCode))
        }
        if (store == address(0)) revert ConfigNotStored(data.length);
    }

    /// @notice Reads a configuration; the records lie where the code was copied to.
    function read(address store) internal view returns (Config memory c) {
        if (store.code.length == 0) revert ConfigNotSet();
        uint256 counts;
        assembly ("memory-safe") {
            let size := sub(extcodesize(store), 1)
            counts := mload(0x40)
            mstore(0x40, add(counts, size))
            extcodecopy(store, counts, 1, size)
            mstore(c, add(counts, 128)) // Config.params
        }
        uint8[4] memory words = [TOKEN_WORDS, POSITION_WORDS, TAG_WORDS, POOL_WORDS];
        uint256 at = counts + (COUNTS + PARAMS_WORDS) * 32;
        for (uint256 kind; kind < 4; kind++) {
            uint256 count;
            assembly ("memory-safe") {
                count := mload(add(counts, mul(kind, 32)))
            }
            uint256 table = _table(at, count, words[kind]);
            assembly ("memory-safe") {
                mstore(add(c, mul(add(kind, 1), 32)), table) // tokens, positions, tags, pools
            }
            at += count * words[kind] * 32;
        }
    }

    /// @dev An array in memory, its length and a pointer to each record.
    function _table(uint256 at, uint256 count, uint256 words)
        private
        pure
        returns (uint256 table)
    {
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, mul(add(count, 1), 32)))
            mstore(table, count)
            let slot := add(table, 32)
            let step := mul(words, 32)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                mstore(slot, at)
                slot := add(slot, 32)
                at := add(at, step)
            }
        }
    }
}
