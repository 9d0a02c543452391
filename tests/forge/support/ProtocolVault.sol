// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {Config, Supply, Swap, Withdraw} from "../../../contracts/interfaces/Types.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Build} from "./Build.sol";
import {V4Test} from "./V4Test.sol";

/// @notice One vault in all of these protocols at once, with what it puts into them idle.
abstract contract ProtocolVault is V4Test {
    using Build for Config;

    uint256 internal constant WEIGHTED = 0; // positions, in the order of `setUp`
    uint256 internal constant STABLE = 1;
    uint256 internal constant CURVE = 2;
    uint256 internal constant V4 = 3;
    uint256 internal constant MORPHO = 4;
    uint256 internal constant COMPOUND = 5;
    uint256 internal constant COUNT = 6;
    uint256 internal constant POOLS = 4; // of them, which have a venue too
    int24 internal constant HALF = 3_000;

    IAdapter[COUNT] internal adapters;
    bytes32[COUNT] internal markets;
    IVenue[POOLS] internal venues;

    function setUp() public virtual override {
        super.setUp();
        deployVault(usdc);
        adapters = [
            _adapter("BalancerV2WeightedAdapter", address(0)),
            _adapter("BalancerV2StableAdapter", address(0)),
            _adapter("CurveAdapter", address(0)),
            _adapter("UniswapV4Adapter", address(pools)),
            _adapter("MorphoBlueAdapter", addressOf(".morpho.morpho")),
            _adapter("CompoundV2Adapter", address(0))
        ];
        markets = [
            wordOf(".balancer.weighted"),
            wordOf(".balancer.stable"),
            Build.market(addressOf(".curve.pool")),
            poolId,
            wordOf(".morpho.market"),
            Build.market(addressOf(".compound.cUSDC"))
        ];
        IVenue balancer = IVenue(deployCode("BalancerV2Venue"));
        IVenue curve = IVenue(deployCode("CurveVenue"));
        IVenue v4 = IVenue(deployCode("UniswapV4Venue", abi.encode(pools)));
        venues = [balancer, balancer, curve, v4];
        vault.submit(_config());
        deposit(alice, 200_000 * USD);
        for (uint256 i; i < POOLS; i++) {
            _give(markets[i] == poolId ? 20_000 : 10_000, adapters[i].tokens(markets[i]));
        }
        pass(1 hours);
    }

    /// @dev By name: the code of all of them is too much for one test contract.
    /// @param hub What a protocol's contracts are found by; zero where nothing is.
    function _adapter(string memory name, address hub) private returns (IAdapter) {
        bytes memory arguments = abi.encode(vault, hub);
        if (hub == address(0)) arguments = abi.encode(vault);
        return IAdapter(deployCode(name, arguments));
    }

    function _config() internal returns (Config memory c) {
        c = Build.open(strategist);
        c.addToken(address(usdc), address(0));
        c.addToken(address(dai), address(new SettableSource(1e18, 0)));
        c.addToken(address(usdt), address(new SettableSource(1e18, 0)));
        c.addToken(address(eth), address(new SettableSource(2_000e18, 0)));
        c.addToken(address(hst), address(new SettableSource(1e18, 0)));
        for (uint256 i; i < COUNT; i++) {
            c.addPosition(address(adapters[i]), markets[i]);
        }
        for (uint256 i; i < POOLS; i++) {
            c.addPool(address(venues[i]), markets[i]);
        }
    }

    /// @dev To the vault: what the orders put into a pool.
    function _give(uint256 dollars, address[] memory tokens) internal {
        for (uint256 i; i < tokens.length; i++) {
            mint(tokens[i], address(vault), ofDollars(tokens[i], dollars));
        }
    }

    function _ticks(uint256 i) internal pure returns (int24 lower, int24 upper) {
        if (i == V4) return (MIDDLE - HALF, MIDDLE + HALF);
    }

    /// @dev Ten thousand dollars a token, but of the weights in a weighted pool.
    function _supply(uint256 i) internal view returns (Supply memory) {
        address[] memory tokens = adapters[i].tokens(markets[i]);
        uint256[] memory most = new uint256[](tokens.length);
        for (uint256 j; j < tokens.length; j++) {
            uint256 dollars = 10_000;
            if (i == WEIGHTED && tokens[j] == address(usdc)) dollars = 4_000;
            if (i == WEIGHTED && tokens[j] == address(hst)) dollars = 6_000;
            most[j] = ofDollars(tokens[j], dollars);
        }
        (int24 lower, int24 upper) = _ticks(i);
        return Supply(address(adapters[i]), markets[i], lower, upper, most, 0);
    }

    function _withdraw(uint256 i, uint256 units) internal view returns (Withdraw memory) {
        uint256[] memory least = new uint256[](adapters[i].tokens(markets[i]).length);
        (int24 lower, int24 upper) = _ticks(i);
        return Withdraw(address(adapters[i]), markets[i], lower, upper, units, least);
    }

    function _swap(uint256 i, uint256 dollars) internal view returns (Swap memory) {
        uint256 amountIn = dollars * USD;
        return Swap(address(venues[i]), markets[i], address(usdc), _other(i), amountIn, 0);
    }

    function _other(uint256 i) internal view returns (address) {
        return i == WEIGHTED ? address(eth) : i == V4 ? address(hst) : address(dai);
    }

    function _investAll() internal {
        for (uint256 i; i < COUNT; i++) {
            execute(ordering(_supply(i)));
        }
        pass(1);
    }
}
