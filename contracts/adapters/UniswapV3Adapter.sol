// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {CallbackNotExpected} from "../libraries/Errors.sol";
import {Market} from "../libraries/Market.sol";
import {UniswapV3Fees} from "../libraries/UniswapV3Fees.sol";
import {Adapter} from "./Adapter.sol";
import {RangeAdapter} from "./RangeAdapter.sol";

/// @title UniswapV3Adapter
/// @notice Concentrated liquidity in Uniswap V3 pools, held in the pool itself. Market: the
///         pool's address. Units: liquidity.
contract UniswapV3Adapter is RangeAdapter {
    using Market for bytes32;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    string public constant protocol = "uniswap-v3";

    /// @dev The pool whose callback is awaited; 1 when none is.
    address private _awaited = address(1);

    constructor(address vault_) Adapter(vault_) {}

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

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](2);
        list[0] = IUniswapV3Pool(market.toAddress()).token0();
        list[1] = IUniswapV3Pool(market.toAddress()).token1();
    }

    /* PROTOCOL */

    function _spotX96(bytes32 market) internal view override returns (uint256 sqrtX96) {
        (sqrtX96,,,,,,) = IUniswapV3Pool(market.toAddress()).slot0();
    }

    function _fees(bytes32 market, int24 tickLower, int24 tickUpper)
        internal
        view
        override
        returns (uint256, uint256)
    {
        IUniswapV3Pool pool = IUniswapV3Pool(market.toAddress());
        return UniswapV3Fees.owed(pool, address(this), tickLower, tickUpper);
    }

    function _mint(bytes32 market, int24 tickLower, int24 tickUpper, uint128 liquidity)
        internal
        override
    {
        IUniswapV3Pool pool = IUniswapV3Pool(market.toAddress());
        _awaited = address(pool);
        pool.mint(address(this), tickLower, tickUpper, liquidity, "");
        _awaited = address(1);
        _sweep(pool.token0());
        _sweep(pool.token1());
    }

    function _burn(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        Aside memory what,
        address to
    ) internal override {
        IUniswapV3Pool pool = IUniswapV3Pool(market.toAddress());
        (uint256 amount0, uint256 amount1) = pool.burn(tickLower, tickUpper, what.liquidity);
        pool.collect(
            to,
            tickLower,
            tickUpper,
            (amount0 + what.fees0).toUint128(),
            (amount1 + what.fees1).toUint128()
        );
    }
}
