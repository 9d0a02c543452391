// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Book, Config} from "../../../contracts/interfaces/Types.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {
    DebtNotSupported,
    HealthBelowFloor,
    LeverageExceeded,
    NegativeNetAssets,
    PositionCapExceeded,
    TokenCapExceeded
} from "../../../contracts/libraries/Errors.sol";
import {Limits} from "../../../contracts/libraries/Limits.sol";
import {Valuation} from "../../../contracts/libraries/Valuation.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Gross exposure and health. The vault refuses debt until it can be left in kind,
///         so books with debt are given to the library itself.
contract ExposureTest is Rig {
    /* GROSS EXPOSURE OF A VAULT WITHOUT DEBT */

    function test_leverage__without_debt__is_one() public {
        Config memory c = base();
        c.params.leverageWad = WAD;
        start(c, 1_000 * USD);
        buyEthNow(300 * USD);

        Book memory b = lens.book(vault);

        assertEq(b.grossAssets, b.nav);
    }

    function test_leverage__below_one__leaves_no_room_for_new_exposure() public {
        Config memory c = base();
        c.params.leverageWad = WAD - 1;
        start(c, 1_000 * USD);

        execute(newOrder()); // above, but it does not rise
        pass(1);
        // 100 for 100.1: gross rises by more than a millionth
        refuse(
            ordering(buyEth(100 * USD, 0.05005e18)),
            err(LeverageExceeded.selector, 1_000.1e6, 1_000.1e6 - 1)
        );
    }

    /* BOOKS WITH DEBT */

    /// @dev A configuration for books: relative caps out of the way.
    function _wide() private view returns (Config memory c) {
        c = base();
        c.params.leverageWad = 10e18;
        (c.tokens[0].capWad, c.positions[STAKE].capWad) = (10e18, 10e18);
    }

    /// @dev 1,000 own; `lent` of the asset in LEND; `owed` of the asset owed in STAKE, made a
    ///      market of the asset for it.
    function _book(Config memory c, int256 lent, int256 owed)
        private
        pure
        returns (Book memory)
    {
        (uint256[] memory prices, uint256[] memory inventory, int256[][] memory amounts) =
            _read(c, lent, owed);
        return Valuation.bookOf(c, prices, inventory, amounts);
    }

    function _read(Config memory c, int256 lent, int256 owed)
        private
        pure
        returns (uint256[] memory prices, uint256[] memory inventory, int256[][] memory amounts)
    {
        prices = new uint256[](3);
        (prices[0], prices[1], prices[2]) = (1e36, 2_000e24, 400e36);
        inventory = new uint256[](3);
        inventory[0] = 1_000 * USD;
        c.positions[STAKE].tokenIndexes = 0;
        amounts = new int256[][](3);
        amounts[LEND] = new int256[](1);
        amounts[STAKE] = new int256[](1);
        amounts[PAIR] = new int256[](2);
        (amounts[LEND][0], amounts[STAKE][0]) = (lent, owed);
    }

    /// @notice The library's check, from outside.
    function checkCaps(Config memory c, Book memory before, Book memory after_) external pure {
        Limits.Before memory b;
        b.book = before;
        Limits.checkCaps(c, b, after_, after_.nav);
    }

    function test_book__with_debt__counts_it_like_credit_but_in_the_net_value() public view {
        Book memory b = _book(base(), int256(500 * USD), -int256(500 * USD));

        assertEq(b.nav, 1_000 * USD);
        assertEq(b.grossAssets, 2_000 * USD);
        assertEq(b.tokenAssets[0], 2_000 * USD);
        assertEq(b.positionAssets[LEND], 500 * USD);
        assertEq(b.positionAssets[STAKE], 500 * USD);
        assertEq(b.held[0], int256(1_000 * USD));
    }

    function test_book__that_owes_more_than_it_has__is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(NegativeNetAssets.selector, 1));
        this.book(0, -int256(1_000 * USD + 1));
    }

    function book(int256 lent, int256 owed) external view returns (Book memory) {
        return _book(base(), lent, owed);
    }

    function test_leverage__at_the_limit__passes_and_one_unit_above_reverts() public {
        Config memory c = _wide();
        c.params.leverageWad = 2e18;
        Book memory none = _book(c, 0, 0);

        this.checkCaps(c, none, _book(c, int256(500 * USD), -int256(500 * USD)));

        Book memory over = _book(c, int256(500 * USD + 1), -int256(500 * USD + 1));
        vm.expectRevert(err(LeverageExceeded.selector, 2_000 * USD + 2, 2_000 * USD));
        this.checkCaps(c, none, over);
        this.checkCaps(c, over, over); // above it, it may stay
    }

    function test_tokenCap__of_a_loop__counts_both_legs() public {
        Config memory c = _wide();
        c.tokens[0].capAssets = 2_000 * USD;
        Book memory none = _book(c, 0, 0);
        Book memory over = _book(c, int256(500 * USD), -int256(500 * USD + 1));

        // net 999,999,999 and twice the debt
        vm.expectRevert(
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(asset), 2_000 * USD + 1, 2_000 * USD
            )
        );
        this.checkCaps(c, none, over);
    }

    function test_positionCap__of_a_debt__is_its_size() public {
        Config memory c = _wide();
        c.positions[STAKE].capAssets = 500 * USD;
        Book memory none = _book(c, 0, 0);

        this.checkCaps(c, none, _book(c, 0, -int256(500 * USD)));
        vm.expectRevert(
            abi.encodeWithSelector(
                PositionCapExceeded.selector, stake, MARKET, 500 * USD + 1, 500 * USD
            )
        );
        this.checkCaps(c, none, _book(c, 0, -int256(500 * USD + 1)));
    }

    function test_debt__answered_by_an_adapter__is_refused() public {
        start(base(), 1_000 * USD);
        lendNow(100 * USD);
        int256[] memory worth = new int256[](1);
        worth[0] = -1;
        lend.setWorth(worth);

        refuse(
            newOrder(), abi.encodeWithSelector(DebtNotSupported.selector, lend, MARKET, -1)
        );
        vm.expectRevert(abi.encodeWithSelector(DebtNotSupported.selector, lend, MARKET, -1));
        vault.deposit(1, alice);
    }

    function test_debt__of_one_of_two_tokens__is_refused() public {
        start(base(), 1_000 * USD);
        int256[] memory worth = new int256[](2);
        (worth[0], worth[1]) = (int256(100 * USD), -1);
        pair.setWorth(worth);

        refuse(
            newOrder(), abi.encodeWithSelector(DebtNotSupported.selector, pair, MARKET, -1)
        );
    }

    /* HEALTH */

    function test_health__at_the_floor__passes_and_below_reverts() public {
        Config memory c = base();
        c.positions[LEND].minHealthWad = 1.2e18;
        start(c, 1_000 * USD);

        lend.setHealth(1.2e18 - 1);
        bytes memory error = abi.encodeWithSelector(
            HealthBelowFloor.selector, lend, MARKET, 1.2e18 - 1, 1.2e18
        );
        refuse(ordering(supplyTo(lend, 100 * USD)), error);
        lend.setHealth(1.2e18);
        lendNow(100 * USD);

        lend.setHealth(1.2e18 - 1);
        refuse(ordering(withdrawFrom(lend, 1)), error);
    }

    function test_health__of_a_position_without_a_floor__is_not_asked_for() public {
        start(base(), 1_000 * USD);
        lend.setHealth(0);

        execute(ordering(supplyTo(lend, 100 * USD)));
    }
}
