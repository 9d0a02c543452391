# SPDX-License-Identifier: MIT
"""The tables about the vault: what it holds, what that earned, who came and went."""

from collections.abc import Mapping
from math import isfinite

from steelyard.report import text
from steelyard.report.ledger import Carry
from steelyard.report.palette import item_colours
from steelyard.report.table import Cell, Table, Tone, cells, label, number, signed_cell
from steelyard.report.view import CapRow, Report, RunRow, WeightRow

NEARLY_FULL = 0.9


def overview(report: Report) -> Table:
    """NAV and share price at the two ends."""
    head, decimals = report.headline, report.headline.asset_decimals
    asset = head.asset
    change = head.share_price_change
    rows = (
        cells(
            f"NAV [{asset}]",
            text.assets(head.nav_opened, decimals),
            text.assets(head.nav_closed, decimals),
            text.percent_change(head.nav_closed / max(head.nav_opened, 1) - 1),
        ),
        cells(
            f"share price [{asset}]",
            text.price(head.share_price_opened_wad),
            text.price(head.share_price_closed_wad),
            signed_cell(text.percent_change(change), change),
        ),
        cells(f"holding {asset}", text.price(10**18), text.price(10**18), "0.00"),
        cells(
            f"holding {', '.join(head.basket)} in equal parts",
            text.price(10**18),
            text.price(round((1 + head.basket_change) * 10**18)),
            signed_cell(text.percent_change(head.basket_change), head.basket_change),
        ),
    )
    return Table(
        caption="From the opening to the close",
        columns=(
            label("", is_wide=True),
            number("open"),
            number("close"),
            number("change", "%"),
        ),
        rows=rows,
        note="NAV also moves with deposits and withdrawals; the share price does not.",
    )


def weights(run: RunRow) -> Table:
    """Weights around one order; items that never had a weight are left out."""
    colours = item_colours(row.item for row in run.weights)
    rows = tuple(_weight_cells(row, colours) for row in shown_weights(run))
    bands = [row for row in run.weights if row.low_wad is not None]
    inside = sum(row.is_inside for row in bands)
    return Table(
        caption=f"Weights around the order of day {run.day}",
        columns=(
            label("item", is_wide=True),
            number("before", "%"),
            number("after", "%"),
            number("signed from", "%"),
            number("signed to", "%"),
            label("in band"),
        ),
        rows=rows,
        note=f"{inside} of {len(bands)} weights measured on chain stand in the signed "
        "band; weights of 0 before and after are not shown.",
    )


def shown_weights(run: RunRow) -> list[WeightRow]:
    """Items that had a weight before or after, or that missed their band."""
    return [
        row
        for row in run.weights
        if row.before_wad or row.after_wad or not row.is_inside
    ]


def _weight_cells(row: WeightRow, colours: Mapping[str, str]) -> tuple[Cell, ...]:
    low, high = row.low_wad, row.high_wad
    verdict = Cell(text="pass", tone="good")
    if low is None or high is None:
        verdict = Cell(text="not signed", tone="quiet")
    elif not row.is_inside:
        verdict = Cell(text="FAIL", tone="bad")
    return (
        Cell(text=row.item.name, swatch=colours[row.item.name]),
        Cell(text=text.percent_of_wad(row.before_wad)),
        Cell(text=text.percent_of_wad(row.after_wad), tone="strong"),
        Cell(text="" if low is None else text.percent_of_wad(low)),
        Cell(text="" if high is None else text.percent_of_wad(high)),
        verdict,
    )


def caps(report: Report, *, only_used: bool = False) -> Table:
    """How full each cap is at the close; `only_used`: where there is an exposure."""
    shown = [cap for cap in report.caps if cap.value or not only_used]
    empty = len(report.caps) - len(shown)
    unshown = (
        f" {text.plural(empty, 'cap')} without exposure not shown." if empty else ""
    )
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    return Table(
        caption="Caps at the close, and how full they are",
        columns=(
            label("kind"),
            label("name", is_wide=True),
            number("exposure", asset),
            number("cap", asset),
            number("of NAV", "%", is_brief=False),
            number("full", "%"),
        ),
        rows=tuple(
            cells(
                Cell(text=cap.kind, tone="quiet"),
                cap.name,
                text.assets(cap.value, decimals),
                text.assets(cap.bound, decimals),
                text.percent(cap.weight),
                _fullness_cell(cap),
            )
            for cap in shown
        ),
        note="The lower of the absolute and the relative cap binds; an exposure that "
        "prices or withdrawals push above its cap may only fall." + unshown,
    )


def _fullness_cell(cap: CapRow) -> Cell:
    full = cap.fullness
    tone: Tone = "bad" if full > 1 else "strong" if full >= NEARLY_FULL else ""
    shown = text.percent(full, 1) if isfinite(full) else "over"
    return Cell(text=shown, tone=tone, bar=min(full, 1.0))


def liquidity(report: Report) -> Table:
    """Fees against impermanent loss, per pool position."""
    colours = item_colours(report.items)
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    return Table(
        caption="Liquidity positions, all days together",
        columns=(
            label("position", is_wide=True),
            number("fees earned", asset),
            number("impermanent loss", asset),
            number("net", asset),
        ),
        rows=tuple(_carry_cells(c, decimals, colours) for c in report.liquidity),
        foot=_carry_cells(_total(report.liquidity), decimals, {}),
        note="Impermanent loss is against holding what the position held when the day "
        "began; both are valued at the oracle's prices at the day's end.",
    )


def lending(report: Report) -> Table:
    """Interest of lending markets and ERC-4626 vaults."""
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    total, colours = _total(report.lending), item_colours(report.items)
    return Table(
        caption="Lending and yield vaults, all days together",
        columns=(label("position", is_wide=True), number("interest", asset)),
        rows=tuple(
            (
                Cell(text=c.position, swatch=colours.get(c.position, "")),
                _change_cell(c.fees, decimals),
            )
            for c in report.lending
        ),
        foot=cells("total", _change_cell(total.fees, decimals)),
    )


def _carry_cells(
    carry: Carry, decimals: int, colours: Mapping[str, str]
) -> tuple[Cell, ...]:
    return (
        Cell(text=carry.position, swatch=colours.get(carry.position, "")),
        Cell(text=text.assets(carry.fees, decimals)),
        Cell(text=text.assets(carry.impermanent_loss, decimals)),
        _change_cell(carry.net, decimals),
    )


def _change_cell(raw: int, decimals: int) -> Cell:
    return signed_cell(text.change(raw, decimals), raw)


def _total(carries: tuple[Carry, ...]) -> Carry:
    return Carry(
        position="total",
        protocol="",
        fees=sum(c.fees for c in carries),
        impermanent_loss=sum(c.impermanent_loss for c in carries),
    )


def movements(report: Report) -> Table:
    """Deposits and withdrawals."""
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    return Table(
        caption="Deposits and withdrawals",
        columns=(
            label("time [UTC]"),
            label("who"),
            label("what", is_wide=True),
            number("assets", asset),
            number("shares"),
            number("gas", "units"),
        ),
        rows=tuple(
            cells(
                text.utc(m.at),
                m.who,
                m.kind,
                text.assets(m.assets, decimals),
                text.amount(m.shares, report.share_decimals, 2),
                text.whole(m.gas_used),
            )
            for m in report.movements
        ),
    )
