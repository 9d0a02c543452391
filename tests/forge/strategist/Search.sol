// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Config, Excluded, Prices, Rebalance, Supply, Swap} from
    "../../../contracts/interfaces/Types.sol";
import {Valuation} from "../../../contracts/libraries/Valuation.sol";
import {HostileVenue} from "../../../contracts/mocks/HostileVenue.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice What a stolen strategist key, in league with a pool, a trader, a depositor and a
///         giver of gifts, can try against a vault; and what it cost a share.
///
/// UNITS  *Wad: of the share's worth at those prices, inside the uncertainty of the feeds,
///        that make the attempt cost most.
abstract contract Search is MarketTest {
    using Build for Config;

    bytes32 internal constant COLLUDING = bytes32(uint256(1));
    uint256 internal constant KINDS = 12;
    uint256 internal constant LOSS_WAD = 0.01e18;
    uint256 internal constant LOSS_REFILL_WAD = 0.01e18 / uint256(1 days);
    uint256 internal constant SLIPPAGE_WAD = 0.01e18;
    uint256 internal constant DEVIATION_WAD = 0.02e18;
    int24 internal constant MIDDLE = -200_340;
    int24 internal constant NARROW = 240; // about 2.4 % each way: u is half a percent

    HostileVenue private colluder; // pays the least that the slippage limit allows
    HostileVenue private colluderBtc;
    int24[2][] private ranges; // that this attempt may find liquidity in

    function setUp() public virtual override {
        super.setUp();
        colluder = new HostileVenue(address(asset), address(eth));
        colluderBtc = new HostileVenue(address(asset), address(btc));
        Config memory c = base();
        c.addPool(address(colluder), COLLUDING);
        c.addPool(address(colluderBtc), COLLUDING);
        (c.params.lossWad, c.params.lossRefillWad) = (LOSS_WAD, LOSS_REFILL_WAD);
        for (uint256 i = 1; i < 3; i++) {
            (c.tokens[i].slippageWad, c.tokens[i].deviationWad) =
                (SLIPPAGE_WAD, DEVIATION_WAD);
        }
        deal(address(asset), address(colluder), 1e15);
        deal(address(eth), address(colluder), 1e24);
        deal(address(asset), address(colluderBtc), 1e15);
        deal(address(btc), address(colluderBtc), 1e14);
        vm.prank(mallory);
        asset.approve(address(vault), ALL);
        start(c, 1_000_000 * USD);
    }

    /* COST */

    /// @dev Worth of a share at corner k of the possible prices; 4 is the middle.
    function _shareWorth(uint256 k) private view returns (uint256) {
        Config memory c = lens.config(vault);
        Excluded memory e = vault.excluded();
        Prices memory p = Valuation.readPrices(c);
        uint256[] memory prices = new uint256[](3);
        prices[0] = p.midE36[0];
        for (uint256 i = 1; i < 3; i++) {
            uint256 u = k == 4 ? 0 : p.midE36[i] * p.uncertaintyWad[i] / WAD;
            prices[i] = (k >> (i - 1)) & 1 == 1 ? p.midE36[i] + u : p.midE36[i] - u;
        }
        uint256[] memory held = Valuation.inventory(c, address(vault), e);
        uint256 nav = Valuation.netAssets(c, prices, held, e);
        return Math.mulDiv(nav, 1e30, vault.totalSupply() + 1e6);
    }

    /// @notice Makes an attempt; what it cost a share at the worst prices, or nothing and
    ///         `false` where a limit refused it. From outside, so that its memory is freed.
    function attempt(uint256 kind, uint256 seed, uint256 size)
        external
        returns (bool done, uint256 lossWad)
    {
        uint256[5] memory before;
        for (uint256 k; k < 5; k++) {
            before[k] = _shareWorth(k);
        }
        done = _do(kind, seed, size);
        for (uint256 k; k < 5; k++) {
            uint256 after_ = _shareWorth(k);
            if (after_ >= before[k]) continue;
            uint256 lost = Math.mulDiv(before[k] - after_, WAD, before[k], Math.Rounding.Ceil);
            lossWad = Math.max(lossWad, lost);
        }
    }

    function _try(Rebalance memory order) private returns (bool) {
        bytes memory signature = sign(order);
        try vault.rebalance(order, signature) {
            return true;
        } catch {
            return false;
        }
    }

    /* ATTEMPTS */

    /// @param size Of a million: how much of what there is.
    function _do(uint256 kind, uint256 seed, uint256 size) private returns (bool) {
        if (kind < 4) return _try(ordering(_collude(kind, size)));
        if (kind == 4) return _try(_thereAndBack(size));
        if (kind == 5) return _flash(seed, size);
        if (kind == 6) return _sandwich(seed, size);
        if (kind < 9) return _enterRange(seed, size, kind == 8);
        if (kind == 9) return _leaveRange(seed);
        return _pair(seed, size, kind == 10);
    }

    /// @dev A swap at the worst price allowed: both ways, both tokens.
    function _collude(uint256 kind, uint256 size) private returns (Swap memory) {
        address token = kind < 2 ? address(eth) : address(btc);
        HostileVenue venue = kind < 2 ? colluder : colluderBtc;
        uint256 unit = kind < 2 ? ETH : BTC;
        (uint256 price,,) = (kind < 2 ? ethSource : btcSource).price();
        uint256 perUnit = price * USD / WAD;
        if (kind % 2 == 0) {
            uint256 assets = asset.balanceOf(address(vault)) * size / 1e6;
            uint256 paid = assets * (WAD - SLIPPAGE_WAD) / WAD * unit / perUnit + unit / 1e7 + 1;
            venue.setPay(paid, paid, 0);
            return Swap(address(venue), COLLUDING, address(asset), token, assets, 0);
        }
        uint256 held = kind < 2 ? eth.balanceOf(address(vault)) : btc.balanceOf(address(vault));
        uint256 amount = held * size / 1e6;
        uint256 back = amount * perUnit / unit * (WAD - SLIPPAGE_WAD) / WAD + 2;
        venue.setPay(back, back, 0);
        return Swap(address(venue), COLLUDING, token, address(asset), amount, 0);
    }

    /// @dev The same ETH bought and sold in one order, in a pool that others push apart.
    function _thereAndBack(uint256 size) private view returns (Rebalance memory order) {
        uint256 assets = asset.balanceOf(address(vault)) * size / 4e6;
        order = newOrder();
        order.swaps = new Swap[](2);
        order.swaps[0] = swapV3(address(asset), address(eth), assets);
        order.swaps[1] = swapV2(address(eth), address(asset), assets * 1e12 / 2_020);
    }

    /// @dev A deposit many times the vault's size, for one block.
    function _flash(uint256 seed, uint256 size) private returns (bool done) {
        uint256 assets = 100_000 * USD + seed % (9_000_000 * USD);
        deal(address(asset), mallory, assets);
        vm.prank(mallory);
        uint256 shares = vault.deposit(assets, mallory);
        done = _try(ordering(_collude(seed % 4, size)));
        uint256 left = Math.min(shares, vault.maxRedeem(mallory));
        vm.prank(mallory);
        vault.redeem(left, mallory, mallory);
    }

    /// @dev The pool is pushed, the vault trades in it, the pool is let go.
    function _sandwich(uint256 seed, uint256 size) private returns (bool done) {
        uint256 assets = asset.balanceOf(address(vault)) * size / 4e6;
        uint256 got = _push(true, seed % 110_000);
        done = _try(ordering(swapV3(address(asset), address(eth), assets)));
        _letGo(true, got);
    }

    /// @dev Liquidity in a narrow or a wide range of a pushed pool; with a gift beside it
    ///      that comes back with what is not used.
    function _enterRange(uint256 seed, uint256 size, bool withGift) private returns (bool done) {
        bool up = seed % 2 == 0;
        uint256 got = _push(up, (seed >> 8) % 110_000);
        int24 half = NARROW + 60 * int24(int256((seed >> 16) % 30));
        int24 shift = 60 * (int24(int256((seed >> 24) % 13)) - 6);
        (int24 lower, int24 upper) = (MIDDLE + shift - half, MIDDLE + shift + half);
        if (withGift) {
            deal(address(asset), address(v3), asset.balanceOf(address(v3)) + 500 * USD);
        }
        Supply memory action = supplyV3(
            lower,
            upper,
            asset.balanceOf(address(vault)) * size / 2e6,
            eth.balanceOf(address(vault)) * size / 2e6
        );
        done = _try(ordering(action));
        if (done) ranges.push([lower, upper]);
        _letGo(up, got);
    }

    function _leaveRange(uint256 seed) private returns (bool done) {
        if (ranges.length == 0) return false;
        int24[2] memory range = ranges[seed % ranges.length];
        bool up = (seed >> 8) % 2 == 0;
        uint256 got = _push(up, (seed >> 16) % 110_000);
        done = _try(ordering(withdrawV3(range[0], range[1], ALL)));
        _letGo(up, got);
    }

    /// @dev Constant-product liquidity, bought or sold while the pair is pushed.
    function _pair(uint256 seed, uint256 size, bool enters) private returns (bool done) {
        bool up = seed % 2 == 0;
        uint256 amount = (seed >> 8) % 95_000;
        if (up) tradeV2(address(asset), address(eth), USD + amount * USD);
        else tradeV2(address(eth), address(asset), (1 + amount) * ETH / 2_000);
        if (enters) {
            done = _try(
                ordering(
                    supplyV2(
                        asset.balanceOf(address(vault)) * size / 2e6,
                        eth.balanceOf(address(vault)) * size / 2e6
                    )
                )
            );
        } else {
            done = _try(ordering(withdrawV2(v2.units(Build.market(pairEth)) * size / 1e6)));
        }
        if (up) tradeV2(address(eth), address(asset), (1 + amount) * ETH / 2_000);
        else tradeV2(address(asset), address(eth), USD + amount * USD);
    }

    function _push(bool up, uint256 dollars) private returns (uint256 got) {
        address from = up ? address(asset) : address(eth);
        address to = up ? address(eth) : address(asset);
        uint256 before = up ? eth.balanceOf(trader) : asset.balanceOf(trader);
        tradeV3(from, to, up ? USD + dollars * USD : (1 + dollars) * ETH / 2_000);
        return (up ? eth.balanceOf(trader) : asset.balanceOf(trader)) - before;
    }

    function _letGo(bool up, uint256 got) private {
        if (up) tradeV3(address(eth), address(asset), got);
        else tradeV3(address(asset), address(eth), got);
    }
}
