# SPDX-License-Identifier: MIT
"""A route as tables; the terminal and the page draw the same ones."""

from fractions import Fraction

from steelyard.report.table import Cell, Table, cells, label, number
from steelyard.route.ask import Answer, whole
from steelyard.route.liquidate import Liquidation

DIGITS = 6
INFINITE = float("inf")


def title_of(found: Answer) -> str:
    """What is traded for what."""
    sold = ", ".join(f"{_amount(a)} {s}" for s, a in found.question.sell.items())
    pools = len({swap.market for swap in found.route.swaps})
    noun = "pool" if pools == 1 else "pools"
    return f"{sold} for {', '.join(_bought(found))} through {pools} {noun}"


def tables_of(found: Answer) -> tuple[Table, ...]:
    """Every table, in the order to read them."""
    made = [swaps(found), outcome(found)]
    if found.liquidation is not None:
        made.append(over_blocks(found, found.liquidation))
    return tuple(made)


def swaps(found: Answer) -> Table:
    """What to swap, one after another."""
    file, rows = found.file, []
    for place, swap in enumerate(found.route.swaps, start=1):
        sold = whole(file, swap.token_in, swap.amount_in)
        bought = whole(file, swap.token_out, swap.amount_out)
        rows.append(
            cells(
                str(place),
                file.markets[swap.market].name,
                _amount(sold),
                file.coins[swap.token_in].symbol,
                _amount(bought),
                file.coins[swap.token_out].symbol,
                _amount(bought / sold),
            )
        )
    return Table(
        caption="Swaps, in this order",
        columns=(
            number(""),
            label("pool", is_wide=True),
            number("sells"),
            label("token"),
            number("buys"),
            label("token"),
            number("price"),
        ),
        rows=tuple(rows),
        note="Exact: each buys what the pool's own integers give for what is there by "
        "then. Price is bought per sold.",
    )


def outcome(found: Answer) -> Table:
    """What comes out, and how much better it could be."""
    file, route = found.file, found.route
    unit = next(iter(found.question.buy))
    symbols = list(found.question.buy)
    rows = []
    for token, amount in sorted(route.balances.items()):
        symbol = file.coins[token].symbol
        value = _amount(whole(file, token, amount))
        if symbol in symbols:
            received = Cell(text=f"received, {symbol}", tone="strong")
            rows.append(cells(received, Cell(text=value, tone="strong")))
        else:
            rows.append(cells(f"left over, {symbol}", value))
    if len(symbols) > 1:
        rows.append(cells("sets of what is bought", _amount(Fraction(route.value))))
    scale = _unit(found)
    if route.gas_cost:
        rows.append(cells(f"gas, {unit}", _amount(Fraction(route.gas_cost * scale))))
    if route.bound != INFINITE:
        bound = _amount(Fraction(route.bound * scale))
        after = " after gas" if route.gas_cost else ""
        rows.append(cells(f"no route makes more{after} than, {unit}", bound))
        rows.append(cells("what is missing to that [bps]", f"{1e4 * route.gap:.4f}"))
    if route.ceiling != INFINITE and route.ceiling > route.bound * (1 + 1e-6):
        most = _amount(Fraction(route.ceiling * scale))
        rows.append(cells(f"with arbitrage in circles, {unit}", most))
    note = "Found by the best prices of all pools together."
    if route.method == "path":
        note = "A single path: it is better than what the best prices gave."
    if route.failure:
        note += f" The search ended early: {route.failure}."
    return Table(
        caption="What comes of it",
        columns=(label("what", is_wide=True), number("is")),
        rows=tuple(rows),
        note=note,
    )


def over_blocks(found: Answer, plan: Liquidation) -> Table:
    """What to sell in each block while pools refill."""
    symbols = ", ".join(found.question.sell)
    unit, scale = next(iter(found.question.buy)), _unit(found)
    count = len(plan.shares)
    parts = [("block 1", plan.shares[0])]
    if count > 2:
        parts.append((f"blocks 2 to {count - 1}, each", plan.shares[1]))
    if count > 1:
        parts.append((f"block {count}", plan.shares[-1]))
    rows = [cells(f"{when} [% of {symbols}]", f"{100 * x:.4f}") for when, x in parts]
    for what, value in (
        ("all at once", plan.at_once),
        ("in equal parts", plan.evenly),
        ("as planned", plan.net),
    ):
        rows.append(cells(f"{what}, {unit}", _amount(Fraction(value * scale))))
    refilled = f"{100 * found.question.refill:g} %"
    return Table(
        caption=f"Over {count} block{'s' if count > 1 else ''}",
        columns=(label("what", is_wide=True), number("is")),
        rows=tuple(rows),
        note=f"When {refilled} of an impact is gone a block later; gas of each block "
        "taken off. The first block's route is the one to ask for next.",
    )


def _unit(found: Answer) -> float:
    """Whole tokens of the first that is bought, per unit of value."""
    return float(next(iter(found.question.buy.values())))


def _bought(found: Answer) -> list[str]:
    texts = []
    for token, coin in enumerate(found.file.coins):
        if coin.symbol in found.question.buy:
            amount = found.route.balances.get(token, 0)
            texts.append(f"{_amount(whole(found.file, token, amount))} {coin.symbol}")
    return texts


def _amount(value: Fraction) -> str:
    """At least six digits that count."""
    size = abs(float(value))
    if size == 0:
        return "0"
    if size >= 1e15 or size < 1e-6:
        return f"{float(value):.{DIGITS - 1}e}"
    decimals = max(2, DIGITS - len(str(int(size)))) if size >= 1 else DIGITS + 2
    return f"{float(value):,.{decimals}f}"
