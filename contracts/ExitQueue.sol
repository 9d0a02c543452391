// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IExitQueue} from "./interfaces/IExitQueue.sol";
import {NotRequestOwner, NothingToClaim, RequestTooSmall} from "./libraries/Errors.sol";

/// @title ExitQueue
/// @notice To the vault an ordinary holder that redeems; what it is paid lies here, outside
///         the vault's books, until its owner takes it. See IExitQueue.
contract ExitQueue is IExitQueue {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    uint256 private constant MOST_STEPS = 16; // over cancelled requests at once

    address public immutable vault;
    uint256 public immutable leastShares;
    IERC20 private immutable _asset;

    Request[] private _requests;
    uint256 private _first;
    uint256 private _waiting; // shares of all requests

    constructor(IERC4626 vault_, uint256 leastShares_) {
        vault = address(vault_);
        leastShares = leastShares_;
        _asset = IERC20(vault_.asset());
    }

    /* OWNERS */

    /// @inheritdoc IExitQueue
    function request(uint256 shares) external returns (uint256 id) {
        if (shares < leastShares) revert RequestTooSmall(shares, leastShares);

        id = _requests.length;
        if (_waiting == 0) _first = id; // those before it were cancelled
        _requests.push(Request(msg.sender, shares.toUint128(), 0, uint40(block.timestamp)));
        _waiting += shares;
        emit Requested(id, msg.sender, shares);

        IERC20(vault).safeTransferFrom(msg.sender, address(this), shares);
    }

    /// @inheritdoc IExitQueue
    function cancel(uint256 id) external returns (uint256 shares) {
        Request storage r = _own(id);
        shares = r.shares;

        r.shares = 0;
        _waiting -= shares;
        if (id == _first) _first = _stepOver(id); // its age is not the next one's
        emit Cancelled(id, shares);

        IERC20(vault).safeTransfer(msg.sender, shares);
    }

    /// @inheritdoc IExitQueue
    function claim(uint256 id, address receiver) external returns (uint256 assets) {
        Request storage r = _own(id);
        assets = r.assets;
        if (assets == 0) revert NothingToClaim(id, msg.sender);

        r.assets = 0;
        emit Claimed(id, receiver, assets);

        _asset.safeTransfer(receiver, assets);
    }

    /* ANYONE */

    /// @inheritdoc IExitQueue
    /// @dev One redemption for all, so one price. The shares are taken off the requests
    ///      before it, so that code that runs in it finds nothing to cancel, but count as
    ///      waiting until it is over, so that there is nothing to skim either; what it paid
    ///      is written down after it.
    function fill(uint256 maxEntries) external returns (uint256 shares, uint256 assets) {
        uint256 room = IERC4626(vault).maxRedeem(address(this));
        (uint256[] memory taken, uint256 first) = _take(maxEntries, room);
        for (uint256 i; i < taken.length; i++) {
            shares += taken[i];
        }
        if (shares == 0) return (0, 0);

        assets = IERC4626(vault).redeem(shares, address(this), address(this));

        _waiting -= shares;
        for (uint256 i; i < taken.length; i++) {
            if (taken[i] == 0) continue;
            uint256 paid = Math.mulDiv(assets, taken[i], shares);
            _requests[first + i].assets += paid.toUint128();
            emit Filled(first + i, taken[i], paid);
        }
    }

    /// @inheritdoc IExitQueue
    function skim(address receiver) external returns (uint256 shares) {
        shares = IERC20(vault).balanceOf(address(this)) - _waiting;
        IERC20(vault).safeTransfer(receiver, shares);
    }

    /* VIEWS */

    /// @inheritdoc IExitQueue
    function waitingSince() external view returns (uint256) {
        if (_waiting == 0 || _first == _requests.length) return 0;
        return _requests[_first].requestedAt;
    }

    /// @inheritdoc IExitQueue
    function requests(uint256 id) external view returns (Request memory) {
        return _requests[id];
    }

    /// @inheritdoc IExitQueue
    function bounds() external view returns (uint256 first, uint256 next) {
        return (_first, _requests.length);
    }

    /* INTERNAL */

    /// @dev Takes up to `room` shares from the front; a request that is filled in full or
    ///      was cancelled is passed for ever.
    /// @return taken Shares taken of each request, from `first` on.
    function _take(uint256 maxEntries, uint256 room)
        private
        returns (uint256[] memory taken, uint256 first)
    {
        first = _first;
        taken = new uint256[](Math.min(maxEntries, _requests.length - first));
        uint256 i;
        for (; i < taken.length; i++) {
            Request storage r = _requests[first + i];
            uint256 waiting = r.shares;
            taken[i] = Math.min(waiting, room);
            room -= taken[i];
            r.shares = uint128(waiting - taken[i]);
            if (taken[i] < waiting) break;
        }
        _first = first + i;
    }

    /// @dev The first request from `id` on that still waits; no further than a few.
    function _stepOver(uint256 id) private view returns (uint256) {
        uint256 end = Math.min(_requests.length, id + MOST_STEPS);
        while (id < end && _requests[id].shares == 0) id++;
        return id;
    }

    function _own(uint256 id) private view returns (Request storage r) {
        if (id >= _requests.length) revert NotRequestOwner(id, address(0), msg.sender);
        r = _requests[id];
        if (r.owner != msg.sender) revert NotRequestOwner(id, r.owner, msg.sender);
    }
}
