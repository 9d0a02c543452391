// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Rebalance} from "../../../contracts/interfaces/Types.sol";
import {Rig} from "../support/Rig.sol";

/// @notice ERC-2612 permits of shares, several calls in one, and the share as a token.
contract PermitTest is Rig {
    uint256 private constant SHARE = 1e12;
    uint256 private constant OWNER_KEY = 0xa11ce;
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    address private owner = vm.addr(OWNER_KEY);

    function setUp() public override {
        super.setUp();
        start(base(), 1_000 * USD);
        deposit(owner, 100 * USD);
    }

    function _permit(uint256 key, uint256 deadline)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 structHash = keccak256(
            abi.encode(PERMIT, owner, bob, 40 * SHARE, vault.nonces(owner), deadline)
        );
        bytes32 separator = vault.DOMAIN_SEPARATOR();
        return vm.sign(key, keccak256(abi.encodePacked(hex"1901", separator, structHash)));
    }

    function test_permit__of_the_owner__lets_another_redeem() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(OWNER_KEY, nowPlus(0));

        vault.permit(owner, bob, 40 * SHARE, nowPlus(0), v, r, s);

        assertEq(vault.nonces(owner), 1);
        vm.prank(bob);
        vault.redeem(40 * SHARE, bob, owner);
        assertEq(asset.balanceOf(bob), 40 * USD);
        assertEq(vault.allowance(owner, bob), 0);
    }

    function test_permit__used_twice_late_or_of_another__is_refused() public {
        uint256 deadline = nowPlus(0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(OWNER_KEY, deadline);
        vault.permit(owner, bob, 40 * SHARE, deadline, v, r, s);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        vault.permit(owner, bob, 40 * SHARE, deadline, v, r, s);

        (v, r, s) = _permit(OWNER_KEY, deadline - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline - 1)
        );
        vault.permit(owner, bob, 40 * SHARE, deadline - 1, v, r, s);

        (v, r, s) = _permit(0xbad, deadline);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC20Permit.ERC2612InvalidSigner.selector, vm.addr(0xbad), owner
            )
        );
        vault.permit(owner, bob, 40 * SHARE, deadline, v, r, s);
    }

    function test_multicall__permit_and_redeem__in_one() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(OWNER_KEY, nowPlus(0));
        bytes[] memory calls = new bytes[](2);
        calls[0] =
            abi.encodeCall(vault.permit, (owner, bob, 40 * SHARE, nowPlus(0), v, r, s));
        calls[1] = abi.encodeCall(vault.redeem, (40 * SHARE, bob, owner));

        vm.prank(bob);
        bytes[] memory answers = vault.multicall(calls);

        assertEq(abi.decode(answers[1], (uint256)), 40 * USD);
    }

    function test_multicall__is_its_caller_alone() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(vault.redeem, (SHARE, mallory, owner));

        vm.expectRevert();
        vm.prank(mallory);
        vault.multicall(calls);
    }

    function test_multicall__one_that_fails__undoes_the_others() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(vault.redeem, (SHARE, owner, owner));
        calls[1] = abi.encodeCall(vault.redeem, (100 * SHARE, owner, owner));

        vm.expectRevert(
            abi.encodeWithSelector(
                ERC4626.ERC4626ExceededMaxRedeem.selector, owner, 100 * SHARE, 99 * SHARE
            )
        );
        vm.prank(owner);
        vault.multicall(calls);
        assertEq(vault.balanceOf(owner), 100 * SHARE);
    }

    /// @dev What the vault puts behind the call for its library cannot be forged.
    function test_multicall__order_in_it__is_checked_like_any_other() public {
        Rebalance memory order = ordering(buyEth(100 * USD));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(vault.rebalance, (order, sign(order)));
        calls[1] = abi.encodeCall(vault.poke, ());

        vault.multicall(calls);

        assertEq(eth.balanceOf(address(vault)), ETH / 20);
    }

    function test_rebalance__words_behind_the_call__change_nothing() public {
        Rebalance memory order = ordering(buyEth(100 * USD));
        bytes memory call = abi.encodeCall(vault.rebalance, (order, sign(order)));

        (bool ok,) =
            address(vault).call(bytes.concat(call, abi.encode(bytes32("forged"), ALL)));

        assertTrue(ok);
        assertEq(vault.nonce(), 1);
    }

    function test_token__name_and_decimals() public view {
        assertEq(vault.name(), "Steelyard USDC");
        assertEq(vault.symbol(), "syUSDC");
        assertEq(vault.decimals(), 12); // of the asset, and six
        assertEq(vault.asset(), address(asset));
    }
}
