// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// @title SavingsVault
/// @notice OpenZeppelin's ERC-4626 over one token; interest is whatever is sent to it.
///
/// UNITS     assets, shares: raw units, the shares have the token's decimals.
/// ROUNDING  OpenZeppelin's: always in favour of those who stay.
/// TRUST     No role exists; a transfer of the token raises every share alike.
contract SavingsVault is ERC4626 {
    constructor(IERC20 asset_, string memory name_, string memory symbol_)
        ERC20(name_, symbol_)
        ERC4626(asset_)
    {}
}
