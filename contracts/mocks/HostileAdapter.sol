// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Adapter} from "../adapters/Adapter.sol";
import {UnitAdapter} from "../adapters/UnitAdapter.sol";
import {Hook} from "./Hook.sol";

/// @title HostileAdapter
/// @notice An adapter that says and pays what a test wants; the ledger of units is the real
///         one. Any market exists; all units share what lies here, and one is bought with
///         each raw token unit of all tokens together.
contract HostileAdapter is UnitAdapter, Hook {
    enum Fault {
        NONE,
        REVERT,
        BURN_GAS
    }

    error Broken();

    string public constant protocol = "hostile";

    address private constant NOBODY = address(0xdead);

    address[] private _tokens;
    uint256 private _allUnits; // of all markets, and set aside
    bool private _lies;
    int256[] private _worth;
    uint256 private _deviationWad;
    uint256 private _keptWad;
    bytes32 private _parameters;
    uint256 private _healthWad = type(uint256).max;
    Fault private _payFault;
    Fault private _valueFault;

    constructor(address vault_, address[] memory tokens_) Adapter(vault_) {
        _tokens = tokens_;
    }

    /// @notice What `amounts` says from now on.
    function setWorth(int256[] calldata worth) external {
        (_lies, _worth) = (true, worth);
    }

    function setDeviation(uint256 deviationWad_) external {
        _deviationWad = deviationWad_;
    }

    /// @param keptWad Share of a withdrawal that is lost.
    function setKept(uint256 keptWad) external {
        _keptWad = keptWad;
    }

    function setParameters(bytes32 parameters_) external {
        _parameters = parameters_;
    }

    function setHealth(uint256 healthWad_) external {
        _healthWad = healthWad_;
    }

    /// @notice How paying and valuing fail from now on.
    function setFaults(Fault payFault, Fault valueFault) external {
        (_payFault, _valueFault) = (payFault, valueFault);
    }

    function tokens(bytes32) external view returns (address[] memory) {
        return _tokens;
    }

    function parameters(bytes32) external view override returns (bytes32) {
        return _parameters;
    }

    function healthWad(bytes32) external view override returns (uint256) {
        return _healthWad;
    }

    function amount(bytes32 market) public view override returns (int256) {
        return amounts(market, new uint256[](0))[0];
    }

    function amounts(bytes32 market, uint256[] memory)
        public
        view
        override
        returns (int256[] memory held)
    {
        _fail(_valueFault);
        if (_lies) return _worth;
        held = new int256[](_tokens.length);
        if (units[market] == 0) return held;
        for (uint256 j; j < held.length; j++) {
            held[j] = int256(_part(j, units[market]));
        }
    }

    function deviationWad(bytes32, uint256[] calldata) external view override returns (uint256) {
        return _deviationWad;
    }

    function drawable(bytes32 market) external view override returns (uint256) {
        return _tokens.length == 1 ? units[market] : 0;
    }

    function _supply(bytes32, uint256[] calldata maxAmounts)
        internal
        override
        returns (uint256 bought)
    {
        _runHook();
        for (uint256 j; j < maxAmounts.length; j++) {
            bought += maxAmounts[j];
        }
        _allUnits += bought;
    }

    function _redeem(bytes32, uint256 units_, address to) internal override {
        _runHook();
        _fail(_payFault);
        for (uint256 j; j < _tokens.length; j++) {
            uint256 due = _part(j, units_);
            uint256 kept = due * _keptWad / 1e18;
            IERC20(_tokens[j]).transfer(to, due - kept);
            if (kept != 0) IERC20(_tokens[j]).transfer(NOBODY, kept);
        }
        _allUnits -= units_;
    }

    function _draw(bytes32 market, uint256 units_) internal override returns (uint256) {
        _redeem(market, units_, vault);
        return units_;
    }

    /// @dev What units are of all that lies here of a token.
    function _part(uint256 j, uint256 units_) private view returns (uint256) {
        return Math.mulDiv(IERC20(_tokens[j]).balanceOf(address(this)), units_, _allUnits);
    }

    function _fail(Fault fault) private view {
        if (fault == Fault.REVERT) revert Broken();
        if (fault == Fault.BURN_GAS) {
            while (gasleft() > 0) {}
        }
    }
}
