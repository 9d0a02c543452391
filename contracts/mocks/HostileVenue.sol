// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVenue} from "../interfaces/IVenue.sol";
import {Hook} from "./Hook.sol";

/// @title HostileVenue
/// @notice A venue that pays, says and gives back what a test wants. Any pool exists.
contract HostileVenue is IVenue, Hook {
    string public constant protocol = "hostile";

    address private immutable _token0;
    address private immutable _token1;
    uint256 private _paid;
    uint256 private _claimed;
    uint256 private _givenBack;
    uint256 private _deviationBeforeWad;
    uint256 private _deviationAfterWad;
    bytes32 private _parameters;
    bool private _swapped;

    constructor(address token0, address token1) {
        (_token0, _token1) = (token0, token1);
    }

    /// @param paid      Of the token out, sent to the caller.
    /// @param claimed   What `swap` returns.
    /// @param givenBack Of the token in, sent back to the caller.
    function setPay(uint256 paid, uint256 claimed, uint256 givenBack) external {
        (_paid, _claimed, _givenBack) = (paid, claimed, givenBack);
    }

    function setDeviation(uint256 beforeWad, uint256 afterWad) external {
        (_deviationBeforeWad, _deviationAfterWad) = (beforeWad, afterWad);
    }

    function setParameters(bytes32 parameters_) external {
        _parameters = parameters_;
    }

    function swap(bytes32, address tokenIn, address tokenOut, uint256)
        external
        returns (uint256)
    {
        _swapped = true;
        _runHook();
        IERC20(tokenOut).transfer(msg.sender, _paid);
        IERC20(tokenIn).transfer(msg.sender, _givenBack);
        return _claimed;
    }

    function tokens(bytes32) external view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (_token0, _token1);
    }

    function parameters(bytes32) external view returns (bytes32) {
        return _parameters;
    }

    function deviationWad(bytes32, address, address, uint256, uint256)
        external
        view
        returns (uint256)
    {
        return _swapped ? _deviationAfterWad : _deviationBeforeWad;
    }
}
