// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IExitEvents} from "./interfaces/IExitEvents.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Config, Excluded, Params, Prices, Rebalance, Side} from "./interfaces/Types.sol";
import {ConfigCheck} from "./libraries/ConfigCheck.sol";
import {Change, ConfigEdit} from "./libraries/ConfigEdit.sol";
import {ConfigStore} from "./libraries/ConfigStore.sol";
import {
    BrakeNotRested,
    DepositTooSmall,
    DepositsClosed,
    GasTooLow,
    Reentrant,
    TransferMismatch,
    VaultPaused
} from "./libraries/Errors.sol";
import {Exits} from "./libraries/Exits.sol";
import {Fees} from "./libraries/Fees.sol";
import {Liquidity} from "./libraries/Liquidity.sol";
import {Marks} from "./libraries/Marks.sol";
import {OrderExec} from "./libraries/OrderExec.sol";
import {SharePrice} from "./libraries/SharePrice.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Upkeep} from "./libraries/Upkeep.sol";
import {Valuation} from "./libraries/Valuation.sol";
import {VaultState} from "./libraries/VaultState.sol";

/// @title Vault
/// @notice Pools one asset; signed orders spread it over tokens and capped positions.
///
/// UNITS     assets, shares: raw token units. *Wad: 1e18 = 1.
/// ROUNDING  For those who stay: what leaves the vault Down, what enters it Up.
/// PRICES    Deposits mint at the high net asset value, withdrawals pay at the low one, so
///           that trading against a late price never pays. Fees are minted before either.
/// TRUST     The keeper proposes, the vault disposes: see IVault.
contract Vault is ERC4626, ERC20Permit, Multicall, AccessManaged, IVault {
    using Math for uint256;

    /// @dev What a move of shares is priced with.
    struct Quote {
        Config c;
        Excluded excluded;
        uint256 idle;
        uint256 nav;
        uint256 supply; // after fees
        uint256 updatedAt; // of the oldest price
        Fees.Due due;
    }

    address private constant SEED_HOLDER = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant BRAKE_SECONDS = 7 days; // longest that a guardian stops things
    uint256 private constant REST_SECONDS = 30 days; // until he can do so again
    /// @dev With less gas than this, a view that fails may fail for want of gas.
    uint256 private constant SOFT_GAS = 5_000_000;
    uint256 private constant POKE_GAS = 3_000_000;

    modifier nonReentrant() {
        VaultState.State storage s = VaultState.load();
        if (s.locked) revert Reentrant();
        s.locked = true;
        _;
        s.locked = false;
    }

    modifier whenNotPaused() {
        if (_isPaused()) revert VaultPaused(VaultState.load().brakeUntil);
        _;
    }

    /// @dev A share price read in the middle of an order is not one to trade on.
    modifier whenUnlocked() {
        if (VaultState.load().locked) revert Reentrant();
        _;
    }

    constructor(IERC20 asset_, string memory name_, string memory symbol_, address authority_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
        ERC4626(asset_)
        AccessManaged(authority_)
    {
        VaultState.State storage s = VaultState.load();
        uint256 one = SharePrice.wadDown(0, 0);
        s.touchedAt = uint32(block.timestamp);
        Fees.store(s, one, one);
        Marks.start(s, one);
    }

    /* OWNER */

    /// @inheritdoc IVault
    function setFees(address recipient, uint256 managementWad, uint256 performanceWad)
        external
        restricted
        nonReentrant
    {
        Quote memory q = _quote(Side.LOW);
        _accrue(q.c.params, q.due);
        ConfigEdit.setFees(recipient, managementWad, performanceWad);
        // gains of before are not charged at another rate
        VaultState.State storage s = VaultState.load();
        uint256 low = SharePrice.wadDown(q.nav, q.supply);
        Fees.store(s, low.max(s.highWater), low);
        _emitConfig();
    }

    /// @inheritdoc IVault
    function renewBrake(bool isPause) external restricted {
        _setBrake(block.timestamp + BRAKE_SECONDS, isPause);
    }

    /* CURATOR */

    /// @inheritdoc IVault
    function submit(Config calldata) external restricted nonReentrant {
        bool isFirst = VaultState.load().config == address(0);
        _forward(address(ConfigCheck), ConfigCheck.submit.selector, "");
        _emitConfig();
        if (isFirst) _seed();
    }

    /// @inheritdoc IVault
    function resetMark() external restricted {
        Marks.reset(VaultState.load());
    }

    /* GUARDIAN */

    /// @inheritdoc IVault
    function tighten(Change[] calldata) external restricted nonReentrant {
        _forward(address(ConfigEdit), ConfigEdit.tighten.selector, "");
        _emitConfig();
    }

    /// @inheritdoc IVault
    function brake(bool isPause) external restricted {
        uint256 until = VaultState.load().brakeUntil;
        if (until <= block.timestamp) {
            uint256 readyAt = until == 0 ? 0 : until + REST_SECONDS;
            if (block.timestamp < readyAt) revert BrakeNotRested(readyAt, block.timestamp);
            until = block.timestamp + BRAKE_SECONDS;
        }
        _setBrake(until, isPause);
    }

    /// @inheritdoc IVault
    function releaseBrake() external restricted {
        _setBrake(Math.min(block.timestamp, VaultState.load().brakeUntil), false);
    }

    /// @inheritdoc IVault
    function impair(address adapter, bytes32 market) external restricted nonReentrant {
        Upkeep.impair(adapter, market);
    }

    /* STRATEGIST */

    /// @inheritdoc IVault
    function cancelOrder() external nonReentrant {
        VaultState.State storage s = VaultState.load();
        if (!Signatures.isSigner(ConfigStore.read(s.config), msg.sender)) {
            _checkCanCall(msg.sender, msg.data);
        }
        emit CancelOrder(msg.sender, s.nonce++);
    }

    /// @inheritdoc IVault
    function rebalance(Rebalance calldata, bytes calldata)
        external
        nonReentrant
        whenNotPaused
    {
        // what the library would have to ask this contract for
        bytes memory more = abi.encode(_domainSeparatorV4(), totalSupply());
        _forward(address(OrderExec), OrderExec.execute.selector, more);
    }

    /* HOLDERS */

    /// @inheritdoc IERC4626
    function deposit(uint256 assets, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        whenNotPaused
        returns (uint256 shares)
    {
        Quote memory q = _quote(Side.HIGH);
        shares = SharePrice.toShares(assets, q.nav, q.supply, Math.Rounding.Floor);
        if (shares == 0) revert DepositTooSmall(assets);
        _enter(q, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function mint(uint256 shares, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        whenNotPaused
        returns (uint256 assets)
    {
        Quote memory q = _quote(Side.HIGH);
        assets = SharePrice.toAssets(shares, q.nav, q.supply, Math.Rounding.Ceil);
        _enter(q, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function withdraw(uint256 assets, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        whenNotPaused
        returns (uint256 shares)
    {
        Quote memory q = _quote(Side.LOW);
        uint256 most = _worth(q, owner).min(_payable(q, owner, assets));
        if (assets > most) revert ERC4626ExceededMaxWithdraw(owner, assets, most);
        shares = SharePrice.toShares(assets, q.nav, q.supply, Math.Rounding.Ceil);
        _leave(q, receiver, owner, assets, shares);
    }

    /// @inheritdoc IERC4626
    function redeem(uint256 shares, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        whenNotPaused
        returns (uint256 assets)
    {
        Quote memory q = _quote(Side.LOW);
        assets = SharePrice.toAssets(shares, q.nav, q.supply, Math.Rounding.Floor);
        // with one more than these assets at hand, that many shares can be paid
        uint256 most = _mostShares(q, owner, _payable(q, owner, assets + 1));
        if (shares > most) revert ERC4626ExceededMaxRedeem(owner, shares, most);
        _leave(q, receiver, owner, assets, shares);
    }

    /// @inheritdoc IVault
    function redeemInKind(uint256 shares, address receiver, address owner, uint256 skip)
        external
    {
        _tryPoke();
        _redeemInKind(shares, receiver, owner, skip);
    }

    /// @inheritdoc IVault
    function claim(address token, address account)
        external
        nonReentrant
        returns (uint256)
    {
        return Exits.claim(token, account);
    }

    /* ANYONE */

    /// @inheritdoc IVault
    function poke() external nonReentrant {
        Quote memory q = _quote(Side.LOW);
        _accrue(q.c.params, q.due);
        uint256 low = SharePrice.wadDown(q.nav, q.supply);
        if (Marks.isFresh(q.c.params, q.updatedAt)) {
            Marks.read(VaultState.load(), q.c.params, low);
        }
    }

    /// @inheritdoc IVault
    function heal(address adapter, bytes32 market) external nonReentrant whenNotPaused {
        Upkeep.heal(adapter, market);
    }

    /// @inheritdoc IVault
    function restore(address adapter, bytes32 market) external nonReentrant {
        Upkeep.restore(adapter, market);
    }

    /* VIEWS OF THE VAULT */

    /// @inheritdoc IVault
    function config() public view returns (address) {
        return VaultState.load().config;
    }

    /// @inheritdoc IVault
    function configHash() public view returns (bytes32) {
        return config().codehash;
    }

    /// @inheritdoc IVault
    function nonce() external view returns (uint256) {
        return VaultState.load().nonce;
    }

    /// @inheritdoc IVault
    function memoryWords(uint256 count) external view returns (bytes32[] memory words) {
        words = new bytes32[](count);
        for (uint256 i; i < count; i++) {
            bytes32 word;
            bytes32 slot = bytes32(uint256(VaultState.SLOT) + i);
            assembly ("memory-safe") {
                word := sload(slot)
            }
            words[i] = word;
        }
    }

    /// @inheritdoc IVault
    function excluded() external view returns (Excluded memory) {
        return VaultState.excluded(ConfigStore.read(config()));
    }

    /// @inheritdoc IVault
    function claims(address token, address account)
        external
        view
        returns (uint256 own, uint256 all)
    {
        VaultState.State storage s = VaultState.load();
        return (s.claims[token][account], s.claimed[token]);
    }

    /* VIEWS OF SHARES */

    /// @inheritdoc IVault
    function netAssetValue(Side side)
        public
        view
        whenUnlocked
        returns (uint256 nav, uint256 supply)
    {
        Quote memory q = _quote(side);
        return (q.nav, q.supply);
    }

    /// @inheritdoc IVault
    function exitable(address owner)
        external
        view
        whenUnlocked
        returns (uint256 assets, uint256 shares)
    {
        Quote memory q = _quote(Side.LOW);
        uint256 payable_ = _payable(q, owner, type(uint256).max);
        return (_worth(q, owner).min(payable_), _mostShares(q, owner, payable_));
    }

    /// @inheritdoc IVault
    function sharePriceWad() external view returns (uint256) {
        (uint256 nav,) = netAssetValue(Side.MID);
        return SharePrice.wadDown(nav, totalSupply());
    }

    /// @inheritdoc IERC4626
    /// @dev When prices fail, the last reading: see `_soft`.
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256 nav) {
        (nav,) = _soft();
    }

    /// @inheritdoc IERC4626
    /// @dev Zero while the vault cannot price a share: no configuration, an order running, a
    ///      source that answers nothing, a position that cannot be valued; or in a pause.
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        if (_isPaused()) return 0;
        try this.netAssetValue(Side.HIGH) returns (uint256, uint256) {
            return type(uint256).max;
        } catch {
            return 0;
        }
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
        returns (uint256 assets)
    {
        (assets,) = _tryExitable(owner);
    }

    /// @inheritdoc IERC4626
    function maxRedeem(address owner)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256 shares)
    {
        (, shares) = _tryExitable(owner);
    }

    /// @inheritdoc IERC4626
    function previewDeposit(uint256 assets)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256)
    {
        (uint256 nav, uint256 supply) = netAssetValue(Side.HIGH);
        return SharePrice.toShares(assets, nav, supply, Math.Rounding.Floor);
    }

    /// @inheritdoc IERC4626
    function previewMint(uint256 shares)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256)
    {
        (uint256 nav, uint256 supply) = netAssetValue(Side.HIGH);
        return SharePrice.toAssets(shares, nav, supply, Math.Rounding.Ceil);
    }

    /// @inheritdoc IERC4626
    function previewWithdraw(uint256 assets)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256)
    {
        (uint256 nav, uint256 supply) = netAssetValue(Side.LOW);
        return SharePrice.toShares(assets, nav, supply, Math.Rounding.Ceil);
    }

    /// @inheritdoc IERC4626
    function previewRedeem(uint256 shares)
        public
        view
        override(ERC4626, IERC4626)
        returns (uint256)
    {
        (uint256 nav, uint256 supply) = netAssetValue(Side.LOW);
        return SharePrice.toAssets(shares, nav, supply, Math.Rounding.Floor);
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

    /* PRICING */

    /// @dev Moves and previews share this: what shares are worth now, at one side, once the
    ///      fees that are due have been minted.
    function _quote(Side side) private view returns (Quote memory q) {
        VaultState.State storage s = VaultState.load();
        q.c = ConfigStore.read(s.config);
        q.excluded = VaultState.excluded(q.c);
        if (side == Side.HIGH && q.excluded.impaired != 0) {
            revert DepositsClosed(q.excluded.impaired);
        }
        Prices memory p = Valuation.readPrices(q.c);
        q.updatedAt = p.updatedAt;
        uint256[] memory held = Valuation.inventory(q.c, address(this), q.excluded);
        q.idle = held[0];
        q.nav = Valuation.netAssets(q.c, Valuation.at(p, side), held, q.excluded);
        uint256 supply = totalSupply();
        q.due.shares = Fees.managementShares(s, q.c.params, supply);
        if (Fees.isCheckpoint(s, q.c.params, p.updatedAt)) {
            uint256 low = side == Side.LOW
                ? q.nav
                : Valuation.netAssets(q.c, Valuation.at(p, Side.LOW), held, q.excluded);
            Fees.performance(s, q.c.params, q.due, low, supply + q.due.shares);
        }
        q.supply = supply + q.due.shares;
    }

    /// @dev Middle value, or the last reading when it cannot be had: views must not revert
    ///      because a source does. Who sends little gas gets no answer.
    function _soft() private view whenUnlocked returns (uint256 nav, uint256 supply) {
        uint256 sent = gasleft();
        try this.netAssetValue(Side.MID) returns (uint256 nav_, uint256 supply_) {
            return (nav_, supply_);
        } catch {
            if (sent < SOFT_GAS) revert GasTooLow(sent, SOFT_GAS);
            supply = totalSupply();
            nav = SharePrice.navDown(Marks.readingWad(VaultState.load()), supply);
        }
    }

    function _convertToShares(uint256 assets, Math.Rounding rounding)
        internal
        view
        override
        returns (uint256)
    {
        (uint256 nav, uint256 supply) = _soft();
        return SharePrice.toShares(assets, nav, supply, rounding);
    }

    function _convertToAssets(uint256 shares, Math.Rounding rounding)
        internal
        view
        override
        returns (uint256)
    {
        (uint256 nav, uint256 supply) = _soft();
        return SharePrice.toAssets(shares, nav, supply, rounding);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return SharePrice.DECIMALS_OFFSET;
    }

    /* ENTERING AND LEAVING */

    /// @dev A token that keeps a part of what is sent is refused, not shared out.
    function _enter(Quote memory q, address receiver, uint256 assets, uint256 shares)
        private
    {
        _accrue(q.c.params, q.due);
        _addFlow(int256(assets));
        uint256 before = IERC20(asset()).balanceOf(address(this));
        _deposit(msg.sender, receiver, assets, shares);
        int256 received = int256(IERC20(asset()).balanceOf(address(this)) - before);
        if (received != int256(assets)) {
            revert TransferMismatch(asset(), received, int256(assets));
        }
    }

    function _leave(
        Quote memory q,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) private {
        _accrue(q.c.params, q.due);
        _addFlow(-int256(assets));
        if (q.idle < assets) Exits.draw(config(), assets);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    function _redeemInKind(uint256 shares, address receiver, address owner, uint256 skip)
        private
        nonReentrant
    {
        VaultState.State storage s = VaultState.load();
        Params memory p = ConfigStore.read(s.config).params;
        Fees.Due memory due;
        due.shares = Fees.managementShares(s, p, totalSupply()); // needs no price
        _accrue(p, due);
        uint256 whole = totalSupply() + SharePrice.VIRTUAL_SHARES;

        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
        _burn(owner, shares);
        emit IExitEvents.RedeemedInKind(msg.sender, receiver, owner, shares);

        Exits.redeemInKind(shares, whole, receiver, skip);
    }

    /// @dev Performance fees are due before an exit in kind too, if they can be priced; who
    ///      leaves cannot dodge them by sending little gas.
    function _tryPoke() private {
        VaultState.State storage s = VaultState.load();
        Params memory p = ConfigStore.read(s.config).params;
        if (!Fees.isCheckpoint(s, p, block.timestamp)) return;
        uint256 least = POKE_GAS * 64 / 63 + 100_000;
        if (gasleft() < least) revert GasTooLow(gasleft(), least);
        try this.poke{gas: POKE_GAS}() {} catch {}
    }

    /// @dev The first 0.001 of the asset is nobody's: shares never run out.
    function _seed() private {
        uint256 assets = Math.max(1, 10 ** IERC20Metadata(asset()).decimals() / 1000);
        _deposit(msg.sender, SEED_HOLDER, assets, assets * SharePrice.VIRTUAL_SHARES);
    }

    /// @dev Before shares move.
    function _accrue(Params memory p, Fees.Due memory due) private {
        VaultState.State storage s = VaultState.load();
        VaultState.touch(s, totalSupply());
        if (due.isCheckpoint) {
            Fees.store(s, due.highWater, due.checkpoint);
            emit Accrued(due.shares, due.highWater);
        }
        if (due.shares != 0) _mint(p.feeRecipient, due.shares);
    }

    function _addFlow(int256 assets) private {
        VaultState.State storage s = VaultState.load();
        int256 flow = s.netFlow + assets;
        // beyond 10^28 raw units it stands still, so that nobody is kept in or out by it
        if (flow == int256(int96(flow))) s.netFlow = int96(flow);
    }

    /* LIMITS OF EXITS */

    /// @dev Assets that can be paid now, as far as `enough`; what the queue's shares are
    ///      worth is kept for it.
    function _payable(Quote memory q, address owner, uint256 enough)
        private
        view
        returns (uint256)
    {
        address queue = q.c.params.queue;
        uint256 queued;
        if (queue != address(0) && owner != queue) queued = _worth(q, queue);
        uint256 counted = enough.saturatingAdd(queued);
        uint256 liquid = q.idle;
        if (liquid < counted) {
            liquid = Liquidity.liquid(q.c, q.excluded, liquid, counted);
        }
        return liquid.saturatingSub(queued);
    }

    function _worth(Quote memory q, address owner) private view returns (uint256) {
        return SharePrice.toAssets(balanceOf(owner), q.nav, q.supply, Math.Rounding.Floor);
    }

    function _mostShares(Quote memory q, address owner, uint256 payable_)
        private
        view
        returns (uint256)
    {
        uint256 shares =
            SharePrice.toShares(payable_, q.nav, q.supply, Math.Rounding.Floor);
        return balanceOf(owner).min(shares);
    }

    function _tryExitable(address owner) private view returns (uint256, uint256) {
        if (_isPaused()) return (0, 0);
        try this.exitable(owner) returns (uint256 assets, uint256 shares) {
            return (assets, shares);
        } catch {
            return (0, 0);
        }
    }

    /* BRAKES */

    function _isPaused() private view returns (bool) {
        VaultState.State storage s = VaultState.load();
        return s.isPause && block.timestamp < s.brakeUntil;
    }

    function _setBrake(uint256 until, bool isPause) private {
        VaultState.State storage s = VaultState.load();
        (s.brakeUntil, s.isPause) = (uint32(until), isPause);
        emit Brake(until, isPause);
    }

    /* LIBRARIES */

    /// @dev This call goes on as it came, with some words behind it, to a library that runs
    ///      in this contract's place: arguments are not encoded again, reverts passed on.
    function _forward(address library_, bytes4 selector, bytes memory more) private {
        bytes memory data = bytes.concat(selector, msg.data[4:], more);
        assembly ("memory-safe") {
            if iszero(delegatecall(gas(), library_, add(data, 32), mload(data), 0, 0)) {
                let answer := mload(0x40)
                returndatacopy(answer, 0, returndatasize())
                revert(answer, returndatasize())
            }
        }
    }

    function _emitConfig() private {
        emit SetConfig(config(), configHash());
    }
}
