// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import {Config} from "../interfaces/Types.sol";
import {VaultState} from "./VaultState.sol";
import {WadMath} from "./WadMath.sol";

/// @title Holdings
/// @notice What the vault held after its last order, token by token: at the next one, what
///         these tokens would be worth if nobody had touched them, against what is there,
///         is what impermanent loss and adverse selection have cost.
///
/// LAYOUT    The asset stands beside the budgets, less the payments in and out so far
///           (`State.netFlow`), so that later payments change it by themselves; the other
///           tokens follow, two signed 128-bit amounts a word.
/// ROUNDING  A shortfall Up.
library Holdings {
    using SafeCast for int256;

    int256 private constant MOST_ASSETS = type(int104).max;

    /// @notice The asset as it is stored. Beyond 10^31 raw units it is that much that is
    ///         remembered, so that no order is stopped by it.
    function packAssets(VaultState.State storage s, int256 held)
        internal
        view
        returns (int104)
    {
        int256 assets = held - s.netFlow;
        return int104(SignedMath.max(SignedMath.min(assets, MOST_ASSETS), -MOST_ASSETS));
    }

    /// @notice Remembers the other tokens.
    function storeTokens(VaultState.State storage s, int256[] memory held) internal {
        for (uint256 i = 1; i < held.length; i += 2) {
            uint256 packed = uint128(held[i].toInt128());
            if (i + 1 < held.length) packed |= uint256(uint128(held[i + 1].toInt128())) << 128;
            s.heldTokens[i / 2] = packed;
        }
    }

    /// @notice The remembered vector, with the payments since; empty before the first order.
    function load(VaultState.State storage s, uint256 tokens)
        internal
        view
        returns (int256[] memory held)
    {
        if (s.levels.orderAt == 0) return held;
        held = new int256[](tokens);
        held[0] = int256(s.levels.heldAssets) + s.netFlow;
        for (uint256 i = 1; i < tokens; i += 2) {
            uint256 packed = s.heldTokens[i / 2];
            held[i] = int128(uint128(packed));
            if (i + 1 < tokens) held[i + 1] = int128(uint128(packed >> 128));
        }
    }

    /// @notice What the remembered tokens are worth now beyond what is there [assets].
    function shortfallUp(int256[] memory held, uint256[] memory pricesE36, uint256 nav)
        internal
        pure
        returns (uint256)
    {
        uint256 credit;
        uint256 debt = nav;
        for (uint256 i; i < held.length; i++) {
            if (held[i] >= 0) credit += WadMath.assetsUp(uint256(held[i]), pricesE36[i]);
            else debt += WadMath.assetsDown(uint256(-held[i]), pricesE36[i]);
        }
        return credit > debt ? credit - debt : 0;
    }

    /// @notice Takes out the slice that a redemption in kind has paid.
    function shrink(VaultState.State storage s, uint256 tokens, uint256 part, uint256 whole)
        internal
    {
        int256[] memory held = load(s, tokens);
        if (held.length == 0) return;
        for (uint256 i; i < held.length; i++) {
            held[i] -= held[i] * int256(part) / int256(whole);
        }
        _store(s, held);
    }

    /// @notice The vector in the order of another configuration's tokens.
    function remap(VaultState.State storage s, Config memory from, Config memory to)
        internal
    {
        int256[] memory held = load(s, from.tokens.length);
        if (held.length == 0) return;
        int256[] memory moved = new int256[](to.tokens.length);
        for (uint256 i; i < moved.length; i++) {
            for (uint256 j; j < held.length; j++) {
                if (to.tokens[i].token == from.tokens[j].token) moved[i] = held[j];
            }
        }
        _store(s, moved);
    }

    function _store(VaultState.State storage s, int256[] memory held) private {
        s.levels.heldAssets = packAssets(s, held[0]);
        storeTokens(s, held);
    }
}
