# SPDX-License-Identifier: MIT
"""Intents cut until no limit of the whole order breaks; ends, at worst with nothing.

An exposure is brought under its cap by cutting what adds to it, a budget by making the
whole order smaller.

ROUNDING  Sizes down.
"""

from collections.abc import Sequence
from dataclasses import replace

from steelyard.headroom import base_down
from steelyard.plan.budgets import budget_checks
from steelyard.plan.charging import total
from steelyard.plan.checks import limits_after
from steelyard.plan.fitting import name_of
from steelyard.plan.realise import Run, realise
from steelyard.plan.records import Change, Check, Intent, Step, Tolerances
from steelyard.plan.valuation import book
from steelyard.plan.world import Amounts, world_of
from steelyard.state import Snapshot

_MOST_CUTS = 6  # of one intent, before it is left out
_PARTS = 1024  # of an order that a budget makes smaller
_SURPLUS_PERCENT = 1  # of what a step pays, under which it is not undone


def settle(
    snapshot: Snapshot, intents: Sequence[Intent], tolerances: Tolerances
) -> tuple[Run, list[Intent], dict[int, str]]:
    """(run that keeps every limit, intents as cut, why they were cut).

    Each round cuts the intent that adds most to the limit most broken; after
    `_MOST_CUTS` cuts it is dropped, so that the rounds are finite.
    """
    now = list(intents)
    cuts = [0] * len(now)
    reasons: dict[int, str] = {}
    while True:
        run = realise(snapshot, now, tolerances)
        broken = [check for check in limits(run) if not check.ok]
        if not broken:
            return run, now, reasons | run.reasons
        worst = max(broken, key=lambda check: check.excess)
        i, added = _culprit(run, now, worst, tolerances)
        cuts[i] += 1
        now[i] = _cut(now[i], run, i, worst.excess, added, cuts[i])
        reasons[i] = _reason(worst)


def _reason(broken: Check) -> str:
    return (
        f"{broken.limit} of {broken.subject} would be {broken.value}, "
        f"expected {'at most' if broken.at_most else 'at least'} {broken.bound}"
    )


def settle_within(
    snapshot: Snapshot,
    intents: Sequence[Intent],
    tolerances: Tolerances,
    margin_wad: int,
) -> tuple[Run, list[Intent], dict[int, str]]:
    """`settle`, and all intents cut by one factor as far as a budget makes it.

    The largest factor found by bisection; what fits the budgets whole is not cut.
    """
    found = settle(snapshot, intents, tolerances)
    broken = [c for c in budgets(found[0], margin_wad) if not c.ok]
    if not broken:
        return found
    low, high = 0, _PARTS
    found = settle(snapshot, _scaled(intents, 0), tolerances)
    while high - low > 1:
        middle = (low + high) // 2
        trial = settle(snapshot, _scaled(intents, middle), tolerances)
        if all(check.ok for check in budgets(trial[0], margin_wad)):
            low, found = middle, trial
        else:
            high = middle
    run, now, reasons = found
    why = _reason(max(broken, key=lambda check: check.excess))
    return run, now, dict.fromkeys(range(len(now)), why) | reasons


