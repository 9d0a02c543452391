// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ExitQueue} from "../../../contracts/ExitQueue.sol";
import {Vault} from "../../../contracts/Vault.sol";
import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {
    Config,
    PoolConfig,
    PositionConfig,
    SignerKind,
    TagConfig,
    TokenConfig
} from "../../../contracts/interfaces/Types.sol";
import {
    DuplicateRecord,
    MarketTokensMismatch,
    ParamOutOfRange,
    ParametersChanged,
    SignersOutOfOrder,
    TokenScaleMismatch,
    TooManyRecords,
    UncertaintyTooLarge,
    UnknownTag,
    WrongAsset,
    WrongVault
} from "../../../contracts/libraries/Errors.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice A configuration that contradicts itself, or the contracts it names, is refused.
contract CheckTest is Rig {
    using Build for Config;

    function _refuse(Config memory c, bytes memory error) private {
        vm.expectRevert(error);
        vault.submit(c);
    }

    function _refuseParam(Config memory c, bytes32 field, uint256 value, uint256 most)
        private
    {
        _refuse(c, abi.encodeWithSelector(ParamOutOfRange.selector, field, value, most));
    }

    /* COUNTS */

    function test_counts__too_many_records__are_refused() public {
        Config memory c = base();
        c.tokens = new TokenConfig[](33);
        _refuse(c, err(TooManyRecords.selector, 33, 32));
        c = base();
        c.positions = new PositionConfig[](65);
        _refuse(c, err(TooManyRecords.selector, 65, 64));
        c = base();
        c.tags = new TagConfig[](65);
        _refuse(c, err(TooManyRecords.selector, 65, 64));
        c = base();
        c.pools = new PoolConfig[](65);
        _refuse(c, err(TooManyRecords.selector, 65, 64));
        c = base();
        c.signers = new address[](17);
        _refuse(c, err(TooManyRecords.selector, 17, 16));
    }

    /// @dev One kind at a time: all together do not fit into one contract's code.
    function test_counts__most_records__are_accepted() public {
        vm.pauseGasMetering();
        Config memory c = Build.open(strategist);
        c.addToken(address(asset), address(0));
        for (uint256 i = 1; i < 32; i++) {
            c.addToken(address(new DemoToken("T", "T", 18)), address(ethSource));
        }
        _accept(c);

        c = base();
        PositionConfig memory position = c.positions[LEND];
        c.positions = new PositionConfig[](64);
        for (uint256 i; i < 64; i++) {
            c.positions[i] = abi.decode(abi.encode(position), (PositionConfig)); // a copy
            c.positions[i].market = bytes32(i);
        }
        _accept(c);

        c = base();
        for (uint256 i; i < 64; i++) {
            c.addTag(bytes32(i));
        }
        c.pools = new PoolConfig[](64);
        for (uint256 i; i < 64; i++) {
            c.pools[i] = PoolConfig(address(ethVenue), bytes32(i), 2, 0x0100, 0);
        }
        c.signers = new address[](16);
        for (uint160 i; i < 16; i++) {
            c.signers[i] = address(i + 1);
        }
        _accept(c);
    }

    function _accept(Config memory c) private {
        vault.submit(c);
        assertEq(keccak256(abi.encode(lens.config(vault))), keccak256(abi.encode(c)));
        assertLe(vault.config().code.length, 24_576);
    }

    function test_counts__no_token__is_refused() public {
        Config memory c = base();
        c.tokens = new TokenConfig[](0);

        _refuse(c, err(TooManyRecords.selector, 0, 32));
    }

    /* PARAMETERS */

    /// @dev Parameter words of a configuration in memory, in the order of Params.
    function _setWord(Config memory c, uint256 i, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(mload(c), mul(i, 32)), value)
        }
    }

    function test_params__each__holds_to_the_unit() public {
        bytes32[16] memory names = [
            bytes32("maxWindowSeconds"),
            "cooldownSeconds",
            "idleWad",
            "lossWad",
            "lossRefillWad",
            "holdWad",
            "holdRefillWad",
            "turnoverWad",
            "turnoverRefillWad",
            "drawdownWad",
            "leverageWad",
            "healBandWad",
            "healCooldownSeconds",
            "markMaxAgeSeconds",
            "",
            "queueMaxWaitSeconds"
        ];
        for (uint256 i; i < names.length; i++) {
            bytes32 name = names[i];
            if (name == "") continue; // the queue
            bool isTime = i < 2 || i > 11;
            bool isLarge = name == "turnoverWad" || name == "leverageWad";
            uint256 most = isTime ? 365 days : isLarge ? 10e18 : 1e18;
            Config memory c = base();

            _setWord(c, 2 + i, most + 1);
            _refuseParam(c, name, most + 1, most);
            _setWord(c, 2 + i, most);
            vault.submit(c);
        }
    }

    function test_fees__above_the_most_in_the_code__are_refused() public {
        Config memory c = base();
        c.params.feeRecipient = treasury;

        c.params.managementFeeWad = 0.05e18 + 1;
        _refuseParam(c, "managementFeeWad", 0.05e18 + 1, 0.05e18);
        c.params.managementFeeWad = 0.05e18;
        c.params.performanceFeeWad = 0.3e18 + 1;
        _refuseParam(c, "performanceFeeWad", 0.3e18 + 1, 0.3e18);
        c.params.performanceFeeWad = 0.3e18;
        vault.submit(c);
    }

    function test_fees__for_nobody__are_refused() public {
        Config memory c = base();

        c.params.managementFeeWad = 1;
        _refuseParam(c, "feeRecipient", 0, 0);
        (c.params.managementFeeWad, c.params.performanceFeeWad) = (0, 1);
        _refuseParam(c, "feeRecipient", 0, 0);
    }

    function test_queue__of_another_vault__is_refused() public {
        Vault other = new Vault(asset, "Other", "OTHER", address(authority));
        Config memory c = base();
        c.params.queue = address(new ExitQueue(other, 1));

        _refuse(
            c, abi.encodeWithSelector(WrongVault.selector, c.params.queue, address(other))
        );
        c.params.queue = address(queue);
        vault.submit(c);
    }

    /* SIGNERS */

    function test_threshold__outside_its_bounds__is_refused() public {
        Config memory c = base();
        c.params.threshold = 0;
        _refuseParam(c, "threshold", 0, 1);
        c.params.threshold = 2;
        _refuseParam(c, "threshold", 2, 1);

        c.signers = new address[](9);
        for (uint160 i; i < 9; i++) {
            c.signers[i] = address(i + 1);
        }
        c.params.threshold = 8;
        _refuseParam(c, "threshold", 8, 7);
        c.params.threshold = 7;
        vault.submit(c);
    }

    function test_wallet__with_a_second_signer_or_signature__is_refused() public {
        Config memory c = base();
        c.params.signerKind = SignerKind.ERC1271;
        c.signers = two(address(1), address(2));

        _refuse(c, err(TooManyRecords.selector, 2, 1));
        c.params.threshold = 2;
        _refuseParam(c, "threshold", 2, 1);
        (c.params.threshold, c.signers) = (1, one(address(1)));
        vault.submit(c);
    }

    function test_signers__twice_unordered_or_nobody__are_refused() public {
        Config memory c = base();

        c.signers = two(address(2), address(1));
        _refuse(
            c, abi.encodeWithSelector(SignersOutOfOrder.selector, address(1), address(2))
        );
        c.signers = two(address(2), address(2));
        _refuse(
            c, abi.encodeWithSelector(SignersOutOfOrder.selector, address(2), address(2))
        );
        c.signers = one(address(0));
        _refuse(
            c, abi.encodeWithSelector(SignersOutOfOrder.selector, address(0), address(0))
        );
    }

    /* TOKENS */

    function test_tokens__first_that_is_not_the_asset__is_refused() public {
        Config memory c = base();
        c.tokens[0] = c.tokens[1];

        _refuse(
            c, abi.encodeWithSelector(WrongAsset.selector, address(eth), address(asset))
        );
    }

    function test_tokens__scale_that_is_not_theirs__is_refused() public {
        Config memory c = base();
        c.tokens[1].unitScale = 1e7;

        _refuse(
            c, abi.encodeWithSelector(TokenScaleMismatch.selector, address(eth), 1e7, 1e6)
        );
    }

    function test_tokens__listed_twice__are_refused() public {
        Config memory c = base();
        c.tokens[2] = c.tokens[1];
        c.positions = new PositionConfig[](0);

        _refuse(c, abi.encodeWithSelector(DuplicateRecord.selector, address(eth), 0));
    }

    function test_tokens__bounds__hold_to_the_unit() public {
        Config memory c = base();
        c.tokens[1].capWad = WAD + 1;
        _refuseParam(c, "capWad", WAD + 1, WAD);
        c = base();
        c.tokens[1].slippageWad = WAD + 1;
        _refuseParam(c, "slippageWad", WAD + 1, WAD);
        c.tokens[1].slippageWad = WAD;
        vault.submit(c);
    }

    function test_tags__that_do_not_exist__are_refused() public {
        Config memory c = base();
        c.addTag("one");

        c.tokens[1].tags = 2;
        _refuse(c, abi.encodeWithSelector(UnknownTag.selector, address(eth), 2, 1));
        c.tokens[1].tags = 1;
        c.positions[LEND].tags = 3;
        _refuse(c, abi.encodeWithSelector(UnknownTag.selector, address(lend), 3, 1));
        c.positions[LEND].tags = 1;
        c.tags[0].capWad = WAD + 1;
        _refuseParam(c, "capWad", WAD + 1, WAD);
        c.tags[0].capWad = WAD;
        vault.submit(c);
    }

    /* SOURCES */

    function test_sources__that_do_not_answer__are_refused() public {
        Config memory c = base();

        ethSource.setFault(SettableSource.Fault.REVERT);
        _refuse(c, abi.encodeWithSelector(SettableSource.Dead.selector));
        ethSource.setFault(SettableSource.Fault.NONE);
        ethSource.set(2_000e18, WAD);
        _refuse(c, abi.encodeWithSelector(UncertaintyTooLarge.selector, WAD));
        ethSource.set(2_000e18, WAD - 1);
        vault.submit(c);
    }

    /* MARKETS */

    function test_positions__listed_twice__are_refused() public {
        Config memory c = base();
        c.positions[STAKE] = c.positions[LEND];

        _refuse(c, abi.encodeWithSelector(DuplicateRecord.selector, address(lend), MARKET));
    }

    function test_positions__cap_above_all__is_refused() public {
        Config memory c = base();
        c.positions[LEND].capWad = WAD + 1;

        _refuseParam(c, "capWad", WAD + 1, WAD);
    }

    function test_positions__adapter_of_another_vault__is_refused() public {
        Config memory c = base();
        HostileAdapter other = new HostileAdapter(mallory, one(address(asset)));
        c.positions[LEND].adapter = address(other);

        _refuse(c, abi.encodeWithSelector(WrongVault.selector, address(other), mallory));
    }

    function test_positions__other_tokens_than_listed__are_refused() public {
        bytes memory error =
            abi.encodeWithSelector(MarketTokensMismatch.selector, address(pair), MARKET);
        Config memory c = base();
        c.positions[PAIR].tokenIndexes = 0x0001; // swapped
        _refuse(c, error);
        c.positions[PAIR].tokenIndexes = 0x0300; // beyond the list
        _refuse(c, error);
        (c.positions[PAIR].tokenIndexes, c.positions[PAIR].tokenCount) = (0x0100, 1);
        _refuse(c, error);
        c.positions[PAIR].tokenCount = 3;
        _refuse(c, error);
    }

    function test_positions__of_no_token__are_refused() public {
        HostileAdapter none = new HostileAdapter(address(vault), new address[](0));
        Config memory c = base();
        c.positions[LEND].adapter = address(none);
        c.positions[LEND].tokenCount = 0;

        _refuse(
            c, abi.encodeWithSelector(MarketTokensMismatch.selector, address(none), MARKET)
        );
    }

    function test_parameters__other_than_the_markets__are_refused() public {
        Config memory c = base();
        lend.setParameters("A 100");
        _refuse(
            c,
            abi.encodeWithSelector(
                ParametersChanged.selector, lend, MARKET, bytes32("A 100"), bytes32(0)
            )
        );
        c.positions[LEND].parameters = "A 100";
        ethVenue.setParameters("fee 1");
        _refuse(
            c,
            abi.encodeWithSelector(
                ParametersChanged.selector, ethVenue, MARKET, bytes32("fee 1"), bytes32(0)
            )
        );
    }

    function test_pools__other_tokens_than_listed__are_refused() public {
        Config memory c = base();
        c.pools[0].tokenIndexes = 0x0200;

        _refuse(
            c,
            abi.encodeWithSelector(MarketTokensMismatch.selector, address(ethVenue), MARKET)
        );
    }
}
