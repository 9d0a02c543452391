# SPDX-License-Identifier: MIT
"""The report of a demo: its numbers, its tables, its page, its JSON."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from demo_cases import DAYS, USD, acting_run, first, make_record, second, vault_at
from rich.console import Console
from snapshots import cap, make_position, make_reserve, make_snapshot, make_token

from steelyard.market.history import Repair
from steelyard.order import Target
from steelyard.order_json import order_from_json
from steelyard.report import text
from steelyard.report.as_json import record_json
from steelyard.report.errors import ReportNotWritten
from steelyard.report.exposure import cap_rows, weight_rows
from steelyard.report.page import render_page, write_page
from steelyard.report.plots import plots_of
from steelyard.report.rich_table import bar
from steelyard.report.summary import report_of
from steelyard.report.tables import caps, overview, weights
from steelyard.report.tables_limits import budgets, fees
from steelyard.report.tables_orders import swaps
from steelyard.report.terminal import summary_table
from steelyard.report.view import CapRow, SwapRow

ZERO_MARKET = "0x" + "00" * 32
HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br"}


@pytest.fixture(scope="module")
def record():
    return make_record()


@pytest.fixture(scope="module")
def report(record):
    return report_of(record)


@pytest.fixture(scope="module")
def page(report):
    return render_page(report)


def printed(record, width=80):
    console = Console(width=width, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(summary_table(record))
    return capture.get()


# NUMBERS AS TEXT


@pytest.mark.parametrize(
    ("raw", "decimals", "shown"),
    [
        (0, 6, "0.00"),
        (1_234_567_890, 6, "1,234.57"),
        (12_345_000_000, 18, "0.000000012345"),
        (-1_500_000, 6, "\u22121.5000"),
        (5, 0, "5"),
    ],
)
def test_amount__places_fit_the_size(raw, decimals, shown):
    assert text.amount(raw, decimals) == shown


def test_amount__largest_uint__keeps_every_digit():
    assert text.amount(2**256 - 1, 0).replace(",", "") == str(2**256 - 1)


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (0.0123, "+1.23"),
        (-0.5, "\u221250.00"),
        (0.0, "0.00"),
        (-1e-9, "0.00"),
        (1e-9, "0.00"),
    ],
)
def test_percent_change__has_a_sign_unless_zero(fraction, shown):
    assert text.percent_change(fraction) == shown


def test_milliseconds__small_ones_keep_a_place():
    assert [text.milliseconds(s) for s in (0.0012, 0.25, 12.0)] == [
        "1.2",
        "250",
        "12,000",
    ]


# BUDGETS, FEES AND REFUSALS


def test_budgets__charge_apart_from_the_prediction__is_marked(record):
    surprised = acting_run(vault_at(0, first()), vault_at(0, second()), surprise=1)
    day = replace(record.days[0], run=surprised)

    table = budgets(report_of(replace(record, days=(day,))))

    (row,) = table.rows
    day, loss, _, turnover, full, hold, _ = row
    assert (day.text, loss.text) == ("0", "0.1500, predicted 0.1500")
    assert (loss.tone, turnover.tone, hold.tone) == ("bad", "good", "good")
    assert (turnover.text, full.text) == ("19.0000", "950.0")
    assert "2 of 3 charges were as predicted" in table.note


def test_fees__shares__are_said_in_the_asset(report):
    (row,) = fees(report).rows

    assert [cell.text for cell in row] == ["1.00", "10.00", "250.00", "251.00"]


def test_refusals__clocks_and_budgets__are_in_words(report):
    plain = {row.error: row.plain for row in report.refusals}

    assert plain["CooldownActive"].startswith("ready at 20")
    assert plain["LossBudgetExceeded"] == ("charge 2.50 %; level 2.60 %; budget 2.00 %")


# WEIGHTS AND CAPS


def lending_vault(lent: int, idle: float):
    position = make_position(
        "aave",
        (0,),
        make_reserve(1e6, 1e6),
        market=7,
        units=lent,
        cap=cap(0.5, assets=400 * USD),
    )
    return make_snapshot((make_token("USDC", idle),), (position,))


def test_cap_rows__both_caps__lower_one_binds():
    (row,) = cap_rows(lending_vault(300 * USD, 700))

    assert (row.kind, row.name) == ("position", "aave")
    assert (row.value, row.bound) == (300 * USD, 400 * USD)
    assert (row.fullness, row.weight) == (0.75, 0.3)


def test_caps__only_used__leaves_out_the_empty(record):
    empty = replace(record, closed=record.opened)

    every, used = caps(report_of(empty)), caps(report_of(empty), only_used=True)

    assert len(every.rows) == 10
    assert used.rows == ()
    assert used.note.endswith("10 caps without exposure not shown.")


def test_cap_row__cap_of_zero__is_over_or_empty():
    row = CapRow(kind="tag", name="x", value=1, bound=0, weight=0.0)

    assert row.fullness == float("inf")
    assert replace(row, value=0).fullness == 0.0


@pytest.mark.parametrize(("high_wad", "is_inside"), [(3 * 10**17, True), (1, False)])
def test_weight_rows__signed_band__is_checked(high_wad, is_inside):
    before, after = lending_vault(0, 1000), lending_vault(300 * USD, 700)
    position = after.positions[0]
    target = Target(
        item=position.adapter.upper().replace("0X", "0x"),
        market=position.market,
        min_weight_wad=0,
        max_weight_wad=high_wad,
    )

    aave, idle = weight_rows(before, after, [target])

    assert (aave.before_wad, aave.after_wad) == (0, 3 * 10**17)
    assert aave.is_inside is is_inside
    assert (idle.item.name, idle.after_wad) == ("idle USDC", 7 * 10**17)
    assert idle.low_wad is None
    assert idle.is_inside


def test_weight_rows__idle_target__is_the_token_with_no_market():
    after = lending_vault(300 * USD, 700)
    target = Target(
        item=after.tokens[0].address,
        market=ZERO_MARKET,
        min_weight_wad=1,
        max_weight_wad=2,
    )

    _, idle = weight_rows(after, after, [target])

    assert (idle.low_wad, idle.high_wad, idle.is_inside) == (1, 2, False)


# THE REPORT


def test_report_of__headline__compares_with_both_ways_of_holding(record, report):
    head, closes = report.headline, record.scenario.closes
    growth = float(np.mean(closes[-1] / closes[0]))

    assert head.basket == ("WETH", "WBTC", "LINK")
    assert head.basket_change == pytest.approx(growth - 1, abs=1e-8)
    share = record.closed.share_price_wad / 10**18
    assert head.share_price_change == pytest.approx(share - 1)
    assert (head.days, head.decisions, head.rebalances) == (DAYS, DAYS + 1, 2)


def test_report_of__income__adds_up_to_the_positions(record, report):
    last = report.income[-1]

    assert last.fees == sum(c.fees for c in report.liquidity)
    assert last.impermanent_loss == sum(c.impermanent_loss for c in report.liquidity)
    assert last.interest == sum(c.fees for c in report.lending)
    every = [c for day in record.days for c in day.carries]
    assert last.fees + last.interest == sum(c.fees for c in every)
    assert {c.protocol for c in report.lending} == {"aave-v3", "erc4626"}


def test_report_of__gas__counts_each_transaction_once(report):
    rows = {row.kind: row for row in report.gas}

    assert list(rows) == ["rebalance", "deposit", "withdraw"]
    assert rows["rebalance"].gas == 2 * 2_143_877
    # 2 gwei, 2,000 USDC per 1e18 wei
    assert rows["rebalance"].assets == 2 * -(-2_143_877 * 2 * 2000 // 10**3)
    assert (rows["deposit"].transactions, rows["deposit"].gas) == (3, 3 * 160_211)


def test_report_of__weights_of_every_moment__come_to_one(report):
    totals = [sum(m.weights.values()) for m in report.moments]

    assert totals == pytest.approx([1.0] * len(totals), abs=1e-6)
    assert report.moments[0].weights["idle USDC"] == 1.0


def test_report_of__first_order__carries_its_hashes(record, report):
    run, order = report.orders[0], record.days[0].run.order

    assert run.inputs_hash == order.inputs_hash
    assert run.config_hash == record.closed.config_hash
    assert run.digest == record.days[0].run.digest
    assert all(row.is_inside for row in run.weights)
    assert run.actions[1] == "supply aave-v3 USDC: 560,000.00 USDC"


def swap_row(**changes):
    fields = {
        "day": 1,
        "pool": "pair",
        "sold": "USDC",
        "bought": "WETH",
        "sold_decimals": 6,
        "bought_decimals": 18,
        "amount_in": 2000 * USD,
        "predicted_out": 9_900,
        "executed_out": 9_900,
        "predicted_oracle_out": 10_000,
        "executed_oracle_out": 10_000,
    }
    return SwapRow(**(fields | changes))


def test_swap_row__one_percent_under_the_oracle__is_100_bps():
    row = swap_row(executed_out=9_899)

    assert row.predicted_slippage_bps == 100
    assert row.executed_slippage_bps == pytest.approx(101)
    assert row.difference == -1


def test_swap_row__oracle_pays_nothing__is_no_slippage():
    assert swap_row(executed_oracle_out=0).executed_slippage_bps == 0


# TABLES


def test_swaps__paid_as_predicted__says_so(report):
    table = swaps(report)

    assert [row[4].text for row in table.rows] == ["0", "0"]
    assert table.note.startswith("2 of 2 swaps paid exactly")


def test_swaps__one_unit_more__stands_out(record):
    before, after = vault_at(5, first()), vault_at(5, second())
    run = acting_run(before, after, surprise=1)
    days = tuple(replace(d, run=run) if d.number == 5 else d for d in record.days)

    table = swaps(report_of(replace(record, days=days)))

    assert [(row[4].text, row[4].tone) for row in table.rows] == [
        ("0", "good"),
        ("1", "bad"),
    ]
    assert table.note.startswith("1 of 2")


def test_weights__missed_band__fails(report):
    run = report.orders[-1]
    missed = tuple(replace(row, high_wad=0) for row in run.weights)

    table = weights(replace(run, weights=missed))

    verdicts = {row[0].text: row[-1].text for row in table.rows}
    assert verdicts["aave-v3 USDC"] == "FAIL"
    assert verdicts["uniswap-v2 USDC/WETH"] == "FAIL"


def test_overview__holding_the_asset__never_moves(report):
    row = overview(report).rows[2]

    assert [cell.text for cell in row] == [
        "holding USDC",
        "1.000000",
        "1.000000",
        "0.00",
    ]


# TERMINAL


def test_summary_table__80_columns__shows_every_part(record):
    shown = printed(record)

    for part in (
        "SIMULATED PRICES",
        "seed 7",
        "NAV [USDC]",
        "9 of 9 weights measured on chain",
        "Caps at the close",
        "[raw units]",
        "2 of 2 swaps paid exactly",
        "impermanent loss",
        "PositionCapExceeded",
        "cap 602,114.90 USDC",
    ):
        assert part in " ".join(shown.split()), part
    assert max(map(len, shown.splitlines())) <= 80


def test_summary_table__markup_in_a_reason__is_text(record):
    days = (replace(record.days[0], run=replace(record.days[0].run, reason="[red]x")),)

    assert "[red]x" in printed(replace(record, days=days))


@pytest.mark.parametrize(
    ("share", "filled"), [(0.0, 0), (0.5, 4), (1.0, 8), (7.0, 8), (-1.0, 0)]
)
def test_bar__share__fills_as_many_cells(share, filled):
    drawn = bar(share)

    assert len(drawn) == 8
    assert drawn.count("\u2588") == filled


# PAGE


class Outline(HTMLParser):
    """Which tags a page has, and that each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outline(page):
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_render_page__needs_nothing_from_outside(page):
    parsed = outline(page)

    assert not {"script", "link", "img", "iframe", "image"} & set(parsed.tags)
    loaded = [v for k, v in parsed.attributes if k in ("src", "srcset", "href")]
    assert loaded == []
    inner = [v for k, v in parsed.attributes if k == "xlink:href"]
    assert all(v.startswith("#") for v in inner)
    assert all(u.startswith("#") for u in re.findall(r"url\(([^)]*)\)", page))
    assert "@import" not in page


