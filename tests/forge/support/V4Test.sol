// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IPoolManager} from "../../../contracts/interfaces/IUniswapV4.sol";
import {UniswapV4Pools} from "../../../contracts/venues/UniswapV4Pools.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

interface ISwapRouter {
    struct Settings {
        bool takeClaims;
        bool settleUsingBurn;
    }

    function swap(
        IPoolManager.PoolKey memory key,
        IPoolManager.SwapParams memory params,
        Settings memory settings,
        bytes memory hookData
    ) external returns (int256 delta);
}

interface IDonateRouter {
    function donate(
        IPoolManager.PoolKey memory key,
        uint256 amount0,
        uint256 amount1,
        bytes memory hookData
    ) external returns (int256 delta);
}

/// @notice A pool of the real PoolManager: HST, which is token 0, and USDC, at a dollar each,
///         with two million of each within 6,000 ticks and a fee of 0.3 %. V4 needs the
///         transient storage of Cancun: each test of it says so to forge.
abstract contract V4Test is ProtocolTest {
    uint256 internal constant FEE_WAD = 0.003e18;
    int24 internal constant MIDDLE = -276_300; // 1.0001^276300 is 10^12, near enough

    IPoolManager internal manager;
    UniswapV4Pools internal pools;
    IPoolManager.PoolKey internal key;
    bytes32 internal poolId;
    address[] internal coins;
    uint256[] internal prices; // E36

    function setUp() public virtual override {
        super.setUp();
        manager = IPoolManager(addressOf(".uniswapV4.manager"));
        pools = new UniswapV4Pools(manager);
        key = IPoolManager.PoolKey(address(hst), address(usdc), 3000, 60, address(0));
        poolId = pools.register(key);
        coins = [address(hst), address(usdc)];
        prices = pricesOf(coins);
    }

    /// @dev `trader` sells through v4's own router; what it got.
    function _trade(address tokenIn, uint256 amountIn) internal returns (uint256) {
        bool zeroForOne = tokenIn == address(hst);
        ISwapRouter router = ISwapRouter(addressOf(".uniswapV4.swaps"));
        vm.prank(trader);
        int256 delta = router.swap(
            key,
            IPoolManager.SwapParams(
                zeroForOne,
                -int256(amountIn),
                zeroForOne ? TickMath.MIN_SQRT_PRICE + 1 : TickMath.MAX_SQRT_PRICE - 1
            ),
            ISwapRouter.Settings(false, false),
            ""
        );
        return uint256(zeroForOne ? int256(int128(delta)) : delta >> 128);
    }

    function _donate(uint256 amount0, uint256 amount1) internal {
        IDonateRouter router = IDonateRouter(addressOf(".uniswapV4.donations"));
        vm.prank(trader);
        router.donate(key, amount0, amount1, "");
    }

    /// @dev HST moves while the manager is unlocked.
    function _moveHst() internal {
        _trade(address(hst), 1_000 * ETH);
    }
}
