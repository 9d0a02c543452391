// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {Book, Config, Rebalance} from "../interfaces/Types.sol";
import {IVault} from "../interfaces/IVault.sol";
import {ConfigStore} from "../libraries/ConfigStore.sol";
import {OrderHash} from "../libraries/OrderHash.sol";
import {Valuation} from "../libraries/Valuation.sol";
import {Status, VaultStatus} from "./Status.sol";

/// @title Lens
/// @notice Many reads in one call at one block, for keepers and pages. Holds nothing.
contract Lens {
    struct Call {
        address target;
        bytes data;
    }

    struct Result {
        bool success;
        bytes data;
    }

    struct Block {
        uint256 chainId;
        uint256 number;
        uint256 timestamp;
        uint256 baseFeeWei;
    }

    struct Tick {
        int24 tick;
        int128 liquidityNet;
    }

    struct UniswapV3State {
        uint160 sqrtPriceX96;
        int24 tick;
        uint128 liquidity;
        uint24 feePips;
        int24 tickSpacing;
        uint8 feeProtocol;
        uint256 feeGrowthGlobal0X128;
        uint256 feeGrowthGlobal1X128;
        int24 lowestTick; // the ticks below are all that are initialised from here
        int24 highestTick; // to here
        Tick[] ticks;
    }

    /// @notice Answers of many static calls; one that reverts does not spoil the others.
    function read(Call[] calldata calls)
        external
        view
        returns (Block memory at, Result[] memory results)
    {
        at = Block(block.chainid, block.number, block.timestamp, block.basefee);
        results = new Result[](calls.length);
        for (uint256 i; i < calls.length; i++) {
            (results[i].success, results[i].data) = calls[i].target.staticcall(calls[i].data);
        }
    }

    /// @notice The configuration in force, decoded.
    function config(IVault vault) external view returns (Config memory) {
        return ConfigStore.read(vault.config());
    }

    /// @notice What the vault holds at its middle prices, as its limits see it.
    function book(IVault vault) external view returns (Book memory) {
        Config memory c = ConfigStore.read(vault.config());
        uint256[] memory prices = Valuation.readPrices(c).midE36;
        return Valuation.book(c, prices, address(vault), vault.excluded());
    }

    /// @notice What the vault remembers.
    function status(IVault vault) external view returns (VaultStatus memory) {
        return Status.read(vault, ConfigStore.read(vault.config()).tokens.length);
    }

    /// @notice EIP-712 struct hash of an order.
    function structHash(Rebalance calldata order) external pure returns (bytes32) {
        return OrderHash.structHash(order);
    }

    /// @notice A pool's state with its initialised ticks, `words` bitmap words (of 256 tick
    ///         spacings) to each side of the current one.
    function uniswapV3(IUniswapV3Pool pool, uint256 words)
        external
        view
        returns (UniswapV3State memory s)
    {
        (s.sqrtPriceX96, s.tick,,,, s.feeProtocol,) = pool.slot0();
        s.liquidity = pool.liquidity();
        s.feePips = pool.fee();
        s.tickSpacing = pool.tickSpacing();
        s.feeGrowthGlobal0X128 = pool.feeGrowthGlobal0X128();
        s.feeGrowthGlobal1X128 = pool.feeGrowthGlobal1X128();

        int256 compressed = _floorDiv(s.tick, s.tickSpacing);
        int256 middle = _floorDiv(int24(compressed), 256);
        int256 most = _floorDiv(887272 / s.tickSpacing, 256);
        int256 first = _max(middle - int256(words), -most - 1);
        int256 last = -_max(-(middle + int256(words)), -most);
        s.lowestTick = int24(_max(first * 256 * s.tickSpacing, -887272));
        s.highestTick = int24(-_max(-((last + 1) * 256 - 1) * s.tickSpacing, -887272));
        s.ticks = _ticks(pool, s.tickSpacing, first, last);
    }

    function _ticks(IUniswapV3Pool pool, int24 spacing, int256 first, int256 last)
        private
        view
        returns (Tick[] memory list)
    {
        uint256 count;
        for (int256 word = first; word <= last; word++) {
            for (uint256 bits = pool.tickBitmap(int16(word)); bits != 0; bits &= bits - 1) {
                count++;
            }
        }
        list = new Tick[](count);
        count = 0;
        for (int256 word = first; word <= last; word++) {
            uint256 bits = pool.tickBitmap(int16(word));
            for (uint256 bit; bits >> bit != 0 && bit < 256; bit++) {
                if ((bits >> bit) & 1 == 0) continue;
                int24 tick = int24((word * 256 + int256(bit)) * spacing);
                (, int128 net,,,,,,) = pool.ticks(tick);
                list[count++] = Tick(tick, net);
            }
        }
    }

    function _floorDiv(int256 x, int256 y) private pure returns (int256 q) {
        q = x / y;
        if (x % y < 0) q--;
    }

    function _max(int256 x, int256 y) private pure returns (int256) {
        return x > y ? x : y;
    }
}
