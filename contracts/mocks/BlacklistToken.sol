// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title BlacklistToken
/// @notice An ERC-20 whose issuer can bar accounts from paying and from being paid.
contract BlacklistToken is ERC20 {
    error Blacklisted(address account);

    uint8 private immutable _decimals;
    mapping(address account => bool) public isBlacklisted;

    constructor(uint8 decimals_) ERC20("Blacklist", "BLK") {
        _decimals = decimals_;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }

    function setBlacklisted(address account, bool listed) external {
        isBlacklisted[account] = listed;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 assets) internal override {
        if (isBlacklisted[from]) revert Blacklisted(from);
        if (isBlacklisted[to]) revert Blacklisted(to);
        super._update(from, to, assets);
    }
}