def test_render_page__is_well_formed_and_named(page):
    parsed = outline(page)

    assert parsed.tags.count("title") == 1
    assert parsed.tags.count("table") == parsed.tags.count("caption") > 10
    assert parsed.tags.count("figure") == parsed.tags.count("figcaption") == 7
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_render_page__inner_names__are_used_once(page):
    names = re.findall(r' id="([^"]+)"', page)

    assert len(names) == len(set(names))


def test_render_page__colours__are_the_pages_own(page):
    assert "var(--ink)" in page
    for stand_in in ("#010203", "#040506", "#070809", "#0a0b0c"):
        assert stand_in not in page


def test_render_page__says_what_was_signed_in_full(record, page):
    for day in record.days:
        if day.run.order is not None:
            assert day.run.digest in page
            assert day.run.order.inputs_hash in page
    assert record.closed.config_hash in page


def test_render_page__decisions_that_did_nothing__are_shown(record, page):
    reason = record.days[1].run.reason

    assert page.count(reason) == sum(d.run.outcome == "nothing" for d in record.days)


def test_render_page__hostile_names__are_escaped(record):
    closed, opened = record.closed, record.opened
    tokens = (*closed.tokens[:3], replace(closed.tokens[3], symbol="$x$ <b>"))
    prices = [dict(p.prices_e8) for p in record.points]
    for point in prices:
        point["$x$ <b>"] = point.pop("LINK")
    points = tuple(
        replace(p, prices_e8=new) for p, new in zip(record.points, prices, strict=True)
    )
    refusals = (
        replace(record.refusals[0], title=HOSTILE, arguments={"adapter": HOSTILE}),
    )
    hostile = replace(
        record,
        client=HOSTILE,
        refusals=refusals,
        points=points,
        closed=replace(closed, name=HOSTILE, tokens=tokens),
        opened=replace(opened, tokens=tokens),
    )

    page = render_page(report_of(hostile))

    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "$x$ &lt;b&gt;" in page


