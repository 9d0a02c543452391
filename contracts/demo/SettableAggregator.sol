// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title SettableAggregator
/// @notice A price feed with Chainlink's AggregatorV3Interface, whose owner writes the rounds.
///
/// UNITS     answer: price times 10 ** decimals(). updatedAt: unix seconds.
/// TRUST     The owner writes any answer; a written round never changes.
contract SettableAggregator is Ownable {
    struct Round {
        int192 answer;
        uint64 updatedAt;
    }

    /// @notice A new round, as Chainlink's aggregators announce it.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error LengthsDiffer(uint256 answers, uint256 times);
    error RoundOutOfOrder(uint256 updatedAt, uint256 lastUpdatedAt);
    error RoundUnknown(uint256 roundId, uint256 lastRoundId);

    uint256 public constant version = 4;
    uint8 public immutable decimals;
    string public description;

    /// @dev rounds[i] is round i + 1
    Round[] private _rounds;

    constructor(uint8 decimals_, string memory description_) Ownable(msg.sender) {
        decimals = decimals_;
        description = description_;
    }

    /* OWNER */

    /// @notice Appends one round per answer, oldest first.
    function push(int256[] calldata answers, uint256[] calldata updatedAt) external onlyOwner {
        require(answers.length == updatedAt.length, LengthsDiffer(answers.length, updatedAt.length));

        uint256 lastRoundId = _rounds.length;
        uint256 lastUpdatedAt = lastRoundId == 0 ? 0 : _rounds[lastRoundId - 1].updatedAt;

        for (uint256 i = 0; i < answers.length; ++i) {
            require(updatedAt[i] >= lastUpdatedAt, RoundOutOfOrder(updatedAt[i], lastUpdatedAt));

            lastUpdatedAt = updatedAt[i];
            _rounds.push(Round(SafeCast.toInt192(answers[i]), SafeCast.toUint64(lastUpdatedAt)));
            emit AnswerUpdated(answers[i], ++lastRoundId, lastUpdatedAt);
        }
    }

    /* VIEWS */

    /// @notice The last answer alone, which Aave's oracle reads.
    function latestAnswer() external view returns (int256 answer) {
        (, answer,,,) = getRoundData(uint80(_rounds.length));
    }

    /// @notice The last round; reverts before the first.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return getRoundData(uint80(_rounds.length));
    }

    /// @notice Round `roundId_`, counted from 1.
    function getRoundData(uint80 roundId_)
        public
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        require(roundId_ != 0 && roundId_ <= _rounds.length, RoundUnknown(roundId_, _rounds.length));

        Round memory round = _rounds[roundId_ - 1];
        return (roundId_, round.answer, round.updatedAt, round.updatedAt, roundId_);
    }
}
