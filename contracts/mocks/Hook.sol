// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @title Hook
/// @notice One call that a double makes in the middle of what it is asked to do.
abstract contract Hook {
    address private _target;
    bytes private _data;
    bool private _bubbles;

    bool public hookRan;
    bool public hookSucceeded;
    bytes public hookAnswer;

    /// @param bubbles Whether a revert of the call reverts the double too.
    function setHook(address target, bytes calldata data, bool bubbles) external {
        (_target, _data, _bubbles) = (target, data, bubbles);
        (hookRan, hookSucceeded, hookAnswer) = (false, false, "");
    }

    /// @dev Runs once, so that it cannot call itself.
    function _runHook() internal {
        if (_target == address(0) || hookRan) return;
        hookRan = true;
        (bool success, bytes memory answer) = _target.call(_data);
        if (!success && _bubbles) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        (hookSucceeded, hookAnswer) = (success, answer);
    }
}
