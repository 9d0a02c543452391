// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Test} from "forge-std/Test.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
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
import {OrderHash} from "../../../contracts/libraries/OrderHash.sol";
import {Build} from "./Build.sol";
import {HashHarness} from "./HashHarness.sol";

/// @notice A vault, the people around it, and orders for it.
abstract contract VaultTest is Test {
    using Build for Config;

    uint256 internal constant STRATEGIST_KEY = 0x5e5e5e;
    address internal strategist = vm.addr(STRATEGIST_KEY);
    address internal relayer = makeAddr("relayer");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal treasury = makeAddr("treasury");

    AccessManager internal authority;
    DemoToken internal asset;
    Vault internal vault;
    ExitQueue internal queue;
    HashHarness private hasher = new HashHarness();

    /// @notice A vault without a configuration; this contract is its administrator.
    function deployVault(uint8 decimals) internal {
        vm.warp(1_700_000_000);
        authority = new AccessManager(address(this));
        asset = new DemoToken("USD Coin", "USDC", decimals);
        vault = new Vault(asset, "Steelyard USDC", "syUSDC", address(authority));
        queue = new ExitQueue(vault, 1);
        asset.mint(address(this), 1e30);
        asset.approve(address(vault), type(uint256).max);
    }

    function deposit(address who, uint256 assets) internal returns (uint256 shares) {
        asset.mint(who, assets);
        vm.startPrank(who);
        asset.approve(address(vault), type(uint256).max);
        shares = vault.deposit(assets, who);
        vm.stopPrank();
    }

    /// @notice Time goes on, and so do blocks: what was paid in stays no flash deposit.
    function pass(uint256 seconds_) internal {
        skip(seconds_);
        vm.roll(vm.getBlockNumber() + 1 + seconds_ / 12);
    }

    /// @notice A valid order that does nothing yet.
    function newOrder() internal view returns (Rebalance memory order) {
        order.nonce = vault.nonce();
        order.validAfter = block.timestamp;
        order.deadline = block.timestamp + 600;
        order.configHash = vault.configHash();
        order.sharePriceCeilBefore = type(uint256).max;
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

    function one(Withdraw memory action) internal pure returns (Withdraw[] memory list) {
        list = new Withdraw[](1);
        list[0] = action;
    }

    function one(Swap memory action) internal pure returns (Swap[] memory list) {
        list = new Swap[](1);
        list[0] = action;
    }

    function one(Supply memory action) internal pure returns (Supply[] memory list) {
        list = new Supply[](1);
        list[0] = action;
    }

    function one(uint256 value) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }

    function two(uint256 a, uint256 b) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }
}
