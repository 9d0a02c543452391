// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAdapter} from "../interfaces/IAdapter.sol";
import {Hook} from "./Hook.sol";

/// @title HostileAdapter
/// @notice An adapter that says and pays what a test wants. Any market exists; all share
///         what lies here.
contract HostileAdapter is IAdapter, Hook {
    string public constant protocol = "hostile";

    address public vault;
    mapping(bytes32 market => uint256) public units;

    address[] private _tokens;
    bool private _lies;
    int256[] private _worth;
    uint256 private _deviationWad;
    uint256 private _keptWad;

    constructor(address vault_, address[] memory tokens_) {
        vault = vault_;
        _tokens = tokens_;
    }

    /// @notice What `amounts` says from now on.
    function setWorth(int256[] calldata worth) external {
        (_lies, _worth) = (true, worth);
    }

    function setDeviation(uint256 deviationWad_) external {
        _deviationWad = deviationWad_;
    }

    /// @param keptWad Share of a withdrawal that is not paid.
    function setKept(uint256 keptWad) external {
        _keptWad = keptWad;
    }

    function supply(bytes32 market, int24, int24, uint256[] calldata maxAmounts)
        external
        returns (uint256 supplied)
    {
        _runHook();
        for (uint256 j; j < maxAmounts.length; j++) {
            supplied += maxAmounts[j];
        }
        units[market] += supplied;
    }

    function withdraw(bytes32 market, int24, int24, uint256) external {
        _runHook();
        units[market] = 0;
        for (uint256 j; j < _tokens.length; j++) {
            uint256 balance = IERC20(_tokens[j]).balanceOf(address(this));
            IERC20(_tokens[j]).transfer(vault, balance - balance * _keptWad / 1e18);
        }
    }

    function tokens(bytes32) external view returns (address[] memory) {
        return _tokens;
    }

    function amounts(bytes32 market, uint256[] calldata)
        external
        view
        returns (int256[] memory held)
    {
        if (_lies) return _worth;
        held = new int256[](_tokens.length);
        if (units[market] == 0) return held;
        for (uint256 j; j < held.length; j++) {
            held[j] = int256(IERC20(_tokens[j]).balanceOf(address(this)));
        }
    }

    function deviationWad(bytes32, uint256[] calldata) external view returns (uint256) {
        return _deviationWad;
    }
}
