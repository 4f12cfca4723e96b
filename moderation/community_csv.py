"""The figures as one file for a spreadsheet: a line for each, dates as 2026-11-16."""

import csv
import io
from collections.abc import Iterator

from moderation.community import TOP, WEEKS, Figures
from moderation.few import FEWER, in_words

# With a byte order mark, because without it the spreadsheet most people have takes the file for another alphabet.
MARK = "\ufeff"
HEAD = ("Part", "Figure", "Week of", "Topic", "Value")
# What a spreadsheet would take for a formula and carry out.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
Line = tuple[str, str, str, str, str]


def as_csv(found: Figures) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    for line in (HEAD, *_lines(found)):
        writer.writerow([harmless(value) for value in line])
    return MARK + sheet.getvalue()


def harmless(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULAS) else value


def _lines(found: Figures) -> Iterator[Line]:
    yield "Period", "First day", "", "", found.mondays[0].isoformat()
    yield "Period", "Weeks, the last one so far", "", "", str(WEEKS)
    for stage in found.stages:
        for monday, one in zip(found.mondays, stage.weeks, strict=True):
            yield "Requests", stage.name, monday.isoformat(), "", _plain(one.words)
        yield "Requests", stage.name, "all", "", _plain(stage.total.words)
    for topic in found.topics:
        yield "First offer", "Requests with an offer", "all", topic.label, _plain(topic.requests.words)
        hours = topic.requests.words if topic.hours is None else _figure(topic.hours)
        yield "First offer", "Hours, median", "all", topic.label, hours
    for monday, count in zip(found.mondays, found.helpers.weeks, strict=True):
        yield "Helpers", "Members who offered", monday.isoformat(), "", _plain(in_words(count))
    yield "Helpers", "Members who offered", "all", "", _plain(in_words(found.helpers.total))
    yield from _shares(found)


def _shares(found: Figures) -> Iterator[Line]:
    safety = found.safety
    busiest = f"Offers by the {TOP} busiest, percent"
    yield "Helpers", busiest, "all", "", _percent(found.helpers.share_of_top)
    yield "Safety", "Reports for each 100 chats", "all", "", _figure(safety.reports)
    yield "Safety", "Hours to decide, median", "all", "", _figure(safety.hours)
    yield "Safety", "Decided in time, percent", "all", "", _percent(safety.kept)
    yield "Safety", "Changed after a second look, percent", "all", "", _percent(safety.reversed)
    yield "Warnings", "Called fine by their reader, percent", "all", "", _percent(found.said_it_is_fine)


def _percent(share: float | None) -> str:
    return FEWER if share is None else str(round(100 * share))


def _figure(value: float | None) -> str:
    return FEWER if value is None else f"{round(value, 2):g}"


def _plain(words: str) -> str:
    """A number without the commas people read it by."""
    return words.replace(",", "")
