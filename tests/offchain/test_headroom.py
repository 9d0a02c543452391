# SPDX-License-Identifier: MIT
"""How far orders may still go: budgets that refill, clocks, brakes and drawdowns."""

from dataclasses import replace
from typing import Any

import pytest
from snapshots import WAD, make_snapshot, make_token

from steelyard import headroom
from steelyard.state import UNLIMITED, Bucket, Snapshot

NOW = 1_700_000_000  # of make_snapshot
HOUR = 3600


def limited(**limits: Any) -> Snapshot:
    """A million USDC; the last order an hour ago."""
    changes = {"ordered_at": NOW - HOUR, **limits}
    return make_snapshot(limits=replace(UNLIMITED, **changes))


def bucket(budget: float, level: float, refill_per_hour: float) -> Bucket:
    return Bucket(
        budget_wad=round(budget * 10**6) * 10**12,
        level_wad=round(level * 10**6) * 10**12,
        refill_wad=round(refill_per_hour * 10**6) * 10**12 // HOUR,
    )


def test_level_now__an_hour_later__has_refilled_linearly() -> None:
    snapshot = limited(loss=bucket(0.02, 0.018, 0.0036))

    assert headroom.level_now_wad(snapshot, snapshot.limits.loss) == 144 * WAD // 10_000


def test_level_now__long_ago__is_empty_and_no_less() -> None:
    snapshot = limited(loss=bucket(0.02, 0.0018, 0.0036))

    assert headroom.level_now_wad(snapshot, snapshot.limits.loss) == 0


def test_room__margin_of_a_tenth__leaves_nine_tenths_of_the_rest() -> None:
    snapshot = limited(loss=bucket(0.02, 0.01, 0))
    loss = snapshot.limits.loss

    assert headroom.room_wad(snapshot, loss, WAD // 10) == 9 * WAD // 1000
    assert headroom.most_level_wad(snapshot, loss, WAD // 10) == 19 * WAD // 1000


def test_room__level_above_a_lowered_budget__is_none() -> None:
    snapshot = limited(loss=bucket(0.01, 0.02, 0))
    loss = snapshot.limits.loss

    assert headroom.room_wad(snapshot, loss, 0) == 0
    assert headroom.most_level_wad(snapshot, loss, 0) == loss.budget_wad


def test_hold_level__tokens_of_the_last_order_worth_more__is_the_shortfall() -> None:
    # a million is there; what was held, 1,010,000, is 1 % of NAV more
    snapshot = limited(holdings=(1_010_000 * 10**6,), hold=bucket(0.05, 0.02, 0))

    assert headroom.hold_charge_wad(snapshot) == WAD // 100
    assert headroom.hold_level_wad(snapshot) == 3 * WAD // 100


def test_refusal__nothing_in_the_way__is_none() -> None:
    assert headroom.refusal(limited()) is None
    assert headroom.refusal(make_snapshot()) is None


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (
            {"brake_until": NOW + 1, "brake_is_pause": True},
            "the vault is paused until 2023-11-14 22:13:21 UTC",
        ),
        ({"cooldown_seconds": HOUR + 1}, "cooldown until 2023-11-14 22:13:21 UTC"),
        ({"loss": bucket(0.02, 0.02, 0)}, "the loss budget of 2 % is used up"),
        ({"turnover": bucket(1, 2, 0.1)}, "the turnover budget of 100 % is used up"),
    ],
)
def test_refusal__each_limit__says_which_and_until_when(
    limits: dict[str, Any], reason: str
) -> None:
    assert reason in (headroom.refusal(limited(**limits)) or "")


@pytest.mark.parametrize(
    "limits",
    [
        {"brake_until": NOW, "brake_is_pause": True},
        {"brake_until": NOW + 1},  # reduce-only: some orders pass
        {"cooldown_seconds": HOUR},
        {"holdings": (1_060_000 * 10**6,), "hold": bucket(0.05, 0, 0)},
    ],
)
def test_refusal__just_inside__is_none(limits: dict[str, Any]) -> None:
    assert headroom.refusal(limited(**limits)) is None


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (
            {"holdings": (1_060_000 * 10**6,), "hold": bucket(0.05, 0, 0)},
            "holding has cost 6 % of NAV, more than the hold budget of 5 % has left",
        ),
        ({"hold": bucket(0.05, 0.06, 0)}, "the hold budget of 5 % is used up"),
        ({"hold": bucket(0.05, 0.05, 0)}, None),
        ({"holdings": (1_050_000 * 10**6,), "hold": bucket(0.05, 0, 0)}, None),
    ],
)
def test_hold_refusal__above_the_budget__says_why_only_withdrawals_pass(
    limits: dict[str, Any], reason: str | None
) -> None:
    assert headroom.hold_refusal(limited(**limits)) == reason


def test_ready_at__before_the_first_order__is_now() -> None:
    snapshot = make_snapshot(limits=replace(UNLIMITED, cooldown_seconds=10**9))

    assert headroom.ready_at(snapshot) == 0


def test_is_reduce_only__brake__until_its_end() -> None:
    assert headroom.is_reduce_only(limited(brake_until=NOW + 1))
    assert not headroom.is_reduce_only(limited(brake_until=NOW))


@pytest.mark.parametrize(
    ("mark", "turned_ago", "was", "becomes"),
    [
        (1.0, 0, False, False),  # no fall
        (1.3, 0, False, False),  # below, but seen for the first time
        (1.3, 1799, False, False),
        (1.3, 1800, False, True),  # below at two readings half an hour apart
        (1.3, 1800, True, True),
        (1.0, 1799, True, True),
        (1.0, 1800, True, False),  # back, seen the same way
    ],
)
def test_is_drawn_down__reading_of_the_order_itself__is_foreseen(
    mark: float, turned_ago: int, was: bool, becomes: bool
) -> None:
    snapshot = limited(
        drawdown_wad=WAD // 5,
        mark_wad=round(mark * WAD),
        in_drawdown=was,
        turned_at=NOW - turned_ago if turned_ago else 0,
    )

    assert headroom.is_drawn_down(snapshot) is becomes


def test_is_drawn_down__price_too_old__takes_no_reading() -> None:
    old = make_token("USDC", 1_000_000, price_updated_at=NOW - 3 * 86_400)
    turned = {"drawdown_wad": WAD // 5, "mark_wad": 2 * WAD, "turned_at": NOW - 1800}
    snapshot = replace(limited(**turned), tokens=(old,))

    assert not headroom.is_drawn_down(snapshot)
    assert headroom.is_drawn_down(limited(**turned))


def test_least_half_width__two_doubtful_prices__is_four_times_their_ratio() -> None:
    first = make_token("WETH", uncertainty_wad=WAD // 100)
    second = make_token("WBTC", uncertainty_wad=WAD // 100)

    # 1.01 / 0.99 - 1 = 2.02 %
    least = headroom.least_half_width_wad(first, second)
    assert least == pytest.approx(0.080808 * WAD, rel=1e-4)
