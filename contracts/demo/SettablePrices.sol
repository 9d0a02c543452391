// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title SettablePrices
/// @notice A price oracle as a Compound V2 comptroller asks for one; its owner writes the
///         prices.
///
/// UNITS     mantissa: dollars per raw unit of the underlying token, times 1e36.
/// TRUST     The owner writes any price.
contract SettablePrices is Ownable {
    bool public constant isPriceOracle = true;

    mapping(address cToken => uint256 mantissa) public getUnderlyingPrice;

    constructor() Ownable(msg.sender) {}

    /// @notice Writes one price.
    function set(address cToken, uint256 mantissa) external onlyOwner {
        getUnderlyingPrice[cToken] = mantissa;
    }
}
