"""Days and times as people write them, and the moments they mean when the clocks change."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError

from messaging import calendar_file
from messaging.forms.clock import NO_TIME, in_words, time_of
from messaging.models import Plan
from messaging.services.planning import Wish


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5 pm", time(17)), ("5pm", time(17)), ("5 p.m.", time(17)), ("5:30pm", time(17, 30)),
        ("5:30 PM", time(17, 30)),
        ("530pm", time(17, 30)), ("5 p", time(17)), ("5 o'clock pm", time(17)), ("5 o’clock PM", time(17)),
        ("17:30", time(17, 30)), ("1730", time(17, 30)), ("17", time(17)), ("17:30 pm", time(17, 30)),
        ("9 am", time(9)), ("9:05 AM", time(9, 5)), ("09:05", time(9, 5)), ("0:30", time(0, 30)), ("00:00", time(0)),
        ("12 pm", time(12)), ("12 am", time(0)), ("12:45 am", time(0, 45)), ("noon", time(12)), ("12 noon", time(12)),
        ("Noon", time(12)), ("  7 PM  ", time(19)), ("５:３０ ＰＭ", time(17, 30)), ("5 : 30 pm", time(17, 30)),
        ("23:59", time(23, 59)), ("8:15\u202fPM", time(20, 15)),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(written: str, meant: time) -> None:
    assert time_of(written) == meant


@pytest.mark.parametrize("written", ["5", "5:30", "12", "12:00", "10:15", "1"])
def test_what_could_be_either_half_of_the_day_is_asked(written: str) -> None:
    with pytest.raises(ValidationError, match="morning or in the evening") as problem:
        time_of(written)
    hour, _, minute = written.partition(":")
    assert f"like {hour}:{minute or '00'} PM." in problem.value.message


@pytest.mark.parametrize(
    "written",
    ["after lunch", "25:00", "24:00", "5:75 pm", "0 am", "13 am", "-5 pm", "5:3 pm", "5;30 pm", "٥ pm", "99", "pm",
     ":30", "5 pm or 6 pm", "1" * 500, "1:00:00 pm", "<b>5 pm</b>", "12:5 am"],
)  # fmt: skip
def test_what_nobody_can_read_is_said_plainly(written: str) -> None:
    with pytest.raises(ValidationError) as problem:
        time_of(written)
    assert problem.value.message == NO_TIME


def test_every_minute_of_the_day_is_read_as_it_is_shown() -> None:
    for minutes in range(24 * 60):
        at = time(*divmod(minutes, 60))
        assert time_of(in_words(at)) == at


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        ("America/Chicago", date(2026, 3, 7), time(17), "20260307T230000Z"),
        ("America/Chicago", date(2026, 3, 8), time(1, 59), "20260308T075900Z"),
        ("America/Chicago", date(2026, 3, 8), time(2, 30), "20260308T083000Z"),
        ("America/Chicago", date(2026, 3, 8), time(17), "20260308T220000Z"),
        ("America/Chicago", date(2026, 10, 31), time(17), "20261031T220000Z"),
        ("America/Chicago", date(2026, 11, 1), time(1, 30), "20261101T063000Z"),
        ("America/Chicago", date(2026, 11, 1), time(17), "20261101T230000Z"),
        ("America/Chicago", date(2026, 11, 2), time(17), "20261102T230000Z"),
        ("America/Chicago", date(2025, 11, 2), time(17), "20251102T230000Z"),
        ("America/Chicago", date(2027, 3, 13), time(17), "20270313T230000Z"),
        ("America/Chicago", date(2027, 3, 14), time(17), "20270314T220000Z"),
        ("America/New_York", date(2026, 3, 8), time(17), "20260308T210000Z"),
        ("America/New_York", date(2026, 10, 31), time(17), "20261031T210000Z"),
        ("America/New_York", date(2026, 11, 1), time(17), "20261101T220000Z"),
        ("America/New_York", date(2027, 3, 8), time(17), "20270308T220000Z"),
        ("America/Phoenix", date(2026, 3, 8), time(17), "20260309T000000Z"),
        ("America/Phoenix", date(2026, 11, 1), time(17), "20261102T000000Z"),
        ("America/Phoenix", date(2027, 3, 8), time(17), "20270309T000000Z"),
    ],
)  # fmt: skip
def test_a_calendar_gets_the_moment_the_clocks_there_will_show(zone: str, day: date, at: time, moment: str) -> None:
    """Computed by hand, not by the library that makes it: five, six or seven hours from UTC."""
    wish = Wish(day, at, "the porch", zone)
    plan = Plan(day=wish.words[0], time=wish.words[1], time_zone=zone, starts_at=wish.starts_at)
    plan.updated_at, plan.clear_place = datetime(2026, 1, 1, tzinfo=UTC), "the porch"
    assert f"DTSTART:{moment}" in calendar_file.write(plan, "Groceries", "https://example.org/").decode().split("\r\n")
    if (day, at) == (date(2026, 3, 8), time(2, 30)):
        assert plan.time == time(3, 30), "an hour that is not there is the next one"
    else:
        assert (plan.day, plan.time) == (day, at)
