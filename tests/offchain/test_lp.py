# SPDX-License-Identifier: MIT
"""All of one position: what the parts say together, its tables and its pictures."""

import re
from dataclasses import replace
from math import inf
from pathlib import Path
from xml.etree import ElementTree

import pytest

from steelyard.amm.errors import PoolError, PoolFieldInvalid
from steelyard.amm.holding import RangeHolding
from steelyard.lp.analysis import analyse
from steelyard.lp.inputs import DAYS_PER_YEAR, LpInputs
from steelyard.report.errors import ReportNotWritten
from steelyard.report.lp_page import page_of
from steelyard.report.lp_tables import tables_of
from steelyard.report.lp_text import figure, percent, tick_label, title_of
from steelyard.report.picture_page import render, write_page

USUAL = LpInputs(
    curve="v3",
    price=2000.0,
    lower=1600.0,
    upper=2500.0,
    volatility=0.8,
    value=100_000.0,
    volume_per_day=10e6,
    pool_value=50e6,
    symbols=("WETH", "USDC"),
    decimals=(18, 6),
)
CP = replace(USUAL, curve="cp", lower=None, upper=None)
WEIGHTED = replace(CP, curve="weighted", weight=0.8)
STABLE = replace(CP, curve="stable", price=1.0, volatility=0.02)
ALL = {"v3": USUAL, "cp": CP, "weighted": WEIGHTED, "stable": STABLE}


def test_analyse__constant_product__by_hand() -> None:
    # 25 WETH and 50,000 USDC; a five-hundred-and-first of the pool; sigma^2 / 8 = 8 %
    found = analyse(CP)

    assert (found.now.amount0, found.now.amount1) == pytest.approx((25.0, 50_000.0))
    assert found.income.share == pytest.approx(1 / 501)
    assert found.income.fees == pytest.approx(10e6 * DAYS_PER_YEAR * 0.003 / 501)
    assert found.income.lvr_now == pytest.approx(8_000.0)
    assert found.greeks.theta == pytest.approx(found.income.fees_now - 8_000.0)
    # fees of 21,871 a year are sigma^2 / 8 of 100,000 at sigma = 1.3228
    fair = found.income.fair_volatility
    assert fair == pytest.approx((8 * found.income.fees / 100_000) ** 0.5)


def test_analyse__range__earns_and_loses_more_than_the_full_one() -> None:
    # 1 / (1 - sqrt(0.8)) = 9.47 times the liquidity of a full range
    wide, narrow = analyse(CP), analyse(USUAL)
    assert isinstance(wide.holding, RangeHolding)
    assert isinstance(narrow.holding, RangeHolding)

    ratio = narrow.holding.liquidity / wide.holding.liquidity
    assert ratio == pytest.approx(1 / (1 - 0.8**0.5), rel=1e-9)
    assert narrow.income.lvr_now == pytest.approx(ratio * wide.income.lvr_now)
    # the others' full range has 500 times the liquidity of ours in full range
    assert narrow.income.share == pytest.approx(ratio / (ratio + 500))
    # diluted by its own liquidity
    assert narrow.income.fees_now < ratio * wide.income.fees_now
    assert narrow.income.fees < narrow.income.fees_now


def test_analyse__no_range__takes_the_best_one() -> None:
    found = analyse(replace(USUAL, lower=None, upper=None))

    assert found.chosen == found.best
    assert found.best is not None
    assert found.best.net >= analyse(USUAL).chosen.net  # type: ignore[union-attr]


def test_analyse__decimals__move_the_ticks_and_nothing_else() -> None:
    # twelve decimals apart: 12 ln 10 / ln 1.0001 = 276,324 ticks
    plain = analyse(replace(USUAL, decimals=(18, 18))).chosen
    found = analyse(USUAL).chosen
    assert plain is not None
    assert found is not None

    assert plain.tick_lower - found.tick_lower in (276_324, 276_325)
    assert found.net == pytest.approx(plain.net)


def test_analyse__price_outside_the_range__earns_nothing_now() -> None:
    found = analyse(replace(USUAL, lower=2100.0, upper=2500.0))

    assert found.now.amount1 == 0.0
    assert found.income.fees_now == 0.0
    assert found.income.lvr_now == 0.0
    assert found.income.fair_volatility is None
    assert found.income.fees > 0.0
    assert all(weight < 0 for weight in found.options.strip.call_weights)
    assert found.options.strip.put_strikes == ()


