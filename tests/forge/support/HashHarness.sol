// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Rebalance} from "../../../contracts/interfaces/Types.sol";
import {OrderHash} from "../../../contracts/libraries/OrderHash.sol";

/// @notice The hash of an order that a test has in memory.
contract HashHarness {
    function structHash(Rebalance calldata order) external pure returns (bytes32) {
        return OrderHash.structHash(order);
    }
}
