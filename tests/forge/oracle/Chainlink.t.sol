// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Test} from "forge-std/Test.sol";
import {SettableAggregator} from "../../../contracts/demo/SettableAggregator.sol";
import {IAggregatorV3} from "../../../contracts/interfaces/IAggregatorV3.sol";
import {BadPrice, FeedUnreadable, SequencerDown, StalePrice} from
    "../../../contracts/libraries/Errors.sol";
import {ChainlinkSource} from "../../../contracts/oracle/ChainlinkSource.sol";

/// @notice Chainlink feeds: every answer that is not one is refused by the feed's name.
contract ChainlinkTest is Test {
    uint256 private constant START_AT = 1_700_000_000;
    uint256 private constant HOUR = 3600;

    SettableAggregator private token; // 2,000 dollars
    SettableAggregator private asset; // 1 dollar
    SettableAggregator private sequencer;

    function setUp() public {
        vm.warp(START_AT);
        token = new SettableAggregator(8, "ETH / USD");
        asset = new SettableAggregator(8, "USDC / USD");
        sequencer = new SettableAggregator(0, "sequencer");
        _push(token, 2_000e8);
        _push(asset, 1e8);
    }

    function _push(SettableAggregator feed, int256 answer) private {
        int256[] memory answers = new int256[](1);
        uint256[] memory times = new uint256[](1);
        (answers[0], times[0]) = (answer, vm.getBlockTimestamp());
        feed.push(answers, times);
    }

    function _feed(SettableAggregator aggregator)
        private
        pure
        returns (ChainlinkSource.Feed memory)
    {
        return ChainlinkSource.Feed(
            IAggregatorV3(address(aggregator)), HOUR, 0, 0, 0, type(uint256).max
        );
    }

    function _none() private pure returns (ChainlinkSource.Feed memory f) {}

    function _source(ChainlinkSource.Feed memory t, ChainlinkSource.Feed memory a)
        private
        returns (ChainlinkSource)
    {
        return new ChainlinkSource(t, a, IAggregatorV3(address(0)), 0);
    }

    /* PRICE */

    function test_price__of_two_feeds__is_their_quotient() public {
        ChainlinkSource source = _source(_feed(token), _feed(asset));
        _push(asset, 0.8e8);

        (uint256 price, uint256 uncertainty, uint256 updatedAt) = source.price();

        assertEq(price, 2_500e18);
        assertEq(uncertainty, 0);
        assertEq(updatedAt, START_AT);
    }

    function test_price__of_one_feed__is_its_answer() public {
        ChainlinkSource source = _source(_feed(token), _none());

        (uint256 price,, uint256 updatedAt) = source.price();

        assertEq(price, 2_000e18);
        assertEq(updatedAt, START_AT);
    }

    function test_price__of_feeds_with_other_decimals__is_scaled() public {
        SettableAggregator fine = new SettableAggregator(18, "ETH / USD");
        _push(fine, 2_000e18);
        ChainlinkSource source = _source(_feed(fine), _feed(asset));

        (uint256 price,,) = source.price();

        assertEq(price, 2_000e18);
    }

    function test_updatedAt__is_the_older_of_both() public {
        ChainlinkSource source = _source(_feed(token), _feed(asset));

        skip(100);
        _push(token, 2_000e8);
        (,, uint256 updatedAt) = source.price();
        assertEq(updatedAt, START_AT);
        skip(100);
        _push(asset, 1e8);
        (,, updatedAt) = source.price();
        assertEq(updatedAt, START_AT + 100);
    }

    /* UNCERTAINTY */

    function test_uncertainty__grows_by_the_second() public {
        ChainlinkSource.Feed memory t = _feed(token);
        (t.uncertaintyWad, t.growthWadPerSecond) = (0.005e18, 1e12);
        ChainlinkSource source = _source(t, _none());

        skip(1_000);
        (, uint256 uncertainty,) = source.price();

        assertEq(uncertainty, 0.006e18);
    }

    function test_uncertainty__of_a_quotient__is_rounded_up() public {
        (ChainlinkSource.Feed memory t, ChainlinkSource.Feed memory a) =
            (_feed(token), _feed(asset));
        (t.uncertaintyWad, a.uncertaintyWad, a.growthWadPerSecond) = (0.02e18, 0.01e18, 1e13);
        ChainlinkSource source = _source(t, a);

        skip(1_000); // 1.02 / 0.98
        (, uint256 uncertainty,) = source.price();

        assertEq(uncertainty, 0.040816326530612245e18);
    }

    function test_uncertainty__of_a_worthless_divisor__is_one() public {
        (ChainlinkSource.Feed memory t, ChainlinkSource.Feed memory a) =
            (_feed(token), _feed(asset));
        a.uncertaintyWad = 1e18;
        ChainlinkSource source = _source(t, a);

        (, uint256 uncertainty,) = source.price();

        assertEq(uncertainty, 1e18);
    }

    /* STALE */

    function test_heartbeat__at_it__passes_and_a_second_later_reverts() public {
        ChainlinkSource source = _source(_feed(token), _feed(asset));

        skip(HOUR);
        source.price();
        skip(1);
        vm.expectRevert(
            abi.encodeWithSelector(StalePrice.selector, token, START_AT, HOUR)
        );
        source.price();
        _push(token, 2_000e8);
        vm.expectRevert(
            abi.encodeWithSelector(StalePrice.selector, asset, START_AT, HOUR)
        );
        source.price();
    }

    function test_answer__of_the_future__is_refused() public {
        ChainlinkSource source = _source(_feed(token), _none());

        rewind(1);

        vm.expectRevert(
            abi.encodeWithSelector(StalePrice.selector, token, START_AT, HOUR)
        );
        source.price();
    }

    /* INSANE */

    function test_answer__of_nothing_or_less__is_refused() public {
        ChainlinkSource source = _source(_feed(token), _none());

        _push(token, 0);
        vm.expectRevert(abi.encodeWithSelector(BadPrice.selector, token, 0));
        source.price();
        _push(token, -1);
        vm.expectRevert(abi.encodeWithSelector(BadPrice.selector, token, -1));
        source.price();
        _push(token, 1);
        source.price();
    }

    function test_answer__outside_its_bounds__is_refused() public {
        ChainlinkSource.Feed memory t = _feed(token);
        (t.leastAnswer, t.mostAnswer) = (1_000e8, 4_000e8);
        ChainlinkSource source = _source(t, _none());

        int256[4] memory answers =
            [int256(1_000e8 - 1), int256(1_000e8), int256(4_000e8), int256(4_000e8 + 1)];
        for (uint256 i; i < 4; i++) {
            _push(token, answers[i]);
            if (i == 0 || i == 3) {
                vm.expectRevert(
                    abi.encodeWithSelector(BadPrice.selector, token, answers[i])
                );
            }
            source.price();
        }
    }

    function test_answer__of_the_asset__has_its_own_bounds() public {
        ChainlinkSource.Feed memory a = _feed(asset);
        (a.leastAnswer, a.mostAnswer) = (0.9e8, 1.1e8);
        ChainlinkSource source = _source(_feed(token), a);

        _push(asset, 0.9e8 - 1);

        vm.expectRevert(abi.encodeWithSelector(BadPrice.selector, asset, 0.9e8 - 1));
        source.price();
    }

    /* UNREADABLE */

    function test_feed__that_reverts_or_answers_anything_else__is_named() public {
        ChainlinkSource source = _source(_feed(token), _feed(asset));
        bytes memory ask = abi.encodeCall(IAggregatorV3.latestRoundData, ());
        bytes memory error = abi.encodeWithSelector(FeedUnreadable.selector, token);

        vm.mockCallRevert(address(token), ask, "");
        vm.expectRevert(error);
        source.price();
        bytes[3] memory answers = [bytes(""), new bytes(128), new bytes(192)];
        for (uint256 i; i < 3; i++) {
            vm.mockCall(address(token), ask, answers[i]);
            vm.expectRevert(error);
            source.price();
        }
        vm.etch(address(asset), "");
        vm.clearMockedCalls();
        vm.expectRevert(abi.encodeWithSelector(FeedUnreadable.selector, asset));
        source.price();
    }

    /* SEQUENCER */

    function _onRollup() private returns (ChainlinkSource) {
        return new ChainlinkSource(
            _feed(token), _none(), IAggregatorV3(address(sequencer)), 600
        );
    }

    function _down(int256 answer, uint256 startedAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(SequencerDown.selector, answer, startedAt, 600)
        );
    }

    function test_sequencer__down__stops_prices() public {
        ChainlinkSource source = _onRollup();
        _push(sequencer, 1);
        skip(1_000);

        _down(1, START_AT);
        source.price();
    }

    function test_sequencer__up_again__waits_for_its_grace() public {
        ChainlinkSource source = _onRollup();
        _push(sequencer, 0);

        skip(600);
        _down(0, START_AT);
        source.price();
        skip(1);
        source.price();
    }

    function test_sequencer__that_was_never_written__stops_prices() public {
        ChainlinkSource source = _onRollup();
        _sequencerSays(0, 0);
        _down(0, 0);
        source.price();
    }

    function test_sequencer__of_the_future__stops_prices() public {
        ChainlinkSource source = _onRollup();
        _sequencerSays(0, START_AT + 1);
        _down(0, START_AT + 1);
        source.price();
    }

    function _sequencerSays(int256 answer, uint256 startedAt) private {
        vm.mockCall(
            address(sequencer),
            abi.encodeCall(IAggregatorV3.latestRoundData, ()),
            abi.encode(uint80(1), answer, startedAt, startedAt, uint80(1))
        );
    }

    function test_sequencer__unreadable__stops_prices() public {
        ChainlinkSource source = _onRollup(); // no round yet: it reverts

        vm.expectRevert(abi.encodeWithSelector(FeedUnreadable.selector, sequencer));
        source.price();
    }
}
