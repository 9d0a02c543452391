// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {stdJson} from "forge-std/StdJson.sol";
import {AaveV3Adapter} from "../../../contracts/adapters/AaveV3Adapter.sol";
import {ERC4626Adapter} from "../../../contracts/adapters/ERC4626Adapter.sol";
import {UniswapV2Adapter} from "../../../contracts/adapters/UniswapV2Adapter.sol";
import {UniswapV3Adapter} from "../../../contracts/adapters/UniswapV3Adapter.sol";
import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {Config, Supply, Swap, Withdraw} from "../../../contracts/interfaces/Types.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {UniswapV2Venue} from "../../../contracts/venues/UniswapV2Venue.sol";
import {UniswapV3Venue} from "../../../contracts/venues/UniswapV3Venue.sol";
import {Build} from "./Build.sol";
import {VaultTest} from "./VaultTest.sol";

interface IRouterV2 {
    function swapExactTokensForTokens(
        uint256 amountIn,
        uint256 amountOutMin,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external returns (uint256[] memory amounts);
}

interface IRouterV3 {
    struct ExactInput {
        address tokenIn;
        address tokenOut;
        uint24 fee;
        address recipient;
        uint256 deadline;
        uint256 amountIn;
        uint256 amountOutMinimum;
        uint160 sqrtPriceLimitX96;
    }

