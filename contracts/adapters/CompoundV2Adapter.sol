// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {ICToken} from "../interfaces/ICompoundV2.sol";
import {ProtocolRefused} from "../libraries/Errors.sol";
import {Market} from "../libraries/Market.sol";
import {WAD, WadMath} from "../libraries/WadMath.sol";
import {Adapter} from "./Adapter.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title CompoundV2Adapter
/// @notice Supply to Compound V2. Market: the cToken's address. Units: cTokens.
///
/// ROUNDING  As Compound: assets Down.
/// TRUST     The underlying calls nobody when it moves: an old cToken pays out before it
///           writes what it has paid, and would be read in between. The comptroller, and
///           cTokens of later kinds, are proxies: what is behind them can change unseen.
contract CompoundV2Adapter is UnitAdapter {
    using Market for bytes32;
    using SafeERC20 for IERC20;

    string public constant protocol = "compound-v2";

    constructor(address vault_) Adapter(vault_) {}

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = ICToken(market.toAddress()).underlying();
    }

    /// @inheritdoc IAdapter
    /// @dev What decides what a supply earns and whether it may leave. Not whether minting
    ///      is paused: that refuses a supply by itself, and must not stop the way out.
    function parameters(bytes32 market) external view override returns (bytes32) {
        ICToken cToken = ICToken(market.toAddress());
        return keccak256(
            abi.encode(
                cToken.comptroller(), cToken.interestRateModel(), cToken.reserveFactorMantissa()
            )
        );
    }

    /// @inheritdoc IAdapter
    function amount(bytes32 market) public view override returns (int256) {
        uint256 cTokens = units[market];
        if (cTokens == 0) return 0;
        ICToken cToken = ICToken(market.toAddress());
        return int256(WadMath.mulWadDown(cTokens, _exchangeRateWad(cToken, cToken.getCash())));
    }

    /// @inheritdoc IAdapter
    /// @dev What is not lent out; where a cToken is more than a raw unit, in whole ones:
    ///      Compound redeems no part of one, and refuses to pay for none. It can pause
    ///      minting, borrowing and transfers, but not redeeming.
    function drawable(bytes32 market) external view override returns (uint256) {
        uint256 cTokens = units[market];
        if (cTokens == 0) return 0;
        ICToken cToken = ICToken(market.toAddress());
        uint256 cash = cToken.getCash();
        uint256 rateWad = _exchangeRateWad(cToken, cash);
        if (rateWad > WAD) cTokens = Math.min(cTokens, WadMath.divWadDown(cash, rateWad));
        return Math.min(cash, WadMath.mulWadDown(cTokens, rateWad));
    }

    /* PROTOCOL */

    function _supply(bytes32 market, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256 cTokens)
    {
        ICToken cToken = ICToken(market.toAddress());

        IERC20(cToken.underlying()).forceApprove(address(cToken), maxAmounts[0]);
        uint256 before = cToken.balanceOf(address(this));
        // takes all of the amount, and so all of the allowance
        _requireSuccess(market, cToken.mint(maxAmounts[0]));
        cTokens = cToken.balanceOf(address(this)) - before;
    }

    /// @dev A gift of the underlying stays where it lies.
    function _redeem(bytes32 market, uint256 cTokens, address to) internal override {
        ICToken cToken = ICToken(market.toAddress());
        IERC20 underlying = IERC20(cToken.underlying());

        uint256 before = underlying.balanceOf(address(this));
        _requireSuccess(market, cToken.redeem(cTokens));
        underlying.safeTransfer(to, underlying.balanceOf(address(this)) - before);
    }

    /// @dev As many whole cTokens as pay for it: less than one of them more.
    function _draw(bytes32 market, uint256 assets) internal override returns (uint256 cTokens) {
        ICToken cToken = ICToken(market.toAddress());
        cTokens = WadMath.divWadUp(assets, _exchangeRateWad(cToken, cToken.getCash()));
        _redeem(market, cTokens, vault);
    }

    /// @dev `exchangeRateCurrent`, which is no view: the stored totals, the interest of the
    ///      blocks since they were stored, and the part of it that goes to reserves.
    function _exchangeRateWad(ICToken cToken, uint256 cash) private view returns (uint256) {
        uint256 borrows = cToken.totalBorrows();
        uint256 reserves = cToken.totalReserves();
        uint256 blocks = block.number - cToken.accrualBlockNumber();
        if (blocks != 0) {
            uint256 interest =
                WadMath.mulWadDown(borrows, cToken.borrowRatePerBlock() * blocks);
            borrows += interest;
            reserves += WadMath.mulWadDown(interest, cToken.reserveFactorMantissa());
        }
        return WadMath.divWadDown(cash + borrows - reserves, cToken.totalSupply());
    }

    function _requireSuccess(bytes32 market, uint256 code) private pure {
        if (code != 0) revert ProtocolRefused(market, code);
    }
}
