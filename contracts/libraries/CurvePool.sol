// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICurvePool} from "../interfaces/ICurvePool.sol";
import {ProtocolBusy} from "./Errors.sol";
import {Market} from "./Market.sol";
import {StableSwap} from "./StableSwap.sol";
import {WAD} from "./WadMath.sol";

/// @title CurvePool
/// @notice Plain pools of Curve's factory, whatever their number of coins (nine at most),
///         which is part of their functions' names.
///
/// UNITS     Scaled as in StableSwap; Curve's amplification is in hundredths.
/// TRUST     Coins without rates of their own. Native coin has no ERC-20 to be listed as.
library CurvePool {
    using Address for address;
    using Market for bytes32;

    uint256 private constant A_PRECISION = 100;
    /// @dev Enough for a locked pool to say no.
    uint256 private constant PROBE_GAS = 5_000;

    /* READING */

    function at(bytes32 market) internal pure returns (ICurvePool) {
        return ICurvePool(market.toAddress());
    }

    /// @notice Raw balances, one word per coin.
    function balances(bytes32 market) internal view returns (uint256[] memory held) {
        bytes memory answer =
            market.toAddress().functionStaticCall(abi.encodeWithSignature("get_balances()"));
        held = new uint256[](answer.length / 32);
        for (uint256 i; i < held.length; i++) {
            assembly ("memory-safe") {
                let place := mul(32, add(i, 1))
                mstore(add(held, place), mload(add(answer, place)))
            }
        }
    }

    function coins(bytes32 market) internal view returns (address[] memory list) {
        list = new address[](balances(market).length);
        for (uint256 i; i < list.length; i++) {
            list[i] = at(market).coins(i);
        }
    }

    /// @notice Hash of what the factory's owner may change: amplification, now and at the
    ///         end of a change, and fees.
    function parameters(bytes32 market) internal view returns (bytes32) {
        ICurvePool pool = at(market);
        return keccak256(
            abi.encode(pool.A_precise(), pool.future_A(), pool.fee(), pool.admin_fee())
        );
    }

    /// @notice 10 ** (36 - decimals) per coin.
    function scaling(bytes32 market, uint256 count)
        internal
        view
        returns (uint256[] memory factors)
    {
        factors = new uint256[](count);
        for (uint256 i; i < count; i++) {
            IERC20Metadata coin = IERC20Metadata(at(market).coins(i));
            factors[i] = 10 ** (36 - coin.decimals());
        }
    }

    function stable(bytes32 market) internal view returns (StableSwap.Pool memory pool) {
        pool.balances = balances(market);
        uint256 count = pool.balances.length;
        pool.scaling = scaling(market, count);
        for (uint256 i; i < count; i++) {
            pool.balances[i] = Math.mulDiv(pool.balances[i], pool.scaling[i], WAD);
        }
        pool.amplificationWad = at(market).A_precise() * count * WAD / A_PRECISION;
        pool.invariant = StableSwap.invariantOf(pool.balances, pool.amplificationWad);
        requireIdle(market);
    }

    /// @notice Reverts while the pool is in the middle of a call, when its virtual price
    ///         means nothing. For pools without a view that says so.
    /// @dev A pool that is free takes its lock, which a static call may not, and loses all
    ///      of the gas; a locked one refuses before, and gives gas back. Who sends so little
    ///      gas that a locked pool runs out has not enough left to go on.
    function requireIdle(bytes32 market) internal view {
        address pool = market.toAddress();
        bytes memory probe = abi.encodeWithSignature(
            "exchange(int128,int128,uint256,uint256)", 0, 0, 0, 0
        );
        uint256 before = gasleft();
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(PROBE_GAS, pool, add(probe, 32), mload(probe), 0, 0)
        }
        if (ok || before - gasleft() < PROBE_GAS) revert ProtocolBusy(market);
    }

    /* MOVING */

    function add(bytes32 market, uint256[] memory amounts) internal {
        market.toAddress().functionCall(
            abi.encodePacked(
                _selector("add_liquidity(uint256[", amounts.length, "],uint256)"),
                amounts,
                uint256(0)
            )
        );
    }

    function remove(bytes32 market, uint256 lpTokens, address to) internal {
        uint256 count = balances(market).length;
        market.toAddress().functionCall(
            abi.encodePacked(
                _selector("remove_liquidity(uint256,uint256[", count, "],address)"),
                lpTokens,
                new uint256[](count),
                abi.encode(to)
            )
        );
    }

    function _selector(bytes memory head, uint256 count, bytes memory tail)
        private
        pure
        returns (bytes4)
    {
        bytes1 digit = bytes1(uint8(0x30 + count));
        return bytes4(keccak256(abi.encodePacked(head, digit, tail)));
    }
}
