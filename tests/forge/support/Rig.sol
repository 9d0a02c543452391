// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {Config, Rebalance, Supply, Swap, Withdraw} from
    "../../../contracts/interfaces/Types.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {HostileVenue} from "../../../contracts/mocks/HostileVenue.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Build} from "./Build.sol";
import {VaultTest} from "./VaultTest.sol";

/// @notice A vault in whole numbers: everything it meets says and pays what a test wants.
///
/// UNITS  usd: raw units of the asset; ETH is 2,000 of it, BTC 40,000.
abstract contract Rig is VaultTest {
    using Build for Config;

    uint256 internal constant USD = 1e6;
    uint256 internal constant ETH = 1e18;
    uint256 internal constant BTC = 1e8;
    uint256 internal constant SEED = 1000; // a thousandth of the asset
    bytes32 internal constant MARKET = bytes32(uint256(1));
    uint256 internal constant LEND = 0; // positions, in the order of `base`
    uint256 internal constant STAKE = 1;
    uint256 internal constant PAIR = 2;

    DemoToken internal eth;
    DemoToken internal btc;
    SettableSource internal ethSource;
    SettableSource internal btcSource;
    HostileVenue internal ethVenue;
    HostileVenue internal btcVenue;
    HostileAdapter internal lend; // of the asset
    HostileAdapter internal stake; // of ETH
    HostileAdapter internal pair; // of both

    function setUp() public virtual {
        deployVault(6);
        deployRig(new DemoToken("Ether", "ETH", 18));
    }

    function deployRig(DemoToken eth_) internal {
        eth = eth_;
        btc = new DemoToken("Bitcoin", "BTC", 8);
        ethSource = new SettableSource(2_000e18, 0);
        btcSource = new SettableSource(40_000e18, 0);
        ethVenue = new HostileVenue(address(asset), address(eth));
        btcVenue = new HostileVenue(address(asset), address(btc));
        eth.mint(address(ethVenue), 1e30);
        btc.mint(address(btcVenue), 1e30);
        deal(address(asset), address(ethVenue), 1e30);
        deal(address(asset), address(btcVenue), 1e30);
        lend = new HostileAdapter(address(vault), one(address(asset)));
        stake = new HostileAdapter(address(vault), one(address(eth)));
        pair = new HostileAdapter(address(vault), two(address(asset), address(eth)));
    }

    /// @notice All of the above, and no limit.
    function base() internal view returns (Config memory c) {
        c = Build.open(strategist);
        c.addToken(address(asset), address(0));
        c.addToken(address(eth), address(ethSource));
        c.addToken(address(btc), address(btcSource));
        c.addPosition(address(lend), MARKET);
        c.addPosition(address(stake), MARKET);
        c.addPosition(address(pair), MARKET);
        c.addPool(address(ethVenue), MARKET);
        c.addPool(address(btcVenue), MARKET);
    }

    /// @notice The vault under this configuration, with exactly this net asset value, all
    ///         but the seed alice's; the first block is over.
    function start(Config memory c, uint256 nav) internal {
        vault.submit(c);
        deposit(alice, nav - SEED);
        pass(1 hours);
    }

    /* ACTIONS */

    /// @notice ETH for assets; the venue pays so much for it.
    function buyEth(uint256 assets, uint256 amountOut) internal returns (Swap memory) {
        return swapOn(ethVenue, address(asset), assets, address(eth), amountOut);
    }

    function buyEth(uint256 assets) internal returns (Swap memory) {
        return buyEth(assets, assets * ETH / (2_000 * USD));
    }

    function sellEth(uint256 amountIn, uint256 assets) internal returns (Swap memory) {
        return swapOn(ethVenue, address(eth), amountIn, address(asset), assets);
    }

    function buyBtc(uint256 assets) internal returns (Swap memory) {
        uint256 amountOut = assets * BTC / (40_000 * USD);
        return swapOn(btcVenue, address(asset), assets, address(btc), amountOut);
    }

    function swapOn(
        HostileVenue venue,
        address tokenIn,
        uint256 amountIn,
        address tokenOut,
        uint256 amountOut
    ) internal returns (Swap memory) {
        venue.setPay(amountOut, amountOut, 0);
        return Swap(address(venue), MARKET, tokenIn, tokenOut, amountIn, 0);
    }

    function supplyTo(HostileAdapter adapter, uint256 amount)
        internal
        pure
        returns (Supply memory)
    {
        return Supply(address(adapter), MARKET, 0, 0, one(amount), 0);
    }

    function supplyPair(uint256 assets, uint256 ethAmount)
        internal
        view
        returns (Supply memory)
    {
        return Supply(address(pair), MARKET, 0, 0, two(assets, ethAmount), 0);
    }

    function withdrawFrom(HostileAdapter adapter, uint256 units)
        internal
        view
        returns (Withdraw memory)
    {
        uint256[] memory least = new uint256[](adapter.tokens(MARKET).length);
        return Withdraw(address(adapter), MARKET, 0, 0, units, least);
    }

    /* SHORTHANDS: a setup, then time enough for the next order */

    function lendNow(uint256 assets) internal {
        execute(ordering(supplyTo(lend, assets)));
        pass(1);
    }

    function buyEthNow(uint256 assets) internal {
        execute(ordering(buyEth(assets)));
        pass(1);
    }

    function buyBtcNow(uint256 assets) internal {
        execute(ordering(buyBtc(assets)));
        pass(1);
    }

    function err(bytes4 selector, uint256 a, uint256 b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    function nowPlus(uint256 seconds_) internal view returns (uint256) {
        return vm.getBlockTimestamp() + seconds_;
    }

    function withOrder(Rebalance memory order, Supply memory action)
        internal
        pure
        returns (Rebalance memory)
    {
        order.supplies = new Supply[](1);
        order.supplies[0] = action;
        return order;
    }
}
