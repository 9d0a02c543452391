// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance, Supply, Swap, Withdraw} from
    "../../../contracts/interfaces/Types.sol";
import {Change, Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {Ghosts} from "./Ghosts.sol";

/// @notice Those with power over a vault: an honest keeper, a hostile strategist, guardian,
///         curator and owner.
abstract contract Powers is Ghosts {
    int24 private constant MIDDLE = -200_340;

    struct Kept {
        int24 lower;
        int24 upper;
    }

    Kept[] private kept; // ranges ever chosen

    /// @dev Orders come some time after one another, mostly to pools at the feed's price.
    modifier timely(uint256 seed) {
        nextBlock(60 + seed % 2 hours);
        if (!isAlive()) return;
        if (seed % 4 != 0) {
            arbitrage(true);
            arbitrage(false);
        }
        _;
    }

    function arbitrage(bool isV2) internal virtual;

    /* KEEPER */

    /// @dev Small steps towards an even spread, with a price in mind.
    function keeps(uint256 step, uint256 size) public counted("keeper") timely(size) {
        Rebalance memory order = newOrder();
        uint256 idle = asset.balanceOf(address(vault));
        uint256 assets = _bound(size, 1_000, 1_000 + idle / 10);
        step %= 6;
        if (step == 0) order = ordering(supplyAave(assets));
        if (step == 1) order = ordering(supplySavings(assets));
        if (step == 2) order = ordering(swapV2(address(asset), address(eth), assets / 10));
        if (step == 3) order = ordering(swapV2(address(asset), address(btc), assets / 10));
        uint256 ethers = eth.balanceOf(address(vault));
        if (step == 4) order = ordering(supplyV2(assets, ethers / 4));
        if (step == 5) order = ordering(supplyV3(LOWER, UPPER, assets, ethers / 4));
        run(order);
    }

    /* STRATEGIST */

    /// @dev Up to three actions of any kind and size, signed with the real key.
    function schemes(uint256 seed) public counted("strategist") timely(seed) {
        Rebalance memory order = newOrder();
        uint256 count = 1 + seed % 3;
        order.withdraws = new Withdraw[](seed % 5 == 0 ? 1 : 0);
        order.swaps = new Swap[](count);
        order.supplies = new Supply[](seed % 3 == 0 ? 1 : 0);
        for (uint256 i; i < count; i++) {
            order.swaps[i] = _swap(_dice(seed, i));
        }
        if (order.withdraws.length != 0) order.withdraws[0] = _withdraw(_dice(seed, 10));
        if (order.supplies.length != 0) order.supplies[0] = _supply(_dice(seed, 11));
        run(order);
    }

    function unwinds(uint256 seed) public counted("unwind") timely(seed) {
        run(ordering(_withdraw(seed)));
    }

    function supplies(uint256 seed) public counted("supply") timely(seed) {
        run(ordering(_supply(seed)));
    }

    /// @dev A pool is pushed to the edge of what is allowed, used, and let go.
    function sandwiches(uint256 seed, uint256 size) public counted("sandwich") {
        if (!isAlive()) return;
        uint256 assets = _bound(size, USD, 80_000 * USD);
        tradeV3(address(asset), address(eth), assets);
        run(
            seed % 2 == 0
                ? ordering(swapV3(address(asset), address(eth), _part(address(asset), seed)))
                : ordering(_supplyRange(seed))
        );
        tradeV3(address(eth), address(asset), assets * 1e12 / 2_000);
    }

    function _dice(uint256 seed, uint256 i) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i)));
    }

    function _part(address token, uint256 seed) private view returns (uint256) {
        return 1 + _held(token) * ((seed >> 32) % 1_000) / 4_000;
    }

    function _held(address token) private view returns (uint256) {
        if (token == address(asset)) return asset.balanceOf(address(vault));
        return token == address(eth)
            ? eth.balanceOf(address(vault))
            : btc.balanceOf(address(vault));
    }

    function _swap(uint256 seed) private view returns (Swap memory) {
        uint256 way = seed % 6;
        address from = way % 2 == 0 ? address(asset) : way < 4 ? address(eth) : address(btc);
        if (_held(from) < 1_000) from = address(asset);
        address to = way % 2 == 1 ? address(asset) : way < 4 ? address(eth) : address(btc);
        uint256 amount = _part(from, seed);
        return way == 2 || way == 3 ? swapV3(from, to, amount) : swapV2(from, to, amount);
    }

    function _supply(uint256 seed) private returns (Supply memory) {
        uint256 assets = _part(address(asset), seed);
        if (seed % 4 == 0) return supplyAave(assets);
        if (seed % 4 == 1) return supplySavings(assets);
        if (seed % 4 == 2) return supplyV2(assets, _part(address(eth), seed));
        return _supplyRange(seed);
    }

    function _supplyRange(uint256 seed) private returns (Supply memory) {
        int24 half = int24(int256(60 * (1 + (seed >> 16) % 100)));
        int24 shift = int24(int256(60 * ((seed >> 24) % 41))) - 1_200;
        (int24 lower, int24 upper) = (MIDDLE + shift - half, MIDDLE + shift + half);
        kept.push(Kept(lower, upper));
        return supplyV3(
            lower, upper, _part(address(asset), seed), _part(address(eth), seed >> 1)
        );
    }

    function _withdraw(uint256 seed) private view returns (Withdraw memory) {
        bool all = seed % 3 == 0;
        uint256 way = (seed >> 8) % 4;
        if (way == 0) return withdrawV2(all ? ALL : v2.units(_market(V2)) / 3);
        if (way == 1) return withdrawAave(all ? ALL : uint256(aave.amount(_market(AAVE))) / 3);
        if (way == 2) return withdrawSavings(all ? ALL : saver.units(_market(SAVINGS)) / 3);
        if (kept.length == 0) return withdrawV3(LOWER, UPPER, all ? ALL : 0);
        Kept memory r = kept[(seed >> 64) % kept.length];
        return withdrawV3(r.lower, r.upper, all ? ALL : 0);
    }

    function _market(uint256 i) private view returns (bytes32) {
        return lens.config(vault).positions[i].market;
    }

    /* GUARDIAN AND OWNER */

    function brakes(uint256 dice) public counted("brake") {
        if (dice % 8 == 0) {
            try vault.brake(dice % 16 == 0) {} catch {}
        } else {
            vault.releaseBrake();
        }
    }

    function cancelsOrder() public counted("cancel order") {
        vm.prank(strategist);
        vault.cancelOrder();
    }

    function heals(bool isAave) public counted("heal") {
        if (!isAlive()) return;
        Config memory c = lens.config(vault);
        uint256 i = isAave ? AAVE : SAVINGS;
        try vault.heal(c.positions[i].adapter, c.positions[i].market) {} catch {}
    }

    function setsFees(uint256 management, uint256 performance) public counted("fees") {
        if (!isAlive()) return;
        vault.setFees(
            treasury, _bound(management, 0, 0.05e18), _bound(performance, 0, 0.3e18)
        );
    }

    /* CURATOR */

    /// @dev A little lower, so that something is left to try: budgets and caps.
    function tightens(uint256 dice) public counted("tighten") {
        Config memory c = lens.config(vault);
        uint256 i = (dice >> 8) % 4;
        Change[] memory list = new Change[](1);
        if (dice % 5 == 0) {
            list[0] = Change(Field.POSITION_CAP_WAD, i, c.positions[i].capWad * 98 / 100);
        } else if (dice % 5 == 1) {
            list[0] = Change(Field.TOKEN_CAP_WAD, 1, c.tokens[1].capWad * 98 / 100);
        } else if (dice % 5 == 2) {
            list[0] = Change(Field.LOSS_WAD, 0, c.params.lossWad * 99 / 100);
        } else if (dice % 5 == 3) {
            list[0] = Change(Field.TAG_CAP_WAD, 0, c.tags[0].capWad * 98 / 100);
        } else {
            list[0] = Change(Field.TURNOVER_WAD, 0, c.params.turnoverWad * 99 / 100);
        }
        vault.tighten(list);
    }
}
