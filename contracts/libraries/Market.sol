// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {MarketNotAddress} from "./Errors.sol";

/// @title Market
/// @notice Markets and pools that are named by one address.
library Market {
    /// @notice The address; anything above its 160 bits would be a second name for it.
    function toAddress(bytes32 market) internal pure returns (address) {
        if (uint256(market) >> 160 != 0) revert MarketNotAddress(market);
        return address(uint160(uint256(market)));
    }
}
