// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Config, Rebalance} from "../../../contracts/interfaces/Types.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {WrongNonce} from "../../../contracts/libraries/Errors.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Who may do what, and how soon: the authority set up as
///         offchain/steelyard/chain/roles.py does it.
contract RolesTest is Rig {
    uint64 private constant OWNER = 0;
    uint64 private constant CURATOR = 1;
    uint64 private constant TIGHTENER = 2;
    uint64 private constant GUARDIAN = 3;
    uint32 private constant CURATOR_DELAY = 3 days;
    uint32 private constant OWNER_DELAY = 7 days;
    uint32 private constant GRANT_DELAY = 5 days;

    address private owner = makeAddr("owner");
    address private curator = makeAddr("curator");
    address private guardian = makeAddr("guardian");

    function setUp() public override {
        super.setUp();
        start(base(), 1_000 * USD);
        _setRole(OWNER, vault.setFees.selector);
        _setRole(OWNER, vault.renewBrake.selector);
        _setRole(CURATOR, vault.submit.selector);
        _setRole(CURATOR, vault.resetMark.selector);
        _setRole(TIGHTENER, vault.tighten.selector);
        _setRole(GUARDIAN, vault.brake.selector);
        _setRole(GUARDIAN, vault.releaseBrake.selector);
        _setRole(GUARDIAN, vault.impair.selector);
        _setRole(GUARDIAN, vault.cancelOrder.selector);
        for (uint64 role = CURATOR; role <= GUARDIAN; role++) {
            authority.setRoleGuardian(role, GUARDIAN);
        }
        authority.grantRole(CURATOR, curator, CURATOR_DELAY);
        authority.grantRole(TIGHTENER, curator, 0);
        authority.grantRole(TIGHTENER, guardian, 0);
        authority.grantRole(GUARDIAN, guardian, 0);
        for (uint64 role = CURATOR; role <= GUARDIAN; role++) {
            authority.setGrantDelay(role, GRANT_DELAY);
        }
        authority.setTargetAdminDelay(address(vault), OWNER_DELAY);
        authority.grantRole(OWNER, owner, OWNER_DELAY);
        authority.renounceRole(OWNER, address(this));
        pass(6 days); // delays of the authority's own settings
    }

    function _setRole(uint64 role, bytes4 selector) private {
        bytes4[] memory list = new bytes4[](1);
        list[0] = selector;
        authority.setTargetFunctionRole(address(vault), list, role);
    }

    function _refuse(address who, bytes memory data) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, who)
        );
        _call(who, data);
    }

    function _call(address who, bytes memory data) private {
        vm.prank(who);
        (bool ok, bytes memory answer) = address(vault).call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function _schedule(address who, bytes memory data) private returns (bytes32 id) {
        vm.prank(who);
        (id,) = authority.schedule(address(vault), data, 0);
    }

    function _submission() private view returns (bytes memory) {
        Config memory c = base();
        c.params.maxWindowSeconds = 1200;
        return abi.encodeCall(vault.submit, (c));
    }

    /* WHO */

    function test_roles__strangers_strategist_and_depositors__have_none() public {
        bytes[9] memory calls = [
            abi.encodeCall(vault.setFees, (mallory, 0, 0)),
            abi.encodeCall(vault.renewBrake, (true)),
            _submission(),
            abi.encodeCall(vault.resetMark, ()),
            abi.encodeCall(vault.tighten, (change(Field.LOSS_WAD, 0, 0))),
            abi.encodeCall(vault.brake, (true)),
            abi.encodeCall(vault.releaseBrake, ()),
            abi.encodeCall(vault.impair, (address(lend), MARKET)),
            abi.encodeCall(vault.cancelOrder, ())
        ];
        for (uint256 i; i < calls.length; i++) {
            _refuse(mallory, calls[i]);
            _refuse(alice, calls[i]);
            if (i < 8) _refuse(strategist, calls[i]); // cancels its own orders
        }
    }

    function test_roles__guardian__raises_nothing() public {
        _refuse(guardian, _submission());
        _refuse(guardian, abi.encodeCall(vault.resetMark, ()));
        _refuse(guardian, abi.encodeCall(vault.setFees, (guardian, 0.05e18, 0.3e18)));
        _refuse(guardian, abi.encodeCall(vault.renewBrake, (true)));
    }

    function test_roles__curator__does_not_brake_nor_set_fees() public {
        _refuse(curator, abi.encodeCall(vault.brake, (true)));
        _refuse(curator, abi.encodeCall(vault.impair, (address(lend), MARKET)));
        _refuse(curator, abi.encodeCall(vault.setFees, (curator, 0.05e18, 0.3e18)));
    }

    /* HOW SOON */

    function test_submit__without_its_delay__is_refused() public {
        bytes memory data = _submission();
        bytes32 id = authority.hashOperation(curator, address(vault), data);

        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id)
        );
        _call(curator, data);
        _schedule(curator, data);
        skip(CURATOR_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, id)
        );
        _call(curator, data);
        skip(1);
        _call(curator, data);

        assertEq(lens.config(vault).params.maxWindowSeconds, 1200);
    }

    function test_submit__after_a_week_unused__is_refused() public {
        bytes memory data = _submission();
        bytes32 id = _schedule(curator, data);

        skip(CURATOR_DELAY + 1 weeks);

        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerExpired.selector, id)
        );
        _call(curator, data);
    }

    function test_submit__scheduled__is_cancelled_by_the_guardian() public {
        bytes memory data = _submission();
        bytes32 id = _schedule(curator, data);

        vm.prank(guardian);
        authority.cancel(curator, address(vault), data);
        skip(CURATOR_DELAY);

        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id)
        );
        _call(curator, data);
    }

    function test_submit__scheduled__is_not_cancelled_by_others() public {
        bytes memory data = _submission();
        _schedule(curator, data);

        vm.expectRevert();
        vm.prank(mallory);
        authority.cancel(curator, address(vault), data);
    }

    function test_setFees__waits_for_the_owners_delay() public {
        bytes memory data = abi.encodeCall(vault.setFees, (treasury, 0.01e18, 0.1e18));
        _schedule(owner, data);

        skip(OWNER_DELAY - 1);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotReady.selector);
        _call(owner, data);
        skip(1);
        _call(owner, data);

        assertEq(lens.config(vault).params.feeRecipient, treasury);
    }

    function test_lowering__is_at_once() public {
        vm.prank(guardian);
        vault.tighten(change(Field.TOKEN_CAP_WAD, 1, 0.5e18));
        vm.prank(curator);
        vault.tighten(change(Field.TOKEN_CAP_WAD, 1, 0.4e18));
        vm.prank(guardian);
        vault.brake(true);

        assertEq(lens.config(vault).tokens[1].capWad, 0.4e18);
        assertTrue(status().isPause);
    }

    function test_members__new_ones__wait_before_they_may_act() public {
        bytes memory data = abi.encodeCall(authority.grantRole, (GUARDIAN, mallory, 0));
        vm.prank(owner);
        authority.schedule(address(authority), data, 0);
        skip(OWNER_DELAY);
        vm.prank(owner);
        authority.execute(address(authority), data);

        skip(GRANT_DELAY - 1);
        _refuse(mallory, abi.encodeCall(vault.brake, (true)));
        skip(1);
        vm.prank(mallory);
        vault.brake(true);
    }

    function test_owner__who_gives_a_function_to_another_role__waits() public {
        bytes4[] memory list = new bytes4[](1);
        list[0] = vault.submit.selector;

        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        vm.prank(owner);
        authority.setTargetFunctionRole(address(vault), list, GUARDIAN);
    }

    /* ORDERS */

    function test_cancelOrder__by_the_guardian__skips_the_nonce() public {
        Rebalance memory order = newOrder();

        vm.expectEmit(address(vault));
        emit IVault.CancelOrder(guardian, 0);
        vm.prank(guardian);
        vault.cancelOrder();

        refuse(order, err(WrongNonce.selector, 0, 1));
    }

    /* EXITS */

    function test_exits__with_the_vault_closed_by_its_owner__stay_open() public {
        lendNow(400 * USD);
        bytes memory data = abi.encodeCall(authority.setTargetClosed, (address(vault), true));
        vm.prank(owner);
        authority.schedule(address(authority), data, 0);
        skip(OWNER_DELAY);
        vm.prank(owner);
        authority.execute(address(authority), data);
        assertTrue(authority.isTargetClosed(address(vault)));
        uint256 shares = 100 * USD * 1e6;

        redeem(alice, shares);
        vm.prank(alice);
        vault.withdraw(100 * USD, alice, alice);
        vm.prank(alice);
        vault.redeemInKind(shares, alice, alice, 0);
        vault.poke();
        request(alice, shares);

        assertApproxEqAbs(asset.balanceOf(alice), 300 * USD, 10);
    }

    function test_exits__paused__are_open_in_kind() public {
        lendNow(400 * USD);
        vm.prank(guardian);
        vault.brake(true);

        vm.prank(alice);
        vault.redeemInKind(500 * USD * 1e6, alice, alice, 0);

        assertApproxEqAbs(asset.balanceOf(alice), 500 * USD, 10);
    }
}
