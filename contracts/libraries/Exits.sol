// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IExitEvents} from "../interfaces/IExitEvents.sol";
import {Config} from "../interfaces/Types.sol";
import {ConfigStore} from "./ConfigStore.sol";
import {GasTooLow, NothingToClaim, SliceRefused, TokenUnreadable} from "./Errors.sol";
import {Holdings} from "./Holdings.sol";
import {Liquidity} from "./Liquidity.sol";
import {VaultState} from "./VaultState.sol";

/// @title Exits
/// @notice Leaving with what there is: a slice of every token and every position, in units.
///         Linked to the vault and runs in its context.
///
/// ROUNDING  Slices Down.
/// TRUST     Needs no price, no keeper and no role. Every call to somebody else's code is
///           given a fixed gas and may fail: then the slice is set aside, in units, and
///           the rest is paid. Who calls cannot make it fail by sending little gas.
library Exits {
    using SafeERC20 for IERC20;

    uint256 internal constant SLICE_GAS = 1_000_000; // to pay a slice
    uint256 internal constant ASIDE_GAS = 1_000_000; // to set one aside
    uint256 private constant TOKEN_BIT = 128;

    /// @notice Draws positions until `assets` lie idle.
    function draw(address configStore, uint256 assets) external {
        Config memory c = ConfigStore.read(configStore);
        Liquidity.drawUpTo(c, VaultState.excluded(c), assets);
    }

    /// @notice Pays `part / whole` of everything to `receiver`.
    /// @param skip Bit i: leave the slice of position i behind, bit 128 + i: of token i; for
    ///             code so broken that not even a claim on it can be written down.
    function redeemInKind(uint256 part, uint256 whole, address receiver, uint256 skip)
        external
    {
        VaultState.State storage s = VaultState.load();
        Config memory c = ConfigStore.read(s.config);
        Holdings.shrink(s, c.tokens.length, part, whole);
        for (uint256 i; i < c.tokens.length; i++) {
            if ((skip >> (TOKEN_BIT + i)) & 1 == 1) continue;
            _payToken(s, c.tokens[i].token, part, whole, receiver);
        }
        for (uint256 i; i < c.positions.length; i++) {
            if ((skip >> i) & 1 == 1) continue;
            _payPosition(c.positions[i].adapter, c.positions[i].market, part, whole, receiver);
        }
    }

    /// @notice Pays what a token still owed an account.
    function claim(address token, address account) external returns (uint256 amount) {
        VaultState.State storage s = VaultState.load();
        amount = s.claims[token][account];
        if (amount == 0) revert NothingToClaim(uint256(uint160(token)), account);

        s.claims[token][account] = 0;
        s.claimed[token] -= amount;
        emit IExitEvents.TokenClaimed(token, account, amount);

        IERC20(token).safeTransfer(account, amount);
    }

    function _payToken(
        VaultState.State storage s,
        address token,
        uint256 part,
        uint256 whole,
        address receiver
    ) private {
        uint256 held = _balance(token);
        uint256 amount = Math.mulDiv(held - Math.min(held, s.claimed[token]), part, whole);
        if (amount == 0) return;
        bytes memory transfer = abi.encodeCall(IERC20.transfer, (receiver, amount));
        (bool ok, bytes32 answer, uint256 size) = _call(token, transfer, SLICE_GAS);
        if (ok && (size == 0 || (size >= 32 && answer == bytes32(uint256(1))))) return;

        s.hasClaims = true;
        s.claimed[token] += amount;
        s.claims[token][receiver] += amount;
        emit IExitEvents.TokenSetAside(token, receiver, amount);
    }

    function _payPosition(
        address adapter,
        bytes32 market,
        uint256 part,
        uint256 whole,
        address receiver
    ) private {
        (bool ok,,) = _call(
            adapter,
            abi.encodeCall(IAdapter.redeemSlice, (market, part, whole, receiver)),
            SLICE_GAS
        );
        if (ok) return;
        (ok,,) = _call(
            adapter,
            abi.encodeCall(IAdapter.reserveSlice, (market, part, whole, receiver)),
            ASIDE_GAS
        );
        if (!ok) revert SliceRefused(adapter, market);
        emit IExitEvents.SliceSetAside(adapter, market, receiver);
    }

    function _balance(address token) private returns (uint256) {
        bytes memory ask = abi.encodeCall(IERC20.balanceOf, (address(this)));
        (bool ok, bytes32 answer, uint256 size) = _call(token, ask, ASIDE_GAS);
        if (!ok || size < 32) revert TokenUnreadable(token);
        return uint256(answer);
    }

    /// @dev A call with all of `gas_`, which copies back one word at the most, so that a
    ///      long answer costs its sender alone.
    function _call(address target, bytes memory data, uint256 gas_)
        private
        returns (bool ok, bytes32 answer, uint256 size)
    {
        // all but one part in 64 can be passed on (EIP-150)
        uint256 least = gas_ * 64 / 63 + 100_000;
        if (gasleft() < least) revert GasTooLow(gasleft(), least);
        assembly ("memory-safe") {
            mstore(0, 0)
            ok := call(gas_, target, 0, add(data, 32), mload(data), 0, 32)
            answer := mload(0)
            size := returndatasize()
        }
        ok = ok && target.code.length != 0;
    }
}
