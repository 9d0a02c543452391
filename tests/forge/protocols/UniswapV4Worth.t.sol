// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {RangeAdapter} from "../../../contracts/adapters/RangeAdapter.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {ProtocolBusy} from "../../../contracts/libraries/Errors.sol";
import {RangeTest} from "../support/RangeTest.sol";

/// @notice What ranges in Uniswap V4 are worth, whatever somebody does to the pool.
/// forge-config: default.evm_version = "cancun"
contract UniswapV4WorthTest is RangeTest {
    /* WORTH */

    function test_amounts__of_nothing__are_nothing() public view {
        assertEq(adapter.amounts(poolId, prices).length, 2);
        assertEq(_worth(), 0);
    }

    function testFuzz_amounts__any_skew__principal_stays_and_fees_come(uint256 dollars) public {
        _supply(WIDE, 10_000);
        uint256 before = _worth();
        dollars = bound(dollars, 10, 1_800_000);

        _trade(address(usdc), dollars * USD);

        assertGe(_worth(), before);
        assertLe(_worth(), before + dollars * USD * FEE_WAD / WAD / 50);
    }

    function testFuzz_amounts__any_skew__never_above_what_leaving_pays(
        uint256 dollars,
        bool sellsUsdc,
        uint256 width
    ) public {
        int24 half = int24(int256(60 * bound(width, 1, 200)));
        _supply(half, 10_000);
        dollars = bound(dollars, 10, 1_800_000);

        if (sellsUsdc) _trade(address(usdc), dollars * USD);
        else _trade(address(hst), dollars * ETH);

        uint256 said = _worth();
        assertGe(_withdraw(half, ALL) + 5, said);
    }

    function testFuzz_amounts__skew_undone__only_fees_remain(uint256 dollars) public {
        _supply(WIDE, 10_000);
        uint256 before = _worth();
        dollars = bound(dollars, 100, 1_500_000);

        _trade(address(hst), _trade(address(usdc), dollars * USD));

        assertGe(_worth(), before);
        assertLe(_worth(), before + 2 * dollars * USD * FEE_WAD / WAD / 50);
        assertLt(adapter.deviationWad(poolId, prices), 0.005e18);
    }

    function testFuzz_amounts__a_higher_price__is_never_worth_less(uint256 price) public {
        _supply(WIDE, 10_000);
        uint256 before = _worth();

        prices[0] = bound(price, prices[0], prices[0] * 2);

        assertGe(_worth() + 2, before);
    }

    function test_amounts__gifts__do_not_change_them() public {
        _supply(WIDE, 10_000);
        uint256 before = _worth();

        mint(address(usdc), address(adapter), 100 * USD);
        mint(address(usdc), address(manager), 100 * USD);

        assertEq(_worth(), before);
    }

    function test_views__while_the_manager_is_unlocked__refuse() public {
        _supply(WIDE, 10_000);
        bytes[3] memory views = [
            abi.encodeCall(IAdapter.amounts, (poolId, prices)),
            abi.encodeCall(IAdapter.deviationWad, (poolId, prices)),
            abi.encodeCall(RangeAdapter.feesOwed, (poolId, MIDDLE - WIDE, MIDDLE + WIDE))
        ];
        for (uint256 i; i < 3; i++) {
            bytes memory answer = insideOf(address(adapter), views[i], _moveHst);
            assertEq(answer, abi.encodeWithSelector(ProtocolBusy.selector, poolId));
        }
    }

    /* DEVIATION AND CONCAVITY */

    function test_deviation__skewed_pool__is_its_own_price() public {
        assertLt(adapter.deviationWad(poolId, prices), 1e14);

        _trade(address(usdc), 1_000_000 * USD);

        uint256 deviationWad = adapter.deviationWad(poolId, prices);
        uint256 priceWad = _trade(address(hst), ETH) * WAD / USD * WAD / (WAD - FEE_WAD);
        assertGt(deviationWad, 0.1e18);
        assertApproxEqRel(deviationWad, priceWad - WAD, 0.001e18);
    }

    function test_concavity__out_of_the_range__is_nothing() public view {
        uint256[] memory doubts = two(uint256(0), 0.01e18);
        uint256 liquidity = 1e18;

        assertGt(_concavity(MIDDLE - WIDE, MIDDLE + WIDE, liquidity, doubts), 0);
        assertGt(_concavity(MIDDLE + 60, MIDDLE + 120, liquidity, doubts), 0);
        assertEq(_concavity(MIDDLE + 240, MIDDLE + 480, liquidity, doubts), 0);
        assertEq(_concavity(MIDDLE - 480, MIDDLE - 240, liquidity, doubts), 0);
        doubts = new uint256[](2);
        assertEq(_concavity(MIDDLE - WIDE, MIDDLE + WIDE, liquidity, doubts), 0);
    }

    function testFuzz_concavity__is_what_any_price_in_doubt_can_take(uint256 off) public {
        _supply(WIDE, 10_000);
        int256[] memory said = adapter.amounts(poolId, prices);
        uint256 most = _concavity(
            MIDDLE - WIDE, MIDDLE + WIDE, adapter.units(poolId), two(0.01e18, 0.01e18)
        );

        prices[0] = bound(off, prices[0] * 99 / 100, prices[0] * 101 / 100);

        assertLe(worthOf(said, prices), _worth() + most + 2);
    }

    function _concavity(
        int24 lower,
        int24 upper,
        uint256 liquidity,
        uint256[] memory doubts
    ) private view returns (uint256) {
        return adapter.concavityAssets(poolId, lower, upper, liquidity, prices, doubts);
    }
}
