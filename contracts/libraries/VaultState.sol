// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Excluded} from "../interfaces/Types.sol";

/// @title VaultState
/// @notice All that a vault remembers besides its shares, at one place of its storage, so
///         that the libraries it is linked to find it too (ERC-7201, "steelyard.vault").
///
/// UNITS  *At, *Until: unix seconds. Share prices: wad, unless said otherwise.
library VaultState {
    /// @dev One slot: budgets, in billionths of NAV, Up, and what was held after the order.
    struct Levels {
        uint40 loss;
        uint40 hold;
        uint40 turnover;
        uint32 orderAt; // of the last order, or zero; levels are as of then
        int104 heldAssets; // see Holdings
    }

    struct State {
        // one slot: what every move reads
        address config; // data contract
        uint32 nonce; // of the next order
        uint32 brakeUntil; // the guardian's brake
        bool isPause; // it stops everything; else orders may reduce risk
        bool locked;
        bool hasClaims; // some token is owed to claimants
        bool hasImpaired;
        // one slot: what every move of shares writes
        uint96 supplyBefore; // shares when that block began, in 65,536 raw ones, Down
        uint16 touchedBlock; // the lowest bits of its number
        uint32 touchedAt; // its time; management fees are paid up to here
        int96 netFlow; // assets paid in less paid out
        uint16 checkpointDay; // end of the day of the last checkpoint [days since 1970]
        // one slot: performance fee; low share prices
        uint128 highWater;
        uint128 checkpoint; // a day or more ago
        // one slot: drawdown; share prices in billionths, Down
        uint48 mark; // highest share price confirmed in this period
        uint48 lastMark; // and in the one before
        uint48 reading; // last low share price
        uint32 periodAt;
        uint32 readingAt;
        uint32 turnedAt; // since when the share price asks for the other state; or zero
        bool reduceOnly;
        Levels levels;
        uint256[16] heldTokens; // of the tokens after it, two a word
        // the rest is read when it is needed
        uint256 impaired; // bit i: position i
        mapping(address token => uint256) claimed;
        mapping(address token => mapping(address account => uint256)) claims;
        mapping(bytes32 position => uint256) healedAt;
        mapping(bytes32 position => uint256) failingSince;
    }

    uint256 private constant SUPPLY_BITS = 16;
    bytes32 internal constant SLOT =
        0x5d42d77c21b4d6f5db5dc587271624d5bae2043eb935f682a167d485c7a7c100;

    function load() internal pure returns (State storage s) {
        assembly ("memory-safe") {
            s.slot := SLOT
        }
    }

    /// @notice Called before shares move: a block's first move remembers how many there
    ///         were.
    function touch(State storage s, uint256 supply) internal {
        if (!_isThisBlock(s)) {
            uint256 units = supply >> SUPPLY_BITS;
            s.supplyBefore = units > type(uint96).max ? type(uint96).max : uint96(units);
            s.touchedBlock = uint16(block.number);
        }
        s.touchedAt = uint32(block.timestamp);
    }

    /// @notice Shares of `supply` that were there when this block began, Down.
    function supplyBeforeBlock(State storage s, uint256 supply)
        internal
        view
        returns (uint256)
    {
        if (!_isThisBlock(s)) return supply;
        uint256 before = uint256(s.supplyBefore) << SUPPLY_BITS;
        return before < supply ? before : supply;
    }

    /// @notice What the books leave out, of the vault in whose context this runs.
    function excluded(Config memory c) internal view returns (Excluded memory e) {
        State storage s = load();
        if (s.hasImpaired) e.impaired = s.impaired;
        if (!s.hasClaims) return e;
        e.claimed = new uint256[](c.tokens.length);
        for (uint256 i; i < e.claimed.length; i++) {
            e.claimed[i] = s.claimed[c.tokens[i].token];
        }
    }

    /// @dev Whether shares have moved in this block. Its time too: the same bits of a number
    ///      come again after 65,536 blocks.
    function _isThisBlock(State storage s) private view returns (bool) {
        return s.touchedBlock == uint16(block.number) && s.touchedAt == block.timestamp;
    }
}
