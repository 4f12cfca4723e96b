"""What the page of community health says: over each chart one sentence with its point, and below it a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format

from moderation.charts import Chart, Row, bar, longest
from moderation.community import FEW, TOP, Figures, Topic
from moderation.few import FEWER, in_words, percent

SO_FAR = ", so far"
NOT_ENOUGH = "Not enough data yet."
COUNTED_WHEN_ASKED = "Each request counts in the week it was asked, with how far it has come by now."
WHAT_STAGES_ARE = "Said yes: an offer stands accepted. Done: and the request is done."
WHAT_MEDIANS_ARE = (
    "Half of the requests with an offer heard sooner, half later. Requests nobody offered on are not in it."
)
WHEN_BUSIEST_ARE_SHOWN = f"The share of the {TOP} busiest is shown when {FEW} others offered as well."
WHAT_IN_TIME_IS = "In time: within the 24 hours we promise for a report, and the 3 working days for a second look."
WHERE_WARNINGS_STAND = "The warning stands above a message that talks about money, for whoever reads it."


@dataclass(frozen=True)
class Part:
    """One of the page: with nothing to draw it says so."""

    name: str
    title: str
    point: str
    chart: Chart | None = None
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    notes: tuple[str, ...] = ()


def parts(found: Figures) -> list[Part]:
    return [_requests(found), _hours(found), _helpers(found), _safety(found), _warnings(found)]


def _requests(found: Figures) -> Part:
    names = tuple(stage.name for stage in found.stages)
    head, notes = ("Week of", *names), (COUNTED_WHEN_ASKED, WHAT_STAGES_ARE)
    if found.stages[0].total.shown is None:
        return Part("requests", "From asking to done", NOT_ENOUGH)
    weeks = list(zip(_weeks(found), *(stage.weeks for stage in found.stages), strict=True))
    weeks = _together(weeks, [asked.words == FEWER for asked in found.stages[0].weeks])
    most = longest([asked.shown for _, asked, *_ in weeks])
    rows = [
        Row(week, _short([one.words for one in cells]), bar([one.shown for one in cells], most))
        for week, *cells in weeks
    ]
    table = [(week, *(one.words for one in cells)) for week, *cells in weeks]
    table.append(("All weeks", *(stage.total.words for stage in found.stages)))
    return Part("requests", "From asking to done", _point_of_requests(found), Chart(rows, names), head, table, notes)


def _point_of_requests(found: Figures) -> str:
    """Of this week; where it cannot be told yet, of all weeks."""
    asked, offered = found.stages[0], found.stages[1]
    if asked.weeks[-1].shown is not None:
        return _got(asked.weeks[-1].words, offered.weeks[-1].words, "this week", offered.weeks[-1].is_hidden)
    return _got(asked.total.words, offered.total.words, f"in these {len(found.mondays)} weeks", False)


def _got(asked: str, offered: str, when: str, is_kept_back: bool) -> str:
    if is_kept_back:
        return f"{asked} requests came in {when}."
    if offered == FEWER:
        return f"{asked} requests came in {when}; {FEWER} people have an offer."
    return f"{offered} of {asked} requests got an offer {when}."


def _hours(found: Figures) -> Part:
    known = [topic for topic in found.topics if topic.hours is not None]
    if not known:
        return Part("hours", "How long until the first offer", NOT_ENOUGH)
    most = longest([topic.hours for topic in known])
    rows = [Row(topic.label, _heard_within(topic), bar([topic.hours], most)) for topic in found.topics]
    table = [(topic.label, topic.requests.words, _hours_of(topic)) for topic in found.topics]
    head = ("Topic", "Requests with an offer", "Hours to the first offer, median")
    point = _point_of_hours(known)
    return Part("hours", "How long until the first offer", point, Chart(rows), head, table, (WHAT_MEDIANS_ARE,))


def _hours_of(topic: Topic) -> str:
    return topic.requests.words if topic.hours is None else in_words(topic.hours)


def _heard_within(topic: Topic) -> str:
    return topic.requests.words if topic.hours is None else _in_hours(topic.hours)


def _point_of_hours(known: list[Topic]) -> str:
    first, last = known[0], known[-1]
    soonest = f"Where an offer came, half came within {_in_hours(first.hours)} for {first.noun}"
    if _in_hours(last.hours) == _in_hours(first.hours):
        return f"{soonest}."
    return f"{soonest}; for {last.noun} it took {_in_hours(last.hours)}."


def _helpers(found: Figures) -> Part:
    helpers = found.helpers
    if helpers.total is None:
        return Part("helpers", "Who helps", NOT_ENOUGH)
    most = longest(helpers.weeks)
    weeks = _together(list(zip(_weeks(found), helpers.weeks, strict=True)), [count is None for count in helpers.weeks])
    rows = [Row(week, in_words(count), bar([count], most)) for week, count in weeks]
    table = [(week, in_words(count)) for week, count in weeks]
    table.append(("All weeks", in_words(helpers.total)))
    table.append((f"Share of offers by the {TOP} busiest", percent(helpers.share_of_top)))
    head = ("Week of", "Members who offered")
    return Part("helpers", "Who helps", _point_of_helpers(found), Chart(rows), head, table, (WHEN_BUSIEST_ARE_SHOWN,))


def _point_of_helpers(found: Figures) -> str:
    helpers = found.helpers
    said = f"{in_words(helpers.total)} members offered help in these {len(found.mondays)} weeks"
    if helpers.share_of_top is None:
        return f"{said}."
    return f"{said}; the {TOP} busiest made {percent(helpers.share_of_top)} of all offers."


def _safety(found: Figures) -> Part:
    safety = found.safety
    if (point := _point_of_safety(found)) == NOT_ENOUGH:
        return Part("safety", "Reports and decisions", NOT_ENOUGH)
    shares = (("Decided in time", safety.kept), ("Changed after a second look", safety.reversed))
    rows = [Row(label, percent(share), bar([share], 1)) for label, share in shares]
    table = [
        ("Reports for each 100 chats", in_words(safety.reports)),
        ("Hours to decide, median", in_words(safety.hours)),
        *((label, percent(share)) for label, share in shares),
    ]
    return Part("safety", "Reports and decisions", point, Chart(rows), _all_of(found), table, (WHAT_IN_TIME_IS,))


def _point_of_safety(found: Figures) -> str:
    safety = found.safety
    said = []
    if safety.reports is not None:
        said.append(f"For each 100 chats, {in_words(safety.reports)} reports came in.")
    if safety.hours is not None:
        said.append(f"We decided half of the cases within {_in_hours(safety.hours)}.")
    if safety.kept is not None and not said:
        said.append(f"We decided {percent(safety.kept)} of the cases in time.")
    if safety.reversed is not None and not said:
        said.append(f"{percent(safety.reversed)} of the decisions we looked at again were changed.")
    return " ".join(said) or NOT_ENOUGH


def _warnings(found: Figures) -> Part:
    share = found.said_it_is_fine
    if share is None:
        return Part("warnings", "False alarms of warnings", NOT_ENOUGH)
    said = f"Readers said “It is fine” to {percent(share)} of our warnings about money."
    chart = Chart([Row("“It is fine”", percent(share), bar([share], 1))])
    table = [("Warnings their reader called fine", percent(share))]
    return Part("warnings", "False alarms of warnings", said, chart, _all_of(found), table, (WHERE_WARNINGS_STAND,))


def _short(words: list[str]) -> str:
    """What is nested in few is few as well, and need not be said again."""
    end = words.index(FEWER) + 1 if FEWER in words else len(words)
    return " · ".join(words[:end])


def _weeks(found: Figures) -> list[str]:
    *before, this = (date_format(monday, "M j") for monday in found.mondays)
    return [*before, this + SO_FAR]


def _together(weeks: list[Any], are_few: list[bool]) -> list[Any]:
    """The weeks before the first one that can be told of are one line: a young site has many of them."""
    begun = are_few.index(False) if False in are_few else len(weeks) - 1
    if begun < 2:
        return weeks
    return [(f"Each week before {weeks[begun][0].removesuffix(SO_FAR)}", *weeks[0][1:]), *weeks[begun:]]


def _all_of(found: Figures) -> tuple[str, str]:
    return "Figure", f"These {len(found.mondays)} weeks"


def _in_hours(hours: float | None) -> str:
    if hours is None:
        return FEWER
    if hours < 1:
        return "an hour"
    return "1 hour" if in_words(hours) == "1" else f"{in_words(hours)} hours"


def waiting(count: int) -> str:
    if not count:
        return "No request has waited 48 hours for its first offer."
    many = "1 request has" if count == 1 else f"{count:,} requests have"
    return f"{many} waited more than 48 hours without an offer."


def waited(hours: int) -> str:
    return f"{hours} hours" if hours < 96 else f"{hours // 24} days"


def asked(people: int) -> str:
    return (
        "We asked 1 member whether they can help."
        if people == 1
        else f"We asked {people} members whether they can help."
    )
