// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IPoolManager} from "../interfaces/IUniswapV4.sol";
import {HooksNotSupported, NativeNotSupported, PoolNotRegistered} from "../libraries/Errors.sol";

/// @title UniswapV4Pools
/// @notice Keys of the pools of one PoolManager, which knows them by a hash alone. One for
///         all vaults; anybody may register a pool.
///
/// TRUST  No owner, no setting. A pool with hooks runs somebody else's code in the middle of
///        everything, and native currency calls its receiver: neither is taken.
contract UniswapV4Pools {
    struct Pool {
        address currency0;
        address currency1;
        uint24 fee;
        int24 tickSpacing;
    }

    IPoolManager public immutable manager;

    mapping(bytes32 id => Pool) private _pools;

    constructor(IPoolManager manager_) {
        manager = manager_;
    }

    /// @notice Remembers a key under its hash, the pool's id.
    function register(IPoolManager.PoolKey calldata poolKey) external returns (bytes32 id) {
        id = keccak256(abi.encode(poolKey));
        if (poolKey.hooks != address(0)) revert HooksNotSupported(id, poolKey.hooks);
        if (poolKey.currency0 == address(0)) revert NativeNotSupported(id);
        _pools[id] =
            Pool(poolKey.currency0, poolKey.currency1, poolKey.fee, poolKey.tickSpacing);
    }

    /// @notice The key of a registered pool.
    function key(bytes32 id) public view returns (IPoolManager.PoolKey memory) {
        Pool memory pool = _pools[id];
        if (pool.currency0 == address(0)) revert PoolNotRegistered(id);
        return IPoolManager.PoolKey(
            pool.currency0, pool.currency1, pool.fee, pool.tickSpacing, address(0)
        );
    }

    /// @notice The pool's two tokens.
    function tokens(bytes32 id) external view returns (address[] memory list) {
        IPoolManager.PoolKey memory poolKey = key(id);
        list = new address[](2);
        (list[0], list[1]) = (poolKey.currency0, poolKey.currency1);
    }
}
