// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title RawFeed
/// @notice A feed of 8 decimals that answers, or reverts with, the bytes that a test wants.
contract RawFeed {
    uint8 public constant decimals = 8;

    bytes private _answer;
    bool private _reverts;

    function setAnswer(bytes calldata answer, bool reverts_) external {
        (_answer, _reverts) = (answer, reverts_);
    }

    fallback() external {
        bytes memory answer = _answer;
        bool reverts_ = _reverts;
        assembly ("memory-safe") {
            if reverts_ { revert(add(answer, 32), mload(answer)) }
            return(add(answer, 32), mload(answer))
        }
    }
}
