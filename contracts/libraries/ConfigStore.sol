// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../interfaces/Types.sol";
import {ConfigNotSet, ConfigNotStored} from "./Errors.sol";

/// @title ConfigStore
/// @notice A configuration as the code of one immutable data contract.
///
/// LAYOUT  A STOP byte, then words: the counts of tokens, positions, tags and pools, then
///         Params, the records and the array of signers, each exactly as it lies in memory.
///         Reading is one extcodecopy and a table of pointers; nothing is decoded.
library ConfigStore {
    uint256 private constant COUNTS = 4;
    uint256 private constant PARAMS_WORDS = 21;
    /// @dev Words times 32, two bytes a kind: 8 of a token, 9 of a position, 3 of a tag, 5 of
    ///      a pool.
    uint256 private constant RECORD_BYTES = 0x00a0_0060_0120_0100;

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
        data = abi.encodePacked(data, c.signers.length, c.signers);
        // init code: copy what follows these 11 bytes and return it
        bytes memory initCode = bytes.concat(hex"600b380380600b3d393df3", hex"00", data);
        assembly ("memory-safe") {
            store := create(0, add(initCode, 32), mload(initCode))
        }
        if (store == address(0)) revert ConfigNotStored(data.length);
    }

    /// @notice Reads a configuration; the records lie where the code was copied to.
    function read(address store) internal view returns (Config memory c) {
        bool isSet;
        assembly ("memory-safe") {
            let size := extcodesize(store)
            isSet := size
            if size {
                let counts := mload(0x40)
                size := sub(size, 1)
                extcodecopy(store, counts, 1, size)
                // behind the words, tables: an array is its length and a pointer a record
                let table := add(counts, size)
                let record := add(counts, mul(COUNTS, 32))
                mstore(c, record) // params
                record := add(record, mul(PARAMS_WORDS, 32))
                // bytes of a record, of tokens, positions, tags and pools in this order
                let sizes := RECORD_BYTES
                for { let kind := 1 } lt(kind, 5) { kind := add(kind, 1) } {
                    let count := mload(counts)
                    counts := add(counts, 32)
                    mstore(add(c, mul(kind, 32)), table)
                    mstore(table, count)
                    let bytes_ := and(sizes, 0xffff)
                    sizes := shr(16, sizes)
                    let end := add(record, mul(count, bytes_))
                    table := add(table, 32)
                    for {} lt(record, end) { record := add(record, bytes_) } {
                        mstore(table, record)
                        table := add(table, 32)
                    }
                }
                mstore(add(c, 160), record) // signers: length and addresses, in place
                mstore(0x40, table)
            }
        }
        if (!isSet) revert ConfigNotSet();
    }
}
