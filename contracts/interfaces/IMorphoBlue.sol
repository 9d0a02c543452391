// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

/// @dev What Steelyard calls of Morpho Blue and of a market's interest rate model.
interface IMorphoBlue {
    struct MarketParams {
        address loanToken;
        address collateralToken;
        address oracle;
        address irm;
        uint256 lltv;
    }

    struct Market {
        uint128 totalSupplyAssets;
        uint128 totalSupplyShares;
        uint128 totalBorrowAssets;
        uint128 totalBorrowShares;
        uint128 lastUpdate;
        uint128 fee;
    }

    function idToMarketParams(bytes32 id) external view returns (MarketParams memory);
    function market(bytes32 id) external view returns (Market memory);

    function supply(
        MarketParams memory params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        bytes memory data
    ) external returns (uint256 suppliedAssets, uint256 suppliedShares);

    function withdraw(
        MarketParams memory params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        address receiver
    ) external returns (uint256 withdrawnAssets, uint256 withdrawnShares);
}

interface IMorphoIrm {
    function borrowRateView(
        IMorphoBlue.MarketParams memory params,
        IMorphoBlue.Market memory market
    ) external view returns (uint256);
}
