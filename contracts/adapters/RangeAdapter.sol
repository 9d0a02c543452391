// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {Concavity} from "../libraries/Concavity.sol";
import {
    DrawNotSupported,
    LiquidityNotHeld,
    NothingToClaim,
    TooManyRanges
} from "../libraries/Errors.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {WAD, WadMath} from "../libraries/WadMath.sol";
import {Adapter} from "./Adapter.sol";

/// @title RangeAdapter
/// @notice For protocols of concentrated liquidity. It keeps the ledger of ranges, a few a
///         pool, which orders choose, and of liquidity set aside for those who left; a
///         protocol's file says how liquidity is minted, burnt and what fees it is owed.
///
/// UNITS     units: liquidity.
/// ROUNDING  Slices Down.
/// CLAIMS    Liquidity set aside keeps its share of the fees up to then; what it earns
///           later goes to those who stay.
abstract contract RangeAdapter is Adapter {
    using SafeCast for uint256;

    struct Range {
        int24 tickLower;
        int24 tickUpper;
        uint128 liquidity;
    }

    struct Aside {
        uint128 liquidity;
        uint128 fees0;
        uint128 fees1;
    }

    uint256 public constant MOST_RANGES = 4;
    uint256 private constant FEES_GAS = 100_000;

    mapping(bytes32 market => Range[]) private _ranges;
    mapping(bytes32 range => Aside) private _aside; // of all accounts
    mapping(bytes32 range => mapping(address account => Aside)) private _claims;

    /* VAULT */

    /// @inheritdoc IAdapter
    function supply(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        uint256[] calldata maxAmounts
    ) external onlyVault returns (uint256 liquidity) {
        liquidity = FairValue.liquidityForAmountsDown(
            _spotX96(market), tickLower, tickUpper, maxAmounts[0], maxAmounts[1]
        );
        _addRange(market, tickLower, tickUpper, liquidity.toUint128());
        _mint(market, tickLower, tickUpper, liquidity.toUint128());
    }

    /// @inheritdoc IAdapter
    function withdraw(bytes32 market, int24 tickLower, int24 tickUpper, uint256 units_)
        external
        onlyVault
    {
        (uint256 fees0, uint256 fees1) = feesOwed(market, tickLower, tickUpper);
        uint128 liquidity = _removeRange(market, tickLower, tickUpper, units_);
        _burn(market, tickLower, tickUpper, Aside(liquidity, uint128(fees0), uint128(fees1)), vault);
    }

    /// @inheritdoc IAdapter
    function draw(bytes32 market, uint256 amount) external view onlyVault {
        revert DrawNotSupported(market, amount);
    }

    /// @inheritdoc IAdapter
    function redeemSlice(bytes32 market, uint256 part, uint256 whole, address receiver)
        external
        onlyVault
    {
        Range[] memory list = _ranges[market];
        for (uint256 i; i < list.length; i++) {
            (int24 lower, int24 upper) = (list[i].tickLower, list[i].tickUpper);
            (uint256 fees0, uint256 fees1) = feesOwed(market, lower, upper);
            Aside memory slice = _takeSlice(market, list[i], fees0, fees1, part, whole);
            _burn(market, lower, upper, slice, receiver);
        }
    }

    /// @inheritdoc IAdapter
    /// @dev A pool that cannot even say its fees owes none to the slice.
    function reserveSlice(bytes32 market, uint256 part, uint256 whole, address account)
        external
        onlyVault
    {
        Range[] memory list = _ranges[market];
        for (uint256 i; i < list.length; i++) {
            (int24 lower, int24 upper) = (list[i].tickLower, list[i].tickUpper);
            (uint256 fees0, uint256 fees1) = _tryFees(market, lower, upper);
            Aside memory slice = _takeSlice(market, list[i], fees0, fees1, part, whole);
            bytes32 range = _range(market, lower, upper);
            _put(_aside[range], slice);
            _put(_claims[range][account], slice);
            emit Reserved(market, account, slice.liquidity);
        }
    }

    /* ANYONE */

    /// @inheritdoc IAdapter
    function claim(bytes32 market, int24 tickLower, int24 tickUpper, address account)
        external
        returns (uint256 paidUnits)
    {
        bytes32 range = _range(market, tickLower, tickUpper);
        Aside memory owed = _claims[range][account];
        if (owed.liquidity == 0) revert NothingToClaim(uint256(market), account);

        delete _claims[range][account];
        Aside storage all = _aside[range];
        all.liquidity -= owed.liquidity;
        all.fees0 -= owed.fees0;
        all.fees1 -= owed.fees1;
        emit Claimed(market, account, owed.liquidity);

        _burn(market, tickLower, tickUpper, owed, account);
        return owed.liquidity;
    }

    /* VIEWS */

    /// @notice Ranges held in a pool.
    function ranges(bytes32 market) external view returns (Range[] memory) {
        return _ranges[market];
    }

    /// @notice Fees that the vault can collect of a range now [raw token units].
    function feesOwed(bytes32 market, int24 tickLower, int24 tickUpper)
        public
        view
        returns (uint256 fees0, uint256 fees1)
    {
        (fees0, fees1) = _fees(market, tickLower, tickUpper);
        Aside storage aside = _aside[_range(market, tickLower, tickUpper)];
        if (aside.liquidity == 0) return (fees0, fees1);
        fees0 -= Math.min(fees0, aside.fees0);
        fees1 -= Math.min(fees1, aside.fees1);
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
        override
        returns (int256[] memory held)
    {
        held = new int256[](2);
        Range[] memory list = _ranges[market];
        if (list.length == 0) return held;

        uint256 sqrtX96 = FairValue.sqrtPriceX96Down(pricesE36[0], pricesE36[1]);
        for (uint256 i; i < list.length; i++) {
            Range memory range = list[i];
            (uint256 amount0, uint256 amount1) = FairValue.concentratedDown(
                range.liquidity, range.tickLower, range.tickUpper, sqrtX96
            );
            (uint256 fees0, uint256 fees1) =
                feesOwed(market, range.tickLower, range.tickUpper);
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
        return FairValue.deviationWadUp(
            _spotX96(market), FairValue.sqrtPriceX96Down(pricesE36[0], pricesE36[1])
        );
    }

    /// @inheritdoc IAdapter
    /// @dev A range that no possible price is in holds one token, and does not bend.
    function concavityAssets(
        bytes32,
        int24 tickLower,
        int24 tickUpper,
        uint256 liquidity,
        uint256[] calldata pricesE36,
        uint256[] calldata uncertaintiesWad
    ) external pure override returns (uint256) {
        uint256 sqrtX96 = FairValue.sqrtPriceX96Down(pricesE36[0], pricesE36[1]);
        uint256 uncertaintyWad = Math.max(uncertaintiesWad[0], uncertaintiesWad[1]);
        uint256 rootWad = Concavity.rootRatioWadUp(uncertaintyWad);
        if (
            WadMath.mulWadUp(sqrtX96 + 1, rootWad) < TickMath.getSqrtPriceAtTick(tickLower)
                || Math.mulDiv(sqrtX96, WAD, rootWad) > TickMath.getSqrtPriceAtTick(tickUpper)
        ) return 0;
        uint256 rootAmount =
            Math.mulDiv(liquidity, sqrtX96 + 1, 1 << 96, Math.Rounding.Ceil);
        return Concavity.ofLiquidityUp(rootAmount, pricesE36[1], uncertaintyWad);
    }

    /// @inheritdoc IAdapter
    function claimOf(bytes32 market, int24 tickLower, int24 tickUpper, address account)
        external
        view
        returns (uint256)
    {
        return _claims[_range(market, tickLower, tickUpper)][account].liquidity;
    }

    /* PROTOCOL */

    /// @dev Square root of the pool's own price.
    function _spotX96(bytes32 market) internal view virtual returns (uint256);

    /// @dev Fees that the pool owes a range of this contract, all of it.
    function _fees(bytes32 market, int24 tickLower, int24 tickUpper)
        internal
        view
        virtual
        returns (uint256 fees0, uint256 fees1);

    /// @dev Mints, and sends the vault what is left over.
    function _mint(bytes32 market, int24 tickLower, int24 tickUpper, uint128 liquidity)
        internal
        virtual;

    /// @dev Burns liquidity and sends what it held, and so much of the fees, to `to`.
    function _burn(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        Aside memory what,
        address to
    ) internal virtual;

    /* LEDGER */

    function _takeSlice(
        bytes32 market,
        Range memory range,
        uint256 fees0,
        uint256 fees1,
        uint256 part,
        uint256 whole
    ) private returns (Aside memory slice) {
        slice.liquidity = Math.mulDiv(range.liquidity, part, whole).toUint128();
        slice.fees0 = Math.mulDiv(fees0, part, whole).toUint128();
        slice.fees1 = Math.mulDiv(fees1, part, whole).toUint128();
        _removeRange(market, range.tickLower, range.tickUpper, slice.liquidity);
    }

    function _put(Aside storage to, Aside memory slice) private {
        to.liquidity += slice.liquidity;
        to.fees0 += slice.fees0;
        to.fees1 += slice.fees1;
    }

    function _tryFees(bytes32 market, int24 tickLower, int24 tickUpper)
        private
        view
        returns (uint256, uint256)
    {
        try this.feesOwed{gas: FEES_GAS}(market, tickLower, tickUpper) returns (
            uint256 fees0, uint256 fees1
        ) {
            return (fees0, fees1);
        } catch {
            return (0, 0);
        }
    }

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

    function _range(bytes32 market, int24 tickLower, int24 tickUpper)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(market, tickLower, tickUpper));
    }
}
