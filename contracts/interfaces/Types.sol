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
    SignerKind signerKind; // explicit: code at an EOA must not change how it is checked
    uint256 threshold; // signatures that an order needs
    uint256 maxWindowSeconds; // longest life of a signed order
    uint256 cooldownSeconds; // least time between two orders
    uint256 idleWad; // least share of NAV kept in the asset itself
    uint256 lossWad; // bucket of what orders may have lost, of NAV
    uint256 lossRefillWad; // per second
    uint256 holdWad; // bucket of what holding cost against standing still, of NAV
    uint256 holdRefillWad; // per second
    uint256 turnoverWad; // bucket of value traded, of NAV
    uint256 turnoverRefillWad; // per second
    uint256 drawdownWad; // fall of the share price under its mark that stops new risk
    uint256 leverageWad; // most gross exposure over NAV
    uint256 healBandWad; // how far over its cap an exposure must be to be healed
    uint256 healCooldownSeconds; // least time between two healings of one position
    uint256 markMaxAgeSeconds; // marks and fees do not move on older prices
    address queue; // IExitQueue, or zero
    uint256 queueMaxWaitSeconds; // from then on an order may not lower what exits can draw
    address feeRecipient;
    uint256 managementFeeWad; // per year of 365 days
    uint256 performanceFeeWad; // of gains above the high-water mark
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
    bytes32 parameters; // IAdapter.parameters when it was listed; zero: nothing can change
    uint256 minHealthWad; // least health factor; zero where there is no debt
}

struct TagConfig {
    bytes32 name;
    uint256 capAssets;
    uint256 capWad;
}

struct PoolConfig {
    address venue;
    bytes32 pool;
    uint256 tokenCount;
    uint256 tokenIndexes; // byte j, from the lowest: index of the pool's token j
    bytes32 parameters; // IVenue.parameters when it was listed; zero: nothing can change
}

struct Config {
    Params params;
    TokenConfig[] tokens;
    PositionConfig[] positions;
    TagConfig[] tags;
    PoolConfig[] pools;
    address[] signers; // ascending; for ERC1271 the wallet alone
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

enum Side {
    LOW,
    MID,
    HIGH
}

/// @dev Every source, read once.
struct Prices {
    uint256[] midE36; // per token
    uint256[] uncertaintyWad; // per token: the true price lies within mid * (1 -/+ this)
    uint256 updatedAt; // the oldest answer
}

/// @dev What the vault's books leave out.
struct Excluded {
    uint256 impaired; // bit i: position i cannot be valued
    uint256[] claimed; // per token: owed to claimants; empty where nothing is
}

/// @dev One reading of the whole vault at one vector of prices. Exposures are gross: debt
///      counts like credit; NAV is net.
struct Book {
    uint256[] pricesE36; // per token
    uint256[] inventory; // per token: held by the vault itself
    int256[][] amounts; // per position, per token of its market
    int256[] held; // per token: inventory and positions together, net
    uint256[] tokenAssets; // per token: exposure, inventory and positions together
    uint256[] positionAssets; // per position
    uint256[] tagAssets; // per tag
    uint256 grossAssets; // sum of the tokens' exposures
    uint256 nav; // assets
}
