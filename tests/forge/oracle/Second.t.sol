// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {
    SourcesDisagree,
    TokenPairMismatch,
    TwapUnreadable
} from "../../../contracts/libraries/Errors.sol";
import {IUniswapV3Pool} from "../../../contracts/interfaces/IUniswapV3.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {CheckedSource} from "../../../contracts/oracle/CheckedSource.sol";
import {UniswapV3TwapSource} from "../../../contracts/oracle/UniswapV3TwapSource.sol";
import {MarketTest} from "../support/MarketTest.sol";

interface IPoolHistory {
    function increaseObservationCardinalityNext(uint16 next) external;
}

/// @notice The second opinion: a band around it, and the mean of a real pool's past.
contract SecondTest is MarketTest {
    SettableSource private first = new SettableSource(1_000e18, 0.01e18);
    SettableSource private second = new SettableSource(1_000e18, 0.5e18);
    CheckedSource private checked = new CheckedSource(first, second, 0.02e18);

    /* BAND */

    function test_checked__in_the_band__is_the_first_ones_price() public {
        first.setUpdatedAt(123);
        second.set(1_020e18, 0);
        (uint256 price, uint256 uncertainty, uint256 updatedAt) = checked.price();

        assertEq(price, 1_000e18);
        assertEq(uncertainty, 0.01e18);
        assertEq(updatedAt, 123);
    }

    function test_checked__outside_the_band__is_none() public {
        second.set(1_020e18 + 1, 0);
        _disagree(1_000e18, 1_020e18 + 1);

        (uint256 high, uint256 low) = (1_020e18, 1_000e18);
        first.set(high, 0);
        second.set(low, 0);
        checked.price();
        first.set(high + 1, 0);
        _disagree(high + 1, low);
        second.set(0, 0);
        _disagree(high + 1, 0);
    }

    function _disagree(uint256 price, uint256 other) private {
        vm.expectRevert(
            abi.encodeWithSelector(SourcesDisagree.selector, price, other, 0.02e18)
        );
        checked.price();
    }

    function test_checked__with_either_dead__is_none() public {
        first.setFault(SettableSource.Fault.REVERT);
        vm.expectRevert(abi.encodeWithSelector(SettableSource.Dead.selector));
        checked.price();
        first.setFault(SettableSource.Fault.NONE);
        second.setFault(SettableSource.Fault.REVERT);
        vm.expectRevert(abi.encodeWithSelector(SettableSource.Dead.selector));
        checked.price();
    }

    /* MEAN */

    function _twap(address pool, address token) private returns (UniswapV3TwapSource) {
        return new UniswapV3TwapSource(
            IUniswapV3Pool(pool), token, address(asset), 600, 0.01e18
        );
    }

    function test_twap__of_a_pool_at_rest__is_its_price() public {
        skip(600);
        (uint256 price, uint256 uncertainty, uint256 updatedAt) =
            _twap(poolEth, address(eth)).price();

        assertApproxEqRel(price, 2_000e18, 0.0002e18);
        assertEq(uncertainty, 0.01e18);
        assertEq(updatedAt, vm.getBlockTimestamp());
        (price,,) = _twap(poolBtc, address(btc)).price();
        assertApproxEqRel(price, 40_000e18, 0.0002e18);
    }

    function test_twap__of_a_token_behind_the_asset__is_the_reciprocal() public {
        skip(600);
        // as if ETH were the asset: dollars in ETH
        UniswapV3TwapSource source = new UniswapV3TwapSource(
            IUniswapV3Pool(poolEth), address(asset), address(eth), 600, 0
        );

        (uint256 price,,) = source.price();

        assertApproxEqRel(price, 0.0005e18, 0.0002e18);
    }

    function test_twap__flash_move__hardly_moves_it() public {
        IPoolHistory(poolEth).increaseObservationCardinalityNext(10);
        UniswapV3TwapSource source = _twap(poolEth, address(eth));
        skip(600);
        (uint256 before,,) = source.price();

        tradeV3(address(asset), address(eth), 3_000_000 * USD);
        (uint256 now_,,) = source.price();
        assertEq(now_, before); // in the same block, not at all

        skip(12);
        (now_,,) = source.price();
        assertGt(now_, before);
        assertLt(now_, before * 103 / 100);
    }

    function test_twap__of_a_pool_that_remembers_too_little__is_none() public {
        tradeV3(address(asset), address(eth), 1_000 * USD);
        UniswapV3TwapSource source = _twap(poolEth, address(eth));

        vm.expectRevert(abi.encodeWithSelector(TwapUnreadable.selector, poolEth, 600));
        source.price();
    }

    function test_twap__falling_mean__is_rounded_down() public {
        IPoolHistory(poolEth).increaseObservationCardinalityNext(10);
        skip(600);
        tradeV3(address(eth), address(asset), 100 * ETH);
        skip(7); // the mean tick is no whole number
        (uint256 price,,) = _twap(poolEth, address(eth)).price();

        assertLt(price, 2_000e18);
        assertGt(price, 1_900e18);
    }

    function test_twap__of_another_pair__is_refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                TokenPairMismatch.selector,
                bytes32(uint256(uint160(poolEth))),
                address(btc),
                address(asset)
            )
        );
        _twap(poolEth, address(btc));
    }
}
