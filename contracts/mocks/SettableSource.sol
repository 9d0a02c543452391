// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IPriceSource} from "../interfaces/IPriceSource.sol";

/// @title SettableSource
/// @notice A price source that says what a test wants, or fails as it wants.
contract SettableSource is IPriceSource {
    enum Fault {
        NONE,
        REVERT,
        BURN_GAS,
        SHORT
    }

    error Dead();

    uint256 private _priceWad;
    uint256 private _uncertaintyWad;
    uint256 private _updatedAt; // zero: always now
    Fault public fault;

    constructor(uint256 priceWad, uint256 uncertaintyWad) {
        set(priceWad, uncertaintyWad);
    }

    function set(uint256 priceWad, uint256 uncertaintyWad) public {
        (_priceWad, _uncertaintyWad) = (priceWad, uncertaintyWad);
    }

    function setUpdatedAt(uint256 updatedAt) external {
        _updatedAt = updatedAt;
    }

    function setFault(Fault fault_) external {
        fault = fault_;
    }

    /// @inheritdoc IPriceSource
    function price() external view returns (uint256, uint256, uint256) {
        if (fault == Fault.REVERT) revert Dead();
        if (fault == Fault.BURN_GAS) {
            while (gasleft() > 0) {}
        }
        if (fault == Fault.SHORT) {
            assembly ("memory-safe") {
                return(0, 32)
            }
        }
        return (_priceWad, _uncertaintyWad, _updatedAt == 0 ? block.timestamp : _updatedAt);
    }
}
