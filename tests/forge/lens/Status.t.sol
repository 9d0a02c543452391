// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {VaultStatus} from "../../../contracts/lens/Status.sol";
import {Rig} from "../support/Rig.sol";

/// @notice The lens reads what the vault remembers.
contract StatusTest is Rig {
    function test_holdings__of_three_tokens__are_what_the_last_order_left() public {
        start(base(), 1_000 * USD);
        buyEthNow(200 * USD);
        buyBtcNow(400 * USD);
        deposit(bob, 50 * USD);

        int256[] memory holdings = status().holdings;

        assertEq(holdings.length, 3);
        assertEq(holdings[0], int256(450 * USD));
        assertEq(holdings[1], int256(0.1e18));
        assertEq(holdings[2], int256(0.01e8));
    }
}
