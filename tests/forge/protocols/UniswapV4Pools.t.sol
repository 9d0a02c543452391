// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {
    HooksNotSupported,
    NativeNotSupported,
    PoolNotRegistered
} from "../../../contracts/libraries/Errors.sol";
import {V4Test} from "../support/V4Test.sol";

/// @notice The registry of V4's pools.
contract UniswapV4PoolsTest is V4Test {
    function test_register__key__is_remembered_under_its_hash() public view {
        assertEq(poolId, keccak256(abi.encode(key)));
        assertEq(abi.encode(pools.key(poolId)), abi.encode(key));
        assertEq(pools.tokens(poolId), coins);
        assertEq(address(pools.manager()), address(manager));
    }

    function test_register__by_anybody_again__changes_nothing() public {
        vm.prank(mallory);
        assertEq(pools.register(key), poolId);

        assertEq(abi.encode(pools.key(poolId)), abi.encode(key));
    }

    function testFuzz_register__hooks__are_not_supported(address hooks) public {
        vm.assume(hooks != address(0));
        key.hooks = hooks;
        bytes32 id = keccak256(abi.encode(key));

        vm.expectRevert(abi.encodeWithSelector(HooksNotSupported.selector, id, hooks));
        pools.register(key);
    }

    function test_register__native_currency__is_not_supported() public {
        key.currency0 = address(0);
        bytes32 id = keccak256(abi.encode(key));

        vm.expectRevert(abi.encodeWithSelector(NativeNotSupported.selector, id));
        pools.register(key);
    }

    function testFuzz_key__of_a_pool_that_nobody_registered__is_refused(bytes32 id) public {
        vm.assume(id != poolId);
        bytes memory error = abi.encodeWithSelector(PoolNotRegistered.selector, id);
        vm.expectRevert(error);
        pools.key(id);
        vm.expectRevert(error);
        pools.tokens(id);
    }
}