    function exactInputSingle(ExactInput calldata swap) external returns (uint256 amountOut);
}

/// @notice A vault among real protocols: the market that fixture.py has written.
///
/// UNITS  USD: raw units of the asset; ETH is 2,000 of it, BTC 40,000.
abstract contract MarketTest is VaultTest {
    using Build for Config;
    using stdJson for string;

    uint256 internal constant USD = 1e6;
    uint256 internal constant ETH = 1e18;
    uint256 internal constant BTC = 1e8;
    uint256 internal constant UNCERTAINTY_WAD = 0.005e18;
    uint256 internal constant V2 = 0; // positions, in the order of `base`
    uint256 internal constant V3 = 1;
    uint256 internal constant AAVE = 2;
    uint256 internal constant SAVINGS = 3;

    DemoToken internal eth;
    DemoToken internal btc;
    address internal pairEth; // token 0 is ETH
    address internal pairBtc;
    address internal poolEth; // token 0 is ETH, fee 0.3 %
    address internal poolBtc; // token 0 is BTC, fee 0.05 %
    address internal aUsdc;
    address internal aEth;
    address internal aavePool;
    address internal savings;
    address internal trader; // holds a billion dollars of each token
    IRouterV2 internal routerV2;
    IRouterV3 internal routerV3;

    SettableSource internal ethSource = new SettableSource(2_000e18, UNCERTAINTY_WAD);
    SettableSource internal btcSource = new SettableSource(40_000e18, UNCERTAINTY_WAD);
    UniswapV2Adapter internal v2;
    UniswapV3Adapter internal v3;
    AaveV3Adapter internal aave;
    ERC4626Adapter internal saver;
    UniswapV2Venue internal venueV2 = new UniswapV2Venue();
    UniswapV3Venue internal venueV3 = new UniswapV3Venue();

    function setUp() public virtual {
        string memory who = loadMarket();
        deployVault(DemoToken(who.readAddress(".tokens.USDC")));
        v2 = new UniswapV2Adapter(address(vault));
        v3 = new UniswapV3Adapter(address(vault));
        aave = new AaveV3Adapter(address(vault));
        saver = new ERC4626Adapter(address(vault));
    }

    function loadMarket() internal returns (string memory who) {
        vm.loadAllocs("build/forge/market.json");
        who = vm.readFile("build/forge/addresses.json");
        vm.warp(who.readUint(".timestamp") + 1);
        vm.roll(who.readUint(".number") + 1);
        eth = DemoToken(who.readAddress(".tokens.ETH"));
        btc = DemoToken(who.readAddress(".tokens.BTC"));
        pairEth = who.readAddress(".pairs.ETH");
        pairBtc = who.readAddress(".pairs.BTC");
        poolEth = who.readAddress(".pools.ETH");
        poolBtc = who.readAddress(".pools.BTC");
        aUsdc = who.readAddress(".aave.aUSDC");
        aEth = who.readAddress(".aave.aETH");
        aavePool = who.readAddress(".aave.pool");
        savings = who.readAddress(".savings");
        trader = who.readAddress(".trader");
        routerV2 = IRouterV2(who.readAddress(".v2Router"));
        routerV3 = IRouterV3(who.readAddress(".v3Router"));
    }

    /// @notice All protocols, and no limit.
    function base() internal view returns (Config memory c) {
        c = Build.open(strategist);
        c.addToken(address(asset), address(0));
        c.addToken(address(eth), address(ethSource));
        c.addToken(address(btc), address(btcSource));
        c.addPosition(address(v2), Build.market(pairEth));
        c.addPosition(address(v3), Build.market(poolEth));
        c.addPosition(address(aave), Build.market(aUsdc));
        c.addPosition(address(saver), Build.market(savings));
        c.addPool(address(venueV2), Build.market(pairEth));
        c.addPool(address(venueV3), Build.market(poolEth));
        c.addPool(address(venueV2), Build.market(pairBtc));
    }

    /// @notice The vault under this configuration; alice has paid in so much.
    function start(Config memory c, uint256 assets) internal {
        vault.submit(c);
        deposit(alice, assets);
        pass(1 hours);
    }

    /* ACTIONS */

    function swapV2(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        view
        returns (Swap memory)
    {
        address pool = tokenIn == address(btc) || tokenOut == address(btc) ? pairBtc : pairEth;
        return
            Swap(address(venueV2), Build.market(pool), tokenIn, tokenOut, amountIn, 0);
    }

    function swapV3(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        view
        returns (Swap memory)
    {
        return Swap(
            address(venueV3), Build.market(poolEth), tokenIn, tokenOut, amountIn, 0
        );
    }

    /// @param assets Asset and ETH at most, of which the pool's ratio takes what fits.
    function supplyV2(uint256 assets, uint256 ethAmount)
        internal
        view
        returns (Supply memory)
    {
        return Supply(address(v2), Build.market(pairEth), 0, 0, two(ethAmount, assets), 0);
    }

    function supplyV3(int24 lower, int24 upper, uint256 assets, uint256 ethAmount)
        internal
        view
        returns (Supply memory)
    {
        return Supply(
            address(v3), Build.market(poolEth), lower, upper, two(ethAmount, assets), 0
        );
    }

    function supplyAave(uint256 assets) internal view returns (Supply memory) {
        return Supply(address(aave), Build.market(aUsdc), 0, 0, one(assets), 0);
    }

    function supplySavings(uint256 assets) internal view returns (Supply memory) {
        return Supply(address(saver), Build.market(savings), 0, 0, one(assets), 0);
    }

    function withdrawV2(uint256 units) internal view returns (Withdraw memory) {
        return Withdraw(address(v2), Build.market(pairEth), 0, 0, units, two(uint256(0), 0));
    }

    function withdrawV3(int24 lower, int24 upper, uint256 units)
        internal
        view
        returns (Withdraw memory)
    {
        return Withdraw(
            address(v3), Build.market(poolEth), lower, upper, units, two(uint256(0), 0)
        );
    }

    function withdrawAave(uint256 assets) internal view returns (Withdraw memory) {
        return Withdraw(address(aave), Build.market(aUsdc), 0, 0, assets, one(uint256(0)));
    }

    function withdrawSavings(uint256 shares) internal view returns (Withdraw memory) {
        return Withdraw(address(saver), Build.market(savings), 0, 0, shares, one(uint256(0)));
    }

    /* THE MARKET'S OWN TRADES */

    function tradeV2(address tokenIn, address tokenOut, uint256 amountIn) internal {
        vm.prank(trader);
        routerV2.swapExactTokensForTokens(
            amountIn, 0, two(tokenIn, tokenOut), trader, type(uint256).max
        );
    }

    function tradeV3(address tokenIn, address tokenOut, uint256 amountIn) internal {
        vm.prank(trader);
        routerV3.exactInputSingle(
            IRouterV3.ExactInput(
                tokenIn, tokenOut, 3000, trader, type(uint256).max, amountIn, 0, 0
            )
        );
    }
}
