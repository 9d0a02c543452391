// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {CurveAdapter} from "../../../contracts/adapters/CurveAdapter.sol";
import {ICurvePool} from "../../../contracts/interfaces/ICurvePool.sol";
import {MarketNotAddress} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {PoolCases} from "../support/PoolCases.sol";

interface ICurveOwned {
    function ramp_A(uint256 amplification, uint256 at) external;
    function transfer(address to, uint256 amount) external returns (bool);
    function remove_liquidity(uint256 amount, uint256[4] calldata least)
        external
        returns (uint256[4] memory);
}

/// @notice The adapter of Curve, in a pool of four coins of six and eighteen decimals.
/// forge-config: default.fuzz.runs = 64
contract CurveTest is PoolCases {
    ICurvePool private pool;

    function setUp() public override {
        super.setUp();
        adapter = new CurveAdapter(address(this));
        pool = ICurvePool(addressOf(".curve.pool"));
        (market, spender) = (Build.market(address(pool)), address(pool));
        coins = [address(usdc), address(dai), address(usdt), address(hst)];
        prices = pricesOf(coins);
        for (uint256 i; i < 4; i++) {
            each.push(ofDollars(coins[i], 10_000));
        }
        (feeWad, other, most) = (0.0004e18, address(dai), 950_000);
    }

    function _trade(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        override
        returns (uint256)
    {
        vm.prank(trader);
        return pool.exchange(
            int128(int256(_place(tokenIn))), int128(int256(_place(tokenOut))), amountIn, 0
        );
    }

    function _leave() internal override {
        uint256[4] memory least;
        uint256 tenth = pool.balanceOf(maker) / 10;
        vm.prank(maker);
        ICurveOwned(address(pool)).remove_liquidity(tenth, least);
    }

    function _giveUnits(uint256 units) internal override {
        vm.prank(maker);
        ICurveOwned(address(pool)).transfer(address(adapter), units);
    }

    function test_protocol__has_a_name_and_markets_one_each() public {
        assertEq(adapter.protocol(), "curve");
        bytes32 second = bytes32(uint256(market) | 1 << 160);
        vm.expectRevert(abi.encodeWithSelector(MarketNotAddress.selector, second));
        adapter.tokens(second);
    }

    function test_amounts__are_the_virtual_price_at_the_lowest_price() public {
        uint256 units = _supply(each);
        prices[1] = prices[1] * 995 / 1000;
        prices[2] = prices[2] * 1004 / 1000;

        int256[] memory held = _amounts();

        // 1e18 a dollar each: LP tokens, and the virtual price
        uint256 dollarsE18 = units * pool.get_virtual_price() / WAD * 995 / 1000;
        assertApproxEqAbs(worthOf(held, prices), dollarsE18 / 1e12, 4);
        for (uint256 i; i < 4; i++) {
            uint256 side = uint256(held[i]) * prices[i] / E36;
            assertApproxEqAbs(side, dollarsE18 / 4e12, 1, "split evenly");
        }
    }

    function test_concavity__is_twice_the_largest_doubt() public view {
        uint256[] memory doubts = new uint256[](4);
        (doubts[1], doubts[2]) = (0.005e18, 0.01e18);

        uint256 assets = adapter.concavityAssets(market, 0, 0, 1_000e18, prices, doubts);

        assertApproxEqAbs(assets, 20 * USD, 10);
    }

    function test_parameters__amplification_ramped__change_at_once_and_as_it_moves() public {
        bytes32 listed = adapter.parameters(market);
        pass(2 days);
        uint256 end = vm.getBlockTimestamp() + 3 days;

        from(deployer, address(pool), abi.encodeCall(ICurveOwned.ramp_A, (400, end)));

        bytes32 ramping = adapter.parameters(market);
        assertNotEq(ramping, listed);
        pass(1 days);
        bytes32 later = adapter.parameters(market);
        assertNotEq(later, ramping);
        vm.mockCall(address(pool), abi.encodeCall(ICurvePool.fee, ()), abi.encode(1));
        assertNotEq(adapter.parameters(market), later);
    }

    function test_withdraw__while_the_amplification_moves__still_pays() public {
        _supply(each);
        pass(2 days);
        uint256 end = vm.getBlockTimestamp() + 3 days;
        from(deployer, address(pool), abi.encodeCall(ICurveOwned.ramp_A, (400, end)));
        pass(1 days);

        assertApproxEqRel(worthOf(_withdraw(ALL), prices), 40_000 * USD, 1e12);
    }
}
