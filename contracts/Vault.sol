// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Config, Rebalance, Side} from "./interfaces/Types.sol";
import {ConfigCheck} from "./libraries/ConfigCheck.sol";
import {ConfigStore} from "./libraries/ConfigStore.sol";
import {
    ConfigNotSet,
    DepositTooSmall,
    Reentrant,
    TransferMismatch
} from "./libraries/Errors.sol";
import {OrderExec} from "./libraries/OrderExec.sol";
import {SharePrice} from "./libraries/SharePrice.sol";
import {Valuation} from "./libraries/Valuation.sol";

/// @title Vault
/// @notice Pools one asset; signed orders spread it over tokens and capped positions.
///
/// UNITS     assets, shares: raw token units. *Wad: 1e18 = 1.
/// ROUNDING  For those who stay: what leaves the vault Down, what enters it Up.
/// PRICES    Deposits mint at the high net asset value, withdrawals pay at the low one, so
///           that trading against a late price never pays.
/// TRUST     The keeper proposes, the vault disposes: see IVault.
contract Vault is ERC4626, ERC20Permit, AccessManaged, IVault {
    using Math for uint256;

    /// @dev One slot: what every deposit and order reads.
    address public config;
    uint64 private _nonce;
    bool private _locked;

    modifier nonReentrant() {
        if (_locked) revert Reentrant();
        _locked = true;
        _;
        _locked = false;
    }

    /// @dev A share price read in the middle of an order is not one to trade on.
    modifier whenUnlocked() {
        if (_locked) revert Reentrant();
        _;
    }

    constructor(IERC20 asset_, string memory name_, string memory symbol_, address authority_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
        ERC4626(asset_)
        AccessManaged(authority_)
    {}

    /* CURATOR */

    /// @inheritdoc IVault
    function setConfig(Config calldata newConfig) external restricted nonReentrant {
        config = ConfigCheck.store(newConfig, asset(), config);
        emit SetConfig(config, config.codehash);
    }

    /* STRATEGIST */

    /// @inheritdoc IVault
    function cancelOrder() external nonReentrant {
        address strategist = ConfigStore.read(config).params.strategist;
        if (msg.sender != strategist) _checkCanCall(msg.sender, msg.data);
        emit CancelOrder(msg.sender, _nonce++);
    }

    /// @inheritdoc IVault
    function rebalance(Rebalance calldata order, bytes calldata signature)
        external
        nonReentrant
    {
        if (config == address(0)) revert ConfigNotSet();
        uint64 current = _nonce++;
        OrderExec.execute(order, signature, config, current, _domainSeparatorV4());
    }

    /* DEPOSITORS */

    /// @inheritdoc IERC4626
    function deposit(uint256 assets, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 shares)
    {
        shares = _toShares(assets, Side.HIGH, Math.Rounding.Floor);
        if (shares == 0) revert DepositTooSmall(assets);
        _deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function mint(uint256 shares, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 assets)
    {
        assets = _toAssets(shares, Side.HIGH, Math.Rounding.Ceil);
        _deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function withdraw(uint256 assets, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 shares)
    {
        uint256 nav = _netAssets(Side.LOW);
        uint256 most = _maxWithdraw(owner, nav);
        if (assets > most) revert ERC4626ExceededMaxWithdraw(owner, assets, most);
        shares = SharePrice.toShares(assets, nav, totalSupply(), Math.Rounding.Ceil);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc IERC4626
    function redeem(uint256 shares, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 assets)
    {
        uint256 nav = _netAssets(Side.LOW);
        uint256 most = _maxRedeem(owner, nav);
        if (shares > most) revert ERC4626ExceededMaxRedeem(owner, shares, most);
        assets = SharePrice.toAssets(shares, nav, totalSupply(), Math.Rounding.Floor);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /* VIEWS */

    /// @inheritdoc IVault
    function configHash() external view returns (bytes32) {
        return config.codehash;
    }

    /// @inheritdoc IVault
    function nonce() external view returns (uint256) {
        return _nonce;
    }

    /// @inheritdoc IVault
    function netAssetValue(Side side) public view whenUnlocked returns (uint256) {
        return _netAssets(side);
    }

    /// @inheritdoc IVault
    function sharePriceWad() external view returns (uint256) {
        return SharePrice.wadDown(netAssetValue(Side.MID), totalSupply());
    }

    /// @inheritdoc IERC4626
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        return netAssetValue(Side.MID);
    }

    /// @inheritdoc IERC4626
    /// @dev Zero while the vault cannot price a share: no configuration, an order running, a
    ///      source that answers nothing.
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        (bool ok,) = _tryNetAssets(Side.HIGH);
        return ok ? type(uint256).max : 0;
    }

    /// @inheritdoc IERC4626
    function maxMint(address) public view override(ERC4626, IERC4626) returns (uint256) {
        return maxDeposit(address(0));
    }

    /// @inheritdoc IERC4626
    function maxWithdraw(address owner)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256)
    {
        (bool ok, uint256 nav) = _tryNetAssets(Side.LOW);
        return ok ? _maxWithdraw(owner, nav) : 0;
    }

    /// @inheritdoc IERC4626
    function maxRedeem(address owner)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256)
    {
        (bool ok, uint256 nav) = _tryNetAssets(Side.LOW);
        return ok ? _maxRedeem(owner, nav) : 0;
    }

    /// @inheritdoc IERC4626
    function previewDeposit(uint256 assets)
        public
        view
        override(ERC4626, IERC4626)
        whenUnlocked
        returns (uint256)
    {
        return _toShares(assets, Side.HIGH, Math.Rounding.Floor);
    }

    /// @inheritdoc IERC4626
    function previewMint(uint256 shares)
        public
        view
        override(ERC4626, IERC4626)
        whenUnlocked
        returns (uint256)
    {
        return _toAssets(shares, Side.HIGH, Math.Rounding.Ceil);
    }

    /// @inheritdoc IERC4626
    function previewWithdraw(uint256 assets)
        public
        view
        override(ERC4626, IERC4626)
        whenUnlocked
        returns (uint256)
    {
        return _toShares(assets, Side.LOW, Math.Rounding.Ceil);
    }

    /// @inheritdoc IERC4626
    function previewRedeem(uint256 shares)
        public
        view
        override(ERC4626, IERC4626)
        whenUnlocked
        returns (uint256)
    {
        return _toAssets(shares, Side.LOW, Math.Rounding.Floor);
    }

    /// @inheritdoc IERC20Metadata
    function decimals()
        public
        view
        override(ERC20, ERC4626, IERC20Metadata)
        returns (uint8)
    {
        return super.decimals();
    }

    /* INTERNAL */

    function _netAssets(Side side) private view returns (uint256) {
        Config memory c = ConfigStore.read(config);
        return Valuation.netAssets(c, Valuation.pricesE36(c, side), address(this));
    }

    /// @dev Through a call to itself, so that a source that reverts makes `max*` zero.
    function _tryNetAssets(Side side) private view returns (bool, uint256) {
        try this.netAssetValue(side) returns (uint256 nav) {
            return (true, nav);
        } catch {
            return (false, 0);
        }
    }

    function _toShares(uint256 assets, Side side, Math.Rounding rounding)
        private
        view
        returns (uint256)
    {
        return SharePrice.toShares(assets, _netAssets(side), totalSupply(), rounding);
    }

    function _toAssets(uint256 shares, Side side, Math.Rounding rounding)
        private
        view
        returns (uint256)
    {
        return SharePrice.toAssets(shares, _netAssets(side), totalSupply(), rounding);
    }

    function _maxWithdraw(address owner, uint256 nav) private view returns (uint256) {
        uint256 worth =
            SharePrice.toAssets(balanceOf(owner), nav, totalSupply(), Math.Rounding.Floor);
        return worth.min(_idle());
    }

    /// @dev Shares that idle can pay in full; Down, so that their worth never exceeds idle.
    function _maxRedeem(address owner, uint256 nav) private view returns (uint256) {
        uint256 payable_ =
            SharePrice.toShares(_idle(), nav, totalSupply(), Math.Rounding.Floor);
        return balanceOf(owner).min(payable_);
    }

    function _idle() private view returns (uint256) {
        return IERC20(asset()).balanceOf(address(this));
    }

    /// @dev A token that keeps a part of what is sent is refused, not shared out.
    function _deposit(address caller, address receiver, uint256 assets, uint256 shares)
        internal
        override
    {
        uint256 before = _idle();
        super._deposit(caller, receiver, assets, shares);
        uint256 received = _idle() - before;
        if (received != assets) revert TransferMismatch(asset(), received, assets);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return SharePrice.DECIMALS_OFFSET;
    }
}
