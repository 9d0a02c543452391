// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {CompoundV2Adapter} from "../../../contracts/adapters/CompoundV2Adapter.sol";
import {ICToken} from "../../../contracts/interfaces/ICompoundV2.sol";
import {MarketNotAddress, ProtocolRefused} from "../../../contracts/libraries/Errors.sol";
import {Build} from "../support/Build.sol";
import {LendingCases} from "../support/LendingCases.sol";

interface ICTokenMarket is ICToken {
    function borrow(uint256 assets) external returns (uint256 code);
    function transfer(address to, uint256 amount) external returns (bool);
    function exchangeRateCurrent() external returns (uint256 rateWad);
    function exchangeRateStored() external view returns (uint256 rateWad);
    function _setReserveFactor(uint256 factorWad) external returns (uint256 code);
    function _setInterestRateModel(address model) external returns (uint256 code);
    function _setComptroller(address comptroller) external returns (uint256 code);
}

interface IComptroller {
    function _setMintPaused(address cToken, bool state) external returns (bool);
    function comptrollerImplementation() external view returns (address);
    function enterMarkets(address[] calldata cTokens) external returns (uint256[] memory);
}

/// @notice The adapter of Compound V2; its interest is a block's.
contract CompoundV2Test is LendingCases {
    uint256 private constant COMPTROLLER_REJECTION = 3; // ErrorReporter.sol
    uint256 private constant INSUFFICIENT_CASH = 14;

    ICTokenMarket private cToken;

    function setUp() public override {
        super.setUp();
        cToken = ICTokenMarket(addressOf(".compound.cUSDC"));
        _open(Build.market(address(cToken)), address(cToken));
        holder = address(cToken);
        adapter = new CompoundV2Adapter(address(this));
    }

    function _borrow(uint256 assets) internal override {
        vm.prank(borrower);
        assertEq(cToken.borrow(assets), 0);
    }

    function _lend(uint256 assets) internal override {
        vm.prank(maker);
        assertEq(cToken.mint(assets), 0);
    }

    function _giveUnits(uint256 units) internal override {
        vm.prank(maker);
        cToken.transfer(address(adapter), units);
    }

    function _shortError() internal view override returns (bytes memory) {
        return _refused(INSUFFICIENT_CASH);
    }

    function _refused(uint256 code) private view returns (bytes memory) {
        return abi.encodeWithSelector(ProtocolRefused.selector, market, code);
    }

    function test_protocol__has_a_name_and_markets_one_each() public {
        assertEq(adapter.protocol(), "compound-v2");
        bytes32 second = bytes32(uint256(market) | 1 << 160);
        vm.expectRevert(abi.encodeWithSelector(MarketNotAddress.selector, second));
        adapter.tokens(second);
    }

    function testFuzz_amount__any_blocks_later__is_at_compounds_own_rate(uint256 blocks) public {
        uint256 units = _supply(one(100_000_000 * USD)); // to feel a unit of interest
        vm.roll(vm.getBlockNumber() + bound(blocks, 0, 1_000_000));
        uint256 said = _amount();

        uint256 rateWad = cToken.exchangeRateCurrent();

        assertEq(said, units * rateWad / WAD);
        assertEq(_amount(), said, "and the same once it is stored");
    }

    function test_amount__some_blocks_later__has_earned_its_part() public {
        _supply(each);

        vm.roll(vm.getBlockNumber() + 21_024); // a hundredth of a year

        // 2 % and 20 % of what part is lent, on that part, less a tenth
        uint256 lentWad = WAD * 600 / 1_040;
        uint256 rateWad = (0.02e18 + lentWad / 5) * lentWad / WAD * 9 / 10;
        assertApproxEqRel(_amount() - LENT, LENT * rateWad / WAD / 100, 0.01e18);
    }

    function test_draw__takes_c_tokens_that_are_burnt() public {
        _supply(each);
        vm.roll(vm.getBlockNumber() + 500);

        adapter.draw(market, 12_345 * USD);

        assertEq(cToken.balanceOf(address(adapter)), adapter.units(market));
    }

    /// @dev A market of 18 decimals, in which a cToken is 200,000,000 raw units.
    function _openEth() private returns (ICTokenMarket cEth) {
        cEth = ICTokenMarket(addressOf(".compound.cETH"));
        _open(Build.market(address(cEth)), address(cEth));
        (coins, each) = ([address(eth)], one(10 ether));
        _supply(each);
    }

    function testFuzz_draw__of_18_decimals__pays_less_than_a_c_token_more(uint256 assets)
        public
    {
        _openEth();
        assets = bound(assets, 1, adapter.drawable(market));
        uint256 before = eth.balanceOf(address(this));

        adapter.draw(market, assets);

        uint256 paid = eth.balanceOf(address(this)) - before;
        assertGe(paid, assets);
        assertLt(paid, assets + 2e8);
    }

    function test_drawable__less_cash_than_a_c_token__is_nothing() public {
        ICTokenMarket cEth = _openEth();
        vm.startPrank(mallory);
        mint(address(usdc), mallory, 1_000_000_000 * USD);
        usdc.approve(address(cToken), type(uint256).max);
        assertEq(cToken.mint(1_000_000_000 * USD), 0);
        address[] memory entered = new address[](1);
        entered[0] = address(cToken);
        IComptroller(cToken.comptroller()).enterMarkets(entered);
        assertEq(cEth.borrow(eth.balanceOf(address(cEth)) - 1), 0);
        vm.stopPrank();

        assertEq(adapter.drawable(market), 0, "not even the one that nobody can have");
        mint(address(eth), address(cEth), 1e9);
        uint256 some = adapter.drawable(market);
        assertGt(some, 0);
        assertLe(some, 1e9 + 1);
        adapter.draw(market, some);
    }

    function test_withdraw__gift_in_the_adapter__stays_there() public {
        _supply(each);
        mint(address(usdc), address(adapter), 5 * USD);

        uint256 paid = _paid(_withdraw(ALL));

        assertLe(paid, LENT);
        assertEq(usdc.balanceOf(address(adapter)), 5 * USD);
    }

    function test_supply__minting_paused__reverts_and_the_way_out_stays_open() public {
        _supply(each);
        address comptroller = cToken.comptroller();
        vm.prank(deployer);
        IComptroller(comptroller)._setMintPaused(address(cToken), true);
        mint(address(usdc), address(adapter), LENT);

        vm.expectRevert("mint is paused");
        adapter.supply(market, 0, 0, each);

        assertGe(_paid(_withdraw(ALL)), LENT - 1);
    }

    function test_supply__comptroller_does_not_list_it__is_refused_with_its_code() public {
        _setComptroller();
        mint(address(usdc), address(adapter), LENT);

        vm.expectRevert(_refused(COMPTROLLER_REJECTION));
        adapter.supply(market, 0, 0, each);
    }

    function test_exits__comptroller_does_not_list_it__are_refused_with_its_code() public {
        _supply(each);
        _setComptroller();

        vm.expectRevert(_refused(COMPTROLLER_REJECTION));
        adapter.withdraw(market, 0, 0, ALL);
        vm.expectRevert(_refused(COMPTROLLER_REJECTION));
        adapter.draw(market, USD);
        assertGe(_amount(), LENT - 1);
    }

    function test_parameters__each_that_the_admin_can_set__changes_them() public {
        bytes32 listed = adapter.parameters(market);

        vm.prank(deployer);
        assertEq(cToken._setReserveFactor(0.2e18), 0);
        bytes32 reserved = adapter.parameters(market);
        assertNotEq(reserved, listed);
        _setComptroller();
        bytes32 moved = adapter.parameters(market);
        assertNotEq(moved, reserved);
        address model = cToken.interestRateModel();
        address other = makeAddr("model");
        vm.etch(other, model.code);
        vm.prank(deployer);
        assertEq(cToken._setInterestRateModel(other), 0);

        assertNotEq(adapter.parameters(market), moved);
    }

    /// @dev To one that lists nothing: what lies behind the proxy, by itself.
    function _setComptroller() private {
        address empty = IComptroller(cToken.comptroller()).comptrollerImplementation();
        vm.prank(deployer);
        assertEq(cToken._setComptroller(empty), 0);
    }
}