def _scaled(intents: Sequence[Intent], parts: int) -> list[Intent]:
    return [replace(i, size=i.size * parts // _PARTS) for i in intents]


def budgets(run: Run, margin_wad: int) -> tuple[Check, ...]:
    """Levels of the budgets after a run."""
    charge = total(step.charge for step in run.steps)
    return budget_checks(run.world.snapshot, charge, margin_wad)


def limits(run: Run) -> tuple[Check, ...]:
    """Caps and buffer after a run."""
    snapshot = run.world.snapshot
    before = book(world_of(snapshot))
    return limits_after(snapshot, before, book(run.world), book(run.world, high=True))


def _culprit(
    run: Run, intents: list[Intent], broken: Check, tolerances: Tolerances
) -> tuple[int, int]:
    """(intent, assets that it adds to the breach): what leaving it out would save."""
    best, most = run.steps[-1].intent, 0
    for step in reversed(run.steps):
        without = [*intents]
        without[step.intent] = replace(intents[step.intent], size=0)
        other = realise(run.world.snapshot, without, tolerances)
        added = broken.excess - _excess(other, broken)
        if added > most:
            best, most = step.intent, added
    return best, most


def _excess(run: Run, broken: Check) -> int:
    key = (broken.limit, broken.subject)
    return max(c.excess for c in limits(run) if (c.limit, c.subject) == key)


def _cut(
    intent: Intent, run: Run, i: int, excess: int, added: int, count: int
) -> Intent:
    """The intent less the part that breaks the limit, and 0.1 % of that part more."""
    done = next(step.size for step in run.steps if step.intent == i)
    part = excess + excess // 1000 + 1
    if count > _MOST_CUTS or part >= added:
        return replace(intent, size=0)
    size = min(intent.size, done) * (added - part) // added
    return replace(intent, size=min(size, intent.size - 1))


def trimmed(run: Run, intents: list[Intent], wanted_inventory: Amounts) -> list[Intent]:
    """Intents less what pays for nothing now that others were cut.

    Latest first, a step is undone as far as all that it pays would lie idle beyond
    what the solver wanted idle; but what brings an exposure back under its cap stays.
    """
    surplus = [
        max(0, held - wanted)
        for held, wanted in zip(run.world.inventory, wanted_inventory, strict=True)
    ]
    now = list(intents)
    for step in reversed(run.steps):
        paid = _paid(run, step, intents[step.intent])
        if not paid or intents[step.intent].kind == "supply":
            continue
        if _heals(run.world.snapshot, intents[step.intent]):
            continue
        # the largest share of the step of which every token would lie idle
        token, amount = min(paid, key=lambda entry: surplus[entry[0]] / entry[1])
        idle = min(surplus[token], amount)
        if idle * 100 < amount * _SURPLUS_PERCENT:
            continue
        now[step.intent] = replace(
            intents[step.intent], size=step.size * (amount - idle) // amount
        )
        for other, out in paid:
            surplus[other] -= out * idle // amount
        if intents[step.intent].kind == "swap":
            given = run.world.snapshot.pools[intents[step.intent].index].tokens
            side = 0 if intents[step.intent].zero_for_one else 1
            surplus[given[side]] += step.size * idle // amount
    return now


def _heals(snapshot: Snapshot, intent: Intent) -> bool:
    """Whether a withdrawal leaves a position that is above its cap, or a tag's."""
    if intent.kind != "withdraw":
        return False
    now, base = book(world_of(snapshot)), base_down(snapshot, snapshot.nav)
    position = snapshot.positions[intent.index]
    caps = [(now.position_assets[intent.index], position.cap)]
    tags = (tag for tag in position.tags if tag < len(snapshot.tags))
    caps += [(now.tag_assets[tag], snapshot.tags[tag].cap) for tag in tags]
    return any(assets > cap.bound(base) for assets, cap in caps)


def _paid(run: Run, step: Step, intent: Intent) -> list[tuple[int, int]]:
    """(token, amount) of everything that a step brings into the vault."""
    snapshot = run.world.snapshot
    if intent.kind == "swap":
        tokens = snapshot.pools[intent.index].tokens
        return [(tokens[1 if intent.zero_for_one else 0], step.amounts[0])]
    tokens_of = snapshot.positions[intent.index].tokens
    return [(t, a) for t, a in zip(tokens_of, step.amounts, strict=True) if a]


def changes(
    run: Run, wanted: Sequence[Intent], reasons: dict[int, str]
) -> tuple[Change, ...]:
    """What became of the intents that were refused or cut."""
    done = {step.intent: step.size for step in run.steps}
    return tuple(
        Change(
            kind=intent.kind,
            subject=name_of(run.world.snapshot, intent),
            wanted=intent.size,
            planned=done.get(i, 0),
            reason=reasons.get(i, "not enough of its tokens is there"),
        )
        for i, intent in enumerate(wanted)
        # a supply's value rounds, and the solver's floats do: a thousandth is no change
        if done.get(i, 0) * 1000 < intent.size * 999
    )
