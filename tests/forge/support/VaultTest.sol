// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Test} from "forge-std/Test.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ExitQueue} from "../../../contracts/ExitQueue.sol";
import {Vault} from "../../../contracts/Vault.sol";
import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {
    Config,
    Rebalance,
    Supply,
    Swap,
    Target,
    Withdraw
} from "../../../contracts/interfaces/Types.sol";
import {Lens} from "../../../contracts/lens/Lens.sol";
import {VaultStatus} from "../../../contracts/lens/Status.sol";
import {Change, Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {Build} from "./Build.sol";
import {HashHarness} from "./HashHarness.sol";

/// @notice A vault, the people around it, and orders for it.
abstract contract VaultTest is Test {
    using Build for Config;

    uint256 internal constant WAD = 1e18;
    uint256 internal constant ALL = type(uint256).max;
    uint256 internal constant STRATEGIST_KEY = 0x5e5e5e;
    uint256 internal constant START_AT = 1_700_000_000;
    address internal strategist = vm.addr(STRATEGIST_KEY);
    address internal relayer = makeAddr("relayer");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal mallory = makeAddr("mallory");
    address internal treasury = makeAddr("treasury");

    AccessManager internal authority;
    DemoToken internal asset;
    Vault internal vault;
    ExitQueue internal queue;
    Lens internal lens = new Lens();
    HashHarness private hasher = new HashHarness();

    /* VAULT */

    /// @notice A vault without a configuration; this contract is its administrator.
    function deployVault(uint8 decimals) internal {
        vm.warp(START_AT);
        deployVault(new DemoToken("USD Coin", "USDC", decimals));
    }

    function deployVault(DemoToken asset_) internal {
        asset = asset_;
        authority = new AccessManager(address(this));
        vault = new Vault(asset, "Steelyard USDC", "syUSDC", address(authority));
        queue = new ExitQueue(vault, 1);
        deal(address(asset), address(this), 1e30);
        asset.approve(address(vault), ALL);
    }

    function deposit(address who, uint256 assets) internal returns (uint256 shares) {
        deal(address(asset), who, asset.balanceOf(who) + assets);
        vm.startPrank(who);
        asset.approve(address(vault), ALL);
        shares = vault.deposit(assets, who);
        vm.stopPrank();
    }

    function redeem(address who, uint256 shares) internal returns (uint256 assets) {
        vm.prank(who);
        return vault.redeem(shares, who, who);
    }

    function request(address who, uint256 shares) internal returns (uint256 id) {
        vm.startPrank(who);
        vault.approve(address(queue), shares);
        id = queue.request(shares);
        vm.stopPrank();
    }

    function tighten(Field field, uint256 index, uint256 value) internal {
        vault.tighten(change(field, index, value));
    }

    function change(Field field, uint256 index, uint256 value)
        internal
        pure
        returns (Change[] memory list)
    {
        list = new Change[](1);
        list[0] = Change(field, index, value);
    }

    function status() internal view returns (VaultStatus memory) {
        return lens.status(vault);
    }

    /// @notice Time goes on, and so do blocks: what was paid in stays no flash deposit.
    function pass(uint256 seconds_) internal {
        skip(seconds_);
        vm.roll(vm.getBlockNumber() + 1 + seconds_ / 12);
    }

    /* ORDERS */

    /// @notice Says that a position fails, and an hour later that it still does.
    function impair(address adapter, bytes32 market) internal {
        vault.impair(adapter, market);
        pass(1 hours);
        vault.impair(adapter, market);
    }

    /// @notice A valid order that does nothing yet.
    function newOrder() internal view returns (Rebalance memory order) {
        order.nonce = vault.nonce();
        order.validAfter = vm.getBlockTimestamp();
        order.deadline = order.validAfter + 600;
        order.configHash = vault.configHash();
        order.sharePriceCeilBefore = ALL;
    }

    function ordering(Withdraw memory action) internal view returns (Rebalance memory order) {
        order = newOrder();
        order.withdraws = new Withdraw[](1);
        order.withdraws[0] = action;
    }

    function ordering(Swap memory action) internal view returns (Rebalance memory order) {
        order = newOrder();
        order.swaps = new Swap[](1);
        order.swaps[0] = action;
    }

    function ordering(Supply memory action) internal view returns (Rebalance memory order) {
        order = newOrder();
        order.supplies = new Supply[](1);
        order.supplies[0] = action;
    }

    function sign(Rebalance memory order) internal view returns (bytes memory) {
        return signWith(order, STRATEGIST_KEY);
    }

    function signWith(Rebalance memory order, uint256 key) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(order));
        return abi.encodePacked(r, s, v);
    }

    function digestOf(Rebalance memory order) internal view returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                hex"1901", vault.DOMAIN_SEPARATOR(), hasher.structHash(order)
            )
        );
    }

    function execute(Rebalance memory order) internal {
        bytes memory signature = sign(order);
        vm.prank(relayer);
        vault.rebalance(order, signature);
    }

    /// @notice The order must fail with exactly this error.
    function refuse(Rebalance memory order, bytes memory error) internal {
        bytes memory signature = sign(order);
        vm.expectRevert(error);
        vm.prank(relayer);
        vault.rebalance(order, signature);
    }

    /* LISTS */

    function one(address a) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = a;
    }

    function two(address a, address b) internal pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (a, b);
    }

    function one(uint256 a) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = a;
    }

    function two(uint256 a, uint256 b) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    function one(Target memory a) internal pure returns (Target[] memory list) {
        list = new Target[](1);
        list[0] = a;
    }
}
