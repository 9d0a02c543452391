// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {Change} from "../../../contracts/libraries/ConfigEdit.sol";
import {Reentrant} from "../../../contracts/libraries/Errors.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {Hook} from "../../../contracts/mocks/Hook.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Whoever is called in the middle of a move calls back: every door is shut.
contract ReentryTest is Rig {
    uint256 private constant SHARE = 1e12;
    uint256 private constant DOORS = 16;

    HostileToken private token; // the asset

    function setUp() public override {
        vm.warp(START_AT);
        token = new HostileToken(6);
        deployVault(DemoToken(address(token)));
        deployRig(new DemoToken("Ether", "ETH", 18));
        Config memory c = base();
        c.params.queue = address(queue);
        start(c, 1_000 * USD);
        lendNow(600 * USD);
        vm.prank(alice);
        vault.transfer(bob, 100 * SHARE);
    }

    /// @dev What an intruder may try; the order is valid and signed.
    function _door(uint256 i) private view returns (bytes memory) {
        Rebalance memory order = newOrder();
        bytes[DOORS] memory calls = [
            abi.encodeCall(vault.deposit, (1, mallory)),
            abi.encodeCall(vault.mint, (1, mallory)),
            abi.encodeCall(vault.withdraw, (1, mallory, alice)),
            abi.encodeCall(vault.redeem, (1, mallory, alice)),
            abi.encodeCall(vault.redeemInKind, (1, mallory, alice, 0)),
            abi.encodeCall(vault.rebalance, (order, sign(order))),
            abi.encodeCall(vault.poke, ()),
            abi.encodeCall(vault.heal, (address(lend), MARKET)),
            abi.encodeCall(vault.restore, (address(lend), MARKET)),
            abi.encodeCall(vault.claim, (address(token), alice)),
            abi.encodeCall(vault.cancelOrder, ()),
            abi.encodeCall(vault.totalAssets, ()),
            abi.encodeCall(vault.setFees, (treasury, 0, 0)),
            abi.encodeCall(vault.submit, (base())),
            abi.encodeCall(vault.tighten, (new Change[](0))),
            abi.encodeCall(vault.impair, (address(lend), MARKET))
        ];
        return calls[i];
    }

    function _assertShut(Hook double) private view {
        assertTrue(double.hookRan());
        assertFalse(double.hookSucceeded());
        assertEq(double.hookAnswer(), abi.encodeWithSelector(Reentrant.selector));
    }

    /// @dev Each door in turn, from inside of `move`, by who may do everything.
    function _tryAll(Hook double, function() internal move) private {
        authority.grantRole(authority.ADMIN_ROLE(), address(double), 0);
        for (uint256 i; i < DOORS; i++) {
            uint256 snapshot = vm.snapshotState();
            double.setHook(address(vault), _door(i), false);
            move();
            _assertShut(double);
            vm.revertToState(snapshot);
        }
    }

    /* A TOKEN THAT CALLS BACK */

    function _deposit() internal {
        vm.startPrank(mallory);
        token.mint(mallory, USD);
        token.approve(address(vault), USD);
        vault.deposit(USD, mallory);
        vm.stopPrank();
    }

    function _mint() internal {
        vm.startPrank(mallory);
        token.mint(mallory, USD);
        token.approve(address(vault), USD);
        vault.mint(1e6, mallory);
        vm.stopPrank();
    }

    function _withdraw() internal {
        vm.prank(bob);
        vault.withdraw(USD, bob, bob);
    }

    function _redeem() internal {
        vm.prank(bob);
        vault.redeem(SHARE, bob, bob);
    }

    function _leaveInKind() internal {
        vm.prank(bob);
        vault.redeemInKind(SHARE, bob, bob, 0);
    }

    function test_token__in_a_deposit__finds_every_door_shut() public {
        _tryAll(token, _deposit);
    }

    function test_token__in_a_mint__finds_every_door_shut() public {
        _tryAll(token, _mint);
    }

    function test_token__in_a_withdrawal__finds_every_door_shut() public {
        _tryAll(token, _withdraw);
    }

    function test_token__in_a_redemption__finds_every_door_shut() public {
        _tryAll(token, _redeem);
    }

    function test_token__in_an_exit_in_kind__finds_every_door_shut() public {
        _tryAll(token, _leaveInKind);
    }

    function _claim() internal {
        vault.claim(address(token), bob);
    }

    function test_token__in_a_claim__finds_every_door_shut() public {
        token.setBlocked(bob, true);
        _leaveInKind();
        token.setBlocked(bob, false);

        _tryAll(token, _claim);
    }

    function _swap() internal {
        execute(ordering(buyEth(10 * USD)));
    }

    function test_token__in_a_swap__finds_every_door_shut() public {
        _tryAll(token, _swap);
    }

    function test_token__in_a_fill__fills_nothing_else() public {
        vm.startPrank(bob);
        vault.approve(address(queue), 100 * SHARE);
        queue.request(100 * SHARE);
        vm.stopPrank();
        token.setHook(address(queue), abi.encodeCall(queue.fill, (10)), true);

        queue.fill(10);

        assertEq(token.hookAnswer(), abi.encode(0, 0));
        assertEq(queue.requests(0).assets, 100 * USD);
        assertEq(token.balanceOf(address(queue)), 100 * USD);
    }

    /* AN ADAPTER THAT CALLS BACK */

    function _supply() internal {
        execute(ordering(supplyTo(lend, USD)));
    }

    function _unwind() internal {
        execute(ordering(withdrawFrom(lend, USD)));
    }

    function _drawn() internal {
        vm.prank(alice);
        vault.withdraw(500 * USD, alice, alice);
    }

    function _healed() internal {
        vault.heal(address(lend), MARKET);
    }

    function test_adapter__in_a_supply__finds_every_door_shut() public {
        _tryAll(lend, _supply);
    }

    function test_adapter__in_a_withdrawal__finds_every_door_shut() public {
        _tryAll(lend, _unwind);
    }

    function test_adapter__in_an_exit_by_price__finds_every_door_shut() public {
        _tryAll(lend, _drawn);
    }

    function test_adapter__in_an_exit_in_kind__finds_every_door_shut() public {
        _tryAll(lend, _leaveInKind);
    }

    function test_adapter__in_a_healing__finds_every_door_shut() public {
        Config memory c = base();
        c.positions[LEND].capAssets = 100 * USD;
        vault.submit(c);

        _tryAll(lend, _healed);
    }

    /* A VENUE THAT CALLS BACK */

    function test_venue__in_a_swap__finds_every_door_shut() public {
        _tryAll(ethVenue, _swap);
    }

    function test_locks__are_open_again_after_each_move() public {
        _deposit();
        _withdraw();
        _redeem();
        _leaveInKind();
        _swap();
        pass(1);
        _supply();
        pass(1);
        vault.poke();
        _deposit();
    }
}
