"""Whether two people look at another clock, through every change of the clocks."""

from datetime import datetime

import pytest

from messaging.zones import are_apart

CHICAGO, NEW_YORK, PHOENIX, DENVER = "America/Chicago", "America/New_York", "America/Phoenix", "America/Denver"


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment + "+00:00")


DAYS = ("2025-11-02", "2026-03-08", "2026-11-01", "2027-03-14")


@pytest.mark.parametrize(
    ("mine", "theirs", "moment", "apart"),
    [
        # Phoenix never changes: Denver shows its clock all winter and another all summer.
        (PHOENIX, DENVER, "2025-11-02T07:59", True), (PHOENIX, DENVER, "2025-11-02T08:00", False),
        (PHOENIX, DENVER, "2026-03-08T08:59", False), (PHOENIX, DENVER, "2026-03-08T09:00", True),
        (PHOENIX, DENVER, "2026-11-01T07:59", True), (PHOENIX, DENVER, "2026-11-01T08:00", False),
        (PHOENIX, DENVER, "2027-03-14T08:59", False), (PHOENIX, DENVER, "2027-03-14T09:00", True),
        # New York changes an hour before Chicago: for that hour in autumn both say one o’clock.
        (CHICAGO, NEW_YORK, "2025-11-02T05:59", True), (CHICAGO, NEW_YORK, "2025-11-02T06:00", False),
        (CHICAGO, NEW_YORK, "2025-11-02T06:59", False), (CHICAGO, NEW_YORK, "2025-11-02T07:00", True),
        (CHICAGO, NEW_YORK, "2026-11-01T05:59", True), (CHICAGO, NEW_YORK, "2026-11-01T06:00", False),
        (CHICAGO, NEW_YORK, "2026-11-01T06:59", False), (CHICAGO, NEW_YORK, "2026-11-01T07:00", True),
        (CHICAGO, NEW_YORK, "2026-03-08T06:59", True), (CHICAGO, NEW_YORK, "2026-03-08T07:30", True),
        (CHICAGO, NEW_YORK, "2027-03-14T07:30", True), (CHICAGO, NEW_YORK, "2027-03-14T08:30", True),
        (CHICAGO, "US/Central", "2026-11-01T07:00", False), (CHICAGO, "Etc/GMT+6", "2026-12-01T12:00", False),
        ("Asia/Kathmandu", "Asia/Kolkata", "2026-12-01T12:00", True),
    ],
)  # fmt: skip
def test_two_clocks(mine: str, theirs: str, moment: str, apart: bool) -> None:
    assert are_apart(mine, theirs, at(moment)) == apart
    assert are_apart(theirs, mine, at(moment)) == apart


@pytest.mark.parametrize("day", DAYS)
def test_phoenix_is_never_together_with_the_others_and_nobody_apart_from_themselves(day: str) -> None:
    for hour in range(24):
        moment = at(f"{day}T{hour:02}:30")
        assert are_apart(CHICAGO, PHOENIX, moment)
        assert are_apart(NEW_YORK, PHOENIX, moment)
        assert not any(are_apart(zone, zone, moment) for zone in (CHICAGO, NEW_YORK, PHOENIX))


@pytest.mark.parametrize("unknown", ["", "Mars/Olympus", "../../etc", "America", "x" * 5000, "\0"])
def test_a_zone_nobody_told_is_the_one_of_the_community(unknown: str) -> None:
    assert not are_apart(unknown, CHICAGO, at("2026-11-21T12:00"))
    assert not are_apart(unknown, "", at("2026-11-21T12:00"))
    assert are_apart(unknown, NEW_YORK, at("2026-11-21T12:00"))


def test_the_moment_may_be_told_in_any_zone() -> None:
    assert not are_apart(CHICAGO, NEW_YORK, datetime.fromisoformat("2026-11-01T01:30-05:00"))
