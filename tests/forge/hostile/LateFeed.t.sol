// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config} from "../../../contracts/interfaces/Types.sol";
import {PoolDeviation} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice Feeds that are late by as much as they say, and pools moved by borrowed money:
///         trading the share against either never pays.
contract LateFeedTest is MarketTest {
    int24 private constant LOWER = -202_140; // 18 % each way
    int24 private constant UPPER = -198_540;
    uint256 private constant PRICE_WAD = 2_000e18;

    /// @dev 500,000: a part in each pool, in ETH, lent and idle.
    function setUp() public override {
        super.setUp();
        Config memory c = base();
        c.tokens[1].slippageWad = 0.03e18;
        start(c, 500_000 * USD);
        for (uint256 i; i < 4; i++) {
            execute(ordering(swapV2(address(asset), address(eth), 50_000 * USD)));
            execute(ordering(swapV3(address(asset), address(eth), 20_000 * USD)));
            tradeV2(address(eth), address(asset), 25 * ETH); // back to the oracle's price
            tradeV3(address(eth), address(asset), 10 * ETH);
            pass(1);
        }
        execute(ordering(supplyV2(50_000 * USD, 25 * ETH)));
        execute(ordering(supplyV3(LOWER, UPPER, 50_000 * USD, 25 * ETH)));
        execute(ordering(supplyAave(20_000 * USD)));
        pass(1);
    }

    /// @dev A price inside the uncertainty of the one that the feed shows.
    function _truePrice(uint256 dice, uint256 uncertaintyWad) private pure returns (uint256) {
        uint256 least = PRICE_WAD - PRICE_WAD * uncertaintyWad / WAD;
        uint256 most = PRICE_WAD + PRICE_WAD * uncertaintyWad / WAD;
        return _bound(dice, least, most);
    }

    function _worth(address who, uint256 priceWad) private view returns (uint256) {
        return asset.balanceOf(who) + eth.balanceOf(who) * priceWad / 1e30;
    }

    /* LATE FEEDS */

    function testFuzz_lateFeed__deposit_before_and_redeem_after__never_profits(
        uint256 dice,
        uint256 size,
        uint256 uncertaintyWad
    ) public {
        uncertaintyWad = _bound(uncertaintyWad, 0, 0.05e18);
        ethSource.set(PRICE_WAD, uncertaintyWad);
        uint256 assets = _bound(size, USD, 50_000 * USD);
        uint256 shares = deposit(mallory, assets);

        ethSource.set(_truePrice(dice, uncertaintyWad), uncertaintyWad / 10);

        assertLe(redeem(mallory, shares), assets);
    }

    function testFuzz_lateFeed__redeem_before_and_deposit_after__never_gains_shares(
        uint256 dice,
        uint256 size,
        uint256 uncertaintyWad
    ) public {
        uncertaintyWad = _bound(uncertaintyWad, 0, 0.05e18);
        ethSource.set(PRICE_WAD, uncertaintyWad);
        uint256 shares = _bound(size, 1e12, vault.maxRedeem(alice));
        uint256 assets = redeem(alice, shares);

        ethSource.set(_truePrice(dice, uncertaintyWad), uncertaintyWad / 10);

        assertLe(deposit(alice, assets), shares);
    }

    function testFuzz_lateFeed__deposit_before_and_leave_in_kind__never_profits(
        uint256 dice,
        uint256 size,
        uint256 uncertaintyWad
    ) public {
        uncertaintyWad = _bound(uncertaintyWad, 0, 0.05e18);
        ethSource.set(PRICE_WAD, uncertaintyWad);
        uint256 assets = _bound(size, USD, 50_000 * USD);
        uint256 shares = deposit(mallory, assets);
        uint256 truth = _truePrice(dice, uncertaintyWad);
        _arbitrage(truth);

        vm.prank(mallory);
        vault.redeemInKind(shares, mallory, mallory, 0);

        // the market's own traders have paid the pools' fees, a few millionths of this
        assertLe(_worth(mallory, truth), assets + assets / 10_000);
    }

    /// @dev Others trade both pools to a price, in small steps until none helps.
    function _arbitrage(uint256 priceWad) private {
        bool up = priceWad > PRICE_WAD;
        for (uint256 i; i < 60 && _helps(true, priceWad, up); i++) {}
        for (uint256 i; i < 60 && _helps(false, priceWad, up); i++) {}
    }

    function _helps(bool isV2, uint256 priceWad, bool up) private returns (bool) {
        uint256 before = _distance(isV2, priceWad);
        if (isV2 && up) tradeV2(address(asset), address(eth), 10_000 * USD);
        else if (isV2) tradeV2(address(eth), address(asset), 5 * ETH);
        else if (up) tradeV3(address(asset), address(eth), 10_000 * USD);
        else tradeV3(address(eth), address(asset), 5 * ETH);
        return _distance(isV2, priceWad) < before;
    }

    function _distance(bool isV2, uint256 priceWad) private view returns (uint256) {
        uint256[] memory prices = two(priceWad * 1e6, 1e36);
        return isV2
            ? v2.deviationWad(Build.market(pairEth), prices)
            : v3.deviationWad(Build.market(poolEth), prices);
    }

    /* SKEWED POOLS */

    function testFuzz_flashLoan__that_skews_the_pools__moves_no_share_price(
        uint256 v2Assets,
        uint256 v3Assets
    ) public {
        uint256 shares = deposit(mallory, 50_000 * USD);
        uint256 before = vault.totalAssets();

        tradeV2(address(asset), address(eth), _bound(v2Assets, USD, 9_000_000 * USD));
        tradeV3(address(asset), address(eth), _bound(v3Assets, USD, 9_000_000 * USD));

        // fees that the trades have paid come on top
        assertGe(vault.totalAssets() + 2, before);
        assertLe(vault.totalAssets(), before + before / 100);
        uint256 back = redeem(mallory, shares);
        assertLe(back, 50_000 * USD + 50_000 * USD / 100);
    }

    function test_flashLoan__before_an_order__is_refused_by_every_action() public {
        uint256 snapshot = vm.snapshotState();
        tradeV2(address(asset), address(eth), 300_000 * USD); // 6 %
        bytes memory error = abi.encodeWithSelector(
            PoolDeviation.selector,
            Build.market(pairEth),
            v2.deviationWad(Build.market(pairEth), two(uint256(2_000e24), 1e36)),
            0.02e18
        );
        refuse(ordering(swapV2(address(asset), address(eth), 1_000 * USD)), error);
        refuse(ordering(supplyV2(2_000 * USD, ETH)), error);
        refuse(ordering(withdrawV2(1e12)), error);
        vm.revertToState(snapshot);

        tradeV3(address(asset), address(eth), 500_000 * USD);
        error = abi.encodeWithSelector(
            PoolDeviation.selector,
            Build.market(poolEth),
            v3.deviationWad(Build.market(poolEth), two(uint256(2_000e24), 1e36)),
            0.02e18
        );
        refuse(ordering(swapV3(address(asset), address(eth), 1_000 * USD)), error);
        refuse(ordering(supplyV3(LOWER, UPPER, 2_000 * USD, ETH)), error);
        refuse(ordering(withdrawV3(LOWER, UPPER, 1e12)), error);
    }

    /// @dev Within the allowed deviation an order runs; what it loses is charged in full.
    function testFuzz_skew__within_the_limit__is_charged(uint256 size, bool isSupply) public {
        ethSource.set(PRICE_WAD, 0);
        tradeV3(address(asset), address(eth), _bound(size, 1_000 * USD, 150_000 * USD));
        uint256 before = lens.book(vault).nav;

        execute(
            isSupply
                ? ordering(supplyV3(LOWER, UPPER, 20_000 * USD, 10 * ETH))
                : ordering(swapV3(address(asset), address(eth), 20_000 * USD))
        );

        uint256 lost = before - lens.book(vault).nav;
        assertGt(lost, 0);
        assertGe(status().lossWad * before / WAD + 2, lost);
    }

    function test_jump__of_a_feed__stops_nothing_by_itself() public {
        ethSource.set(4_000e18, UNCERTAINTY_WAD);

        deposit(bob, 1_000 * USD);
        redeem(alice, 1_000 * USD * 1e6);
        execute(newOrder());
        assertGt(vault.totalAssets(), 600_000 * USD);
    }
}
