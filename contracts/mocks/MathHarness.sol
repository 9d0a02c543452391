// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FairValue} from "../libraries/FairValue.sol";
import {Limits} from "../libraries/Limits.sol";
import {SharePrice} from "../libraries/SharePrice.sol";
import {WadMath} from "../libraries/WadMath.sol";

/// @title MathHarness
/// @notice The libraries' formulas, many cases a call.
contract MathHarness {
    struct Range {
        int24 tickLower;
        int24 tickUpper;
        uint256 sqrtX96;
        uint128 liquidity;
        uint256 amount0;
        uint256 amount1;
    }

    /// @return out mulWadDown, mulWadUp, divWadDown, divWadUp, assetsDown, assetsUp
    function wad(uint256[2][] calldata cases) external pure returns (uint256[6][] memory out) {
        out = new uint256[6][](cases.length);
        for (uint256 i; i < cases.length; i++) {
            (uint256 x, uint256 y) = (cases[i][0], cases[i][1]);
            out[i][0] = WadMath.mulWadDown(x, y);
            out[i][1] = WadMath.mulWadUp(x, y);
            out[i][2] = WadMath.divWadDown(x, y);
            out[i][3] = WadMath.divWadUp(x, y);
            out[i][4] = WadMath.assetsDown(x, y);
            out[i][5] = WadMath.assetsUp(x, y);
        }
    }

    /// @param cases amount, nav, supply
    /// @return out toShares down and up, toAssets down and up, wadDown
    function shares(uint256[3][] calldata cases)
        external
        pure
        returns (uint256[5][] memory out)
    {
        out = new uint256[5][](cases.length);
        for (uint256 i; i < cases.length; i++) {
            (uint256 x, uint256 nav, uint256 supply) =
                (cases[i][0], cases[i][1], cases[i][2]);
            out[i][0] = SharePrice.toShares(x, nav, supply, Math.Rounding.Floor);
            out[i][1] = SharePrice.toShares(x, nav, supply, Math.Rounding.Ceil);
            out[i][2] = SharePrice.toAssets(x, nav, supply, Math.Rounding.Floor);
            out[i][3] = SharePrice.toAssets(x, nav, supply, Math.Rounding.Ceil);
            out[i][4] = SharePrice.wadDown(nav, supply);
        }
    }

    /// @param cases capAssets, capWad, nav
    function caps(uint256[3][] calldata cases) external pure returns (uint256[] memory out) {
        out = new uint256[](cases.length);
        for (uint256 i; i < cases.length; i++) {
            out[i] = Limits.capAssetsDown(cases[i][0], cases[i][1], cases[i][2]);
        }
    }

    /// @param cases price0E36, price1E36
    function sqrtPrices(uint256[2][] calldata cases)
        external
        pure
        returns (uint256[] memory out)
    {
        out = new uint256[](cases.length);
        for (uint256 i; i < cases.length; i++) {
            out[i] = FairValue.sqrtPriceX96Down(cases[i][0], cases[i][1]);
        }
    }

    /// @param cases reserve0, reserve1, price0E36, price1E36
    function fairReserves(uint256[4][] calldata cases)
        external
        pure
        returns (uint256[2][] memory out)
    {
        out = new uint256[2][](cases.length);
        for (uint256 i; i < cases.length; i++) {
            (out[i][0], out[i][1]) = FairValue.fairReservesDown(
                cases[i][0], cases[i][1], cases[i][2], cases[i][3]
            );
        }
    }

    /// @param cases supply, k, kLast
    function supplies(uint256[3][] calldata cases)
        external
        pure
        returns (uint256[] memory out)
    {
        out = new uint256[](cases.length);
        for (uint256 i; i < cases.length; i++) {
            out[i] = FairValue.supplyWithPendingFee(cases[i][0], cases[i][1], cases[i][2]);
        }
    }

    /// @return out amount0 and amount1 of the liquidity, liquidity of the amounts
    function ranges(Range[] calldata cases)
        external
        pure
        returns (uint256[3][] memory out)
    {
        out = new uint256[3][](cases.length);
        for (uint256 i; i < cases.length; i++) {
            Range calldata r = cases[i];
            (out[i][0], out[i][1]) = FairValue.concentratedDown(
                r.liquidity, r.tickLower, r.tickUpper, r.sqrtX96
            );
            out[i][2] = FairValue.liquidityForAmountsDown(
                r.sqrtX96, r.tickLower, r.tickUpper, r.amount0, r.amount1
            );
        }
    }

    /// @param cases sqrtSpotX96, sqrtFairX96
    function deviations(uint256[2][] calldata cases)
        external
        pure
        returns (uint256[] memory out)
    {
        out = new uint256[](cases.length);
        for (uint256 i; i < cases.length; i++) {
            out[i] = FairValue.deviationWadUp(cases[i][0], cases[i][1]);
        }
    }
}
