# SPDX-License-Identifier: MIT
"""Names beside points of a picture, none over another."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from steelyard.report.sheet import Inks

Area = tuple[float, float, float, float]  # left, right, low, high, in pixels
PIXELS, NARROW_PIXELS = (520, 260), (290, 190)  # of the axes, at the least
CHARACTER, HEIGHT = 6.6, 13.0  # pixels of a label
SIDES = {"left": 1.0, "center": 0.0, "right": -1.0}  # which side of it is fixed
OFFSETS = (
    (9, 0, "left"),
    (-9, 0, "right"),
    (0, 13, "center"),
    (0, -13, "center"),
    (9, -12, "left"),
    (-9, 12, "right"),
)


@dataclass(frozen=True, kw_only=True)
class Label:
    text: str
    x: float
    y: float
    weight: str = "normal"
    gap: float = 0.0  # pixels more between point and name, for a large mark


def place_labels(
    axes: Axes,
    labels: Sequence[Label],
    avoid: Sequence[tuple[float, float]],
    narrow: bool,
    inks: Inks,
) -> None:
    """Names beside their points where there is room, in their order; else none.

    No name lies over a point, another name, or what is to be avoided.
    """
    size = NARROW_PIXELS if narrow else PIXELS
    places = _pixels(axes, [(label.x, label.y) for label in labels], size)
    spots = [*places, *_pixels(axes, avoid, size)]
    taken: list[Area] = []
    for label, (x, y) in zip(labels, places, strict=True):
        for offset, dy, side in OFFSETS:
            dx = offset + SIDES[side] * label.gap
            area = _area(label, x + dx, y + dy, side)
            if _is_free(area, taken, spots, size):
                taken.append(area)
                _write(axes, label, (dx, dy), side, inks)
                break


def _area(label: Label, x: float, y: float, side: str) -> Area:
    wide = CHARACTER * len(label.text)
    left = x - (1 - SIDES[side]) / 2 * wide
    return left, left + wide, y - HEIGHT / 2, y + HEIGHT / 2


def _write(
    axes: Axes, label: Label, offset: tuple[float, float], side: str, inks: Inks
) -> None:
    axes.annotate(
        label.text,
        (label.x, label.y),
        xytext=offset,
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=10.5,
        fontweight=label.weight,
        color=inks.ink,
    )


def _pixels(
    axes: Axes, points: Sequence[tuple[float, float]], size: tuple[int, int]
) -> list[tuple[float, float]]:
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    return [
        ((x - left) / (right - left) * size[0], (y - low) / (high - low) * size[1])
        for x, y in points
    ]


def _is_free(
    area: Area,
    taken: list[Area],
    spots: Sequence[tuple[float, float]],
    size: tuple[int, int],
) -> bool:
    left, right, low, high = area
    if left < 0 or right > size[0] or low < 0 or high > size[1]:
        return False
    if any(left < x < right and low < y < high for x, y in spots):
        return False
    return all(
        right < other[0] or other[1] < left or high < other[2] or other[3] < low
        for other in taken
    )
