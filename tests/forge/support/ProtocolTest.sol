// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {stdJson} from "forge-std/StdJson.sol";
import {IERC20Metadata} from
    "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {DemoToken} from "../../../contracts/demo/DemoToken.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {VaultTest} from "./VaultTest.sol";

/// @notice The protocols that protocol_market.py has put up, among which a test stands in for the
///         vault of an adapter.
///
/// UNITS  USD: raw units of USDC; the other dollars and ETH, of 2,000, have 18 decimals, but
///        USDT.
abstract contract ProtocolTest is VaultTest {
    using stdJson for string;

    uint256 internal constant USD = 1e6;
    uint256 internal constant ETH = 1e18; // raw units of one, as DAI's and HST's
    uint256 internal constant E36 = 1e36;

    DemoToken internal usdc;
    DemoToken internal dai;
    DemoToken internal usdt;
    DemoToken internal eth;
    HostileToken internal hst; // a dollar that fails as it is told
    address internal deployer; // governs everything
    address internal maker; // provides everything
    address internal borrower;
    address internal trader; // has a billion dollars of each token
    string internal who;

    function setUp() public virtual {
        vm.loadAllocs("build/forge/protocols.json");
        who = vm.readFile("build/forge/protocol-addresses.json");
        vm.warp(who.readUint(".timestamp") + 1);
        vm.roll(who.readUint(".number") + 1);
        usdc = DemoToken(who.readAddress(".tokens.USDC"));
        dai = DemoToken(who.readAddress(".tokens.DAI"));
        usdt = DemoToken(who.readAddress(".tokens.USDT"));
        eth = DemoToken(who.readAddress(".tokens.ETH"));
        hst = HostileToken(who.readAddress(".tokens.HST"));
        deployer = who.readAddress(".deployer");
        maker = who.readAddress(".maker");
        borrower = who.readAddress(".borrower");
        trader = who.readAddress(".trader");
    }

    function addressOf(string memory path) internal view returns (address) {
        return who.readAddress(path);
    }

    function wordOf(string memory path) internal view returns (bytes32) {
        return who.readBytes32(path);
    }

    /* TOKENS */

    function mint(address token, address to, uint256 amount) internal {
        DemoToken(token).mint(to, amount); // HostileToken's is the same
    }

    /// @notice Raw units of a token that are worth so many dollars.
    function ofDollars(address token, uint256 dollars) internal view returns (uint256) {
        uint256 unit = 10 ** uint256(IERC20Metadata(token).decimals());
        return dollars * unit / (token == address(eth) ? 2_000 : 1);
    }

    /// @notice Asset units per raw unit, times 1e36.
    function priceOf(address token) internal view returns (uint256) {
        return USD * E36 / ofDollars(token, 1);
    }

    function pricesOf(address[] memory tokens) internal view returns (uint256[] memory list) {
        list = new uint256[](tokens.length);
        for (uint256 i; i < tokens.length; i++) {
            list[i] = priceOf(tokens[i]);
        }
    }

    /// @notice Asset units that raw amounts are worth, all together rounded down.
    function worthOf(int256[] memory held, uint256[] memory pricesE36)
        internal
        pure
        returns (uint256 assets)
    {
        for (uint256 i; i < held.length; i++) {
            assets += uint256(held[i]) * pricesE36[i];
        }
        assets /= E36;
    }

    /// @notice What an account has of some tokens.
    function balancesOf(address account, address[] memory tokens)
        internal
        view
        returns (int256[] memory held)
    {
        held = new int256[](tokens.length);
        for (uint256 i; i < tokens.length; i++) {
            held[i] = int256(DemoToken(tokens[i]).balanceOf(account));
        }
    }

    /* PEOPLE */

    /// @notice Somebody calls something, which works.
    function from(address caller, address target, bytes memory data)
        internal
        returns (bytes memory)
    {
        vm.prank(caller);
        (bool ok, bytes memory answer) = target.call(data);
        require(ok, string(answer));
        return answer;
    }

    /// @notice What `view_` of `target` answers while HST moves in the middle of `act`.
    function insideOf(address target, bytes memory view_, function() internal act)
        internal
        returns (bytes memory answer)
    {
        hst.setHook(target, view_, false);
        act();
        assertTrue(hst.hookRan(), "HST has moved");
        assertFalse(hst.hookSucceeded(), "the view has refused");
        return hst.hookAnswer();
    }
}
