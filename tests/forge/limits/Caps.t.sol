// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {Config, Rebalance, Supply, Swap} from "../../../contracts/interfaces/Types.sol";
import {Field} from "../../../contracts/libraries/ConfigEdit.sol";
import {
    PositionCapExceeded,
    TagCapExceeded,
    TokenCapExceeded
} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {Rig} from "../support/Rig.sol";

/// @notice Caps of tokens, positions and tags, absolute and relative: at the cap an order
///         passes, one unit above it reverts; an exposure above its cap may only fall.
contract CapsTest is Rig {
    using Build for Config;

    /* TOKENS */

    function test_tokenCap__absolute__holds_to_the_unit() public {
        Config memory c = base();
        c.tokens[1].capAssets = 200 * USD;
        start(c, 1_000 * USD);

        // one raw unit of the asset is 5e8 of ETH
        refuse(
            ordering(buyEth(200 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 200 * USD + 1, 200 * USD
            )
        );
        execute(ordering(buyEth(200 * USD)));

        assertEq(eth.balanceOf(address(vault)), ETH / 10);
    }

    function test_tokenCap__relative__holds_to_the_unit() public {
        Config memory c = base();
        c.tokens[1].capWad = 0.2e18;
        start(c, 1_000 * USD);

        refuse(
            ordering(buyEth(200 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 200 * USD + 1, 200 * USD
            )
        );
        execute(ordering(buyEth(200 * USD)));

        assertEq(eth.balanceOf(address(vault)), ETH / 10);
    }

    function test_tokenCap__of_the_asset__holds_too() public {
        Config memory c = base();
        c.tokens[0].capAssets = 900 * USD;
        start(c, 1_000 * USD);
        execute(ordering(buyEth(200 * USD)));
        pass(1);

        // 800 idle; 0.05 ETH are 100
        refuse(
            ordering(sellEth(ETH / 20 + 5e8, 100 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(asset), 900 * USD + 1, 900 * USD
            )
        );
        execute(ordering(sellEth(ETH / 20, 100 * USD)));

        assertEq(asset.balanceOf(address(vault)), 900 * USD);
    }

    function test_tokenCap__counts_what_positions_hold() public {
        Config memory c = base();
        c.tokens[1].capAssets = 200 * USD;
        start(c, 1_000 * USD);
        execute(ordering(buyEth(150 * USD)));
        pass(1);
        execute(ordering(supplyTo(stake, 0.075e18)));
        pass(1);

        refuse(
            ordering(buyEth(50 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 200 * USD + 1, 200 * USD
            )
        );
        execute(ordering(buyEth(50 * USD)));
    }

    function test_tokenCap__above_it__may_only_fall() public {
        Config memory c = base();
        start(c, 1_000 * USD);
        buyEthNow(300 * USD);
        tighten(Field.TOKEN_CAP_ASSETS, 1, 200 * USD);

        // a millionth more is no rise
        refuse(
            ordering(buyEth(301)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 300 * USD + 301, 200 * USD
            )
        );
        execute(ordering(buyEth(300)));
        pass(1);
        execute(ordering(sellEth(ETH / 100, 20 * USD)));

        assertEq(lens.book(vault).tokenAssets[1], 280 * USD + 300);
    }

    /* POSITIONS */

    function test_positionCap__absolute__holds_to_the_unit() public {
        Config memory c = base();
        c.positions[LEND].capAssets = 200 * USD;
        start(c, 1_000 * USD);

        refuse(
            ordering(supplyTo(lend, 200 * USD + 1)),
            abi.encodeWithSelector(
                PositionCapExceeded.selector, lend, MARKET, 200 * USD + 1, 200 * USD
            )
        );
        execute(ordering(supplyTo(lend, 200 * USD)));

        assertEq(lend.units(MARKET), 200 * USD);
    }

    function test_positionCap__relative__holds_to_the_unit() public {
        Config memory c = base();
        c.positions[LEND].capWad = 0.2e18;
        start(c, 1_000 * USD);

        refuse(
            ordering(supplyTo(lend, 200 * USD + 1)),
            abi.encodeWithSelector(
                PositionCapExceeded.selector, lend, MARKET, 200 * USD + 1, 200 * USD
            )
        );
        execute(ordering(supplyTo(lend, 200 * USD)));
    }

    function test_positionCap__of_two_tokens__adds_them_up() public {
        Config memory c = base();
        c.positions[PAIR].capAssets = 150 * USD;
        start(c, 1_000 * USD);
        buyEthNow(100 * USD);

        refuse(
            ordering(supplyPair(50 * USD + 1, ETH / 20)),
            abi.encodeWithSelector(
                PositionCapExceeded.selector, pair, MARKET, 150 * USD + 1, 150 * USD
            )
        );
        execute(ordering(supplyPair(50 * USD, ETH / 20)));
    }

    function test_positionCap__above_it__may_only_fall() public {
        start(base(), 1_000 * USD);
        lendNow(300 * USD);
        tighten(Field.POSITION_CAP_ASSETS, LEND, 200 * USD);

        refuse(
            ordering(supplyTo(lend, 301)),
            abi.encodeWithSelector(
                PositionCapExceeded.selector, lend, MARKET, 300 * USD + 301, 200 * USD
            )
        );
        execute(ordering(supplyTo(lend, 300)));
        pass(1);
        execute(ordering(withdrawFrom(lend, 50 * USD)));

        assertEq(lens.book(vault).positionAssets[LEND], 250 * USD + 300);
    }

    /* TAGS */

    function test_tagCap__absolute__sums_positions_and_tokens() public {
        Config memory c = base();
        uint256 risky = c.addTag("risky");
        c.tags[0].capAssets = 300 * USD;
        c.positions[LEND].tags = risky;
        c.tokens[1].tags = risky;
        start(c, 1_000 * USD);
        lendNow(200 * USD);

        refuse(
            ordering(buyEth(100 * USD + 1)),
            abi.encodeWithSelector(
                TagCapExceeded.selector, bytes32("risky"), 300 * USD + 1, 300 * USD
            )
        );
        execute(ordering(buyEth(100 * USD)));

        assertEq(lens.book(vault).tagAssets[0], 300 * USD);
    }

    function test_tagCap__relative__holds_to_the_unit() public {
        Config memory c = base();
        c.positions[LEND].tags = c.addTag("lending");
        c.tags[0].capWad = 0.3e18;
        start(c, 1_000 * USD);

        refuse(
            ordering(supplyTo(lend, 300 * USD + 1)),
            abi.encodeWithSelector(
                TagCapExceeded.selector, bytes32("lending"), 300 * USD + 1, 300 * USD
            )
        );
        execute(ordering(supplyTo(lend, 300 * USD)));
    }

    function test_tagCap__second_tag_of_an_item__counts_as_well() public {
        Config memory c = base();
        uint256 lending = c.addTag("lending");
        c.positions[LEND].tags = lending | c.addTag("issuer");
        c.tags[1].capAssets = 100 * USD;
        start(c, 1_000 * USD);

        refuse(
            ordering(supplyTo(lend, 100 * USD + 1)),
            abi.encodeWithSelector(
                TagCapExceeded.selector, bytes32("issuer"), 100 * USD + 1, 100 * USD
            )
        );
    }

    function test_tagCap__above_it__may_only_fall() public {
        Config memory c = base();
        c.positions[LEND].tags = c.addTag("lending");
        start(c, 1_000 * USD);
        lendNow(300 * USD);
        tighten(Field.TAG_CAP_WAD, 0, 0.2e18);

        refuse(
            ordering(supplyTo(lend, 301)),
            abi.encodeWithSelector(
                TagCapExceeded.selector, bytes32("lending"), 300 * USD + 301, 200 * USD
            )
        );
        execute(ordering(withdrawFrom(lend, 50 * USD)));
    }

    /* FLASH DEPOSITS */

    function test_relativeCaps__deposit_in_the_same_block__widens_none() public {
        Config memory c = base();
        c.tokens[1].capWad = 0.2e18;
        c.positions[LEND].tags = c.addTag("lending");
        c.tags[0].capWad = 0.3e18;
        c.positions[STAKE].capWad = 0.1e18;
        start(c, 1_000 * USD);

        deposit(mallory, 9_000 * USD);

        refuse(
            ordering(buyEth(200 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 200 * USD + 1, 200 * USD
            )
        );
        refuse(
            ordering(supplyTo(lend, 300 * USD + 1)),
            abi.encodeWithSelector(
                TagCapExceeded.selector, bytes32("lending"), 300 * USD + 1, 300 * USD
            )
        );
        execute(ordering(buyEth(200 * USD)));
        refuse(
            ordering(supplyTo(stake, 0.05e18 + 5e8)),
            abi.encodeWithSelector(
                PositionCapExceeded.selector, stake, MARKET, 100 * USD + 1, 100 * USD
            )
        );
    }

    function test_relativeCaps__deposit_a_block_ago__counts() public {
        Config memory c = base();
        c.tokens[1].capWad = 0.2e18;
        start(c, 1_000 * USD);
        deposit(mallory, 9_000 * USD);

        vm.roll(vm.getBlockNumber() + 1);

        execute(ordering(buyEth(2_000 * USD)));
    }

    function test_relativeCaps__withdrawal_in_the_same_block__narrows_them() public {
        Config memory c = base();
        c.tokens[1].capWad = 0.2e18;
        start(c, 1_000 * USD);
        redeem(alice, 500 * USD * 1e6);

        refuse(
            ordering(buyEth(100 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 100 * USD + 1, 100 * USD
            )
        );
        execute(ordering(buyEth(100 * USD)));
    }

    /// @dev Of a block's number 16 bits are remembered.
    function test_relativeCaps__deposit_65536_blocks_after_the_last_move__widens_none() public {
        Config memory c = base();
        c.tokens[1].capWad = 0.2e18;
        start(c, 1_000 * USD);
        uint256 shares = deposit(mallory, 9_000 * USD);
        pass(1);
        redeem(mallory, shares); // 10,000 when this block began, 1,000 now

        vm.roll(vm.getBlockNumber() + 65_536);
        skip(65_536 * 12);
        deposit(mallory, 9_000 * USD);

        refuse(
            ordering(buyEth(200 * USD + 1)),
            abi.encodeWithSelector(
                TokenCapExceeded.selector, address(eth), 200 * USD + 1, 200 * USD
            )
        );
    }
}
