// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {Book} from "../../../contracts/interfaces/Types.sol";
import {
    AmountsUnreadable,
    DrawNotSupported,
    LiquidityNotHeld,
    MarketNotAddress,
    NotVault,
    NothingToClaim
} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice What every adapter promises, against its real protocol.
contract AdaptersTest is MarketTest {
    int24 private constant LOWER = -206_340;
    int24 private constant UPPER = -194_340;

    function setUp() public override {
        super.setUp();
        start(base(), 200_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 20_000 * USD)));
        execute(ordering(supplyV2(8_000 * USD, 4 * ETH)));
        execute(ordering(supplyV3(LOWER, UPPER, 8_000 * USD, 4 * ETH)));
        execute(ordering(supplyAave(20_000 * USD)));
        execute(ordering(supplySavings(20_000 * USD)));
        pass(1);
    }

    function _adapters() private view returns (IAdapter[4] memory) {
        return [IAdapter(v2), IAdapter(v3), IAdapter(aave), IAdapter(saver)];
    }

    function _markets() private view returns (bytes32[4] memory) {
        return [
            Build.market(pairEth),
            Build.market(poolEth),
            Build.market(aUsdc),
            Build.market(savings)
        ];
    }

    function _ranges(uint256 i) private pure returns (int24 lower, int24 upper) {
        if (i == V3) return (LOWER, UPPER);
    }

    /* WHO AND WHERE */

    function test_adapter__called_by_others_than_the_vault__refuses() public {
        bytes memory error = abi.encodeWithSelector(NotVault.selector, mallory, vault);
        vm.startPrank(mallory);
        for (uint256 i; i < 4; i++) {
            (IAdapter adapter, bytes32 market) = (_adapters()[i], _markets()[i]);
            vm.expectRevert(error);
            adapter.supply(market, 0, 0, two(uint256(0), 0));
            vm.expectRevert(error);
            adapter.withdraw(market, 0, 0, ALL);
            vm.expectRevert(error);
            adapter.draw(market, 1);
            vm.expectRevert(error);
            adapter.redeemSlice(market, 1, 1, mallory);
            vm.expectRevert(error);
            adapter.reserveSlice(market, 1, 1, mallory);
        }
    }

    function test_market__with_a_second_name__is_refused() public {
        bytes32 dirty = bytes32(uint256(_markets()[0]) | 1 << 160);

        for (uint256 i; i < 4; i++) {
            IAdapter adapter = _adapters()[i];
            vm.expectRevert(abi.encodeWithSelector(MarketNotAddress.selector, dirty));
            adapter.tokens(dirty);
        }
    }

    function test_adapter__names_its_protocol_vault_and_tokens() public view {
        string[4] memory names = ["uniswap-v2", "uniswap-v3", "aave-v3", "erc4626"];
        for (uint256 i; i < 4; i++) {
            IAdapter adapter = _adapters()[i];
            assertEq(adapter.protocol(), names[i]);
            assertEq(adapter.vault(), address(vault));
            assertEq(adapter.parameters(_markets()[i]), 0);
            assertEq(adapter.healthWad(_markets()[i]), ALL);
            address[] memory tokens = adapter.tokens(_markets()[i]);
            assertEq(tokens[tokens.length - 1], address(asset));
            assertEq(tokens.length, i < AAVE ? 2 : 1);
        }
    }

    /* UNITS */

    function test_units__are_a_ledger_that_gifts_do_not_change() public {
        uint256 before = vault.totalAssets();
        uint256[4] memory units;
        for (uint256 i; i < 4; i++) {
            units[i] = _adapters()[i].units(_markets()[i]);
            assertGt(units[i], 0);
        }

        vm.startPrank(trader);
        asset.transfer(address(v2), 100 * USD);
        asset.transfer(address(v3), 100 * USD);
        asset.transfer(address(aave), 100 * USD);
        asset.transfer(address(saver), 100 * USD);
        vm.stopPrank();

        for (uint256 i; i < 4; i++) {
            assertEq(_adapters()[i].units(_markets()[i]), units[i]);
        }
        assertEq(vault.totalAssets(), before);
    }

    function test_withdraw__more_than_is_held__is_refused() public {
        uint256 held = v2.units(_markets()[V2]);
        refuse(
            ordering(withdrawV2(held + 1)),
            abi.encodeWithSelector(LiquidityNotHeld.selector, 0, 0, held + 1, held)
        );
        held = v3.units(_markets()[V3]);
        refuse(
            ordering(withdrawV3(LOWER, UPPER, held + 1)),
            abi.encodeWithSelector(LiquidityNotHeld.selector, LOWER, UPPER, held + 1, held)
        );
        refuse(
            ordering(withdrawV3(LOWER, UPPER + 60, 1)),
            abi.encodeWithSelector(LiquidityNotHeld.selector, LOWER, UPPER + 60, 1, 0)
        );
        uint256 worth = uint256(aave.amount(_markets()[AAVE]));
        refuse(
            ordering(withdrawAave(worth + 1)),
            abi.encodeWithSelector(LiquidityNotHeld.selector, 0, 0, worth + 1, worth)
        );
        held = saver.units(_markets()[SAVINGS]);
        refuse(
            ordering(withdrawSavings(held + 1)),
            abi.encodeWithSelector(LiquidityNotHeld.selector, 0, 0, held + 1, held)
        );
    }

    function test_withdraw__all__leaves_nothing() public {
        execute(ordering(withdrawV2(ALL)));
        execute(ordering(withdrawV3(LOWER, UPPER, ALL)));
        execute(ordering(withdrawAave(ALL)));
        execute(ordering(withdrawSavings(ALL)));

        for (uint256 i; i < 4; i++) {
            assertEq(_adapters()[i].units(_markets()[i]), 0);
        }
        Book memory b = lens.book(vault);
        for (uint256 i; i < 4; i++) {
            assertEq(b.positionAssets[i], 0);
        }
        assertEq(v3.ranges(_markets()[V3]).length, 0);
    }

    function test_withdraw__all_of_nothing__is_harmless() public {
        execute(ordering(withdrawV2(ALL)));
        execute(ordering(withdrawAave(ALL)));
        execute(ordering(withdrawSavings(ALL)));
        execute(ordering(withdrawV2(ALL)));
        execute(ordering(withdrawAave(ALL)));
        execute(ordering(withdrawSavings(ALL)));
    }

    function test_withdraw__aave_whose_adapter_was_given_more__leaves_the_gift() public {
        vm.startPrank(trader);
        asset.approve(aavePool, 100 * USD);
        (bool ok,) = aavePool.call(
            abi.encodeWithSignature(
                "supply(address,uint256,address,uint16)", asset, 100 * USD, aave, 0
            )
        );
        vm.stopPrank();
        assertTrue(ok);

        execute(ordering(withdrawAave(ALL)));

        assertLe(aave.units(_markets()[AAVE]), 1);
        assertApproxEqRel(asset.balanceOf(address(vault)), 144_000 * USD, 0.01e18);
    }

    /* DRAWING */

    function test_draw__of_pools__is_not_supported() public {
        for (uint256 i; i < 2; i++) {
            assertEq(_adapters()[i].drawable(_markets()[i]), 0);
            vm.expectRevert(
                abi.encodeWithSelector(DrawNotSupported.selector, _markets()[i], 1)
            );
            vm.prank(address(vault));
            _adapters()[i].draw(_markets()[i], 1);
        }
    }

    function test_draw__of_lending__pays_exactly_that() public {
        uint256 idle = asset.balanceOf(address(vault));
        for (uint256 i = AAVE; i < 4; i++) {
            uint256 worth = uint256(_adapters()[i].amount(_markets()[i]));
            assertEq(_adapters()[i].drawable(_markets()[i]), worth);

            vm.prank(address(vault));
            _adapters()[i].draw(_markets()[i], 1_234_567);

            idle += 1_234_567;
            assertEq(asset.balanceOf(address(vault)), idle);
            uint256 left = uint256(_adapters()[i].amount(_markets()[i]));
            assertApproxEqAbs(left, worth - 1_234_567, 2);
        }
    }

    function test_drawable__of_nothing__is_nothing() public {
        execute(ordering(withdrawAave(ALL)));
        execute(ordering(withdrawSavings(ALL)));

        assertEq(aave.drawable(_markets()[AAVE]), 0);
        assertEq(saver.drawable(_markets()[SAVINGS]), 0);
        assertEq(aave.amount(_markets()[AAVE]), 0);
    }

    function test_drawable__aave_without_cash__is_what_there_is() public {
        deal(address(asset), aUsdc, 1_000 * USD);

        assertEq(aave.drawable(_markets()[AAVE]), 1_000 * USD);
        assertGt(aave.amount(_markets()[AAVE]), int256(19_999 * USD));
    }

    function test_drawable__savings_that_pay_less__is_that() public {
        bytes memory ask = abi.encodeWithSignature("maxWithdraw(address)", saver);
        vm.mockCall(savings, ask, abi.encode(1_000 * USD));
        assertEq(saver.drawable(_markets()[SAVINGS]), 1_000 * USD);
        vm.mockCallRevert(savings, ask, "");
        assertEq(saver.drawable(_markets()[SAVINGS]), 0);
    }

    function test_drawable__aave_paused_or_inactive__is_nothing() public {
        bytes memory ask = abi.encodeWithSignature("getConfiguration(address)", asset);
        vm.mockCall(aavePool, ask, abi.encode(uint256(1) << 56 | uint256(1) << 60));
        assertEq(aave.drawable(_markets()[AAVE]), 0);
        vm.mockCall(aavePool, ask, abi.encode(0));
        assertEq(aave.drawable(_markets()[AAVE]), 0);
        vm.mockCall(aavePool, ask, abi.encode(uint256(1) << 56));
        assertGt(aave.drawable(_markets()[AAVE]), 0);
    }

    function test_amount__of_a_pool_of_two__is_no_single_one() public {
        for (uint256 i; i < 2; i++) {
            (IAdapter adapter, bytes32 market) = (_adapters()[i], _markets()[i]);
            vm.expectRevert(
                abi.encodeWithSelector(AmountsUnreadable.selector, adapter, market)
            );
            adapter.amount(market);
        }
    }

    function test_amounts__of_one_token__are_its_amount() public view {
        for (uint256 i = AAVE; i < 4; i++) {
            int256[] memory amounts = _adapters()[i].amounts(_markets()[i], new uint256[](0));
            assertEq(amounts.length, 1);
            assertEq(amounts[0], _adapters()[i].amount(_markets()[i]));
        }
    }

    function test_oneToken__deviation_and_concavity__are_nothing() public view {
        uint256[] memory none = new uint256[](1);
        for (uint256 i = AAVE; i < 4; i++) {
            assertEq(_adapters()[i].deviationWad(_markets()[i], none), 0);
            assertEq(
                _adapters()[i].concavityAssets(_markets()[i], 0, 0, 1, none, none), 0
            );
        }
    }

    /* SLICES */

    function test_slice__of_each__is_paid_to_the_receiver() public {
        uint256 before = vault.totalAssets();

        for (uint256 i; i < 4; i++) {
            (uint256 assets, uint256 ethers) = (asset.balanceOf(bob), eth.balanceOf(bob));
            uint256 units = _adapters()[i].units(_markets()[i]);

            vm.prank(address(vault));
            _adapters()[i].redeemSlice(_markets()[i], 1, 4, bob);

            assertApproxEqAbs(_adapters()[i].units(_markets()[i]), units * 3 / 4, 1);
            uint256 worth = asset.balanceOf(bob) - assets
                + (eth.balanceOf(bob) - ethers) * 2_000 * USD / ETH;
            assertApproxEqRel(worth, i < AAVE ? 4_000 * USD : 5_000 * USD, 0.02e18);
        }
        assertApproxEqRel(vault.totalAssets(), before - 18_000 * USD, 0.01e18);
    }

    function test_slice__set_aside_of_each__is_claimed_by_its_owner_alone() public {
        for (uint256 i; i < 4; i++) {
            (IAdapter adapter, bytes32 market) = (_adapters()[i], _markets()[i]);
            (int24 lower, int24 upper) = _ranges(i);
            uint256 slice = adapter.units(market) / 4;
            vm.expectEmit(address(adapter));
            emit IAdapter.Reserved(market, bob, slice);
            vm.prank(address(vault));
            adapter.reserveSlice(market, 1, 4, bob);
            assertEq(adapter.claimOf(market, lower, upper, bob), slice);

            vm.expectRevert(
                abi.encodeWithSelector(NothingToClaim.selector, market, mallory)
            );
            adapter.claim(market, lower, upper, mallory);
            uint256 before = asset.balanceOf(bob);
            vm.expectEmit(address(adapter));
            emit IAdapter.Claimed(market, bob, slice);
            assertEq(adapter.claim(market, lower, upper, bob), slice);
            assertApproxEqRel(
                asset.balanceOf(bob) - before, i < AAVE ? 2_000 * USD : 5_000 * USD, 0.03e18
            );
            assertEq(adapter.claimOf(market, lower, upper, bob), 0);
        }
    }

    function test_slice__set_aside__is_in_nobodys_books_and_not_withdrawn() public {
        uint256 before = vault.totalAssets();
        for (uint256 i; i < 4; i++) {
            vm.prank(address(vault));
            _adapters()[i].reserveSlice(_markets()[i], 1, 4, bob);
        }
        assertApproxEqRel(vault.totalAssets(), before - 18_000 * USD, 0.01e18);

        execute(ordering(withdrawV2(ALL)));
        execute(ordering(withdrawV3(LOWER, UPPER, ALL)));
        execute(ordering(withdrawAave(ALL)));
        execute(ordering(withdrawSavings(ALL)));

        for (uint256 i; i < 4; i++) {
            (int24 lower, int24 upper) = _ranges(i);
            _adapters()[i].claim(_markets()[i], lower, upper, bob);
        }
        assertApproxEqRel(asset.balanceOf(bob), 14_000 * USD, 0.02e18);
    }

    /* CLAIMS OF RANGES */

    function test_ranges__in_a_protocol_without__are_refused() public {
        int24 lower = LOWER;
        vm.prank(address(vault));
        v2.reserveSlice(_markets()[V2], 1, 4, bob);

        vm.expectRevert();
        v2.claim(_markets()[V2], lower, UPPER, bob);
        assertGt(v2.claimOf(_markets()[V2], 0, 0, bob), 0);
    }
}
