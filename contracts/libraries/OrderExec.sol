// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IOrderEvents} from "../interfaces/IOrderEvents.sol";
import {
    Book,
    Config,
    Params,
    Rebalance,
    Side,
    SignerKind
} from "../interfaces/Types.sol";
import {Actions} from "./Actions.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {
    ConfigHashMismatch,
    InvalidSignature,
    OrderExpired,
    OrderNotYetValid,
    OrderWindowTooLong,
    SharePriceAboveCeil,
    SharePriceBelowFloor,
    SharePriceFallsBelowFloor,
    WrongNonce,
    WrongRelayer
} from "./Errors.sol";
import {Limits} from "./Limits.sol";
import {OrderHash} from "./OrderHash.sol";
import {SharePrice} from "./SharePrice.sol";
import {Valuation} from "./Valuation.sol";

/// @title OrderExec
/// @notice The life of one order: is it valid, do what it says, does every limit still hold.
///         Linked to the vault, runs in its context, and has no state of its own.
library OrderExec {
    /// @param nonce     The nonce that the order must carry.
    /// @param separator EIP-712 domain separator of the vault.
    function execute(
        Rebalance calldata order,
        bytes calldata signature,
        address configStore,
        uint256 nonce,
        bytes32 separator
    ) external {
        _checkWindow(order, nonce);
        if (order.configHash != configStore.codehash) {
            revert ConfigHashMismatch(order.configHash, configStore.codehash);
        }
        Config memory c = ConfigStore.read(configStore);
        uint256 window = order.deadline - order.validAfter;
        if (window > c.params.maxWindowSeconds) {
            revert OrderWindowTooLong(window, c.params.maxWindowSeconds);
        }
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator, OrderHash.structHash(order)));
        _checkSignature(c.params, digest, signature);

        _run(c, order, digest);
    }

    function _run(Config memory c, Rebalance calldata order, bytes32 digest) private {
        uint256[] memory prices = Valuation.pricesE36(c, Side.MID);
        Book memory before = Valuation.book(c, prices, address(this));
        uint256 priceBefore = SharePrice.wadDown(before.nav, _supply());
        if (priceBefore < order.sharePriceFloorBefore) {
            revert SharePriceBelowFloor(priceBefore, order.sharePriceFloorBefore);
        }
        if (priceBefore > order.sharePriceCeilBefore) {
            revert SharePriceAboveCeil(priceBefore, order.sharePriceCeilBefore);
        }

        for (uint256 i; i < order.withdraws.length; i++) {
            Actions.withdraw(c, prices, order.withdraws[i], i);
        }
        for (uint256 i; i < order.swaps.length; i++) {
            Actions.swap(c, prices, order.swaps[i], i);
        }
        for (uint256 i; i < order.supplies.length; i++) {
            Actions.supply(c, prices, order.supplies[i], i);
        }

        Book memory now_ = Valuation.book(c, prices, address(this));
        uint256 priceAfter = SharePrice.wadDown(now_.nav, _supply());
        if (priceAfter < order.sharePriceFloorAfter) {
            revert SharePriceFallsBelowFloor(priceAfter, order.sharePriceFloorAfter);
        }
        Limits.checkCaps(c, before, now_);
        Limits.checkIdle(c, before, now_);
        Limits.checkTargets(c, order.targets, now_);

        emit IOrderEvents.Rebalanced(
            order.nonce,
            digest,
            order.inputsHash,
            msg.sender,
            before.nav,
            now_.nav,
            priceBefore,
            priceAfter
        );
    }

    function _checkWindow(Rebalance calldata order, uint256 nonce) private view {
        if (order.nonce != nonce) revert WrongNonce(order.nonce, nonce);
        if (block.timestamp < order.validAfter) {
            revert OrderNotYetValid(order.validAfter, block.timestamp);
        }
        if (block.timestamp > order.deadline) {
            revert OrderExpired(order.deadline, block.timestamp);
        }
        if (
            order.relayer != address(0) && msg.sender != order.relayer
                && block.timestamp < order.publicAfter
        ) revert WrongRelayer(msg.sender, order.relayer, order.publicAfter);
    }

    function _checkSignature(Params memory params, bytes32 digest, bytes calldata signature)
        private
        view
    {
        bool valid;
        if (params.signerKind == SignerKind.ERC1271) {
            (bool ok, bytes memory answer) = params.strategist.staticcall(
                abi.encodeCall(IERC1271.isValidSignature, (digest, signature))
            );
            valid = ok && answer.length == 32
                && bytes32(answer) == bytes32(IERC1271.isValidSignature.selector);
        } else {
            (address signer, ECDSA.RecoverError err,) = ECDSA.tryRecover(digest, signature);
            valid = err == ECDSA.RecoverError.NoError && signer == params.strategist;
        }
        if (!valid) revert InvalidSignature(params.strategist, digest);
    }

    function _supply() private view returns (uint256) {
        return IERC20(address(this)).totalSupply();
    }
}
