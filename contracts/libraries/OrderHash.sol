// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Rebalance, Supply, Swap, Target, Withdraw} from "../interfaces/Types.sol";

/// @title OrderHash
/// @notice EIP-712 struct hash of an order.
library OrderHash {
    // keccak256 of each type's encoding (EIP-712, encodeType), written out because the
    // compiler would hash the text at every order; a test hashes it.
    bytes32 internal constant SUPPLY_TYPEHASH =
        0x401913e4cd30ba0eb5c7c98c4ebee5238cefbcaadd09d0ec18a3f2957b7a501a;
    bytes32 internal constant SWAP_TYPEHASH =
        0x18fe6dcba3413cbb154bcb1413d1cc7c753a625c149319f09f56418e727eade6;
    bytes32 internal constant TARGET_TYPEHASH =
        0x0c9d7a8c5daf3cecdd7516aa753be685058c0567f2953ef3455c2893fdc3ec9c;
    bytes32 internal constant WITHDRAW_TYPEHASH =
        0x0ca916018062fe0118388fed00eb1ae5d442c9253b48e5b4ac46018d26112db8;
    bytes32 internal constant REBALANCE_TYPEHASH =
        0xc9cbed9bcbc904c0eaf3fe8d2eccd44911589617481166fd26de3b8d2fac19f9;

    /// @dev An order begins with ten static words, as it is hashed, then come the offsets of
    ///      its arrays. Words are hashed as they came: one that is no clean address or
    ///      tick would not be what was signed, and is refused where it is read.
    function structHash(Rebalance calldata order) internal pure returns (bytes32 hash) {
        bytes32 typeHash = REBALANCE_TYPEHASH;
        bytes32 targets = _hashTargets(order.targets);
        bytes32 withdraws = _hashWithdraws(order.withdraws);
        bytes32 swaps = _hashSwaps(order.swaps);
        bytes32 supplies = _hashSupplies(order.supplies);
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typeHash)
            calldatacopy(add(data, 0x20), order, 0x140)
            mstore(add(data, 0x160), targets)
            mstore(add(data, 0x180), withdraws)
            mstore(add(data, 0x1a0), swaps)
            mstore(add(data, 0x1c0), supplies)
            hash := keccak256(data, 0x1e0)
        }
    }

    function _hashTargets(Target[] calldata targets) private pure returns (bytes32) {
        uint256 at;
        assembly ("memory-safe") {
            at := targets.offset
        }
        return _hashRecords(TARGET_TYPEHASH, at, targets.length, 4);
    }

    function _hashSwaps(Swap[] calldata swaps) private pure returns (bytes32) {
        uint256 at;
        assembly ("memory-safe") {
            at := swaps.offset
        }
        return _hashRecords(SWAP_TYPEHASH, at, swaps.length, 6);
    }

    /// @dev Records of static words lie one after the other: keccak of their hashes, written
    ///      behind the place where each is put together.
    function _hashRecords(bytes32 typeHash, uint256 at, uint256 count, uint256 words)
        private
        pure
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let size := mul(words, 0x20)
            let data := mload(0x40)
            let hashes := add(data, add(size, 0x20))
            mstore(data, typeHash)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                calldatacopy(add(data, 0x20), add(at, mul(i, size)), size)
                mstore(add(hashes, mul(i, 0x20)), keccak256(data, add(size, 0x20)))
            }
            hash := keccak256(hashes, mul(count, 0x20))
        }
    }

    function _hashWithdraws(Withdraw[] calldata withdraws) private pure returns (bytes32) {
        uint256 at;
        assembly ("memory-safe") {
            at := withdraws.offset
        }
        return _hashNested(WITHDRAW_TYPEHASH, at, withdraws.length, 5);
    }

    function _hashSupplies(Supply[] calldata supplies) private pure returns (bytes32) {
        uint256 at;
        assembly ("memory-safe") {
            at := supplies.offset
        }
        return _hashNested(SUPPLY_TYPEHASH, at, supplies.length, 4);
    }

    /// @dev Records of six words, of which word `array` is the offset of an array of words:
    ///      its hash stands for it. Records are found by their offsets, as the compiler
    ///      finds them; what it would refuse to read has no valid signature.
    function _hashNested(bytes32 typeHash, uint256 at, uint256 count, uint256 array)
        private
        pure
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let data := mload(0x40)
            let hashes := add(data, 0xe0)
            let words := add(hashes, mul(count, 0x20))
            let place := add(add(data, 0x20), mul(array, 0x20))
            mstore(data, typeHash)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let record := add(at, calldataload(add(at, mul(i, 0x20))))
                calldatacopy(add(data, 0x20), record, 0xc0)
                let list := add(record, mload(place))
                let size := mul(calldataload(list), 0x20)
                calldatacopy(words, add(list, 0x20), size)
                mstore(place, keccak256(words, size))
                mstore(add(hashes, mul(i, 0x20)), keccak256(data, 0xe0))
            }
            hash := keccak256(hashes, mul(count, 0x20))
        }
    }
}
