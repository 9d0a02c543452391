// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Hook} from "./Hook.sol";

/// @title HostileToken
/// @notice An ERC-20 that takes fees or calls out while it moves.
///
/// UNITS  *Wad: share of what is moved.
contract HostileToken is ERC20, Hook {
    uint8 private immutable _decimals;
    uint256 public receiverFeeWad; // burnt from what arrives
    uint256 public senderFeeWad; // burnt from the sender on top

    constructor(uint8 decimals_) ERC20("Hostile", "HST") {
        _decimals = decimals_;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }

    function setFees(uint256 receiverFeeWad_, uint256 senderFeeWad_) external {
        (receiverFeeWad, senderFeeWad) = (receiverFeeWad_, senderFeeWad_);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 assets) internal override {
        super._update(from, to, assets);
        if (from == address(0) || to == address(0)) return;
        if (receiverFeeWad != 0) super._update(to, address(0), assets * receiverFeeWad / 1e18);
        if (senderFeeWad != 0) super._update(from, address(0), assets * senderFeeWad / 1e18);
        _runHook();
    }
}
