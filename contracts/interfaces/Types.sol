// SPDX-License-Identifier: MIT
pragma solidity =0.8.28;

// UNITS  assets, amounts: raw token units. *Wad: 1e18 = 1. *E36: raw asset units per raw
//        token unit, times 1e36. *At, *After, deadline: unix seconds.

/* CONFIGURATION: static records, so that the stored words are the memory layout. */

enum SignerKind {
    ECDSA,
    ERC1271
}

struct Params {
    address strategist;
    SignerKind signerKind; // explicit: code at an EOA must not change how it is checked
    uint256 maxWindowSeconds; // longest life of a signed order
    uint256 idleWad; // least share of NAV kept in the asset itself
}

struct TokenConfig {
    address token; // token 0 is the asset
    address source; // IPriceSource; zero for the asset
    uint256 unitScale; // 10 ** (18 + asset decimals - token decimals)
    uint256 tags; // bit i: carries tag i; a token's own tags count wherever it is held
    uint256 capAssets;
    uint256 capWad;
    uint256 slippageWad; // most a swap may lose against the oracle
    uint256 deviationWad; // most a touched pool may stand off the oracle
}

struct PositionConfig {
    address adapter;
    bytes32 market;
    uint256 tokenCount;
    uint256 tokenIndexes; // byte j, from the lowest: index of the market's token j
    uint256 tags;
    uint256 capAssets;
    uint256 capWad;
}

struct TagConfig {
    bytes32 name;
    uint256 capAssets;
    uint256 capWad;
}

struct PoolConfig {
    address venue;
    bytes32 pool;
    uint256 token0; // index of the pool's first token
    uint256 token1;
}

struct Config {
    Params params;
    TokenConfig[] tokens;
    PositionConfig[] positions;
    TagConfig[] tags;
    PoolConfig[] pools;
}

/* ORDER: every field typed, so that a wallet shows what is signed. */

/// @dev Weight that may stand afterwards: of a position (adapter, market), or of a token
///      held in the vault itself (token, 0).
struct Target {
    address item;
    bytes32 market;
    uint256 minWeightWad;
    uint256 maxWeightWad;
}

struct Withdraw {
    address adapter;
    bytes32 market;
    int24 tickLower; // both zero where the market has no ranges
    int24 tickUpper;
    uint256 units; // the adapter's own units; max = all
    uint256[] minAmounts; // per token of the market
}

struct Swap {
    address venue;
    bytes32 pool;
    address tokenIn;
    address tokenOut;
    uint256 amountIn;
    uint256 minAmountOut;
}

struct Supply {
    address adapter;
    bytes32 market;
    int24 tickLower;
    int24 tickUpper;
    uint256[] maxAmounts; // per token of the market; what is not used stays in the vault
    uint256 minUnits;
}

struct Rebalance {
    uint256 nonce;
    uint256 validAfter;
    uint256 deadline;
    address relayer; // zero: anyone
    uint256 publicAfter; // from here on anyone may relay
    bytes32 configHash;
    uint256 sharePriceFloorBefore;
    uint256 sharePriceCeilBefore;
    uint256 sharePriceFloorAfter;
    bytes32 inputsHash; // snapshot and model version, to replay the decision
    Target[] targets;
    Withdraw[] withdraws; // executed first,
    Swap[] swaps; // then these,
    Supply[] supplies; // then these
}

/* READINGS */

/// @dev One reading of the whole vault at one vector of prices.
struct Book {
    uint256[] pricesE36; // per token
    uint256[] inventory; // per token: held by the vault itself
    uint256[][] amounts; // per position, per token of its market
    uint256[] tokenAssets; // per token: exposure, inventory and positions together
    uint256[] positionAssets; // per position
    uint256[] tagAssets; // per tag
    uint256 nav; // assets
}

enum Side {
    LOW,
    MID,
    HIGH
}