def test_render_page__simulated__says_so_first(page):
    body = page[page.index("<body>") :]

    assert body.index("SIMULATED PRICES") < body.index("<h1>")
    assert "REPLAYED" not in page
    assert "Nothing was repaired" in page


def test_render_page__replayed__says_so_with_dates_and_repairs(record):
    history = record.scenario.history
    repair = Repair(
        kind="carried",
        assets=("LINK",),
        first=history.times[-3],
        last=history.times[-3],
        rows=1,
    )
    scenario = replace(
        record.scenario,
        history=replace(history, source="prices.csv", repairs=(repair,)),
        is_simulated=False,
    )

    page = render_page(report_of(replace(record, scenario=scenario)))

    assert "REPLAYED PRICES" in page
    assert "SIMULATED" not in page
    assert "prices.csv, closes of 2024-04-30 to 2024-05-08" in page
    assert str(repair) in page
    assert "end of day, UTC" in page


def test_render_page__nothing_ever_paid__has_no_order_parts(record):
    idle = tuple(replace(d, run=record.days[1].run) for d in record.days[:1])

    page = render_page(report_of(replace(record, days=idle)))

    assert "<details" not in page
    assert "0 of 1" in page
    assert ">none<" in page
    assert "Swaps: predicted and executed" not in page


