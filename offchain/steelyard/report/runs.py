# SPDX-License-Identifier: MIT
"""One run of the keeper as a row: what it saw, did and paid."""

from typing import TYPE_CHECKING

from steelyard.report import text
from steelyard.report.exposure import weight_rows
from steelyard.report.terms_text import term_rows
from steelyard.report.view import RunRow, SwapRow
from steelyard.report.view_limits import ChargeRow
from steelyard.state import Snapshot, TokenState
from steelyard.wad import E36, mul_div_down, mul_div_up

if TYPE_CHECKING:
    from steelyard.chain.events import VaultEvent
    from steelyard.demo.record import Day
    from steelyard.keeper.decide import Decision
    from steelyard.keeper.record import ChargeResult, RunRecord, SwapResult


def run_row(day: "Day") -> RunRow:
    """The keeper's run at the end of a day."""
    run = day.run
    order, after, solution = run.order, run.after, run.decision.solution
    is_order = bool(run.tx_hash) and order is not None and after is not None
    return RunRow(
        day=day.number,
        at=run.before.timestamp,
        outcome=run.outcome,
        reason=run.reason,
        gain=run.decision.gain_assets,
        **_words(run.decision),
        ratios=_ratios(run.decision),
        terms=tuple(term_rows(run.decision, run.before.nav)),
        binding=tuple(row.name for row in solution.binding) if solution else (),
        notes=run.notes,
        actions=tuple(action_lines(run)),
        trades=day.trades,
        gas_used=run.gas_used or 0,
        gas_assets=gas_assets_up(run, (run.gas_used or 0), run.gas_price_wei),
        nav_before=run.before.nav,
        nav_after=after.nav if after else None,
        block=run.before.block_number,
        nonce=order.nonce if order else None,
        tx_hash=run.tx_hash or "",
        digest=run.digest or "",
        inputs_hash=order.inputs_hash if order else "",
        config_hash=order.config_hash if order else run.before.config_hash,
        timings_seconds=dict(run.timings_seconds),
        weights=weight_rows(run.before, after, order.targets)
        if is_order and order and after
        else (),
        swaps=tuple(swap_rows(day)) if is_order else (),
        charges=tuple(_charge_row(charge) for charge in run.charges),
    )


def _charge_row(charge: "ChargeResult") -> ChargeRow:
    return ChargeRow(
        budget=charge.budget,
        predicted_wad=charge.predicted_wad,
        charged_wad=charge.charged_wad,
        level_wad=charge.level_wad,
        budget_wad=charge.budget_wad,
        is_as_predicted=charge.is_as_predicted,
    )


def _words(decision: "Decision") -> dict[str, str]:
    """What was looked for, and what its gain is."""
    from steelyard.keeper.model_text import decided_by, net_of

    preferences = decision.preferences
    if preferences is None:
        return {"decided_by": "", "gain_of": ""}
    return {"decided_by": decided_by(preferences), "gain_of": net_of(preferences)}


def _ratios(decision: "Decision") -> tuple[float | None, float | None]:
    """(doing nothing, the order) by what is maximised where that is a ratio."""
    from steelyard.keeper.model_text import ratio_of

    solution, preferences = decision.solution, decision.preferences
    if solution is None or preferences is None:
        return None, None
    before, after = solution.measured_nothing, solution.measured
    choice = preferences.model
    return ratio_of(choice, before), ratio_of(choice, after)


def gas_assets_up(run: "RunRecord", gas: int, gas_price_wei: int | None) -> int:
    """Cost of `gas` at a gas price, or at what the run saw [assets, rounded up]."""
    if run.signals is None:
        return 0
    wei = gas * (run.signals.gas_price_wei if gas_price_wei is None else gas_price_wei)
    return mul_div_up(wei, run.signals.native_price_e36, E36)


def swap_rows(day: "Day") -> list[SwapRow]:
    """The swaps of an executed order, in its order."""
    return [_swap_row(day.number, day.run.before, swap) for swap in day.run.swaps]


def _swap_row(day: int, seen: Snapshot, swap: "SwapResult") -> SwapRow:
    sold, bought = _token(seen, swap.token_in), _token(seen, swap.token_out)
    return SwapRow(
        day=day,
        pool=swap.pool,
        sold=sold.symbol,
        bought=bought.symbol,
        sold_decimals=sold.decimals,
        bought_decimals=bought.decimals,
        amount_in=swap.amount_in,
        predicted_out=swap.predicted_out,
        executed_out=swap.executed_out,
        predicted_oracle_out=mul_div_down(
            swap.amount_in, sold.price_e36, bought.price_e36
        ),
        executed_oracle_out=swap.oracle_out,
    )


def action_lines(run: "RunRecord") -> list[str]:
    """What an executed order did, one line an action."""
    seen = run.before
    withdrawn = [f"withdraw {_moved(seen, e)}" for e in _named(run, "Withdrawn")]
    swapped = [_swapped(_swap_row(0, seen, swap)) for swap in run.swaps]
    supplied = [f"supply {_moved(seen, e)}" for e in _named(run, "Supplied")]
    return withdrawn + swapped + supplied


def _swapped(row: SwapRow) -> str:
    paid = text.amount(row.amount_in, row.sold_decimals)
    got = text.amount(row.executed_out, row.bought_decimals)
    return f"swap {paid} {row.sold} for {got} {row.bought} in {row.pool}"


def _moved(seen: Snapshot, event: "VaultEvent") -> str:
    """Position and amounts of a `Withdrawn` or a `Supplied`."""
    key = (event.arguments["adapter"].lower(), event.arguments["market"].lower())
    position = next(
        p for p in seen.positions if (p.adapter.lower(), p.market.lower()) == key
    )
    tokens = [seen.tokens[index] for index in position.tokens]
    parts = [
        f"{text.amount(raw, token.decimals)} {token.symbol}"
        for raw, token in zip(event.arguments["amounts"], tokens, strict=True)
    ]
    return f"{position.name}: {' + '.join(parts)}"


def _named(run: "RunRecord", name: str) -> list["VaultEvent"]:
    return [event for event in run.events if event.name == name]


def _token(seen: Snapshot, symbol: str) -> TokenState:
    return next(token for token in seen.tokens if token.symbol == symbol)
