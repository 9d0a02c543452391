// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IMorphoBlue, IMorphoIrm} from "../interfaces/IMorphoBlue.sol";
import {WAD, WadMath} from "../libraries/WadMath.sol";
import {Adapter} from "./Adapter.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title MorphoBlueAdapter
/// @notice Supply to markets of Morpho Blue. Market: its id. Units: supply shares.
///
/// ROUNDING  As Morpho: assets Down, shares that a drawing takes Up.
contract MorphoBlueAdapter is UnitAdapter {
    using SafeERC20 for IERC20;

    /// @dev Morpho's shares and assets that nobody owns.
    uint256 private constant VIRTUAL_SHARES = 1e6;
    uint256 private constant VIRTUAL_ASSETS = 1;
    string public constant protocol = "morpho-blue";

    IMorphoBlue public immutable morpho;

    constructor(address vault_, IMorphoBlue morpho_) Adapter(vault_) {
        morpho = morpho_;
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = morpho.idToMarketParams(market).loanToken;
    }

    /// @inheritdoc IAdapter
    /// @dev The id fixes the rest of a market; its fee, a part of the interest to come, is
    ///      what Morpho's owner can set.
    function parameters(bytes32 market) external view override returns (bytes32) {
        return keccak256(abi.encode(morpho.market(market).fee));
    }

    /// @inheritdoc IAdapter
    function amount(bytes32 market) public view override returns (int256) {
        uint256 shares = units[market];
        if (shares == 0) return 0;
        IMorphoBlue.Market memory m = _accrued(market, morpho.idToMarketParams(market));
        return int256(_worthDown(m, shares));
    }

    /// @inheritdoc IAdapter
    /// @dev What is not lent out, as far as it lies in Morpho: a flash loan may have it.
    function drawable(bytes32 market) external view override returns (uint256) {
        uint256 shares = units[market];
        if (shares == 0) return 0;
        IMorphoBlue.MarketParams memory params = morpho.idToMarketParams(market);
        IMorphoBlue.Market memory m = _accrued(market, params);
        uint256 idle = m.totalSupplyAssets - m.totalBorrowAssets;
        uint256 cash = IERC20(params.loanToken).balanceOf(address(morpho));
        return Math.min(Math.min(idle, cash), _worthDown(m, shares));
    }

    /* PROTOCOL */

    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256 shares)
    {
        IMorphoBlue.MarketParams memory params = morpho.idToMarketParams(market);

        IERC20(params.loanToken).forceApprove(address(morpho), maxAmounts[0]);
        // Morpho takes all of the amount, and so all of the allowance
        (, shares) = morpho.supply(params, maxAmounts[0], 0, address(this), "");
    }

    function _redeem(bytes32 market, uint256 shares, address to) internal override {
        morpho.withdraw(morpho.idToMarketParams(market), 0, shares, address(this), to);
    }

    function _draw(bytes32 market, uint256 assets) internal override returns (uint256 shares) {
        IMorphoBlue.MarketParams memory params = morpho.idToMarketParams(market);
        (, shares) = morpho.withdraw(params, assets, 0, address(this), vault);
    }

    /// @dev floor(shares * (assets + 1) / (all shares + 1e6))
    function _worthDown(IMorphoBlue.Market memory m, uint256 shares)
        private
        pure
        returns (uint256)
    {
        return Math.mulDiv(
            shares,
            m.totalSupplyAssets + VIRTUAL_ASSETS,
            m.totalSupplyShares + VIRTUAL_SHARES
        );
    }

    /// @dev The market as Morpho's own accrual would leave it now, to the unit.
    function _accrued(bytes32 market, IMorphoBlue.MarketParams memory params)
        private
        view
        returns (IMorphoBlue.Market memory m)
    {
        m = morpho.market(market);
        uint256 elapsed = block.timestamp - m.lastUpdate;
        if (elapsed == 0 || m.totalBorrowAssets == 0 || params.irm == address(0)) return m;

        uint256 rate = IMorphoIrm(params.irm).borrowRateView(params, m);
        uint256 interest = WadMath.mulWadDown(m.totalBorrowAssets, _growth(rate * elapsed));
        m.totalBorrowAssets += uint128(interest);
        m.totalSupplyAssets += uint128(interest);
        if (m.fee == 0) return m;

        uint256 feeAssets = WadMath.mulWadDown(interest, m.fee);
        m.totalSupplyShares += uint128(
            Math.mulDiv(
                feeAssets,
                m.totalSupplyShares + VIRTUAL_SHARES,
                m.totalSupplyAssets - feeAssets + VIRTUAL_ASSETS
            )
        );
    }

    /// @dev e^x - 1 to its third term [wad, down], as Morpho compounds.
    function _growth(uint256 x) private pure returns (uint256) {
        uint256 square = x * x / (2 * WAD);
        return x + square + square * x / (3 * WAD);
    }
}
