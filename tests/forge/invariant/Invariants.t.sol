// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {console} from "forge-std/console.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";
import {RangeAdapter} from "../../../contracts/adapters/RangeAdapter.sol";
import {IAToken} from "../../../contracts/interfaces/IAaveV3.sol";
import {IUniswapV3Pool} from "../../../contracts/interfaces/IUniswapV3.sol";
import {Build} from "../support/Build.sol";
import {People} from "./People.sol";
import {Weather} from "./Weather.sol";

/// @notice Everyone at once; what must hold of the whole, seen from inside.
contract Handler is People, Weather {
    function checkSupply() external view {
        uint256 sum = vault.balanceOf(treasury) + vault.balanceOf(address(queue))
            + vault.balanceOf(address(0xdEaD));
        for (uint256 i; i < people.length; i++) {
            sum += vault.balanceOf(people[i]);
        }
        assertEq(sum, vault.totalSupply());
    }

    function checkClaims() external view {
        for (uint256 i; i < 3; i++) {
            IERC20 token = tokensHeld()[i];
            uint256 sum;
            uint256 all;
            for (uint256 j; j < people.length; j++) {
                uint256 own;
                (own, all) = vault.claims(address(token), people[j]);
                sum += own;
            }
            assertEq(sum, all);
            assertLe(all, token.balanceOf(address(vault)));
        }
    }

    /// @dev What adapters owe, to the vault and to those who left, lies in the protocols.
    function checkUnits() external view {
        bytes32 market = Build.market(pairEth);
        assertLe(
            v2.units(market) + _aside(v2.claimOf, market),
            IERC20(pairEth).balanceOf(address(v2))
        );
        market = Build.market(aUsdc);
        assertLe(
            aave.units(market) + _aside(aave.claimOf, market),
            IAToken(aUsdc).scaledBalanceOf(address(aave))
        );
        market = Build.market(savings);
        assertLe(
            saver.units(market) + _aside(saver.claimOf, market),
            IERC20(savings).balanceOf(address(saver))
        );
        RangeAdapter.Range[] memory ranges = v3.ranges(Build.market(poolEth));
        for (uint256 i; i < ranges.length; i++) {
            bytes32 key = keccak256(
                abi.encodePacked(address(v3), ranges[i].tickLower, ranges[i].tickUpper)
            );
            (uint128 liquidity,,,,) = IUniswapV3Pool(poolEth).positions(key);
            assertLe(ranges[i].liquidity, liquidity);
        }
    }

    function _aside(
        function(bytes32, int24, int24, address) external view returns (uint256) claimOf,
        bytes32 market
    ) private view returns (uint256 sum) {
        for (uint256 i; i < people.length; i++) {
            sum += claimOf(market, 0, 0, people[i]);
        }
    }

    function checkQueue() external view {
        (uint256 first, uint256 next) = queue.bounds();
        uint256 waiting;
        uint256 owed;
        for (uint256 i; i < next; i++) {
            waiting += queue.requests(i).shares;
            owed += queue.requests(i).assets;
            if (i < first) assertEq(queue.requests(i).shares, 0);
        }
        assertLe(waiting, vault.balanceOf(address(queue)));
        assertLe(owed, asset.balanceOf(address(queue)));
    }

    /// @dev As soon as there is something to pay with, the front is paid.
    function checkFront() external {
        (uint256 first, uint256 next) = queue.bounds();
        uint256 most = vault.maxRedeem(address(queue));
        while (first < next && queue.requests(first).shares == 0) first++;
        if (first == next || most == 0) return;
        uint256 front = queue.requests(first).shares;

        queue.fill(ALL);

        uint256 left = queue.requests(first).shares;
        assertEq(left, front > most ? front - most : 0);
    }

    function checkAllowances() external view {
        address[8] memory others = [
            address(v2),
            address(v3),
            address(aave),
            address(saver),
            address(venueV2),
            address(venueV3),
            pairEth,
            poolEth
        ];
        for (uint256 i; i < 3; i++) {
            for (uint256 j; j < others.length; j++) {
                assertEq(tokensHeld()[i].allowance(address(vault), others[j]), 0);
            }
            assertEq(tokensHeld()[i].allowance(address(aave), aavePool), 0);
            assertEq(tokensHeld()[i].allowance(address(saver), savings), 0);
        }
    }

    /// @dev Rounding of a unit or two an order at each of its readings.
    function checkLoss() external view returns (uint256 found, uint256 bound_) {
        found = lossWad;
        bound_ = LOSS_WAD + LOSS_REFILL_WAD * (vm.getBlockTimestamp() - startAt);
        assertLe(found, bound_ + executed * 1e9);
    }

    /// @dev The last ones out, all in kind: nothing is left but the seed and dust.
    function leaveAll() external {
        for (uint256 i; i < people.length; i++) {
            address person = people[i];
            uint256 shares = vault.balanceOf(person);
            vm.prank(person);
            vault.redeemInKind(shares, person, person, 0);
            assertEq(vault.balanceOf(person), 0);
        }
    }
}

/// @notice Invariants of a vault among real protocols, whoever does what.
contract InvariantsTest is Test {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
        handler.setUp();
        bytes4[27] memory all = [
            handler.deposits.selector,
            handler.mints.selector,
            handler.withdraws.selector,
            handler.redeems.selector,
            handler.roundTrips.selector,
            handler.leavesInKind.selector,
            handler.requests.selector,
            handler.cancels.selector,
            handler.fills.selector,
            handler.claims.selector,
            handler.skims.selector,
            handler.passes.selector,
            handler.movesFeed.selector,
            handler.killsFeed.selector,
            handler.trades.selector,
            handler.arbitrages.selector,
            handler.gives.selector,
            handler.givesShares.selector,
            handler.pokes.selector,
            handler.keeps.selector,
            handler.schemes.selector,
            handler.unwinds.selector,
            handler.supplies.selector,
            handler.sandwiches.selector,
            handler.brakes.selector,
            handler.heals.selector,
            handler.tightens.selector
        ];
        bytes4[] memory selectors = new bytes4[](all.length);
        for (uint256 i; i < all.length; i++) {
            selectors[i] = all[i];
        }
        targetSelector(FuzzSelector(address(handler), selectors));
        targetContract(address(handler));
    }

    function invariant_balances_and_total_supply_are_one() public view {
        handler.checkSupply();
    }

    function invariant_claims_never_exceed_what_is_there() public view {
        handler.checkClaims();
        handler.checkUnits();
        handler.checkQueue();
    }

    function invariant_no_allowance_is_left_behind() public view {
        handler.checkAllowances();
    }

    function invariant_nobody_delays_the_front_of_the_queue() public {
        handler.checkFront();
    }

    /// @dev Caps, levels, slices and round trips are checked by the handlers themselves.
    function invariant_orders_cost_a_share_no_more_than_the_bucket() public view {
        handler.checkLoss();
    }

    function afterInvariant() public {
        (uint256 found, uint256 bound_) = handler.checkLoss();
        console.log("orders executed:", handler.executed(), "refused:", handler.refused());
        console.log("loss of all orders [wad]:", found, "bound:", bound_);
        handler.leaveAll();
    }
}
