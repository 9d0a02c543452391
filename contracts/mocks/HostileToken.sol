// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Hook} from "./Hook.sol";

/// @title HostileToken
/// @notice An ERC-20 that takes fees, calls out, answers badly or refuses while it moves.
///
/// UNITS  *Wad: share of what is moved.
contract HostileToken is ERC20, Hook {
    enum Fault {
        NONE,
        RETURN_NOTHING, // moves, and answers with no word, like the oldest tokens
        RETURN_FALSE, // moves nothing and says so
        RETURN_MUCH, // moves, and answers with 200,000 bytes
        REVERT,
        BURN_GAS
    }

    error Broken();
    error Blocked(address account);

    uint8 private immutable _decimals;
    uint256 public receiverFeeWad; // burnt from what arrives
    uint256 public senderFeeWad; // burnt from the sender on top
    mapping(address account => bool) public isBlocked;
    Fault private _moveFault;
    Fault private _readFault;

    constructor(uint8 decimals_) ERC20("Hostile", "HST") {
        _decimals = decimals_;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }

    /// @notice What a rebase down takes from a holder; `mint` is one up.
    function burn(address from, uint256 assets) external {
        _burn(from, assets);
    }

    function setFees(uint256 receiverFeeWad_, uint256 senderFeeWad_) external {
        (receiverFeeWad, senderFeeWad) = (receiverFeeWad_, senderFeeWad_);
    }

    function setBlocked(address account, bool isBlocked_) external {
        isBlocked[account] = isBlocked_;
    }

    /// @notice How transfers and balances fail from now on.
    function setFaults(Fault moveFault, Fault readFault) external {
        (_moveFault, _readFault) = (moveFault, readFault);
    }

    function transfer(address to, uint256 assets) public override returns (bool) {
        if (_moveFault == Fault.RETURN_FALSE) return false;
        super.transfer(to, assets);
        _answer();
        return true;
    }

    function transferFrom(address from, address to, uint256 assets)
        public
        override
        returns (bool)
    {
        if (_moveFault == Fault.RETURN_FALSE) return false;
        super.transferFrom(from, to, assets);
        _answer();
        return true;
    }

    function balanceOf(address account) public view override returns (uint256) {
        _fail(_readFault);
        if (_readFault == Fault.RETURN_NOTHING) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return super.balanceOf(account);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 assets) internal override {
        super._update(from, to, assets);
        if (from == address(0) || to == address(0)) return;
        _fail(_moveFault);
        if (isBlocked[from]) revert Blocked(from);
        if (isBlocked[to]) revert Blocked(to);
        if (receiverFeeWad != 0) super._update(to, address(0), assets * receiverFeeWad / 1e18);
        if (senderFeeWad != 0) super._update(from, address(0), assets * senderFeeWad / 1e18);
        _runHook();
    }

    /// @dev Ends the call where the answer is not a plain true.
    function _answer() private view {
        Fault fault = _moveFault;
        if (fault == Fault.RETURN_NOTHING) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        if (fault == Fault.RETURN_MUCH) {
            assembly ("memory-safe") {
                let answer := mload(0x40)
                mstore(answer, 1)
                return(answer, 200000)
            }
        }
    }

    function _fail(Fault fault) private view {
        if (fault == Fault.REVERT) revert Broken();
        if (fault == Fault.BURN_GAS) {
            while (gasleft() > 0) {}
        }
    }
}
