// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Rebalance, Supply, Swap, Target, Withdraw} from "../interfaces/Types.sol";

/// @title OrderHash
/// @notice EIP-712 struct hash of an order.
library OrderHash {
    bytes private constant SUPPLY =
        "Supply(address adapter,bytes32 market,int24 tickLower,int24 tickUpper,uint256[] maxAmounts,uint256 minUnits)";
    bytes private constant SWAP =
        "Swap(address venue,bytes32 pool,address tokenIn,address tokenOut,uint256 amountIn,uint256 minAmountOut)";
    bytes private constant TARGET =
        "Target(address item,bytes32 market,uint256 minWeightWad,uint256 maxWeightWad)";
    bytes private constant WITHDRAW =
        "Withdraw(address adapter,bytes32 market,int24 tickLower,int24 tickUpper,uint256 units,uint256[] minAmounts)";
    bytes private constant REBALANCE =
        "Rebalance(uint256 nonce,uint256 validAfter,uint256 deadline,address relayer,uint256 publicAfter,bytes32 configHash,uint256 sharePriceFloorBefore,uint256 sharePriceCeilBefore,uint256 sharePriceFloorAfter,bytes32 inputsHash,Target[] targets,Withdraw[] withdraws,Swap[] swaps,Supply[] supplies)";

    bytes32 internal constant SUPPLY_TYPEHASH = keccak256(SUPPLY);
    bytes32 internal constant SWAP_TYPEHASH = keccak256(SWAP);
    bytes32 internal constant TARGET_TYPEHASH = keccak256(TARGET);
    bytes32 internal constant WITHDRAW_TYPEHASH = keccak256(WITHDRAW);
    /// @dev Referenced types follow in alphabetical order (EIP-712, encodeType).
    bytes32 internal constant REBALANCE_TYPEHASH =
        keccak256(abi.encodePacked(REBALANCE, SUPPLY, SWAP, TARGET, WITHDRAW));

    function structHash(Rebalance calldata order) internal pure returns (bytes32) {
        bytes memory head = abi.encode(
            REBALANCE_TYPEHASH,
            order.nonce,
            order.validAfter,
            order.deadline,
            order.relayer,
            order.publicAfter,
            order.configHash
        );
        bytes memory prices = abi.encode(
            order.sharePriceFloorBefore,
            order.sharePriceCeilBefore,
            order.sharePriceFloorAfter,
            order.inputsHash
        );
        bytes memory arrays = abi.encode(
            _hashTargets(order.targets),
            _hashWithdraws(order.withdraws),
            _hashSwaps(order.swaps),
            _hashSupplies(order.supplies)
        );
        return keccak256(bytes.concat(head, prices, arrays));
    }

    function _hashTargets(Target[] calldata targets) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](targets.length);
        for (uint256 i; i < targets.length; i++) {
            hashes[i] = keccak256(abi.encode(TARGET_TYPEHASH, targets[i]));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashWithdraws(Withdraw[] calldata withdraws) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](withdraws.length);
        for (uint256 i; i < withdraws.length; i++) {
            Withdraw calldata w = withdraws[i];
            hashes[i] = keccak256(
                abi.encode(
                    WITHDRAW_TYPEHASH,
                    w.adapter,
                    w.market,
                    w.tickLower,
                    w.tickUpper,
                    w.units,
                    keccak256(abi.encodePacked(w.minAmounts))
                )
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashSwaps(Swap[] calldata swaps) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](swaps.length);
        for (uint256 i; i < swaps.length; i++) {
            hashes[i] = keccak256(abi.encode(SWAP_TYPEHASH, swaps[i]));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashSupplies(Supply[] calldata supplies) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](supplies.length);
        for (uint256 i; i < supplies.length; i++) {
            Supply calldata s = supplies[i];
            hashes[i] = keccak256(
                abi.encode(
                    SUPPLY_TYPEHASH,
                    s.adapter,
                    s.market,
                    s.tickLower,
                    s.tickUpper,
                    keccak256(abi.encodePacked(s.maxAmounts)),
                    s.minUnits
                )
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
