// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {Book, Config, PositionConfig, Side, TokenConfig} from "../interfaces/Types.sol";
import {AmountsLengthMismatch, DebtNotSupported, UncertaintyTooLarge} from "./Errors.sol";
import {WAD, WadMath} from "./WadMath.sol";

/// @title Valuation
/// @notice What a vault holds and what it is worth. `book` serves every limit of an order,
///         before and after; `netAssets` is its sum alone, for share prices.
///
/// UNITS     assets: raw asset units. pricesE36: asset units per token unit * 1e36.
/// ROUNDING  Down.
library Valuation {
    /// @notice Prices of all tokens at one side of their uncertainty.
    function pricesE36(Config memory c, Side side)
        internal
        view
        returns (uint256[] memory prices)
    {
        prices = new uint256[](c.tokens.length);
        prices[0] = WAD * c.tokens[0].unitScale;
        for (uint256 i = 1; i < prices.length; i++) {
            TokenConfig memory token = c.tokens[i];
            (uint256 priceWad, uint256 uncertaintyWad,) = IPriceSource(token.source).price();
            if (uncertaintyWad >= WAD) revert UncertaintyTooLarge(uncertaintyWad);
            if (side == Side.LOW) {
                priceWad = WadMath.mulWadDown(priceWad, WAD - uncertaintyWad);
            } else if (side == Side.HIGH) {
                priceWad = WadMath.mulWadUp(priceWad, WAD + uncertaintyWad);
            }
            prices[i] = priceWad * token.unitScale;
        }
    }

    /// @notice Net asset value of a holder at these prices.
    function netAssets(Config memory c, uint256[] memory prices, address holder)
        internal
        view
        returns (uint256 nav)
    {
        uint256[] memory held = inventory(c, holder);
        for (uint256 i; i < c.positions.length; i++) {
            PositionConfig memory position = c.positions[i];
            uint256[] memory amounts = positionAmounts(position, prices);
            for (uint256 j; j < amounts.length; j++) {
                held[tokenIndex(position, j)] += amounts[j];
            }
        }
        for (uint256 i; i < held.length; i++) {
            nav += WadMath.assetsDown(held[i], prices[i]);
        }
    }

    /// @notice The whole reading: inventory, positions, exposures and net asset value.
    function book(Config memory c, uint256[] memory prices, address holder)
        internal
        view
        returns (Book memory b)
    {
        b.pricesE36 = prices;
        b.inventory = inventory(c, holder);
        b.amounts = new uint256[][](c.positions.length);
        b.positionAssets = new uint256[](c.positions.length);
        b.tokenAssets = new uint256[](c.tokens.length);
        b.tagAssets = new uint256[](c.tags.length);

        uint256[] memory held = new uint256[](c.tokens.length);
        for (uint256 i; i < held.length; i++) {
            held[i] = b.inventory[i];
        }
        for (uint256 i; i < c.positions.length; i++) {
            PositionConfig memory position = c.positions[i];
            uint256[] memory amounts = positionAmounts(position, prices);
            for (uint256 j; j < amounts.length; j++) {
                uint256 index = tokenIndex(position, j);
                held[index] += amounts[j];
                b.positionAssets[i] += WadMath.assetsDown(amounts[j], prices[index]);
            }
            b.amounts[i] = amounts;
            _addTags(b.tagAssets, position.tags, b.positionAssets[i]);
        }
        for (uint256 i; i < held.length; i++) {
            b.tokenAssets[i] = WadMath.assetsDown(held[i], prices[i]);
            b.nav += b.tokenAssets[i];
            _addTags(b.tagAssets, c.tokens[i].tags, b.tokenAssets[i]);
        }
    }

    /// @notice Amounts of one position, per token of its market.
    function positionAmounts(PositionConfig memory position, uint256[] memory prices)
        internal
        view
        returns (uint256[] memory amounts)
    {
        int256[] memory signed = IAdapter(position.adapter).amounts(
            position.market, marketPrices(position, prices)
        );
        if (signed.length != position.tokenCount) {
            revert AmountsLengthMismatch(signed.length, position.tokenCount);
        }
        for (uint256 j; j < signed.length; j++) {
            if (signed[j] < 0) {
                revert DebtNotSupported(position.adapter, position.market, signed[j]);
            }
        }
        // non-negative integers have the same words signed and unsigned
        assembly ("memory-safe") {
            amounts := signed
        }
    }

    /// @notice Prices of the tokens of one market, in the market's order.
    function marketPrices(PositionConfig memory position, uint256[] memory prices)
        internal
        pure
        returns (uint256[] memory own)
    {
        own = new uint256[](position.tokenCount);
        for (uint256 j; j < own.length; j++) {
            own[j] = prices[tokenIndex(position, j)];
        }
    }

    /// @notice Index, in the configuration, of token j of a position's market.
    function tokenIndex(PositionConfig memory position, uint256 j)
        internal
        pure
        returns (uint256)
    {
        return (position.tokenIndexes >> (8 * j)) & 0xff;
    }

    /// @notice Tokens that the holder itself has.
    function inventory(Config memory c, address holder)
        internal
        view
        returns (uint256[] memory held)
    {
        held = new uint256[](c.tokens.length);
        for (uint256 i; i < held.length; i++) {
            held[i] = IERC20(c.tokens[i].token).balanceOf(holder);
        }
    }

    function _addTags(uint256[] memory tagAssets, uint256 tags, uint256 assets) private pure {
        for (uint256 t; t < tagAssets.length && tags >> t != 0; t++) {
            if ((tags >> t) & 1 == 1) tagAssets[t] += assets;
        }
    }
}
