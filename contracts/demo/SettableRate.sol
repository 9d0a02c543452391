// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title SettableRate
/// @notice A rate provider as Balancer's stable pools ask one for coins that grow, such as
///         wrapped staked ether; its owner writes the rate.
///
/// UNITS  getRate: wad.
/// TRUST  The owner writes any rate.
contract SettableRate is Ownable {
    uint256 public getRate;

    constructor(uint256 rateWad) Ownable(msg.sender) {
        getRate = rateWad;
    }

    /// @notice Writes the rate.
    function set(uint256 rateWad) external onlyOwner {
        getRate = rateWad;
    }
}