@pytest.mark.parametrize("name", ALL)
def test_analyse__every_curve__parts_agree(name: str) -> None:
    inputs = replace(ALL[name], strikes=60)
    found = analyse(inputs)

    assert found.now.value == pytest.approx(inputs.value)
    assert found.now.impermanent_loss == pytest.approx(0.0, abs=1e-12)
    assert max(at.impermanent_loss for at in found.prices) <= 1e-12
    assert found.greeks.delta0 == found.now.amount0
    assert found.greeks.decay == pytest.approx(found.income.lvr_now)
    assert 0 < found.income.arbitrage < found.income.lvr_now
    assert 0 < found.income.arbitrage_even < found.income.arbitrage * 1.1
    assert found.options.residual < 0.01 * inputs.value
    # expected loss at the horizon is what the options sold are expected to cost
    sold = sum(found.options.premiums.puts) + sum(found.options.premiums.calls)
    assert -sold / inputs.years == pytest.approx(found.income.expected_loss, rel=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": 0.0}, r"price is 0\.0, expected more than 0"),
        ({"volatility": -1.0}, r"volatility is -1\.0, expected more than 0"),
        ({"value": inf}, "value is inf, expected more than 0"),
        ({"pool_value": -1.0}, r"pool_value is -1\.0, expected 0 to 1e\+24"),
        ({"fee": 1.5}, r"fee is 1\.5, expected 0 or more, less than 1"),
        ({"drift": inf}, "drift is inf, expected at most 6 over the horizon"),
        ({"strikes": 2}, "strikes is 2, expected 3 to 1000"),
        ({"volatility": 30.0}, r"volatility is 30\.0, expected 6 or less"),
        ({"value": 1e30}, r"value is 1e\+30, expected more than 0, up to 1e\+24"),
        ({"at": (1.0, -2.0)}, r"at is -2\.0, expected prices of more than 0"),
        ({"upper": None}, "upper is missing, expected both ends"),
        ({"lower": 3000.0}, r"lower is 3000\.0, expected less than upper"),
        ({"lower": 0.0}, r"lower is 0\.0, expected more than 0 and finite"),
        ({"upper": 1e60}, r"upper is 1e\+60, expected inside Uniswap v3's ticks"),
        ({"curve": "cp"}, r"lower or upper is 2500\.0, expected no range"),
        ({"weight": 1.0}, r"weight is 1\.0, expected between 0 and 1"),
        ({"decimals": (18, 99)}, "decimals is 99, expected 0 to 36"),
        ({"tick_spacing": 0}, "tick_spacing is 0, expected 1 to 887272"),
        (
            {"lower": None, "upper": None, "volume_per_day": 0.0},
            "lower is missing, expected a range, or a volume",
        ),
    ],
)
def test_inputs__impossible__name_field_value_and_what_is_expected(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(PoolError, match=message):
        analyse(replace(USUAL, **change))  # type: ignore[arg-type]


def test_inputs__stable_amplification_below_zero__is_named() -> None:
    with pytest.raises(PoolFieldInvalid, match=r"amplification is -5\.0"):
        analyse(replace(STABLE, amplification=-5.0))


@pytest.mark.parametrize("name", ALL)
def test_tables__every_curve__have_a_cell_for_every_column(name: str) -> None:
    tables = tables_of(analyse(ALL[name]))

    assert len(tables) == (6 if name == "v3" else 5)
    for table in tables:
        assert table.rows
        for row in (*table.rows, *((table.foot,) if table.foot else ())):
            assert len(row) == len(table.columns)


def test_tables__prices_asked_for__are_those_shown() -> None:
    found = analyse(replace(CP, at=(8000.0, 500.0)))

    table = next(t for t in tables_of(found) if t.caption == "At other prices")
    # a fourth and four times the price: 2 sqrt(4) / 5 - 1 = -20 %
    assert [row[0].text for row in table.rows] == ["500.000", "8,000.00"]
    assert [row[5].text for row in table.rows] == ["−20.000", "−20.000"]  # noqa: RUF001


@pytest.mark.parametrize("name", ALL)
def test_page__every_curve__is_whole_and_escaped(name: str) -> None:
    found = analyse(replace(ALL[name], symbols=("<script>", 'A"&')))

    page = render(page_of(found))

    assert page.count("<figure>") == 6
    assert page.count("<table>") == len(tables_of(found))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(
        r"\b(nan|inf)\b", re.sub(r"<svg.*?</svg>", "", page, flags=re.S)
    )
    for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(svg)


@pytest.mark.parametrize("name", ALL)
def test_write_page__by_suffix__are_real_files(name: str, tmp_path: Path) -> None:
    found = analyse(ALL[name])

    for suffix in (".png", ".svg", ".html"):
        write_page(page_of(found), tmp_path / "new" / f"lp{suffix}")

    png = (tmp_path / "new" / "lp.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert len(png) > 50_000
    sheet = (tmp_path / "new" / "lp.svg").read_text()
    ElementTree.fromstring(sheet)
    for shown in ("Payoff", "Impermanent loss", "Delta", "Gamma", "As options"):
        assert shown in sheet
    assert "#010203" not in sheet  # the page's stand-in inks
    assert title_of(found) in (tmp_path / "new" / "lp.html").read_text()


def test_write_page__no_folder__is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")

    for suffix in (".png", ".html"):
        with pytest.raises(ReportNotWritten, match="report is"):
            write_page(page_of(analyse(CP)), blocked / f"lp{suffix}")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0.0, "0"),
        (None, "–"),  # noqa: RUF001
        (inf, "∞"),
        (2000.0, "2,000.00"),
        (1_234_567.8, "1,234,568"),
        (0.0123456789, "0.0123457"),
        (-1.5, "−1.50000"),  # noqa: RUF001
        (1e-7, "1e-07"),
        (2.5e15, "2.5e+15"),
    ],
)
def test_figure__six_digits__as_people_read_them(
    number: float | None, shown: str
) -> None:
    assert figure(number) == shown


def test_percent_and_ticks__are_short() -> None:
    assert percent(0.12345) == "12.35"  # half to even on the binary 12.345000000000001
    assert percent(None) == "–"  # noqa: RUF001
    assert tick_label(1500.0, 0) == "1,500"
    assert tick_label(0.25, 0) == "0.25"
    assert tick_label(1e-17, 0) == "0"


def test_tables__fees_too_low_for_any_range__say_so_and_name_the_full_one() -> None:
    found = analyse(replace(USUAL, volume_per_day=1e5))

    table = next(t for t in tables_of(found) if t.caption.startswith("The range"))
    assert table.note.startswith("No range is expected to pay. Best on ticks -887220")
    assert "the best is wider than all of them" in render(page_of(found))
