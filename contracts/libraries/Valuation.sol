// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {
    Book,
    Config,
    Excluded,
    PositionConfig,
    Prices,
    Side,
    TokenConfig
} from "../interfaces/Types.sol";
import {
    AmountsUnreadable,
    DebtNotSupported,
    NegativeNetAssets,
    TokenUnreadable,
    UncertaintyTooLarge
} from "./Errors.sol";
import {WAD, WadMath} from "./WadMath.sol";

/// @title Valuation
/// @notice What a vault holds and what it is worth. `book` serves every limit of an order,
///         before and after; `netAssets` is its sum alone, for share prices.
///
/// UNITS     assets: raw asset units. pricesE36: asset units per token unit * 1e36.
/// ROUNDING  Credit Down, debt Up.
library Valuation {
    /// @dev No amount is larger than this many bits, so that sums of them never wrap.
    uint256 internal constant SANE_BITS = 200;

    /* PRICES */

    /// @notice Every source, asked once.
    function readPrices(Config memory c) internal view returns (Prices memory p) {
        uint256 count = c.tokens.length;
        p.midE36 = new uint256[](count);
        p.uncertaintyWad = new uint256[](count);
        p.midE36[0] = WAD * c.tokens[0].unitScale;
        p.updatedAt = block.timestamp;
        for (uint256 i = 1; i < count; i++) {
            TokenConfig memory token = c.tokens[i];
            (uint256 priceWad, uint256 uncertaintyWad, uint256 updatedAt) =
                IPriceSource(token.source).price();
            if (uncertaintyWad >= WAD) revert UncertaintyTooLarge(uncertaintyWad);
            p.midE36[i] = priceWad * token.unitScale;
            p.uncertaintyWad[i] = uncertaintyWad;
            p.updatedAt = Math.min(p.updatedAt, updatedAt);
        }
    }

    /// @notice The prices at one side of their uncertainty: low ones Down, high ones Up.
    function at(Prices memory p, Side side) internal pure returns (uint256[] memory prices) {
        if (side == Side.MID) return p.midE36;
        prices = new uint256[](p.midE36.length);
        for (uint256 i; i < prices.length; i++) {
            prices[i] = side == Side.LOW
                ? WadMath.mulWadDown(p.midE36[i], WAD - p.uncertaintyWad[i])
                : WadMath.mulWadUp(p.midE36[i], WAD + p.uncertaintyWad[i]);
        }
    }

    /* NET ASSETS */

    /// @notice Net asset value at these prices of an inventory and all positions; an
    ///         impaired one is worth nothing.
    function netAssets(
        Config memory c,
        uint256[] memory prices,
        uint256[] memory inventory_,
        Excluded memory excluded
    ) internal view returns (uint256) {
        int256[] memory held = asSigned(inventory_);
        PositionConfig[] memory positions = c.positions;
        for (uint256 i; i < positions.length; i++) {
            if ((excluded.impaired >> i) & 1 == 1) continue;
            PositionConfig memory position = positions[i];
            _add(held, position.tokenIndexes, positionAmounts(position, prices));
        }
        return valueDown(held, prices);
    }

    /// @notice The same of holdings that were read at other prices: only positions whose
    ///         amounts hang on prices are asked again.
    function netAssetsAt(
        Config memory c,
        int256[] memory held,
        int256[][] memory amounts,
        uint256[] memory prices,
        Excluded memory excluded
    ) internal view returns (uint256) {
        bool copied;
        for (uint256 i; i < amounts.length; i++) {
            PositionConfig memory position = c.positions[i];
            if (position.tokenCount == 1 || (excluded.impaired >> i) & 1 == 1) continue;
            if (!copied) (held, copied) = (_copy(held), true);
            int256[] memory now_ = positionAmounts(position, prices);
            for (uint256 j; j < now_.length; j++) {
                held[tokenIndex(position.tokenIndexes, j)] += now_[j] - amounts[i][j];
            }
        }
        return valueDown(held, prices);
    }

    /// @notice Tokens at prices: credit Down, debt Up. Who owes more than he has is worth
    ///         nothing to anybody, and nobody may enter or leave by price.
    function valueDown(int256[] memory held, uint256[] memory prices)
        internal
        pure
        returns (uint256 nav)
    {
        uint256 debt;
        for (uint256 i; i < held.length; i++) {
            if (held[i] >= 0) nav += WadMath.assetsDown(uint256(held[i]), prices[i]);
            else debt += WadMath.assetsUp(magnitude(held[i]), prices[i]);
        }
        if (debt > nav) revert NegativeNetAssets(debt - nav);
        nav -= debt;
    }

    /* BOOK */

    /// @notice The whole reading: inventory, positions, exposures and net asset value.
    function book(
        Config memory c,
        uint256[] memory prices,
        address holder,
        Excluded memory excluded
    ) internal view returns (Book memory) {
        int256[][] memory amounts = allAmounts(c, prices, excluded);
        return bookOf(c, prices, inventory(c, holder, excluded), amounts);
    }

    /// @notice Amounts of every position; of an impaired one, none.
    function allAmounts(
        Config memory c,
        uint256[] memory prices,
        Excluded memory excluded
    ) internal view returns (int256[][] memory amounts) {
        PositionConfig[] memory positions = c.positions;
        amounts = new int256[][](positions.length);
        for (uint256 i; i < amounts.length; i++) {
            amounts[i] = (excluded.impaired >> i) & 1 == 1
                ? new int256[](positions[i].tokenCount)
                : positionAmounts(positions[i], prices);
        }
    }

    /// @notice Tokens in the vault and in its positions together; debt taken off.
    function heldOf(
        Config memory c,
        uint256[] memory inventory_,
        int256[][] memory amounts
    ) internal pure returns (int256[] memory held) {
        held = asSigned(inventory_);
        for (uint256 i; i < amounts.length; i++) {
            _add(held, c.positions[i].tokenIndexes, amounts[i]);
        }
    }

    /// @notice The reading of these holdings; debt is a negative amount.
    function bookOf(
        Config memory c,
        uint256[] memory prices,
        uint256[] memory inventory_,
        int256[][] memory amounts
    ) internal pure returns (Book memory b) {
        b.pricesE36 = prices;
        b.inventory = inventory_;
        b.amounts = amounts;
        b.held = heldOf(c, inventory_, amounts);
        b.nav = valueDown(b.held, prices);
        b.positionAssets = new uint256[](amounts.length);
        b.tokenAssets = new uint256[](prices.length);
        b.tagAssets = new uint256[](c.tags.length);
        for (uint256 i; i < amounts.length; i++) {
            PositionConfig memory position = c.positions[i];
            uint256 assets = _addDebt(b, position.tokenIndexes, amounts[i]);
            b.positionAssets[i] = assets;
            if (position.tags != 0) _addTags(b.tagAssets, position.tags, assets);
        }
        for (uint256 i; i < prices.length; i++) {
            uint256 gross = uint256(b.held[i] + int256(b.tokenAssets[i]));
            uint256 assets = WadMath.assetsDown(gross, prices[i]);
            b.tokenAssets[i] = assets;
            b.grossAssets += assets;
            if (c.tokens[i].tags != 0) _addTags(b.tagAssets, c.tokens[i].tags, assets);
        }
    }

    /* POSITIONS */

    /// @notice Amounts of one position, per token of its market; reverts on any answer that
    ///         is not one number of a sane size per token, and on debt.
    function positionAmounts(PositionConfig memory position, uint256[] memory prices)
        internal
        view
        returns (int256[] memory amounts)
    {
        uint256 bits;
        (amounts, bits) = position.tokenCount == 1
            ? _askOne(position)
            : _ask(position, prices);
        if (bits >> SANE_BITS == 0) return amounts;
        for (uint256 j; j < amounts.length; j++) {
            if (amounts[j] < 0) {
                revert DebtNotSupported(position.adapter, position.market, amounts[j]);
            }
        }
        revert AmountsUnreadable(position.adapter, position.market);
    }

    /// @notice Prices of the tokens of one market or pool, in its order.
    function marketPrices(uint256 indexes, uint256 count, uint256[] memory prices)
        internal
        pure
        returns (uint256[] memory own)
    {
        own = new uint256[](count);
        for (uint256 j; j < count; j++) {
            own[j] = prices[tokenIndex(indexes, j)];
        }
    }

    /// @notice Index, in the configuration, of token j of a market or pool.
    function tokenIndex(uint256 indexes, uint256 j) internal pure returns (uint256) {
        return (indexes >> (8 * j)) & 0xff;
    }

    /* INVENTORY */

    /// @notice Tokens that the holder itself has, less what it owes to claimants.
    function inventory(Config memory c, address holder, Excluded memory excluded)
        internal
        view
        returns (uint256[] memory held)
    {
        held = new uint256[](c.tokens.length);
        for (uint256 i; i < held.length; i++) {
            held[i] = balance(c, i, holder, excluded);
        }
    }

    /// @notice One token of it.
    function balance(Config memory c, uint256 i, address holder, Excluded memory excluded)
        internal
        view
        returns (uint256 held)
    {
        address token = c.tokens[i].token;
        bool ok;
        assembly ("memory-safe") {
            mstore(0x20, holder)
            mstore(0x00, 0x70a08231) // balanceOf(address)
            ok := staticcall(gas(), token, 0x1c, 0x24, 0x00, 0x20)
            held := mload(0x00)
            ok := and(ok, gt(returndatasize(), 0x1f))
        }
        if (!ok || held >> SANE_BITS != 0) revert TokenUnreadable(token);
        if (excluded.claimed.length != 0) held -= Math.min(held, excluded.claimed[i]);
    }

    /// @notice |x|
    function magnitude(int256 x) internal pure returns (uint256) {
        return x < 0 ? uint256(-x) : uint256(x);
    }

    /// @notice The same numbers as signed ones, in new memory.
    function asSigned(uint256[] memory from) internal pure returns (int256[] memory to) {
        to = new int256[](from.length);
        for (uint256 i; i < from.length; i++) {
            to[i] = int256(from[i]);
        }
    }

    /// @notice The same numbers in new memory.
    function copy(uint256[] memory from) internal pure returns (uint256[] memory to) {
        to = new uint256[](from.length);
        for (uint256 i; i < from.length; i++) {
            to[i] = from[i];
        }
    }

    /// @notice The same amounts in a new list.
    function copy(int256[][] memory from) internal pure returns (int256[][] memory to) {
        to = new int256[][](from.length);
        for (uint256 i; i < from.length; i++) {
            to[i] = from[i];
        }
    }

    /* INTERNAL */

    /// @dev `amount(market)`, as an array of one.
    function _askOne(PositionConfig memory position)
        private
        view
        returns (int256[] memory amounts, uint256 bits)
    {
        uint256 selector = uint256(uint32(IAdapter.amount.selector)) << 224;
        bool ok;
        assembly ("memory-safe") {
            amounts := mload(0x40)
            mstore(amounts, selector)
            mstore(add(amounts, 0x04), mload(add(position, 0x20))) // market
            let answer := add(amounts, 0x20)
            ok := staticcall(gas(), mload(position), amounts, 0x24, answer, 0x20)
            if iszero(ok) {
                returndatacopy(amounts, 0, returndatasize())
                revert(amounts, returndatasize())
            }
            ok := eq(returndatasize(), 0x20)
            bits := mload(answer)
            mstore(amounts, 1)
            mstore(0x40, add(amounts, 0x40))
        }
        if (!ok) revert AmountsUnreadable(position.adapter, position.market);
    }

    /// @dev `amounts(market, prices)` asked word by word: the answer must be exactly an
    ///      array of one word per token. A revert of the adapter is passed on. `bits` are
    ///      those set in any of the amounts.
    function _ask(PositionConfig memory position, uint256[] memory prices)
        private
        view
        returns (int256[] memory amounts, uint256 bits)
    {
        uint256 selector = uint256(uint32(IAdapter.amounts.selector)) << 224;
        bool ok;
        assembly ("memory-safe") {
            let count := mload(add(position, 0x40)) // tokenCount
            let indexes := mload(add(position, 0x60)) // tokenIndexes
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 0x04), mload(add(position, 0x20))) // market
            mstore(add(data, 0x24), 0x40)
            mstore(add(data, 0x44), count)
            let end := add(add(data, 0x64), mul(32, count))
            for { let to := add(data, 0x64) } lt(to, end) { to := add(to, 32) } {
                mstore(to, mload(add(add(prices, 32), mul(32, and(indexes, 0xff)))))
                indexes := shr(8, indexes)
            }
            let size := add(0x40, mul(32, count))
            ok := staticcall(gas(), mload(position), data, add(0x24, size), 0, 0)
            if iszero(ok) {
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            ok := eq(returndatasize(), size)
            if ok {
                // offset, length, then the words
                returndatacopy(data, 0, size)
                ok := and(eq(mload(data), 0x20), eq(mload(add(data, 0x20)), count))
                amounts := add(data, 0x20)
                end := add(data, size)
                mstore(0x40, end)
                for { let word := add(data, 0x40) } lt(word, end) { word := add(word, 32) } {
                    bits := or(bits, mload(word))
                }
            }
        }
        if (!ok) revert AmountsUnreadable(position.adapter, position.market);
    }

    function _add(int256[] memory held, uint256 indexes, int256[] memory amounts)
        private
        pure
    {
        for (uint256 j; j < amounts.length; j++) {
            held[indexes & 0xff] += amounts[j];
            indexes >>= 8;
        }
    }

    /// @dev What a position is worth, gross; of a debt, twice its amount is what the gross
    ///      amounts have more than the net ones.
    function _addDebt(Book memory b, uint256 indexes, int256[] memory amounts)
        private
        pure
        returns (uint256 assets)
    {
        for (uint256 j; j < amounts.length; j++) {
            uint256 index = indexes & 0xff;
            uint256 amount = magnitude(amounts[j]);
            if (amounts[j] < 0) b.tokenAssets[index] += 2 * amount;
            assets += WadMath.assetsDown(amount, b.pricesE36[index]);
            indexes >>= 8;
        }
    }

    function _addTags(uint256[] memory tagAssets, uint256 tags, uint256 assets) private pure {
        for (uint256 t; tags >> t != 0; t++) {
            if ((tags >> t) & 1 == 1) tagAssets[t] += assets;
        }
    }

    function _copy(int256[] memory from) private pure returns (int256[] memory to) {
        to = new int256[](from.length);
        for (uint256 i; i < from.length; i++) {
            to[i] = from[i];
        }
    }
}
