// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Config, Rebalance, SignerKind} from "../../../contracts/interfaces/Types.sol";
import {InvalidSignature, SignatureLengthMismatch} from
    "../../../contracts/libraries/Errors.sol";
import {SignerWallet} from "../../../contracts/mocks/SignerWallet.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Whose signature makes an order valid: one key, m of n keys, or one wallet.
contract SignaturesTest is Rig {
    uint256 private constant CURVE_ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant STRANGER_KEY = 0xbad;

    uint256[] private keys; // in the order of their addresses

    /// @dev A vault of three keys, of which two must sign.
    function _startTwoOfThree() private {
        keys = [0x1111, 0x2222, 0x3333];
        for (uint256 i = 1; i < 3; i++) {
            for (uint256 j = i; j > 0 && vm.addr(keys[j]) < vm.addr(keys[j - 1]); j--) {
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
        Config memory c = base();
        c.signers = new address[](3);
        for (uint256 i; i < 3; i++) {
            c.signers[i] = vm.addr(keys[i]);
        }
        c.params.threshold = 2;
        start(c, 1_000 * USD);
    }

    function _startWallet() private returns (SignerWallet wallet) {
        wallet = new SignerWallet(strategist);
        Config memory c = base();
        c.params.signerKind = SignerKind.ERC1271;
        c.signers = one(address(wallet));
        start(c, 1_000 * USD);
    }

    function _refuse(Rebalance memory order, bytes memory signature, bytes memory error)
        private
    {
        vm.expectRevert(error);
        vault.rebalance(order, signature);
    }

    function _invalid(address signer, Rebalance memory order)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(InvalidSignature.selector, signer, digestOf(order));
    }

    function _pair(Rebalance memory order, uint256 first, uint256 second)
        private
        view
        returns (bytes memory)
    {
        return bytes.concat(signWith(order, first), signWith(order, second));
    }

    /* ONE KEY */

    function test_oneKey__of_a_stranger__is_refused() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        _refuse(
            order,
            signWith(order, STRANGER_KEY),
            _invalid(vm.addr(STRANGER_KEY), order)
        );
    }

    function test_oneKey__of_another_length__is_refused() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        _refuse(order, "", err(SignatureLengthMismatch.selector, 0, 65));
        _refuse(order, new bytes(64), err(SignatureLengthMismatch.selector, 64, 65));
        _refuse(order, new bytes(66), err(SignatureLengthMismatch.selector, 66, 65));
    }

    function test_oneKey__unreadable__is_nobodys() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        _refuse(order, new bytes(65), _invalid(address(0), order));
    }

    function test_oneKey__second_form_of_the_same__is_refused() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(STRATEGIST_KEY, digestOf(order));
        uint8 otherV = v == 27 ? 28 : 27;
        bytes memory other = abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), otherV);

        _refuse(order, other, _invalid(address(0), order));
    }

    function test_oneKey__order_changed_after_signing__is_refused() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        bytes memory signature = sign(order);
        bytes32 digest = digestOf(order);

        order.inputsHash = "other";

        assertTrue(digestOf(order) != digest);
        vm.expectPartialRevert(InvalidSignature.selector);
        vault.rebalance(order, signature);
    }

    function test_oneKey__on_another_chain__is_refused() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();
        bytes memory signature = sign(order);

        vm.chainId(10);

        vm.expectPartialRevert(InvalidSignature.selector);
        vault.rebalance(order, signature);
        execute(order); // signed anew
    }

    function test_oneKey__that_is_a_contract_by_now__still_signs_itself() public {
        start(base(), 1_000 * USD);
        Rebalance memory order = newOrder();

        // EIP-7702: code at the key's address that would accept anything
        vm.etch(strategist, address(new SignerWallet(mallory)).code);

        execute(order);
    }

    /* m OF n */

    function test_mOfN__any_two_in_order__are_enough() public {
        _startTwoOfThree();

        for (uint256 i; i < 3; i++) {
            Rebalance memory order = newOrder();
            (uint256 first, uint256 second) = i == 0 ? (0, 1) : i == 1 ? (0, 2) : (1, 2);
            vault.rebalance(order, _pair(order, keys[first], keys[second]));
        }

        assertEq(vault.nonce(), 3);
    }

    function test_mOfN__wrong_order__is_refused() public {
        _startTwoOfThree();
        Rebalance memory order = newOrder();

        _refuse(order, _pair(order, keys[1], keys[0]), _invalid(vm.addr(keys[0]), order));
        _refuse(order, _pair(order, keys[2], keys[1]), _invalid(vm.addr(keys[1]), order));
    }

    function test_mOfN__one_twice__is_refused() public {
        _startTwoOfThree();
        Rebalance memory order = newOrder();

        _refuse(order, _pair(order, keys[0], keys[0]), _invalid(vm.addr(keys[0]), order));
        _refuse(order, _pair(order, keys[2], keys[2]), _invalid(vm.addr(keys[2]), order));
    }

    function test_mOfN__a_stranger__is_refused() public {
        _startTwoOfThree();
        Rebalance memory order = newOrder();
        address stranger = vm.addr(STRANGER_KEY);

        _refuse(order, _pair(order, keys[0], STRANGER_KEY), _invalid(stranger, order));
        _refuse(order, _pair(order, STRANGER_KEY, keys[0]), _invalid(stranger, order));
    }

    function test_mOfN__too_few_or_too_many__are_refused() public {
        _startTwoOfThree();
        Rebalance memory order = newOrder();
        bytes memory single = signWith(order, keys[0]);

        _refuse(order, single, err(SignatureLengthMismatch.selector, 65, 130));
        _refuse(
            order,
            bytes.concat(_pair(order, keys[0], keys[1]), signWith(order, keys[2])),
            err(SignatureLengthMismatch.selector, 195, 130)
        );
    }

    /* ERC-1271 */

    function test_wallet__that_agrees__is_enough() public {
        _startWallet();

        execute(newOrder());

        assertEq(vault.nonce(), 1);
    }

    function test_wallet__that_does_not_agree__is_refused() public {
        SignerWallet wallet = _startWallet();
        Rebalance memory order = newOrder();
        bytes memory signature = sign(order);
        bytes memory error = _invalid(address(wallet), order);

        for (uint8 mode = 1; mode <= uint8(type(SignerWallet.Mode).max); mode++) {
            wallet.setMode(SignerWallet.Mode(mode));
            _refuse(order, signature, error);
        }
        wallet.setMode(SignerWallet.Mode.HONEST);
        _refuse(order, signWith(order, STRANGER_KEY), error);
    }

    function test_wallet__whose_answer_is_not_one_clean_word__is_refused() public {
        SignerWallet wallet = _startWallet();
        Rebalance memory order = newOrder();
        bytes memory signature = sign(order);
        bytes4 magic = IERC1271.isValidSignature.selector;
        bytes memory error = _invalid(address(wallet), order);

        _answer(wallet, abi.encode(magic, uint256(0)));
        _refuse(order, signature, error);
        _answer(wallet, abi.encode(bytes32(magic) | bytes32(uint256(1))));
        _refuse(order, signature, error);
        _answer(wallet, abi.encode(magic));
        vault.rebalance(order, signature);
    }

    function _answer(SignerWallet wallet, bytes memory answer) private {
        bytes4 selector = IERC1271.isValidSignature.selector;
        vm.mockCall(address(wallet), abi.encodePacked(selector), answer);
    }

    function test_wallet__without_code__is_refused() public {
        Config memory c = base();
        c.params.signerKind = SignerKind.ERC1271; // of a key's address
        start(c, 1_000 * USD);
        Rebalance memory order = newOrder();

        _refuse(order, sign(order), _invalid(strategist, order));
    }
}
