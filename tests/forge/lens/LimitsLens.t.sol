// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {LimitsLens} from "../../../contracts/lens/LimitsLens.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Each limit's value, bound and room are those that orders are held to.
contract LimitsLensTest is Rig {
    using Build for Config;

    LimitsLens private limits = new LimitsLens();

    function _limit(string memory kind, address item)
        private
        view
        returns (LimitsLens.Limit memory)
    {
        LimitsLens.Limit[] memory list = limits.limits(vault);
        for (uint256 i; i < list.length; i++) {
            if (keccak256(bytes(list[i].kind)) != keccak256(bytes(kind))) continue;
            if (list[i].item == item) return list[i];
        }
        revert("no such limit");
    }

    function _assert(string memory kind, address item, uint256 value, uint256 bound)
        private
        view
    {
        LimitsLens.Limit memory l = _limit(kind, item);
        assertEq(l.value, value, kind);
        assertEq(l.bound, bound, kind);
        uint256 room = l.isCeiling
            ? (bound > value ? bound - value : 0)
            : (value > bound ? value - bound : 0);
        assertEq(l.room, room, kind);
    }

    function test_limits__caps_and_shares() public {
        Config memory c = base();
        c.positions[LEND].tags = c.addTag("lending");
        c.tags[0].capWad = 0.4e18;
        c.tokens[1].capWad = 0.2e18;
        c.positions[LEND].capAssets = 250 * USD;
        (c.params.idleWad, c.params.leverageWad) = (0.1e18, 1.5e18);
        c.params.drawdownWad = 0.2e18;
        start(c, 1_000 * USD);
        buyEthNow(150 * USD);
        lendNow(250 * USD);

        _assert("token cap [assets]", address(eth), 150 * USD, 200 * USD);
        _assert("position cap [assets]", address(lend), 250 * USD, 250 * USD);
        _assert("tag cap [assets]", address(0), 250 * USD, 400 * USD);
        _assert("idle buffer [assets]", address(asset), 600 * USD, 100 * USD);
        _assert("gross exposure [assets]", address(0), 1_000 * USD, 1_500 * USD);
        _assert("share price in a drawdown [wad]", address(0), WAD, 0.8e18);
    }

    function test_limits__flash_deposit__shows_no_more_room() public {
        Config memory c = base();
        c.tokens[1].capWad = 0.2e18;
        c.params.idleWad = 0.1e18;
        start(c, 1_000 * USD);

        deposit(mallory, 9_000 * USD);

        _assert("token cap [assets]", address(eth), 0, 200 * USD);
        _assert("idle buffer [assets]", address(asset), 1_000 * USD, 100 * USD);
        vm.roll(vm.getBlockNumber() + 65_536);
        skip(65_536);
        _assert("token cap [assets]", address(eth), 0, 2_000 * USD);
    }

    function test_limits__budgets__are_as_they_are_by_now() public {
        Config memory c = base();
        (c.params.lossWad, c.params.lossRefillWad) = (0.01e18, 1e12);
        (c.params.turnoverWad, c.params.turnoverRefillWad) = (0.5e18, 1e14);
        (c.params.holdWad, c.params.holdRefillWad) = (0.05e18, 1e12);
        start(c, 1_000 * USD);
        execute(ordering(buyEth(100 * USD, 0.0495e18))); // 1 lost
        pass(100);

        _assert("loss budget [wad of NAV]", address(0), 0.001e18 - 1e14, 0.01e18);
        _assert("turnover budget [wad of NAV]", address(0), 0.0995e18 - 1e16, 0.5e18);
        _assert("hold budget [wad of NAV]", address(0), 0, 0.05e18);
    }

    function test_limits__hold__counts_what_is_missing_by_now() public {
        start(base(), 1_000 * USD);
        buyEthNow(100 * USD);
        execute(ordering(supplyPair(100 * USD, ETH / 20)));
        deposit(bob, 10 * USD);
        int256[] memory worth = new int256[](2);
        (worth[0], worth[1]) = (int256(90 * USD), int256(ETH / 20));
        pair.setWorth(worth);

        _assert("hold budget [wad of NAV]", address(0), 0.01e18, WAD);
    }

    function test_limits__health() public {
        Config memory c = base();
        c.positions[LEND].minHealthWad = 1.2e18;
        start(c, 1_000 * USD);
        lend.setHealth(1.5e18);

        _assert("health factor [wad]", address(lend), 1.5e18, 1.2e18);
    }

    function test_limits__times() public {
        Config memory c = base();
        (c.params.queue, c.params.cooldownSeconds) = (address(queue), 300);
        start(c, 1_000 * USD);
        execute(newOrder());
        request(alice, 1e12);
        pass(100);
        vault.brake(false);

        _assert("time since the last order [s]", address(0), 100, 300);
        _assert("wait in the queue [s]", address(queue), 100, 3 days);
        _assert(
            "reduce-only until [unix s]", address(0), nowPlus(7 days), nowPlus(0)
        );
        vault.brake(true);
        _assert("paused until [unix s]", address(0), nowPlus(7 days), nowPlus(0));
    }

    function test_limits__queue_of_gifts_alone__has_no_wait() public {
        Config memory c = base();
        c.params.queue = address(queue);
        start(c, 1_000 * USD);
        vm.prank(alice);
        vault.transfer(address(queue), 1e12);

        _assert("wait in the queue [s]", address(queue), 0, 3 days);
    }
}
