// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {Config, Swap} from "../../../contracts/interfaces/Types.sol";
import {HostileAdapter} from "../../../contracts/mocks/HostileAdapter.sol";
import {HostileVenue} from "../../../contracts/mocks/HostileVenue.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Supply} from "../../../contracts/interfaces/Types.sol";
import {Build} from "../support/Build.sol";
import {VaultTest} from "../support/VaultTest.sol";

/// @notice A vault with both fees, an uncertain token, a lending position and a queue in
///         which somebody waits, in any state that a seed leads to.
abstract contract Shaken is VaultTest {
    using Build for Config;

    bytes32 internal constant MARKET = bytes32(uint256(1));
    uint256 internal constant ETH = 1e18;

    uint256 internal unit; // of the asset
    DemoToken internal eth;
    SettableSource internal source;
    HostileAdapter internal lend;

    function assetDecimals() internal pure virtual returns (uint8);

    function setUp() public virtual {
        unit = 10 ** assetDecimals();
        deployVault(assetDecimals());
        eth = new DemoToken("Ether", "ETH", 18);
        source = new SettableSource(2_000e18, 0.01e18);
        lend = new HostileAdapter(address(vault), one(address(asset)));
        HostileVenue venue = new HostileVenue(address(asset), address(eth));

        Config memory c = Build.open(strategist);
        c.addToken(address(asset), address(0));
        c.addToken(address(eth), address(source));
        c.addPosition(address(lend), MARKET);
        c.addPool(address(venue), MARKET);
        (c.params.feeRecipient, c.params.queue) = (treasury, address(queue));
        (c.params.managementFeeWad, c.params.performanceFeeWad) = (0.02e18, 0.2e18);
        vault.submit(c);
        deposit(alice, 100_000 * unit);
        pass(1 hours);

        eth.mint(address(venue), 15 * ETH);
        venue.setPay(15 * ETH, 15 * ETH, 0);
        execute(
            ordering(
                Swap(address(venue), MARKET, address(asset), address(eth), 30_000 * unit, 0)
            )
        );
        execute(ordering(Supply(address(lend), MARKET, 0, 0, one(40_000 * unit), 0)));
        pass(1 hours);
        request(alice, 1_000 * unit * 1e6);
    }

    /// @notice Time, prices, interest, gifts, checkpoints and other people's moves.
    function shake(uint256 seed) internal {
        for (uint256 i; i < 3; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 what = dice % 7;
            uint256 size = dice >> 128;
            if (what == 0) pass(size % 400 days);
            if (what == 1) source.set((100 + size % 10_000) * 1e18, (size >> 64) % 0.1e18);
            if (what == 2) _give(address(lend), size % (20_000 * unit));
            if (what == 3) _give(address(vault), size % (20_000 * unit));
            if (what == 4) vault.poke();
            if (what == 5) deposit(bob, 1 + size % (200_000 * unit));
            if (what == 6) _leave(size);
        }
    }

    function _give(address to, uint256 assets) private {
        deal(address(asset), to, asset.balanceOf(to) + assets);
    }

    function _leave(uint256 size) private {
        uint256 most = vault.maxRedeem(alice);
        if (most != 0) redeem(alice, size % most);
    }

    /// @notice Somebody with so much of the asset, who has let the vault take it.
    function fund(address who, uint256 assets) internal {
        deal(address(asset), who, assets);
        vm.prank(who);
        asset.approve(address(vault), ALL);
    }
}
