// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IBalancerV2Pool, IBalancerV2Vault} from "../../../contracts/interfaces/IBalancerV2.sol";
import {PoolCases} from "./PoolCases.sol";

interface IBalancerGoverned {
    function getActionId(bytes4 selector) external view returns (bytes32);
    function grantRole(bytes32 role, address account) external;
    function pause() external;
    function unpause() external;
    function enableRecoveryMode() external;
    function setSwapFeePercentage(uint256 feeWad) external;
}

interface IERC20Pool is IBalancerV2Pool {
    function transfer(address to, uint256 amount) external returns (bool);
    function totalSupply() external view returns (uint256);
}

/// @notice What both adapters of Balancer V2 promise; `maker` owns the pool.
abstract contract BalancerCases is PoolCases {
    IBalancerV2Vault internal balancer;
    IERC20Pool internal pool;
    uint256 internal exitKind; // of a proportional exit

    function _open(string memory path) internal {
        market = wordOf(path);
        pool = IERC20Pool(address(uint160(uint256(market) >> 96)));
        balancer = IBalancerV2Vault(addressOf(".balancer.vault"));
        spender = address(balancer);
    }

    function _trade(address tokenIn, address tokenOut, uint256 amountIn)
        internal
        override
        returns (uint256)
    {
        vm.prank(trader);
        return balancer.swap(
            IBalancerV2Vault.SingleSwap(market, 0, tokenIn, tokenOut, amountIn, ""),
            IBalancerV2Vault.FundManagement(trader, false, trader, false),
            0,
            type(uint256).max
        );
    }

    function _leave() internal override {
        (address[] memory listed,,) = balancer.getPoolTokens(market);
        bytes memory kind = abi.encode(exitKind, pool.balanceOf(maker) / 10);
        vm.prank(maker);
        balancer.exitPool(
            market,
            maker,
            maker,
            IBalancerV2Vault.PoolRequest(listed, new uint256[](listed.length), kind, false)
        );
    }

    function _giveUnits(uint256 units) internal override {
        vm.prank(maker);
        pool.transfer(address(adapter), units);
    }

    /// @dev Governance does something to the pool.
    function _govern(bytes4 selector) internal {
        bytes32 role = IBalancerGoverned(address(pool)).getActionId(selector);
        address authorizer = addressOf(".balancer.authorizer");
        from(deployer, authorizer, abi.encodeCall(IBalancerGoverned.grantRole, (role, deployer)));
        from(deployer, address(pool), abi.encodePacked(selector));
    }

    /* PARAMETERS */

    function test_parameters__fee_changed_by_the_owner__change() public {
        bytes32 listed = adapter.parameters(market);

        from(
            maker,
            address(pool),
            abi.encodeCall(IBalancerGoverned.setSwapFeePercentage, (0.01e18))
        );

        assertNotEq(adapter.parameters(market), listed);
    }

    function test_parameters__paused_and_recovering__change_each_time() public {
        bytes32 listed = adapter.parameters(market);
        _govern(IBalancerGoverned.pause.selector);
        bytes32 paused = adapter.parameters(market);
        assertNotEq(paused, listed);

        _govern(IBalancerGoverned.enableRecoveryMode.selector);

        assertNotEq(adapter.parameters(market), listed);
        assertNotEq(adapter.parameters(market), paused);
    }

    /* THE WAY OUT */

    function test_withdraw__paused_pool__waits_until_it_is_not() public {
        _supply(each);
        uint256 said = _worth();
        _govern(IBalancerGoverned.pause.selector);
        assertEq(_worth(), said);
        vm.expectRevert("BAL#402");
        adapter.withdraw(market, 0, 0, ALL);
        vm.expectRevert("BAL#402");
        adapter.supply(market, 0, 0, each);

        _govern(IBalancerGoverned.unpause.selector);

        assertApproxEqRel(worthOf(_withdraw(ALL), prices), said, 1e10);
    }

    function test_withdraw__paused_and_recovering__pays() public {
        _supply(each);
        uint256 said = _worth();
        _govern(IBalancerGoverned.pause.selector);
        _govern(IBalancerGoverned.enableRecoveryMode.selector);
        assertApproxEqRel(_worth(), said, 1e9);

        uint256 paid = worthOf(_withdraw(ALL), prices);

        assertGe(paid + 2, said);
        assertEq(adapter.units(market), 0);
    }

    function test_amounts__fees_due_to_the_protocol__are_taken_off_beforehand() public {
        _supply(each);
        for (uint256 i; i < 5; i++) {
            _trade(other, address(usdc), _skew(500_000));
        }
        uint256 shares = pool.totalSupply();
        uint256 said = _worth();

        _leave();

        uint256 burnt = pool.balanceOf(maker) / 9; // a tenth of what the maker had
        assertGt(pool.totalSupply() + burnt, shares + 1e15, "the protocol was paid");
        assertApproxEqRel(_worth(), said, 1e9);
    }
}
