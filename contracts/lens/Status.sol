// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IVault} from "../interfaces/IVault.sol";

/// @dev What a vault remembers; see VaultState. Share prices and levels: wad.
struct VaultStatus {
    uint256 brakeUntil; // the guardian's brake
    bool isPause; // it stops everything; else orders may reduce risk
    uint256 supplyBefore; // shares when a block of that number began
    uint256 touchedBlock; // modulo 65,536
    uint256 touchedAt;
    int256 netFlow; // assets paid in less paid out, ever
    uint256 checkpointDay;
    uint256 highWater;
    uint256 checkpoint;
    uint256 mark;
    uint256 reading;
    uint256 readingAt;
    uint256 turnedAt;
    bool isReduceOnly; // by the drawdown
    uint256 lossWad; // levels as of `orderAt`
    uint256 holdWad;
    uint256 turnoverWad;
    uint256 orderAt;
    int256[] holdings; // per token, after the last order, with the payments since
}

/// @title Status
/// @notice Reads a vault's memory from the words of its storage.
library Status {
    uint256 private constant BILLIONTH_WAD = 1e9;
    uint256 private constant WORDS = 5;
    uint256 private constant HOLDING_WORDS = 16;

    function read(IVault vault, uint256 tokens) internal view returns (VaultStatus memory s) {
        bytes32[] memory words = vault.memoryWords(WORDS + HOLDING_WORDS);
        s.brakeUntil = _bits(words[0], 192, 32);
        s.isPause = _bits(words[0], 224, 8) != 0;
        s.supplyBefore = _bits(words[1], 0, 96) << 16;
        s.touchedBlock = _bits(words[1], 96, 16);
        s.touchedAt = _bits(words[1], 112, 32);
        s.netFlow = int96(uint96(_bits(words[1], 144, 96)));
        s.checkpointDay = _bits(words[1], 240, 16);
        s.highWater = _bits(words[2], 0, 128);
        s.checkpoint = _bits(words[2], 128, 128);
        uint256 mark = _bits(words[3], 0, 48);
        uint256 lastMark = _bits(words[3], 48, 48);
        s.mark = (mark > lastMark ? mark : lastMark) * BILLIONTH_WAD;
        s.reading = _bits(words[3], 96, 48) * BILLIONTH_WAD;
        s.readingAt = _bits(words[3], 176, 32);
        s.turnedAt = _bits(words[3], 208, 32);
        s.isReduceOnly = _bits(words[3], 240, 8) != 0;
        s.lossWad = _bits(words[4], 0, 40) * BILLIONTH_WAD;
        s.holdWad = _bits(words[4], 40, 40) * BILLIONTH_WAD;
        s.turnoverWad = _bits(words[4], 80, 40) * BILLIONTH_WAD;
        s.orderAt = _bits(words[4], 120, 32);
        if (s.orderAt == 0) return s;
        s.holdings = new int256[](tokens);
        s.holdings[0] = int104(uint104(_bits(words[4], 152, 104))) + s.netFlow;
        for (uint256 i = 1; i < tokens; i++) {
            uint256 half = _bits(words[WORDS + (i - 1) / 2], 128 * ((i - 1) % 2), 128);
            s.holdings[i] = int128(uint128(half));
        }
    }

    function _bits(bytes32 word, uint256 from, uint256 count) private pure returns (uint256) {
        return (uint256(word) >> from) & ((1 << count) - 1);
    }
}
