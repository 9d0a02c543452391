// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title SignerWallet
/// @notice An ERC-1271 wallet of one key, which may also misbehave.
contract SignerWallet is IERC1271 {
    enum Mode {
        HONEST,
        REFUSE,
        SHORT,
        REVERT
    }

    error Broken();

    address public immutable owner;
    Mode public mode;

    constructor(address owner_) {
        owner = owner_;
    }

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        if (mode == Mode.REVERT) revert Broken();
        if (mode == Mode.SHORT) {
            bytes4 magic = IERC1271.isValidSignature.selector;
            assembly ("memory-safe") {
                mstore(0, magic)
                return(0, 4)
            }
        }
        (address signer,,) = ECDSA.tryRecover(hash, signature);
        bool valid = mode == Mode.HONEST && signer == owner;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
