// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title Once
/// @notice Asks a contract that is on no chain: sent as the creation of an `eth_call`, it
///         creates that contract, calls it, and what it would leave as its own code is the
///         answer. So that any node can be read through a lens that nobody deployed.
contract Once {
    constructor(bytes memory code, bytes memory data) {
        address target;
        assembly ("memory-safe") {
            target := create(0, add(code, 32), mload(code))
        }
        (bool ok, bytes memory answer) = target.call(data);
        assembly ("memory-safe") {
            if iszero(ok) { revert(add(answer, 32), mload(answer)) }
            return(add(answer, 32), mload(answer))
        }
    }
}
