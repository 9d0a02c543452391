// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Vault} from "../../../contracts/Vault.sol";
import {
    Config,
    PoolConfig,
    PositionConfig,
    Rebalance,
    TokenConfig
} from "../../../contracts/interfaces/Types.sol";
import {IVault} from "../../../contracts/interfaces/IVault.sol";
import {
    ConfigNotSet,
    ConfigNotStored,
    FeesNotCurators,
    PositionNotEmpty,
    TokenNotEmpty
} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Putting a configuration in force: the seed, what must stay listed, what follows.
contract SubmitTest is Rig {
    using Build for Config;

    address private constant SEED_HOLDER = 0x000000000000000000000000000000000000dEaD;

    /* THE FIRST */

    function test_submit__first__takes_a_seed_that_nobody_owns() public {
        uint256 before = asset.balanceOf(address(this));

        vault.submit(base());

        assertEq(before - asset.balanceOf(address(this)), SEED);
        assertEq(vault.balanceOf(SEED_HOLDER), SEED * 1e6);
        assertEq(vault.totalAssets(), SEED);
        vault.submit(base()); // no second one
        assertEq(before - asset.balanceOf(address(this)), SEED);
    }

    function test_submit__first__of_a_caller_who_cannot_pay__reverts() public {
        asset.approve(address(vault), SEED - 1);
        Config memory c = base();

        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, vault, SEED - 1, SEED
            )
        );
        vault.submit(c);
    }

    function test_submit__event__names_contract_and_hash() public {
        address next =
            vm.computeCreateAddress(address(vault), vm.getNonce(address(vault)));

        vm.expectEmit(true, false, false, false, address(vault));
        emit IVault.SetConfig(next, 0);
        vault.submit(base());

        assertEq(vault.config(), next);
        assertEq(vault.configHash(), next.codehash);
    }

    function test_vault__without_a_configuration__does_nothing() public {
        Vault bare = vault;
        Rebalance memory order = newOrder();
        bytes memory error = abi.encodeWithSelector(ConfigNotSet.selector);

        vm.expectRevert(error);
        bare.deposit(1, alice);
        vm.expectRevert(error);
        bare.redeem(1, alice, alice);
        vm.expectRevert(error);
        bare.redeemInKind(1, alice, alice, 0);
        vm.expectRevert(error);
        bare.rebalance(order, "");
        vm.expectRevert(error);
        bare.poke();
        assertEq(bare.maxDeposit(alice), 0);
        assertEq(bare.maxRedeem(alice), 0);
        assertEq(bare.totalAssets(), 0);
    }

    function test_submit__whose_code_cannot_be_created__reverts() public {
        Config memory c = base();
        address next =
            vm.computeCreateAddress(address(vault), vm.getNonce(address(vault)));
        vm.etch(next, hex"00"); // taken already
        // counts, parameters, records, length and signers
        uint256 words = 4 + 21 + 3 * 8 + 3 * 9 + 2 * 5 + 2;

        vm.expectRevert(abi.encodeWithSelector(ConfigNotStored.selector, 32 * words));
        vault.submit(c);
    }

    /* WHAT IS STORED */

    function testFuzz_store__any_counts_of_records__come_back_as_they_were(
        uint256 seed,
        uint8 tags,
        uint8 pools,
        uint8 signers
    ) public {
        Config memory c = base();
        for (uint256 i; i < tags % 65; i++) {
            c.addTag(keccak256(abi.encode(seed, i)));
        }
        PoolConfig memory pool = c.pools[0];
        c.pools = new PoolConfig[](pools % 65);
        for (uint256 i; i < c.pools.length; i++) {
            c.pools[i] = pool;
        }
        c.signers = new address[](1 + signers % 16);
        for (uint256 i; i < c.signers.length; i++) {
            c.signers[i] = address(uint160(seed % 2 ** 100 + i + 1));
        }
        c.params.cooldownSeconds = seed % 365 days;

        vault.submit(c);

        assertEq(keccak256(abi.encode(lens.config(vault))), keccak256(abi.encode(c)));
    }

    /* FEES */

    function test_submit__other_fees__are_not_the_curators_to_set() public {
        start(base(), 1_000 * USD);
        Config memory c = base();

        c.params.feeRecipient = treasury;
        _refuse(c, abi.encodeWithSelector(FeesNotCurators.selector, 0, 0, treasury));
        vault.setFees(treasury, 0, 1);
        (c.params.managementFeeWad, c.params.performanceFeeWad) = (1, 1);
        _refuse(c, abi.encodeWithSelector(FeesNotCurators.selector, 1, 1, treasury));
        (c.params.managementFeeWad, c.params.performanceFeeWad) = (0, 2);
        _refuse(c, abi.encodeWithSelector(FeesNotCurators.selector, 0, 2, treasury));
        c.params.performanceFeeWad = 1;
        vault.submit(c);
    }

    /* WHAT IS HELD STAYS LISTED */

    function test_removal__of_a_position_with_more_than_dust__is_refused() public {
        start(base(), 1_000 * USD);
        lendNow(1_001);
        Config memory c = base();
        PositionConfig[] memory positions = new PositionConfig[](2);
        (positions[0], positions[1]) = (c.positions[1], c.positions[2]);
        c.positions = positions;

        _refuse(c, abi.encodeWithSelector(PositionNotEmpty.selector, lend, MARKET, 1_001));
        execute(ordering(withdrawFrom(lend, 1)));
        vault.submit(c);
    }

    function test_removal__of_a_token_with_more_than_dust__is_refused() public {
        Config memory c = base();
        start(c, 1_000 * USD);
        TokenConfig[] memory tokens = new TokenConfig[](2);
        (tokens[0], tokens[1]) = (c.tokens[0], c.tokens[1]);
        c.tokens = tokens;
        c.pools[1] = c.pools[0];

        btc.mint(address(vault), 101); // a millionth of it is 100
        _refuse(c, abi.encodeWithSelector(TokenNotEmpty.selector, btc, 101));
        vm.prank(address(vault));
        btc.transfer(mallory, 1);
        vault.submit(c);
    }

    function test_removal__of_an_impaired_position__gives_it_up() public {
        start(base(), 1_000 * USD);
        lendNow(400 * USD);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
        impair(address(lend), MARKET);
        Config memory c = base();
        PositionConfig[] memory positions = new PositionConfig[](2);
        (positions[0], positions[1]) = (c.positions[1], c.positions[2]);
        c.positions = positions;

        vault.submit(c);

        assertEq(vault.excluded().impaired, 0);
        assertEq(vault.totalAssets(), 600 * USD);
        deposit(bob, 1); // open again
    }

    function test_impaired__positions_in_another_order__keep_their_mark() public {
        start(base(), 1_000 * USD);
        lendNow(400 * USD);
        lend.setFaults(HostileAdapter.Fault.NONE, HostileAdapter.Fault.REVERT);
        impair(address(lend), MARKET);
        Config memory c = base();
        (c.positions[0], c.positions[2]) = (c.positions[2], c.positions[0]);

        vault.submit(c);

        assertEq(vault.excluded().impaired, 4);
        assertEq(vault.totalAssets(), 600 * USD);
    }

    function _refuse(Config memory c, bytes memory error) private {
        vm.expectRevert(error);
        vault.submit(c);
    }
}
