// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {MarketTest} from "../support/MarketTest.sol";

/// @dev A cheat code that forge-std 1.9 does not list.
interface ICool {
    function cool(address target) external;
}

/// @notice The gas that an exit in kind gives a position is enough for the largest one:
///         as many ranges as an adapter holds, all with fees, paid or set aside.
contract InKindGasTest is MarketTest {
    int24 private constant MIDDLE = -200_340;
    uint256 private constant MOST_RANGES = 4;

    function setUp() public override {
        super.setUp();
        start(base(), 400_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 50_000 * USD)));
        for (uint256 i; i < MOST_RANGES; i++) {
            (int24 lower, int24 upper) = _range(i);
            pass(1);
            execute(ordering(supplyV3(lower, upper, 10_000 * USD, 5 * ETH)));
        }
        tradeV3(address(asset), address(eth), 50_000 * USD);
        tradeV3(address(eth), address(asset), 25 * ETH);
        pass(1);
    }

    function _range(uint256 i) private pure returns (int24 lower, int24 upper) {
        int24 width = 600 * int24(int256(i + 1));
        return (MIDDLE - width, MIDDLE + width);
    }

    function _leave(uint256 skipped) private {
        uint256 shares = vault.balanceOf(alice) / 10;
        vm.prank(alice);
        vault.redeemInKind(shares, bob, alice, skipped);
    }

    function test_fourRanges__with_fees__are_paid() public {
        uint256 before = vault.sharePriceWad();

        _leave(0);

        for (uint256 i; i < MOST_RANGES; i++) {
            (int24 lower, int24 upper) = _range(i);
            assertEq(v3.claimOf(_market(), lower, upper, bob), 0);
        }
        assertGt(eth.balanceOf(bob), 2 * ETH);
        assertGe(vault.sharePriceWad(), before);
    }

    function test_fourRanges__that_cannot_be_paid__are_set_aside_and_claimed() public {
        bytes memory burn = abi.encodeWithSignature("burn(int24,int24,uint128)");
        vm.mockCallRevert(poolEth, abi.encodePacked(bytes4(burn)), "");

        _leave(0);
        vm.clearMockedCalls();

        for (uint256 i; i < MOST_RANGES; i++) {
            (int24 lower, int24 upper) = _range(i);
            uint256 before = eth.balanceOf(bob);
            assertGt(v3.claimOf(_market(), lower, upper, bob), 0);
            v3.claim(_market(), lower, upper, bob);
            assertGt(eth.balanceOf(bob), before);
        }
    }

    /// @dev Fees that cannot even be read cost all the gas they are given, four times.
    function test_fourRanges__of_a_pool_that_burns_gas__are_set_aside() public {
        vm.etch(poolEth, hex"5b600056"); // a loop without end

        _leave(0);

        for (uint256 i; i < MOST_RANGES; i++) {
            (int24 lower, int24 upper) = _range(i);
            assertGt(v3.claimOf(_market(), lower, upper, bob), 0);
        }
    }

    function _market() private view returns (bytes32) {
        return bytes32(uint256(uint160(poolEth)));
    }

    /// @dev Nothing has been touched in this transaction yet.
    function _cool() private {
        ICool(address(vm)).cool(poolEth);
        ICool(address(vm)).cool(address(v3));
        ICool(address(vm)).cool(address(eth));
        ICool(address(vm)).cool(address(asset));
    }

    function test_fourRanges__gas_to_pay__leaves_a_fifth() public {
        _cool();
        vm.prank(address(vault));
        uint256 gas_ = gasleft();
        v3.redeemSlice(_market(), 1, 10, bob);
        gas_ -= gasleft();

        emit log_named_uint("gas to pay four ranges", gas_);
        assertLt(gas_, 800_000);
    }

    function test_fourRanges__gas_to_set_aside__leaves_a_fifth() public {
        _cool();
        vm.prank(address(vault));
        uint256 gas_ = gasleft();
        v3.reserveSlice(_market(), 1, 10, bob);
        gas_ -= gasleft();

        emit log_named_uint("gas to set four ranges aside", gas_);
        assertLt(gas_, 800_000);
    }
}
