// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

import {
    Config,
    Params,
    PoolConfig,
    PositionConfig,
    SignerKind,
    TagConfig,
    TokenConfig
} from "../../../contracts/interfaces/Types.sol";
import {IAdapter} from "../../../contracts/interfaces/IAdapter.sol";
import {IVenue} from "../../../contracts/interfaces/IVenue.sol";
import {IERC20Metadata} from
    "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

/// @notice Configurations, built record by record.
library Build {
    uint256 internal constant NO_CAP = type(uint256).max;

    /// @notice Nothing limits anything, but for the window.
    function open(address signer) internal pure returns (Config memory c) {
        c.params = Params({
            signerKind: SignerKind.ECDSA,
            threshold: 1,
            maxWindowSeconds: 600,
            cooldownSeconds: 0,
            idleWad: 0,
            lossWad: 1e18,
            lossRefillWad: 0,
            holdWad: 1e18,
            holdRefillWad: 0,
            turnoverWad: 10e18,
            turnoverRefillWad: 0,
            drawdownWad: 1e18,
            leverageWad: 1e18,
            healBandWad: 0.01e18,
            healCooldownSeconds: 1 hours,
            markMaxAgeSeconds: 2 days,
            queue: address(0),
            queueMaxWaitSeconds: 3 days,
            feeRecipient: address(0),
            managementFeeWad: 0,
            performanceFeeWad: 0
        });
        c.signers = new address[](1);
        c.signers[0] = signer;
    }

    function addToken(Config memory c, address token, address source) internal view {
        TokenConfig[] memory list = new TokenConfig[](c.tokens.length + 1);
        for (uint256 i; i < c.tokens.length; i++) {
            list[i] = c.tokens[i];
        }
        address asset = c.tokens.length == 0 ? token : c.tokens[0].token;
        list[c.tokens.length] = TokenConfig({
            token: token,
            source: source,
            unitScale: 10
                ** (
                    18 + uint256(IERC20Metadata(asset).decimals())
                        - IERC20Metadata(token).decimals()
                ),
            tags: 0,
            capAssets: NO_CAP,
            capWad: 1e18,
            slippageWad: c.tokens.length == 0 ? 0 : 0.01e18,
            deviationWad: c.tokens.length == 0 ? 0 : 0.02e18
        });
        c.tokens = list;
    }

    function addPosition(Config memory c, address adapter, bytes32 place) internal view {
        PositionConfig[] memory list = new PositionConfig[](c.positions.length + 1);
        for (uint256 i; i < c.positions.length; i++) {
            list[i] = c.positions[i];
        }
        address[] memory tokens = IAdapter(adapter).tokens(place);
        list[c.positions.length] = PositionConfig({
            adapter: adapter,
            market: place,
            tokenCount: tokens.length,
            tokenIndexes: indexes(c, tokens),
            tags: 0,
            capAssets: NO_CAP,
            capWad: 1e18,
            parameters: IAdapter(adapter).parameters(place),
            minHealthWad: 0
        });
        c.positions = list;
    }

    function addPool(Config memory c, address venue, bytes32 pool) internal view {
        PoolConfig[] memory list = new PoolConfig[](c.pools.length + 1);
        for (uint256 i; i < c.pools.length; i++) {
            list[i] = c.pools[i];
        }
        address[] memory tokens = IVenue(venue).tokens(pool);
        list[c.pools.length] = PoolConfig({
            venue: venue,
            pool: pool,
            tokenCount: tokens.length,
            tokenIndexes: indexes(c, tokens),
            parameters: IVenue(venue).parameters(pool)
        });
        c.pools = list;
    }

    function addTag(Config memory c, bytes32 name) internal pure returns (uint256 bit) {
        TagConfig[] memory list = new TagConfig[](c.tags.length + 1);
        for (uint256 i; i < c.tags.length; i++) {
            list[i] = c.tags[i];
        }
        list[c.tags.length] = TagConfig(name, NO_CAP, 1e18);
        bit = 1 << c.tags.length;
        c.tags = list;
    }

    function indexes(Config memory c, address[] memory tokens)
        internal
        pure
        returns (uint256 packed)
    {
        for (uint256 j; j < tokens.length; j++) {
            uint256 i;
            while (c.tokens[i].token != tokens[j]) i++;
            packed |= i << (8 * j);
        }
    }

    function market(address place) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(place)));
    }
}
