// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IPoolManager} from "../interfaces/IUniswapV4.sol";
import {ProtocolBusy} from "./Errors.sol";

/// @title UniswapV4State
/// @notice Pools and positions of Uniswap V4, read from the PoolManager's storage, and
///         payments to it.
///
/// LAYOUT    Slot 6: pool id => pool. Of a pool: price and tick; fee growth of token 0, of
///           token 1; liquidity; tick => its record; bitmap; position key => position.
/// ROUNDING  Fees Down, as the pool credits them.
library UniswapV4State {
    using SafeERC20 for IERC20;

    bytes32 private constant POOLS = bytes32(uint256(6));
    uint256 private constant TICKS = 4;
    uint256 private constant POSITIONS = 6;
    uint256 private constant Q128 = 1 << 128;
    /// @dev keccak256("Unlocked") - 1, in transient storage
    bytes32 private constant UNLOCKED =
        0xc090fc4683624cfc3884e9d8de5eca132f2d0ec062aff75d43c0465d5ceeab23;

    /// @notice Reverts while the PoolManager is in the middle of somebody's actions, when
    ///         what they have done is not paid for yet.
    function requireIdle(IPoolManager manager, bytes32 pool) internal view {
        if (manager.exttload(UNLOCKED) != 0) revert ProtocolBusy(pool);
    }

    /// @notice Square root of the pool's price * 2^96.
    function sqrtPriceX96(IPoolManager manager, bytes32 pool) internal view returns (uint160) {
        return uint160(uint256(manager.extsload(_slot(pool), 1)[0]));
    }

    /// @notice Fees that the pool owes a range of an owner.
    function owed(
        IPoolManager manager,
        bytes32 pool,
        address owner,
        int24 tickLower,
        int24 tickUpper
    ) internal view returns (uint256 fees0, uint256 fees1) {
        bytes32 key = keccak256(abi.encodePacked(owner, tickLower, tickUpper, bytes32(0)));
        bytes32 slot = _in(pool, POSITIONS, key);
        bytes32[] memory position = manager.extsload(slot, 3);
        (uint256 inside0, uint256 inside1) = _growthInside(manager, pool, tickLower, tickUpper);
        uint256 liquidity = uint128(uint256(position[0]));
        // growth counters wrap around, so their differences do too
        unchecked {
            fees0 = Math.mulDiv(inside0 - uint256(position[1]), liquidity, Q128);
            fees1 = Math.mulDiv(inside1 - uint256(position[2]), liquidity, Q128);
        }
    }

    /// @notice Pays the PoolManager.
    function pay(IPoolManager manager, address token, uint256 amount) internal {
        manager.sync(token);
        IERC20(token).safeTransfer(address(manager), amount);
        manager.settle();
    }

    function _growthInside(
        IPoolManager manager,
        bytes32 pool,
        int24 tickLower,
        int24 tickUpper
    ) private view returns (uint256 inside0, uint256 inside1) {
        bytes32[] memory state = manager.extsload(_slot(pool), 3);
        int24 tick = int24(int256(uint256(state[0]) >> 160));
        (uint256 lower0, uint256 lower1) = _outside(manager, pool, tickLower);
        (uint256 upper0, uint256 upper1) = _outside(manager, pool, tickUpper);
        unchecked {
            if (tick < tickLower) return (lower0 - upper0, lower1 - upper1);
            if (tick >= tickUpper) return (upper0 - lower0, upper1 - lower1);
            inside0 = uint256(state[1]) - lower0 - upper0;
            inside1 = uint256(state[2]) - lower1 - upper1;
        }
    }

    /// @dev A tick's record begins with its liquidity.
    function _outside(IPoolManager manager, bytes32 pool, int24 tick)
        private
        view
        returns (uint256 outside0, uint256 outside1)
    {
        bytes32 slot = _in(pool, TICKS, bytes32(uint256(int256(tick))));
        bytes32[] memory growth = manager.extsload(bytes32(uint256(slot) + 1), 2);
        (outside0, outside1) = (uint256(growth[0]), uint256(growth[1]));
    }

    function _slot(bytes32 pool) private pure returns (bytes32) {
        return keccak256(abi.encode(pool, POOLS));
    }

    /// @dev Place of a key in one of a pool's mappings.
    function _in(bytes32 pool, uint256 offset, bytes32 key) private pure returns (bytes32) {
        return keccak256(abi.encode(key, uint256(_slot(pool)) + offset));
    }
}
