// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {Config, Side} from "../../../contracts/interfaces/Types.sol";
import {Ghosts} from "./Ghosts.sol";

/// @notice Depositors, leavers by price and in kind, and those who wait in the queue.
abstract contract People is Ghosts {
    function _person(uint256 seed) internal view returns (address) {
        return people[seed % people.length];
    }

    /* IN */

    function deposits(uint256 who, uint256 size) public counted("deposit") {
        address person = _person(who);
        uint256 most = Math.min(asset.balanceOf(person), vault.maxDeposit(person));
        if (most == 0) return;
        uint256 assets = _bound(size, 1, Math.min(most, 100_000 * USD));
        if (vault.previewDeposit(assets) == 0) return;

        vm.prank(person);
        vault.deposit(assets, person);
    }

    function mints(uint256 who, uint256 size) public counted("mint") {
        address person = _person(who);
        if (vault.maxMint(person) == 0) return;
        uint256 shares = _bound(size, 1, 50_000 * USD * 1e6);
        if (vault.previewMint(shares) > asset.balanceOf(person)) return;

        vm.prank(person);
        vault.mint(shares, person);
    }

    /* OUT BY PRICE */

    /// @dev What others take leaves the queue what it is owed, as far as it was there.
    modifier sparesQueue() {
        uint256 liquid = _liquid();
        _;
        if (isAlive()) {
            (uint256 nav, uint256 supply) = vault.netAssetValue(Side.LOW);
            uint256 owed = Math.mulDiv(
                vault.balanceOf(address(queue)), nav + 1, supply + 1e6
            );
            assertGe(_liquid() + 10, Math.min(liquid, owed), "the queue was passed over");
        }
    }

    function _liquid() private view returns (uint256 assets) {
        assets = asset.balanceOf(address(vault));
        (uint256 own, uint256 all) = vault.claims(address(asset), address(0));
        assets -= Math.min(assets, all + own);
        Config memory c = lens.config(vault);
        for (uint256 i = AAVE; i <= SAVINGS; i++) {
            assets += IAdapter(c.positions[i].adapter).drawable(c.positions[i].market);
        }
    }

    function withdraws(uint256 who, uint256 size) public counted("withdraw") sparesQueue {
        address person = _person(who);
        uint256 assets = _bound(size, 0, vault.maxWithdraw(person));
        if (assets == 0) return;

        vm.prank(person);
        vault.withdraw(assets, person, person);
    }

    function redeems(uint256 who, uint256 size) public counted("redeem") sparesQueue {
        address person = _person(who);
        uint256 shares = _bound(size, 0, vault.maxRedeem(person));
        if (shares == 0) return;

        vm.prank(person);
        vault.redeem(shares, person, person);
    }

    /// @dev In and out again in one block, by any two doors: never for more than was paid.
    function roundTrips(uint256 who, uint256 size, uint256 way) public counted("round trip") {
        address person = _person(who);
        if (vault.maxDeposit(person) == 0 || asset.balanceOf(person) < USD) return;
        uint256 assets = _bound(size, USD, Math.min(asset.balanceOf(person), 100_000 * USD));
        vm.startPrank(person);
        uint256 shares;
        if (way & 1 == 0) {
            shares = vault.deposit(assets, person);
        } else {
            shares = vault.previewDeposit(assets);
            assets = vault.mint(shares, person);
        }
        uint256 left;
        uint256 back;
        if (way & 2 == 0) {
            left = Math.min(shares, vault.maxRedeem(person));
            back = vault.redeem(left, person, person);
        } else {
            back = Math.min(vault.maxWithdraw(person), vault.previewRedeem(shares));
            left = vault.withdraw(back, person, person);
        }
        vm.stopPrank();
        assertLe(back * shares, assets * left, "a round trip has profited");
    }

    /* OUT IN KIND */

    /// @dev Whatever the vault's state is, the slice of everything is paid or set aside.
    function leavesInKind(uint256 who, uint256 size) public counted("in kind") {
        address person = _person(who);
        uint256 shares = _bound(size, 0, vault.balanceOf(person) / 4);
        Config memory c = lens.config(vault);
        uint256[4] memory units = _units(c);
        uint256[3] memory had = _had(person);
        uint256[3] memory held = _had(address(vault));

        vm.prank(person);
        vault.redeemInKind(shares, person, person, 0);

        // due fees were minted first, so the supply before it is that after it and the slice
        uint256 whole = vault.totalSupply() + shares + 1e6;
        uint256[4] memory now_ = _units(c);
        for (uint256 i; i < 4; i++) {
            uint256 slice = Math.mulDiv(units[i], shares, whole);
            assertApproxEqAbs(units[i] - now_[i], slice, 4, "no slice of a position");
        }
        uint256[3] memory has = _had(person);
        for (uint256 i; i < 3; i++) {
            uint256 slice = Math.mulDiv(held[i], shares, whole);
            assertGe(has[i] - had[i], slice, "no slice of a token");
        }
    }

    /// @dev Units of each position that are the vault's.
    function _units(Config memory c) private view returns (uint256[4] memory units) {
        for (uint256 i; i < 4; i++) {
            units[i] = IAdapter(c.positions[i].adapter).units(c.positions[i].market);
        }
    }

    /// @dev Tokens of an account, with what is set aside for it; less it, for the vault.
    function _had(address who) private view returns (uint256[3] memory had) {
        for (uint256 i; i < 3; i++) {
            address token = address(tokensHeld()[i]);
            had[i] = tokensHeld()[i].balanceOf(who);
            (uint256 own, uint256 all) = vault.claims(token, who);
            if (who == address(vault)) had[i] -= Math.min(had[i], all);
            else had[i] += own;
        }
    }

    /* QUEUE */

    function requests(uint256 who, uint256 size) public counted("request") {
        address person = _person(who);
        uint256 shares = vault.balanceOf(person) / 4;
        if (shares == 0) return;

        vm.prank(person);
        queue.request(_bound(size, 1, shares));
    }

    function cancels(uint256 id) public counted("cancel") {
        (, uint256 next) = queue.bounds();
        if (next == 0) return;
        id %= next;
        uint256 waiting = queue.requests(id).shares;

        vm.prank(queue.requests(id).owner);
        assertEq(queue.cancel(id), waiting);
    }

    function fills(uint256 count) public counted("fill") {
        (uint256 first,) = queue.bounds();
        uint256 most = vault.maxRedeem(address(queue));

        (uint256 shares,) = queue.fill(count % 5);

        assertLe(shares, most, "more was filled than could be paid");
        (uint256 now_,) = queue.bounds();
        assertGe(now_, first, "the queue went backwards");
    }

    function claims(uint256 id) public counted("claim") {
        (, uint256 next) = queue.bounds();
        if (next == 0) return;
        id %= next;
        uint256 assets = queue.requests(id).assets;
        if (assets == 0) return;

        address owner = queue.requests(id).owner;
        uint256 before = asset.balanceOf(owner);
        vm.prank(owner);
        queue.claim(id, owner);
        assertEq(asset.balanceOf(owner) - before, assets);
    }

    function skims() public counted("skim") {
        uint256 waiting;
        (, uint256 next) = queue.bounds();
        for (uint256 i; i < next; i++) {
            waiting += queue.requests(i).shares;
        }
        uint256 gifts = vault.balanceOf(address(queue)) - waiting;
        assertEq(queue.skim(mallory), gifts, "more was skimmed than given");
    }
}
