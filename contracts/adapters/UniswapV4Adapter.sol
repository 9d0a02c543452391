// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {IPoolManager} from "../interfaces/IUniswapV4.sol";
import {CallbackNotExpected} from "../libraries/Errors.sol";
import {UniswapV4State} from "../libraries/UniswapV4State.sol";
import {UniswapV4Pools} from "../venues/UniswapV4Pools.sol";
import {Adapter} from "./Adapter.sol";
import {RangeAdapter} from "./RangeAdapter.sol";

/// @title UniswapV4Adapter
/// @notice Concentrated liquidity in Uniswap V4 pools without hooks and native currency.
///         Market: the pool's id, registered in UniswapV4Pools. Units: liquidity.
///
/// FEES      Whenever liquidity changes, V4 pays all of a range's fees. What of them is
///           somebody else's stays here, counted like fees that the pool still owes.
contract UniswapV4Adapter is RangeAdapter {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using UniswapV4State for IPoolManager;

    struct Action {
        bytes32 market;
        int24 tickLower;
        int24 tickUpper;
        int256 liquidityDelta;
        uint256 fees0; // that are paid out
        uint256 fees1;
        address to;
    }

    struct Kept {
        uint128 fees0;
        uint128 fees1;
    }

    string public constant protocol = "uniswap-v4";

    IPoolManager public immutable manager;
    UniswapV4Pools public immutable pools;

    mapping(bytes32 range => Kept) private _kept;
    mapping(address token => uint256) private _keptOf;

    constructor(address vault_, UniswapV4Pools pools_) Adapter(vault_) {
        (pools, manager) = (pools_, pools_.manager());
    }

    /* POOL */

    /// @notice Does what this contract has asked the PoolManager to be unlocked for.
    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        if (msg.sender != address(manager)) revert CallbackNotExpected(msg.sender);
        Action memory action = abi.decode(data, (Action));
        IPoolManager.PoolKey memory key = pools.key(action.market);
        (int256 delta, int256 accrued) = manager.modifyLiquidity(
            key,
            IPoolManager.ModifyLiquidityParams(
                action.tickLower, action.tickUpper, action.liquidityDelta, 0
            ),
            ""
        );
        _settle(key.currency0, delta >> 128, accrued >> 128, action.fees0, action.to);
        _settle(key.currency1, int128(delta), int128(accrued), action.fees1, action.to);
        _keep(action, uint256(accrued >> 128), uint256(int256(int128(accrued))));
        return "";
    }

    /* VIEWS */

    /// @inheritdoc IAdapter
    function tokens(bytes32 market) external view returns (address[] memory) {
        return pools.tokens(market);
    }

    /* PROTOCOL */

    function _spotX96(bytes32 market) internal view override returns (uint256) {
        manager.requireIdle(market);
        return manager.sqrtPriceX96(market);
    }

    function _fees(bytes32 market, int24 tickLower, int24 tickUpper)
        internal
        view
        override
        returns (uint256 fees0, uint256 fees1)
    {
        manager.requireIdle(market);
        (fees0, fees1) = manager.owed(market, address(this), tickLower, tickUpper);
        Kept storage kept = _kept[keccak256(abi.encode(market, tickLower, tickUpper))];
        (fees0, fees1) = (fees0 + kept.fees0, fees1 + kept.fees1);
    }

    function _mint(bytes32 market, int24 tickLower, int24 tickUpper, uint128 liquidity)
        internal
        override
    {
        int256 delta = int256(uint256(liquidity));
        _unlock(Action(market, tickLower, tickUpper, delta, 0, 0, address(this)));
        IPoolManager.PoolKey memory key = pools.key(market);
        _sweepAllButKept(key.currency0);
        _sweepAllButKept(key.currency1);
    }

    function _burn(
        bytes32 market,
        int24 tickLower,
        int24 tickUpper,
        Aside memory what,
        address to
    ) internal override {
        int256 delta = -int256(uint256(what.liquidity));
        _unlock(
            Action(market, tickLower, tickUpper, delta, what.fees0, what.fees1, to)
        );
    }

    function _unlock(Action memory action) private {
        manager.unlock(abi.encode(action));
    }

    /* SETTLING */

    /// @dev Pays what is due for new liquidity, less the fees that came with it; or pays
    ///      `to` what burnt liquidity held and `fees`, and lets the rest come here.
    /// @param delta   Of the token, `accrued` fees included.
    function _settle(address token, int256 delta, int256 accrued, uint256 fees, address to)
        private
    {
        if (delta < 0) return manager.pay(token, uint256(-delta));
        uint256 fresh = Math.min(fees, uint256(accrued));
        uint256 paid = to == address(this) ? 0 : uint256(delta - accrued) + fresh;
        if (paid != 0) manager.take(token, to, paid);
        if (uint256(delta) != paid) manager.take(token, address(this), uint256(delta) - paid);
        if (fees != fresh) IERC20(token).safeTransfer(to, fees - fresh);
    }

    /// @dev Fees that came and were not paid on, or were paid out of earlier ones.
    function _keep(Action memory action, uint256 accrued0, uint256 accrued1) private {
        if (accrued0 == action.fees0 && accrued1 == action.fees1) return;
        IPoolManager.PoolKey memory key = pools.key(action.market);
        Kept storage kept =
            _kept[keccak256(abi.encode(action.market, action.tickLower, action.tickUpper))];
        kept.fees0 = (kept.fees0 + accrued0 - action.fees0).toUint128();
        kept.fees1 = (kept.fees1 + accrued1 - action.fees1).toUint128();
        _keptOf[key.currency0] = _keptOf[key.currency0] + accrued0 - action.fees0;
        _keptOf[key.currency1] = _keptOf[key.currency1] + accrued1 - action.fees1;
    }

    function _sweepAllButKept(address token) private {
        uint256 left = IERC20(token).balanceOf(address(this)) - _keptOf[token];
        if (left != 0) IERC20(token).safeTransfer(vault, left);
    }
}
