// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title DemoToken
/// @notice A plain ERC-20 with permit for local chains: anyone may mint any quantity.
///
/// UNITS     assets: raw units, 10 ** decimals() of them make one token.
/// TRUST     None: it must never be deployed where tokens are worth money.
contract DemoToken is ERC20, ERC20Permit {
    uint8 private immutable _decimals;

    constructor(string memory name_, string memory symbol_, uint8 decimals_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
    {
        _decimals = decimals_;
    }

    /* ANYONE */

    /// @notice Creates `assets` new raw units for `to`.
    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }

    /* VIEWS */

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}
