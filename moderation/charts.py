"""Bars drawn on the server: a chart is rows of words with a bar between them, and needs neither script nor style."""

# The bars are an own small picture in each row, so that the words around them keep their size on every screen. What
# they show stands beside them, so nobody has to be able to see them.

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 1000, 20


@dataclass(frozen=True)
class Row:
    label: str
    words: str
    bar: SafeString


@dataclass(frozen=True)
class Chart:
    """`legend`: what the parts of a bar are, the longest first; none where there is only one."""

    rows: list[Row]
    legend: Sequence[str] = ()


def bar(parts: Sequence[float | None], most: float) -> SafeString:
    """Parts of each other, the longest first, drawn into one another; one that may not be known is not drawn."""
    known = [(place, value) for place, value in enumerate(parts) if value]
    rects = format_html_join(
        "",
        '<rect class="chart__part-{}" width="{}" height="{}"></rect>',
        ((place, _length(value, most), HEIGHT) for place, value in known),
    )
    kind = "chart__bar" if parts and parts[0] is not None else "chart__bar chart__bar--unknown"
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        kind,
        WIDTH,
        HEIGHT,
        rects,
    )


def longest(values: Sequence[float | None]) -> float:
    return max((value for value in values if value), default=0) or 1


def _length(value: float, most: float) -> int:
    """Never so short that it cannot be seen."""
    return max(6, round(WIDTH * min(value / most, 1)))
