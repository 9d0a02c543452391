// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Build} from "../support/Build.sol";
import {Powers} from "./Powers.sol";

/// @notice Time, prices, pools and gifts: all that happens to a vault.
abstract contract Weather is Powers {
    uint256 private constant ETH_WAD = 2_000e18;

    /// @dev Who was dead or braked is not for long, or little would be tried.
    function passes(uint256 seconds_) public counted("time") {
        ethSource.setFault(SettableSource.Fault.NONE);
        if (seconds_ % 2 == 0) vault.releaseBrake();
        nextBlock(_bound(seconds_, 1, 1 days));
    }

    /// @dev Within a fifth of where the pools were opened, uncertain by up to 2 %.
    function movesFeed(uint256 price, uint256 uncertainty) public counted("feed") {
        uint256 uncertaintyWad = _bound(uncertainty, 0, 0.02e18);
        (uint256 now_,,) = _ethPrice();
        price = _bound(price, now_ * 97 / 100, now_ * 103 / 100);
        ethSource.set(_bound(price, ETH_WAD * 8 / 10, ETH_WAD * 12 / 10), uncertaintyWad);
        btcSource.set(40_000e18, uncertaintyWad / 2);
    }

    function _ethPrice() private returns (uint256 price, uint256 uncertainty, uint256 at) {
        SettableSource.Fault fault = ethSource.fault();
        ethSource.setFault(SettableSource.Fault.NONE);
        (price, uncertainty, at) = ethSource.price();
        ethSource.setFault(fault);
    }

    function killsFeed(uint256 dice) public counted("dead feed") {
        bool dies = dice % 3 == 0;
        ethSource.setFault(
            dies ? SettableSource.Fault.REVERT : SettableSource.Fault.NONE
        );
    }

    function trades(uint256 size, bool isV2, bool buys) public counted("trade") {
        if (buys) {
            uint256 assets = _bound(size, USD, 200_000 * USD);
            if (isV2) tradeV2(address(asset), address(eth), assets);
            else tradeV3(address(asset), address(eth), assets);
        } else {
            uint256 ethers = _bound(size, ETH / 1_000, 100 * ETH);
            if (isV2) tradeV2(address(eth), address(asset), ethers);
            else tradeV3(address(eth), address(asset), ethers);
        }
    }

    /// @dev Others bring a pool back to the feed's price, in steps.
    function arbitrages(bool isV2) public counted("arbitrage") {
        arbitrage(isV2);
    }

    function arbitrage(bool isV2) internal virtual override {
        (uint256 price,,) = _ethPrice();
        uint256[] memory prices = two(price * 1e6, 1e36);
        for (uint256 i; i < 20; i++) {
            uint256 before = _distance(isV2, prices);
            if (before < 0.002e18) return;
            uint256 snapshot = vm.snapshotState();
            _step(isV2, true);
            if (_distance(isV2, prices) < before) continue;
            vm.revertToState(snapshot);
            _step(isV2, false);
        }
    }

    function _step(bool isV2, bool buys) private {
        if (isV2 && buys) tradeV2(address(asset), address(eth), 40_000 * USD);
        else if (isV2) tradeV2(address(eth), address(asset), 20 * ETH);
        else if (buys) tradeV3(address(asset), address(eth), 40_000 * USD);
        else tradeV3(address(eth), address(asset), 20 * ETH);
    }

    function _distance(bool isV2, uint256[] memory prices) private view returns (uint256) {
        return isV2
            ? v2.deviationWad(Build.market(pairEth), prices)
            : v3.deviationWad(Build.market(poolEth), prices);
    }

    function gives(uint256 size, uint256 to, uint256 token) public counted("gift") {
        address[7] memory takers = [
            address(vault),
            address(v2),
            address(v3),
            address(aave),
            address(saver),
            savings,
            address(venueV3)
        ];
        vm.startPrank(trader);
        if (token % 3 == 0) asset.transfer(takers[to % 7], _bound(size, 1, 5_000 * USD));
        if (token % 3 == 1) eth.transfer(takers[to % 7], _bound(size, 1, 2 * ETH));
        if (token % 3 == 2) btc.transfer(takers[to % 7], _bound(size, 1, BTC / 10));
        vm.stopPrank();
    }

    function givesShares(uint256 who, uint256 size) public counted("gift of shares") {
        address giver = people[who % people.length];
        uint256 shares = _bound(size, 0, vault.balanceOf(giver) / 50);
        vm.prank(giver);
        vault.transfer(address(queue), shares);
    }

    function pokes() public counted("poke") {
        if (isAlive()) vault.poke();
    }
}
