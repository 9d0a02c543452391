// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {
    CallbackNotExpected, LiquidityNotHeld, TooManyRanges
} from "../libraries/Errors.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {UniswapV3Fees} from "../libraries/UniswapV3Fees.sol";
import {Market} from "../libraries/Market.sol";
import {Adapter} from "./Adapter.sol";

/// @title UniswapV3Adapter
/// @notice Concentrated liquidity in Uniswap V3 pools, held in the pool itself. Market: the
///         pool's address. Units: liquidity. The order chooses the ranges, a few per pool.
contract UniswapV3Adapter is Adapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    struct Range {
        int24 tickLower;
        int24 tickUpper;
        uint128 liquidity;
    }

    uint256 public constant MOST_RANGES = 4;
    string public constant protocol = "uniswap-v3";

    mapping(bytes32 market => Range[]) private _ranges;
    /// @dev The pool whose callback is awaited; 1 when none is.
    address private _awaited = address(1);

    constructor(address vault_) Adapter(vault_) {}

    /* VAULT */

    /// @inheritdoc IAdapter
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external onlyVault returns (uint256 liquidity) {
        IUniswapV3Pool pool = IUniswapV3Pool(market.toAddress());
        (uint160 sqrtX96,,,,,,) = pool.slot0();
        liquidity = FairValue.liquidityForAmountsDown(
            sqrtX96, tickLower, tickUpper, maxAmounts[0], maxAmounts[1]
        );

        _addRange(market, tickLower, tickUpper, liquidity.toUint128());

        _awaited = address(pool);
        pool.mint(address(this), tickLower, tickUpper, liquidity.toUint128(), "");
        _awaited = address(1);
        _sweep(pool.token0());
        _sweep(pool.token1());
    }

    /// @inheritdoc IAdapter
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        onlyVault
    {
        IUniswapV3Pool pool = IUniswapV3Pool(market.toAddress());
        uint128 liquidity = _removeRange(market, tickLower, tickUpper, units_);

        pool.burn(tickLower, tickUpper, liquidity);
        pool.collect(vault, tickLower, tickUpper, type(uint128).max, type(uint128).max);
    }

    /* POOL */

    /// @notice Pays the pool that is being minted in.
    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata)
        external
    {
        if (msg.sender != _awaited) revert CallbackNotExpected(msg.sender);
        if (amount0 != 0) {
            IERC20(IUniswapV3Pool(msg.sender).token0()).safeTransfer(msg.sender, amount0);
        }
        if (amount1 != 0) {
            IERC20(IUniswapV3Pool(msg.sender).token1()).safeTransfer(msg.sender, amount1);
        }
    }

    /* VIEWS */

    /// @notice Ranges held in a pool.
    function ranges(bytes32 market) external view returns (Range[] memory) {
        return _ranges[market];
    }

    /// @notice Fees that a range can collect now [raw token units].
    function feesOwed(bytes32 market, int24 tickLower, int24 tickUpper)
        external
        view
        returns (uint256 fees0, uint256 fees1)
    {
        return UniswapV3Fees.owed(
            IUniswapV3Pool(market.toAddress()), address(this), tickLower, tickUpper
        );
    }

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](2);
        list[0] = IUniswapV3Pool(market.toAddress()).token0();
        list[1] = IUniswapV3Pool(market.toAddress()).token1();
    }

    /// @inheritdoc IAdapter
    function units(bytes32 market) external view returns (uint256 liquidity) {
        Range[] storage held = _ranges[market];
        for (uint256 i; i < held.length; i++) {
            liquidity += held[i].liquidity;
        }
    }

    /// @inheritdoc IAdapter
    /// @dev Principal at the given prices, fees as they stand in the pool.
    function amounts(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        returns (int256[] memory held)
    {
        held = new int256[](2);
        Range[] memory list = _ranges[market];
        if (list.length == 0) return held;

        uint256 sqrtX96 = FairValue.sqrtPriceX96Down(pricesE36[0], pricesE36[1]);
        IUniswapV3Pool pool = IUniswapV3Pool(market.toAddress());
        for (uint256 i; i < list.length; i++) {
            Range memory range = list[i];
            (uint256 amount0, uint256 amount1) = FairValue.concentratedDown(
                range.liquidity, range.tickLower, range.tickUpper, sqrtX96
            );
            (uint256 fees0, uint256 fees1) =
                UniswapV3Fees.owed(pool, address(this), range.tickLower, range.tickUpper);
            held[0] += int256(amount0 + fees0);
            held[1] += int256(amount1 + fees1);
        }
    }

    /// @inheritdoc IAdapter
    function deviationWad(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        override
        returns (uint256)
    {
        (uint160 sqrtX96,,,,,,) = IUniswapV3Pool(market.toAddress()).slot0();
        return FairValue.deviationWadUp(
            sqrtX96, FairValue.sqrtPriceX96Down(pricesE36[0], pricesE36[1])
        );
    }

    /* INTERNAL */

    function _addRange(bytes32 market, int24 tickLower, int24 tickUpper, uint128 liquidity)
        private
    {
        Range[] storage held = _ranges[market];
        uint256 i = _find(held, tickLower, tickUpper);
        if (i < held.length) {
            held[i].liquidity += liquidity;
            return;
        }
        if (i == MOST_RANGES) revert TooManyRanges(market, i + 1);
        held.push(Range(tickLower, tickUpper, liquidity));
    }

    /// @dev An emptied range leaves its place to the last one.
    function _removeRange(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        private
        returns (uint128 liquidity)
    {
        Range[] storage held = _ranges[market];
        uint256 i = _find(held, tickLower, tickUpper);
        if (i == held.length) revert LiquidityNotHeld(tickLower, tickUpper, units_, 0);
        liquidity =
            _unitsToTake(held[i].liquidity, units_, tickLower, tickUpper).toUint128();
        held[i].liquidity -= liquidity;
        if (held[i].liquidity == 0) {
            held[i] = held[held.length - 1];
            held.pop();
        }
    }

    function _find(Range[] storage held, int24 tickLower, int24 tickUpper)
        private
        view
        returns (uint256 i)
    {
        for (; i < held.length; i++) {
            if (held[i].tickLower == tickLower && held[i].tickUpper == tickUpper) break;
        }
    }
}
