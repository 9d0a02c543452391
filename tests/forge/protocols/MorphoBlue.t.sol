// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {MorphoBlueAdapter} from "../../../contracts/adapters/MorphoBlueAdapter.sol";
import {IMorphoBlue} from "../../../contracts/interfaces/IMorphoBlue.sol";
import {LendingCases} from "../support/LendingCases.sol";

interface IMorphoMarkets is IMorphoBlue {
    function enableIrm(address irm) external;
    function createMarket(MarketParams memory params) external;
    function setFee(MarketParams memory params, uint256 feeWad) external;
    function accrueInterest(MarketParams memory params) external;
    function supplyCollateral(
        MarketParams memory params,
        uint256 assets,
        address onBehalf,
        bytes memory data
    ) external;
    function borrow(
        MarketParams memory params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        address receiver
    ) external returns (uint256, uint256);
    function liquidate(
        MarketParams memory params,
        address borrower,
        uint256 seizedAssets,
        uint256 repaidShares,
        bytes memory data
    ) external returns (uint256, uint256);
    function flashLoan(address token, uint256 assets, bytes calldata data) external;
}

/// @notice The adapter of Morpho Blue. This test borrows from it in a flash as well.
contract MorphoBlueTest is LendingCases {
    IMorphoMarkets private morpho;
    IMorphoBlue.MarketParams private params;
    uint256 private inFlash; // drawable, in the middle of a flash loan

    function setUp() public override {
        super.setUp();
        morpho = IMorphoMarkets(addressOf(".morpho.morpho"));
        _open(wordOf(".morpho.market"), address(morpho));
        holder = address(morpho);
        params = morpho.idToMarketParams(market);
        adapter = new MorphoBlueAdapter(address(this), morpho);
    }

    function _borrow(uint256 assets) internal override {
        mint(address(eth), borrower, 1_000 * ETH);
        vm.startPrank(borrower);
        eth.approve(address(morpho), ALL);
        morpho.supplyCollateral(params, 1_000 * ETH, borrower, "");
        morpho.borrow(params, assets, 0, borrower, borrower);
        vm.stopPrank();
    }

    function _lend(uint256 assets) internal override {
        _lendFor(maker, assets);
    }

    function _lendFor(address account, uint256 assets) private {
        vm.startPrank(maker);
        usdc.approve(address(morpho), ALL);
        morpho.supply(params, assets, 0, account, "");
        vm.stopPrank();
    }

    function _giveUnits(uint256) internal override {
        _lendFor(address(adapter), LENT);
    }

    function _shortError() internal pure override returns (bytes memory) {
        return "insufficient liquidity";
    }

    function test_protocol__has_a_name() public view {
        assertEq(adapter.protocol(), "morpho-blue");
        assertEq(address(MorphoBlueAdapter(address(adapter)).morpho()), address(morpho));
    }

    function test_amount__a_quarter_later__has_earned_its_part() public {
        _supply(each);

        pass(90 days);

        // the rate is the share that is lent, and so much of the supply is charged it
        uint256 rateWad = uint256(0.6e18) * 600 / 1_040 * 1_000 / 1_040;
        uint256 earned = LENT * (rateWad * 90 / 365) / WAD * 9 / 10;
        assertApproxEqRel(_amount() - LENT, earned, 0.1e18);
    }

    function test_amount__market_of_no_fee__is_what_the_withdrawal_pays() public {
        vm.prank(deployer);
        morpho.setFee(params, 0);
        _supply(each);
        pass(90 days);
        uint256 said = _amount();

        assertGt(said, LENT);
        assertEq(_paid(_withdraw(ALL)), said);
    }

    function test_amount__nobody_borrows_or_no_rate__stays() public {
        vm.startPrank(deployer);
        morpho.enableIrm(address(0));
        params.collateralToken = address(dai); // a market that nobody has borrowed from
        morpho.createMarket(params);
        params.irm = address(0);
        morpho.createMarket(params);
        vm.stopPrank();
        bytes32 free = keccak256(abi.encode(params));
        params.irm = morpho.idToMarketParams(market).irm;
        bytes32 unborrowed = keccak256(abi.encode(params));

        bytes32[2] memory idle = [free, unborrowed];
        for (uint256 i; i < 2; i++) {
            market = idle[i];
            _supply(each);
            pass(90 days);
            assertEq(_amount(), LENT);
            assertEq(adapter.drawable(market), LENT);
            assertEq(_paid(_withdraw(ALL)), LENT);
        }
    }

    function test_amount__free_of_interest_though_borrowed__stays() public {
        vm.startPrank(deployer);
        morpho.enableIrm(address(0));
        params.irm = address(0);
        morpho.createMarket(params);
        vm.stopPrank();
        market = keccak256(abi.encode(params));
        _supply(each);
        _borrow(10_000 * USD);

        pass(90 days);

        assertEq(_amount(), LENT);
        assertEq(adapter.drawable(market), LENT - 10_000 * USD);
    }

    function test_amount__bad_debt__falls_on_the_position() public {
        _supply(each);
        uint256 crashed = 100 * 10 ** (36 + 6 - 18); // ETH is worth 100
        from(
            deployer,
            addressOf(".morpho.oracle"),
            abi.encodeWithSignature("setPrice(uint256)", crashed)
        );

        vm.startPrank(trader);
        usdc.approve(address(morpho), ALL);
        morpho.liquidate(params, borrower, 1_000 * ETH, 0, "");
        vm.stopPrank();

        // 1,000 ETH fetch less than 100,000 of 600,000 that are owed to 1,040,000
        assertLt(_amount(), LENT - LENT * 500 / 1_040);
        assertGt(_amount(), LENT - LENT * 520 / 1_040);
    }

    function testFuzz_draw__takes_shares_rounded_up(uint256 assets) public {
        uint256 units = _supply(each);
        pass(10 days);
        assets = bound(assets, 1, _amount());

        adapter.draw(market, assets);

        uint256 taken = units - adapter.units(market);
        IMorphoBlue.Market memory m = morpho.market(market);
        // as the totals were: the drawing has taken its own off them
        uint256 owned = m.totalSupplyAssets + assets + 1;
        uint256 shares = m.totalSupplyShares + taken + 1e6;
        assertGe(taken * owned, assets * shares);
        assertLt((taken - 1) * owned, assets * shares);
    }

    function test_drawable__tokens_are_out_on_a_flash_loan__is_what_is_there() public {
        _supply(each);
        uint256 all = usdc.balanceOf(address(morpho));
        usdc.approve(address(morpho), ALL);

        morpho.flashLoan(address(usdc), all - 300 * USD, "");

        assertEq(inFlash, 300 * USD);
        assertEq(adapter.drawable(market), _amount());
    }

    function onMorphoFlashLoan(uint256, bytes calldata) external {
        inFlash = adapter.drawable(market);
    }

    function test_parameters__are_the_markets_fee() public {
        bytes32 listed = adapter.parameters(market);
        assertEq(listed, keccak256(abi.encode(0.1e18)));

        vm.prank(deployer);
        morpho.setFee(params, 0.2e18);

        assertEq(adapter.parameters(market), keccak256(abi.encode(0.2e18)));
    }

    function test_market__that_is_none__has_no_token_and_takes_nothing() public {
        market = bytes32(uint256(1));
        assertEq(adapter.tokens(market)[0], address(0));

        vm.expectRevert();
        adapter.supply(market, 0, 0, each);
    }
}
