// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../interfaces/IAdapter.sol";
import {Concavity} from "../libraries/Concavity.sol";
import {StableSwap} from "../libraries/StableSwap.sol";
import {WadMath} from "../libraries/WadMath.sol";
import {UnitAdapter} from "./UnitAdapter.sol";

/// @title StableAdapter
/// @notice For pools of pegged coins. A share of the pool is worth its part of the
///         invariant at the lowest of the coins' prices, whatever the pool's balances say;
///         a protocol's file reads the pool.
///
/// UNITS     units: LP tokens.
/// ROUNDING  Down.
abstract contract StableAdapter is UnitAdapter {
    /// @inheritdoc IAdapter
    function amounts(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        override
        returns (int256[] memory)
    {
        uint256 held = units[market];
        if (held == 0) return new int256[](pricesE36.length);
        uint256 part = _invariantOf(market, held);
        return StableSwap.amountsDown(part, _scaling(market), pricesE36);
    }

    /// @inheritdoc IAdapter
    function deviationWad(bytes32 market, uint256[] calldata pricesE36)
        external
        view
        override
        returns (uint256)
    {
        return StableSwap.deviationWadUp(_pool(market), pricesE36);
    }

    /// @inheritdoc IAdapter
    /// @dev The worth is the lowest price's, and so has a kink where another coin becomes
    ///      the lowest: with every price within u, the amounts are worth at most 1 + u of
    ///      what they say, the units at least 1 - u of it.
    function concavityAssets(
        bytes32 market,
        int24,
        int24,
        uint256 units_,
        uint256[] calldata pricesE36,
        uint256[] calldata uncertaintiesWad
    ) external view override returns (uint256) {
        uint256 part = _invariantOf(market, units_);
        uint256 worth = StableSwap.worthDown(part, _scaling(market), pricesE36);
        return WadMath.mulWadUp(2 * (worth + 1), Concavity.most(uncertaintiesWad));
    }

    /// @dev What LP tokens have of the invariant, Down [scaled]; reverts while the pool is
    ///      in the middle of something.
    function _invariantOf(bytes32 market, uint256 units_)
        internal
        view
        virtual
        returns (uint256);

    /// @dev Of every coin, 1e18 = 1.
    function _scaling(bytes32 market) internal view virtual returns (uint256[] memory);

    /// @dev The pool as it stands; reverts while it is in the middle of something.
    function _pool(bytes32 market) internal view virtual returns (StableSwap.Pool memory);
}
