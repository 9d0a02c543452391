// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {
    Book,
    Config,
    Excluded,
    PositionConfig,
    Prices,
    Rebalance,
    TagConfig,
    TokenConfig
} from "../../../contracts/interfaces/Types.sol";
import {VaultStatus} from "../../../contracts/lens/Status.sol";
import {Valuation} from "../../../contracts/libraries/Valuation.sol";
import {SettableSource} from "../../../contracts/mocks/SettableSource.sol";
import {Build} from "../support/Build.sol";
import {MarketTest} from "../support/MarketTest.sol";

/// @notice A vault among real protocols under every limit, and what is remembered of it to
///         be held against it: losses at the worst true prices, levels, block's supplies.
abstract contract Ghosts is MarketTest {
    using Build for Config;

    uint256 internal constant LOSS_WAD = 0.01e18;
    uint256 internal constant LOSS_REFILL_WAD = 0.01e18 / uint256(1 days);
    int24 internal constant LOWER = -206_340;
    int24 internal constant UPPER = -194_340;
    uint256 internal constant CORNERS = 4; // each of two prices low or high

    address[] internal people;
    uint256 internal startAt;
    uint256 internal supplyBefore; // shares when this block began
    uint256 public lossWad; // of all orders, each at its own worst true prices
    uint256 public executed;
    uint256 public refused;
    mapping(bytes4 error => uint256) public refusals;
    mapping(string what => uint256) public calls;

    modifier counted(string memory what) {
        (uint256[3] memory levels, uint256 at) = _levels();
        calls[what]++;
        _;
        _checkLevels(levels, at);
    }

    function setUp() public virtual override {
        super.setUp();
        people = [alice, bob, mallory, makeAddr("carol")];
        vault.submit(_limited());
        for (uint256 i; i < people.length; i++) {
            deal(address(asset), people[i], 1_000_000 * USD);
            vm.startPrank(people[i]);
            asset.approve(address(vault), ALL);
            vault.approve(address(queue), ALL);
            vault.deposit(100_000 * USD, people[i]);
            vm.stopPrank();
        }
        startAt = vm.getBlockTimestamp();
        nextBlock(1 hours);
        _spread();
    }

    /// @dev A part in everything, to begin with.
    function _spread() private {
        assertTrue(run(ordering(swapV2(address(asset), address(eth), 40_000 * USD))));
        assertTrue(run(ordering(swapV2(address(asset), address(btc), 20_000 * USD))));
        assertTrue(run(ordering(supplyV2(20_000 * USD, 5 * ETH))));
        assertTrue(run(ordering(supplyV3(LOWER, UPPER, 20_000 * USD, 5 * ETH))));
        assertTrue(run(ordering(supplyAave(60_000 * USD))));
        assertTrue(run(ordering(supplySavings(60_000 * USD))));
        nextBlock(1 hours);
    }

    function _limited() private view returns (Config memory c) {
        c = base();
        c.params.idleWad = 0.05e18;
        (c.params.lossWad, c.params.lossRefillWad) = (LOSS_WAD, LOSS_REFILL_WAD);
        (c.params.holdWad, c.params.holdRefillWad) = (0.02e18, LOSS_REFILL_WAD);
        (c.params.turnoverWad, c.params.turnoverRefillWad) = (1e18, 1e18 / uint256(1 days));
        c.params.drawdownWad = 0.2e18;
        c.params.queue = address(queue);
        c.params.feeRecipient = treasury;
        (c.params.managementFeeWad, c.params.performanceFeeWad) = (0.01e18, 0.1e18);
        (c.tokens[1].capWad, c.tokens[2].capWad) = (0.5e18, 0.3e18);
        (c.tokens[1].deviationWad, c.tokens[1].slippageWad) = (0.02e18, 0.015e18);
        uint256 amm = c.addTag("uniswap");
        c.tags[0].capWad = 0.45e18;
        (c.positions[V2].capWad, c.positions[V3].capWad) = (0.3e18, 0.3e18);
        (c.positions[V2].tags, c.positions[V3].tags) = (amm, amm);
        (c.positions[AAVE].capWad, c.positions[SAVINGS].capWad) = (0.5e18, 0.4e18);
    }

    /* TIME */

    function nextBlock(uint256 seconds_) internal {
        pass(seconds_);
        supplyBefore = vault.totalSupply();
    }

    /* BUDGETS */

    /// @dev Levels as they are by now: loss, hold, turnover.
    function _levels() internal view returns (uint256[3] memory levels, uint256 at) {
        VaultStatus memory s = status();
        Config memory c = lens.config(vault);
        at = vm.getBlockTimestamp();
        uint256 elapsed = at - s.orderAt;
        levels[0] = _less(s.lossWad, c.params.lossRefillWad * elapsed);
        levels[1] = _less(s.holdWad, c.params.holdRefillWad * elapsed);
        levels[2] = _less(s.turnoverWad, c.params.turnoverRefillWad * elapsed);
    }

    /// @dev They fall by time alone: by no more than the refill of what has passed.
    function _checkLevels(uint256[3] memory before, uint256 at) private view {
        (uint256[3] memory now_,) = _levels();
        uint256 elapsed = vm.getBlockTimestamp() - at;
        assertGe(now_[0], _less(before[0], LOSS_REFILL_WAD * elapsed), "loss level fell");
        assertGe(now_[1], _less(before[1], LOSS_REFILL_WAD * elapsed), "hold level fell");
        assertGe(
            now_[2], _less(before[2], 1e18 / uint256(1 days) * elapsed), "turnover level fell"
        );
    }

    function _less(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    /* VALUE AT TRUE PRICES */

    function isAlive() internal view returns (bool) {
        return ethSource.fault() == SettableSource.Fault.NONE;
    }

    /// @dev Corner k of what may be true: bit 0 says whether ETH stands high, bit 1 BTC.
    function _corner(Prices memory p, uint256 k) private pure returns (uint256[] memory list) {
        list = new uint256[](3);
        list[0] = p.midE36[0];
        for (uint256 i = 1; i < 3; i++) {
            uint256 u = p.midE36[i] * p.uncertaintyWad[i] / WAD;
            list[i] = (k >> (i - 1)) & 1 == 1 ? p.midE36[i] + u : p.midE36[i] - u;
        }
    }

    function _worth(Config memory c, uint256[] memory prices) private view returns (uint256) {
        Excluded memory e = vault.excluded();
        return Valuation.netAssets(c, prices, Valuation.inventory(c, address(vault), e), e);
    }

    /* ORDERS */

    /// @dev Relays an order. When it runs, it has cost a share what it did at those prices
    ///      that make it cost most, and every cap holds.
    function run(Rebalance memory order) internal returns (bool) {
        Config memory c = lens.config(vault);
        Prices memory p = Valuation.readPrices(c);
        uint256[CORNERS] memory worth;
        for (uint256 k; k < CORNERS; k++) {
            worth[k] = _worth(c, _corner(p, k));
        }
        Book memory before = lens.book(vault);
        bytes memory signature = sign(order);

        vm.prank(relayer);
        try vault.rebalance(order, signature) {
            executed++;
        } catch (bytes memory error) {
            refused++;
            refusals[bytes4(error)]++;
            return false;
        }

        uint256 worst;
        for (uint256 k; k < CORNERS; k++) {
            uint256 after_ = _worth(c, _corner(p, k));
            uint256 lost = _less(worth[k], after_);
            worst = Math.max(worst, Math.mulDiv(lost, WAD, worth[k], Math.Rounding.Ceil));
        }
        lossWad += worst;
        _checkCaps(c, before, lens.book(vault));
        return true;
    }

    /// @dev An exposure is at its cap at most, or has not risen.
    function _checkCaps(Config memory c, Book memory before, Book memory now_) private view {
        uint256 supply = vault.totalSupply();
        uint256 least = Math.min(supply, supplyBefore);
        uint256 capBase = Math.mulDiv(now_.nav, least + 1e6, supply + 1e6);
        for (uint256 i; i < c.tokens.length; i++) {
            TokenConfig memory t = c.tokens[i];
            _checkCap(
                before.tokenAssets[i], now_.tokenAssets[i], t.capAssets, t.capWad, capBase
            );
        }
        for (uint256 i; i < c.positions.length; i++) {
            PositionConfig memory t = c.positions[i];
            _checkCap(
                before.positionAssets[i],
                now_.positionAssets[i],
                t.capAssets,
                t.capWad,
                capBase
            );
        }
        for (uint256 i; i < c.tags.length; i++) {
            TagConfig memory t = c.tags[i];
            _checkCap(before.tagAssets[i], now_.tagAssets[i], t.capAssets, t.capWad, capBase);
        }
    }

    /// @dev An order values a position as its own last action there left it; a swap of its
    ///      own that pays fees to its own liquidity adds a little to that.
    function _checkCap(
        uint256 before,
        uint256 now_,
        uint256 capAssets,
        uint256 capWad,
        uint256 capBase
    ) private pure {
        uint256 cap = Math.min(capAssets, capBase * capWad / WAD);
        if (now_ <= cap + cap / 1e4 + 10) return;
        assertLe(now_, before + before / 1e4 + 10, "an exposure above its cap has risen");
    }

    /* SUMS */

    function tokensHeld() internal view returns (IERC20[3] memory) {
        return [IERC20(address(asset)), IERC20(address(eth)), IERC20(address(btc))];
    }
}
