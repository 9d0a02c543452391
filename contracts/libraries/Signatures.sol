// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Config, SignerKind} from "../interfaces/Types.sol";
import {InvalidSignature, SignatureLengthMismatch} from "./Errors.sol";

/// @title Signatures
/// @notice Who may make an order valid: so many of the listed keys, or one ERC-1271 wallet.
library Signatures {
    uint256 private constant BYTES = 65; // r, s, v

    /// @notice Reverts unless the signature is the strategist's.
    /// @param signature Of keys: 65 bytes each, in ascending order of their addresses.
    function check(Config memory c, bytes32 digest, bytes calldata signature) internal view {
        if (c.params.signerKind == SignerKind.ERC1271) {
            if (!_walletAgrees(c.signers[0], digest, signature)) {
                revert InvalidSignature(c.signers[0], digest);
            }
            return;
        }
        uint256 expected = BYTES * c.params.threshold;
        if (signature.length != expected) {
            revert SignatureLengthMismatch(signature.length, expected);
        }
        uint256 next; // first signer that may still come: none signs twice
        for (uint256 from; from < expected; from += BYTES) {
            address signer = _recover(digest, signature[from:from + BYTES]);
            while (next < c.signers.length && c.signers[next] != signer) next++;
            if (next++ == c.signers.length) revert InvalidSignature(signer, digest);
        }
    }

    /// @notice Whether an account is one of the strategist's.
    function isSigner(Config memory c, address account) internal pure returns (bool) {
        for (uint256 i; i < c.signers.length; i++) {
            if (c.signers[i] == account) return true;
        }
        return false;
    }

    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address) {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 32))
            v := byte(0, calldataload(add(signature.offset, 64)))
        }
        (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecover(digest, v, r, s);
        return err == ECDSA.RecoverError.NoError ? signer : address(0);
    }

    function _walletAgrees(address wallet, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool)
    {
        (bool ok, bytes memory answer) = wallet.staticcall(
            abi.encodeCall(IERC1271.isValidSignature, (digest, signature))
        );
        return ok && answer.length == 32
            && bytes32(answer) == bytes32(IERC1271.isValidSignature.selector);
    }
}