def test_plots_of__no_points__leaves_out_what_needs_them(record):
    report = report_of(replace(record, points=()))

    assert set(plots_of(report)) == {"income", "move"}


def test_plots_of__same_report__same_bytes(report):
    assert plots_of(report) == plots_of(report)


def test_write_page__folder_missing__is_made(record, tmp_path):
    path = write_page(record, tmp_path / "deep" / "reports")

    assert path.name == "demo-simulated-2024-04-30-anvil.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_write_page__folder_is_a_file__raises(record, tmp_path):
    (tmp_path / "reports").write_text("")

    with pytest.raises(ReportNotWritten, match="expected a file to write"):
        write_page(record, tmp_path / "reports")


# JSON


def integers_in(value):
    if isinstance(value, dict):
        return [i for key, item in value.items() for i in integers_in(item)]
    if isinstance(value, list):
        return [i for item in value for i in integers_in(item)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def test_record_json__integers__are_text(record):
    data = json.loads(json.dumps(record_json(record), allow_nan=False))

    orders = data.pop("signed_orders")
    assert integers_in(data) == []
    assert data["headline"]["nav_closed"] == str(record.closed.nav)
    assert data["runs"][0]["swaps"][0]["difference"] == "0"
    assert data["runs"][0]["weights"][0]["is_inside"] is True
    assert len(orders) == 2


def test_record_json__signed_orders__read_back_equal(record):
    data = json.loads(json.dumps(record_json(record)))

    read = [order_from_json(entry["order"]) for entry in data["signed_orders"]]

    assert read == [d.run.order for d in record.days if d.run.order is not None]
