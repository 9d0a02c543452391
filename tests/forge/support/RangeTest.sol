// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {UniswapV4Adapter} from "../../../contracts/adapters/UniswapV4Adapter.sol";
import {V4Test} from "./V4Test.sol";

/// @notice The adapter of Uniswap V4, of which the test is the vault.
abstract contract RangeTest is V4Test {
    int24 internal constant WIDE = 3_000; // ticks on each side of the price
    int24 internal constant NARROW = 600;

    UniswapV4Adapter internal adapter;

    function setUp() public override {
        super.setUp();
        adapter = new UniswapV4Adapter(address(this), pools);
    }

    /// @dev Of each token; asset units that it took.
    function _supply(int24 half, uint256 dollars) internal returns (uint256 spent) {
        return _supplyAt(MIDDLE - half, MIDDLE + half, dollars);
    }

    function _supplyAt(int24 lower, int24 upper, uint256 dollars)
        internal
        returns (uint256 spent)
    {
        uint256[] memory most = two(dollars * ETH, dollars * USD);
        int256[] memory before = balancesOf(address(this), coins);
        mint(address(hst), address(adapter), most[0]);
        mint(address(usdc), address(adapter), most[1]);

        adapter.supply(poolId, lower, upper, most);

        int256[] memory rest = _gains(address(this), before);
        rest[0] = int256(most[0]) - rest[0];
        rest[1] = int256(most[1]) - rest[1];
        return worthOf(rest, prices);
    }

    /// @dev Asset units that it paid.
    function _withdraw(int24 half, uint256 units) internal returns (uint256) {
        return worthOf(_withdrawn(MIDDLE - half, MIDDLE + half, units), prices);
    }

    function _withdrawn(int24 lower, int24 upper, uint256 units)
        internal
        returns (int256[] memory)
    {
        int256[] memory before = balancesOf(address(this), coins);
        adapter.withdraw(poolId, lower, upper, units);
        return _gains(address(this), before);
    }

    function _gains(address account, int256[] memory before)
        internal
        view
        returns (int256[] memory gained)
    {
        gained = balancesOf(account, coins);
        (gained[0], gained[1]) = (gained[0] - before[0], gained[1] - before[1]);
    }

    function _worth() internal view returns (uint256) {
        return worthOf(adapter.amounts(poolId, prices), prices);
    }

    function _fees(int24 half) internal view returns (int256[] memory) {
        return _feesAt(MIDDLE - half, MIDDLE + half);
    }

    function _feesAt(int24 lower, int24 upper) internal view returns (int256[] memory list) {
        (uint256 fees0, uint256 fees1) = adapter.feesOwed(poolId, lower, upper);
        list = new int256[](2);
        (list[0], list[1]) = (int256(fees0), int256(fees1));
    }

    function _assertKept(int256[] memory fees) internal view {
        assertEq(balancesOf(address(adapter), coins), fees);
    }

    function _assertNothingKept() internal view {
        _assertKept(new int256[](2));
    }
}
