// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {IMorphoBlue} from "../../../contracts/interfaces/IMorphoBlue.sol";
import {Swap} from "../../../contracts/interfaces/Types.sol";
import {
    InsufficientOutput,
    ParametersChanged,
    PositionAnswers,
    PoolDeviation,
    PoolNotListed
} from "../../../contracts/libraries/Errors.sol";
import {ProtocolVault} from "../support/ProtocolVault.sol";

interface IUnlock {
    function unlock(bytes calldata data) external returns (bytes memory);
}

/// @notice Calls somebody while the PoolManager is unlocked.
contract Insider {
    address private immutable manager;

    constructor(address manager_) {
        manager = manager_;
    }

    function callFromInside(address target, bytes calldata data) external {
        IUnlock(manager).unlock(abi.encode(target, data));
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        (address target, bytes memory call_) = abi.decode(data, (address, bytes));
        (bool ok, bytes memory answer) = target.call(call_);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return "";
    }
}

/// @notice Orders, refusals and exits of one vault in all of these protocols at once.
/// forge-config: default.evm_version = "cancun"
contract OrdersTest is ProtocolVault {
    /* ORDERS */

    function test_orders__into_all_and_out_again__cost_next_to_nothing() public {
        uint256 before = vault.totalAssets();

        _investAll();

        assertApproxEqRel(vault.totalAssets(), before, 1e13);
        for (uint256 i; i < COUNT; i++) {
            assertGt(lens.book(vault).positionAssets[i], 9_999 * USD);
            execute(ordering(_withdraw(i, ALL)));
            assertEq(adapters[i].units(markets[i]), 0);
        }
        assertApproxEqRel(vault.totalAssets(), before, 1e13);
    }

    function test_swap__in_every_venue__costs_its_fee() public {
        uint256[POOLS] memory feesWad = [uint256(0.003e18), 0.0004e18, 0.0004e18, 0.003e18];
        for (uint256 i; i < POOLS; i++) {
            uint256 before = vault.totalAssets();

            execute(ordering(_swap(i, 1_000)));

            uint256 fee = 1_000 * USD * feesWad[i] / WAD;
            assertApproxEqAbs(before - vault.totalAssets(), fee, USD / 2);
        }
    }

    function test_swap__pays_a_unit_less_than_asked_for__is_refused() public {
        for (uint256 i; i < POOLS; i++) {
            Swap memory action = _swap(i, 1_000);
            uint256 before = IERC20(action.tokenOut).balanceOf(address(vault));
            uint256 snapshot = vm.snapshotState();
            execute(ordering(action));
            uint256 out = IERC20(action.tokenOut).balanceOf(address(vault)) - before;
            vm.revertToState(snapshot);

            action.minAmountOut = out + 1;
            refuse(
                ordering(action),
                abi.encodeWithSelector(InsufficientOutput.selector, 0, 0, out, out + 1)
            );
            action.minAmountOut = out;
            execute(ordering(action));
        }
    }

    function test_swap__in_a_pool_of_another_venue__is_refused() public {
        Swap memory action = _swap(CURVE, 1_000);
        action.venue = address(venues[STABLE]);

        refuse(
            ordering(action),
            abi.encodeWithSelector(PoolNotListed.selector, action.venue, action.pool)
        );
    }

    /* A GUARDIAN INSIDE OF THE PROTOCOL */

    function test_impair__from_inside_of_the_pool_manager__is_refused() public {
        _investAll();
        Insider insider = new Insider(address(manager));
        authority.grantRole(authority.ADMIN_ROLE(), address(insider), 0);
        bytes memory impairing = abi.encodeCall(vault.impair, (address(adapters[V4]), poolId));

        vm.expectRevert(
            abi.encodeWithSelector(PositionAnswers.selector, adapters[V4], poolId)
        );
        insider.callFromInside(address(vault), impairing);
    }

    /* REFUSALS */

    function test_order__skewed_pool__is_refused_until_the_skew_is_undone() public {
        _investAll();
        for (uint256 i; i < POOLS; i++) {
            uint256 snapshot = vm.snapshotState();
            uint256 before = vault.totalAssets();
            uint256 got = _skew(i);
            // fees aside, of which the vault has a hundredth
            assertApproxEqAbs(vault.totalAssets(), before, 60 * USD);
            uint256 deviationWad =
                adapters[i].deviationWad(markets[i], pricesOf(adapters[i].tokens(markets[i])));
            bytes memory error = abi.encodeWithSelector(
                PoolDeviation.selector, markets[i], deviationWad, 0.02e18
            );
            refuse(ordering(_withdraw(i, ALL)), error);
            refuse(ordering(_supply(i)), error);

            _unskew(i, got);

            execute(ordering(_withdraw(i, ALL)));
            vm.revertToState(snapshot);
        }
    }

    function _skew(uint256 i) private returns (uint256) {
        return _tradeAs(i, address(usdc), _other(i), (i == WEIGHTED ? 550_000 : 950_000) * USD);
    }

    function _unskew(uint256 i, uint256 amount) private {
        _tradeAs(i, _other(i), address(usdc), amount);
    }

    /// @dev By our own venues, for somebody else.
    function _tradeAs(uint256 i, address tokenIn, address tokenOut, uint256 amountIn)
        private
        returns (uint256)
    {
        mint(tokenIn, address(venues[i]), amountIn);
        vm.prank(trader);
        return venues[i].swap(markets[i], tokenIn, tokenOut, amountIn);
    }

    function test_order__market_whose_parameters_changed__is_refused_and_exits_are_not()
        public
    {
        _investAll();
        IMorphoBlue morpho = IMorphoBlue(addressOf(".morpho.morpho"));
        IAdapter adapter = adapters[MORPHO];
        bytes32 listed = adapter.parameters(markets[MORPHO]);
        bytes memory change = abi.encodeWithSignature(
            "setFee((address,address,address,address,uint256),uint256)",
            morpho.idToMarketParams(markets[MORPHO]),
            0.2e18
        );

        from(deployer, address(morpho), change);

        refuse(
            ordering(_withdraw(MORPHO, ALL)),
            abi.encodeWithSelector(
                ParametersChanged.selector,
                adapter,
                markets[MORPHO],
                adapter.parameters(markets[MORPHO]),
                listed
            )
        );
        uint256 units = adapter.units(markets[MORPHO]);
        uint256 half = vault.balanceOf(alice) / 2;
        vm.prank(alice);
        vault.redeemInKind(half, bob, alice, 0);
        assertApproxEqRel(adapter.units(markets[MORPHO]), units / 2, 1e12);
    }

    /* EXITS */

    function test_withdraw__beyond_idle__draws_from_lending() public {
        _investAll();
        uint256 idle = usdc.balanceOf(address(vault));

        vm.prank(alice);
        vault.withdraw(idle + 15_000 * USD, alice, alice);

        assertEq(usdc.balanceOf(alice), idle + 15_000 * USD);
        assertEq(usdc.balanceOf(address(vault)), 0);
        uint256 left = uint256(adapters[MORPHO].amount(markets[MORPHO]))
            + uint256(adapters[COMPOUND].amount(markets[COMPOUND]));
        assertApproxEqAbs(left, 5_000 * USD, USD / 100);
    }

    function test_redeemInKind__half__is_half_of_everything() public {
        _investAll();
        uint256[COUNT] memory units;
        for (uint256 i; i < COUNT; i++) {
            units[i] = adapters[i].units(markets[i]);
        }
        uint256 half = vault.balanceOf(alice) / 2;
        uint256 before = vault.totalAssets();

        vm.prank(alice);
        vault.redeemInKind(half, bob, alice, 0);

        for (uint256 i; i < COUNT; i++) {
            assertApproxEqRel(adapters[i].units(markets[i]), units[i] / 2, 1e12);
            (int24 lower, int24 upper) = _ticks(i);
            assertEq(adapters[i].claimOf(markets[i], lower, upper, bob), 0);
        }
        uint256 paid;
        address[5] memory tokens =
            [address(usdc), address(dai), address(usdt), address(eth), address(hst)];
        for (uint256 i; i < 5; i++) {
            paid += IERC20(tokens[i]).balanceOf(bob) * priceOf(tokens[i]) / E36;
        }
        assertApproxEqRel(paid, before / 2, 1e13);
        assertApproxEqRel(vault.totalAssets(), before / 2, 1e13);
    }
}
