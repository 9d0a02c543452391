// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {DemoToken} from "../demo/DemoToken.sol";
import {IPoolManager} from "../interfaces/IUniswapV4.sol";

/// @title Replay
/// @notice Many steps of a concentrated pool's life in one call, its state read after each.
/// @dev Owns positions and pays in the pools' callbacks with tokens it makes itself.
contract Replay {
    struct Read {
        address target;
        bytes data;
    }

    struct Step {
        Replay actor;
        address target;
        bytes data;
        bool inUnlock; // a call of v4's PoolManager, settled afterwards
        Read[] reads;
    }

    struct Answer {
        bool success;
        bytes data;
        bytes[] states;
    }

    DemoToken public immutable token0;
    DemoToken public immutable token1;

    constructor(DemoToken token0_, DemoToken token1_) {
        token0 = token0_;
        token1 = token1_;
    }

    function run(Step[] calldata steps) external returns (Answer[] memory answers) {
        answers = new Answer[](steps.length);
        for (uint256 i; i < steps.length; i++) {
            Step calldata step = steps[i];
            (answers[i].success, answers[i].data) =
                step.actor.act(step.target, step.data, step.inUnlock);
            answers[i].states = new bytes[](step.reads.length);
            for (uint256 j; j < step.reads.length; j++) {
                (, answers[i].states[j]) =
                    step.reads[j].target.staticcall(step.reads[j].data);
            }
        }
    }

    function act(address target, bytes calldata data, bool inUnlock)
        external
        returns (bool success, bytes memory result)
    {
        if (!inUnlock) return target.call(data);
        (success, result) = target.call(abi.encodeCall(IPoolManager.unlock, (data)));
        if (success) result = abi.decode(result, (bytes));
    }

    /* CALLBACKS */

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata)
        external
    {
        token0.mint(msg.sender, amount0);
        token1.mint(msg.sender, amount1);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata)
        external
    {
        if (amount0 > 0) token0.mint(msg.sender, uint256(amount0));
        if (amount1 > 0) token1.mint(msg.sender, uint256(amount1));
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (bool success, bytes memory result) = msg.sender.call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        int256 delta;
        assembly ("memory-safe") {
            delta := mload(add(result, 32))
        }
        _settle(token0, int128(delta >> 128));
        _settle(token1, int128(delta));
        return result;
    }

    function _settle(DemoToken token, int256 amount) private {
        IPoolManager manager = IPoolManager(msg.sender);
        if (amount < 0) {
            uint256 owed = uint256(-amount); // may be one more than one payment can be
            _pay(manager, token, owed / 2);
            _pay(manager, token, owed - owed / 2);
        } else if (amount > 0) {
            manager.take(address(token), address(this), uint256(amount));
        }
    }

    function _pay(IPoolManager manager, DemoToken token, uint256 amount) private {
        manager.sync(address(token));
        token.mint(address(manager), amount);
        manager.settle();
    }
}
