// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IUniswapV3Pool} from "../../../contracts/interfaces/IUniswapV3.sol";
import {Book, Config} from "../../../contracts/interfaces/Types.sol";
import {Lens} from "../../../contracts/lens/Lens.sol";
import {OrderHash} from "../../../contracts/libraries/OrderHash.sol";
import {VaultState} from "../../../contracts/libraries/VaultState.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice Many reads in one call.
contract LensTest is MarketTest {
    function test_read__one_that_reverts__does_not_spoil_the_others() public {
        start(base(), 1_000 * USD);
        Lens.Call[] memory calls = new Lens.Call[](2);
        calls[0] = Lens.Call(address(vault), abi.encodeCall(vault.deposit, (1, alice)));
        calls[1] = Lens.Call(address(vault), abi.encodeCall(vault.nonce, ()));

        (Lens.Block memory at, Lens.Result[] memory results) = lens.read(calls);

        assertEq(at.number, vm.getBlockNumber());
        assertEq(at.timestamp, vm.getBlockTimestamp());
        assertEq(at.chainId, block.chainid);
        assertFalse(results[0].success);
        assertTrue(results[1].success);
        assertEq(results[1].data, abi.encode(0));
    }

    function test_book__is_what_orders_see() public {
        Config memory c = base();
        start(c, 100_000 * USD);
        execute(ordering(swapV2(address(asset), address(eth), 10_000 * USD)));

        Book memory b = lens.book(vault);

        uint256 held = eth.balanceOf(address(vault));
        assertEq(b.inventory[0], 90_000 * USD + 1_000);
        assertEq(b.inventory[1], held);
        assertEq(b.tokenAssets[1], held * 2_000 * USD / ETH);
        assertEq(b.nav, b.tokenAssets[0] + b.tokenAssets[1]);
    }

    function test_uniswapV3__ticks__are_those_of_the_pools_positions() public view {
        Lens.UniswapV3State memory s = lens.uniswapV3(IUniswapV3Pool(poolEth), 1_000);

        assertEq(s.feePips, 3000);
        assertEq(s.tickSpacing, 60);
        assertEq(s.ticks.length, 4); // a range, and one over all prices
        int128 sum;
        for (uint256 i; i < s.ticks.length; i++) {
            sum += s.ticks[i].liquidityNet;
            if (i != 0) assertGt(s.ticks[i].tick, s.ticks[i - 1].tick);
        }
        assertEq(sum, 0);
        assertEq(
            uint128(s.ticks[0].liquidityNet + s.ticks[1].liquidityNet), s.liquidity
        );
        assertEq(s.lowestTick, -887_272);
        assertEq(s.highestTick, 887_272);
    }

    function test_uniswapV3__few_words__are_those_around_the_price() public view {
        Lens.UniswapV3State memory s = lens.uniswapV3(IUniswapV3Pool(poolEth), 1);

        // 256 spacings of 60 a word, and the price stands at -200,312: word -14
        assertEq(s.lowestTick, -15 * 256 * 60);
        assertEq(s.highestTick, (-12 * 256 - 1) * 60);
        assertEq(s.ticks.length, 2);
    }

    /* WHAT IS WRITTEN OUT BY HAND */

    function test_storage__slot__is_that_of_its_name() public pure {
        bytes32 name = keccak256("steelyard.vault");
        bytes32 slot = keccak256(abi.encode(uint256(name) - 1)) & ~bytes32(uint256(0xff));

        assertEq(VaultState.SLOT, slot);
    }

    function test_typeHashes__are_those_of_the_types() public pure {
        string memory target =
            "Target(address item,bytes32 market,uint256 minWeightWad,uint256 maxWeightWad)";
        string memory withdraw =
            "Withdraw(address adapter,bytes32 market,int24 tickLower,int24 tickUpper,uint256 units,uint256[] minAmounts)";
        string memory swap =
            "Swap(address venue,bytes32 pool,address tokenIn,address tokenOut,uint256 amountIn,uint256 minAmountOut)";
        string memory supply =
            "Supply(address adapter,bytes32 market,int24 tickLower,int24 tickUpper,uint256[] maxAmounts,uint256 minUnits)";
        string memory rebalance = string.concat(
            "Rebalance(uint256 nonce,uint256 validAfter,uint256 deadline,address relayer,",
            "uint256 publicAfter,bytes32 configHash,uint256 sharePriceFloorBefore,",
            "uint256 sharePriceCeilBefore,uint256 sharePriceFloorAfter,bytes32 inputsHash,",
            "Target[] targets,Withdraw[] withdraws,Swap[] swaps,Supply[] supplies)"
        );

        assertEq(OrderHash.TARGET_TYPEHASH, keccak256(bytes(target)));
        assertEq(OrderHash.WITHDRAW_TYPEHASH, keccak256(bytes(withdraw)));
        assertEq(OrderHash.SWAP_TYPEHASH, keccak256(bytes(swap)));
        assertEq(OrderHash.SUPPLY_TYPEHASH, keccak256(bytes(supply)));
        assertEq(
            OrderHash.REBALANCE_TYPEHASH,
            keccak256(bytes(string.concat(rebalance, supply, swap, target, withdraw)))
        );
    }
}
