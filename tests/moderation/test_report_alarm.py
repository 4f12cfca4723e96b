"""More than ten reports about messages in an hour: operators hear of it, once an hour."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now

from carecollective import ports
from features.models import Alarm
from features.services import alarms
from members.models import Member
from moderation.models import Kind, Reason, Report
from moderation.models.words import IN_CONVERSATIONS
from moderation.services import report_alarm, reporting
from moderation.services.reporting import Complaint
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say

pytestmark = pytest.mark.django_db
ANEW = ("id", "number", "created_at", "target_id")


def reported(times: int, kind: Kind = Kind.MESSAGE, by: int = 3, ago: timedelta = timedelta(0)) -> None:
    """About one writer, by so many others: each does it once now, and the rest of them so long ago."""
    helper = MemberFactory()
    for number in range(by):
        asker = MemberFactory()
        thread = offer_to(asker, helper)
        target = {
            Kind.MESSAGE: lambda: say(helper, thread, f"Rude {number}."),  # noqa: B023
            Kind.CONVERSATION: lambda: thread.pk,  # noqa: B023
            Kind.HELP_REQUEST: lambda: HelpRequestFactory(requester=helper).pk,
            Kind.MEMBER: lambda: helper.pk,
        }[kind]()
        first = reporting.report(asker, kind, target, Complaint(Reason.HARASSMENT))
        more = times // by + (number < times % by) - 1
        Report.objects.bulk_create(Report(**_but_its_target(first), created_at=Now() - ago) for _ in range(more))


def _but_its_target(report: Report) -> dict[str, Any]:
    kept = [field.attname for field in Report._meta.concrete_fields if field.name not in ANEW]
    return {name: getattr(report, name) for name in kept} | {"target_id": uuid4()}


def raised() -> int:
    return Alarm.objects.filter(kind="reports").count()


class TestHowMany:
    @pytest.mark.parametrize("kind", IN_CONVERSATIONS)
    def test_ten_are_none_eleven_are_one_and_within_the_hour_no_more(self, kind: Kind) -> None:
        reported(10, kind)
        assert report_alarm.raise_alarm() is None
        reported(1, kind, by=1)
        assert report_alarm.raise_alarm() is not None
        reported(5, kind, by=1)
        assert report_alarm.raise_alarm() is None
        assert raised() == 1

    @pytest.mark.parametrize("kind", [Kind.HELP_REQUEST, Kind.MEMBER])
    def test_what_is_not_about_messages_does_not_count(self, kind: Kind) -> None:
        reported(11, kind)
        assert report_alarm.raise_alarm() is None

    def test_those_of_an_hour_ago_do_not_count(self) -> None:
        reported(9, by=1, ago=timedelta(hours=1))
        reported(9, by=1)
        assert report_alarm.raise_alarm() is None
        reported(2, by=1, ago=timedelta(minutes=59))
        alarm = report_alarm.raise_alarm()
        assert alarm
        assert "reported 12 times" in alarm.sentence


def test_it_says_how_many_and_of_whom_and_where_to_look(operator: Member) -> None:
    reported(11)
    alarm = report_alarm.raise_alarm()
    assert alarm
    assert alarm.sentence == (
        "Messages and chats were reported 11 times in the last hour, by 3 members, about 1 member; "
        "the cases are here: http://testserver/admin/moderation/case/"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'about' FROM procrastinate_jobs WHERE args->>'kind' = 'alarm'")
        assert cursor.fetchall() == [(f"{alarm.pk}:{operator.pk}",)]


def test_the_worker_looks_every_few_minutes() -> None:
    (job,) = (job for job in ports.jobs() if job.function == report_alarm.raise_alarm)
    assert job.cron == "*/5 * * * *"


@pytest.mark.usefixtures("operator")
def test_an_hour_later_it_is_told_again_if_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reported(11)
    assert report_alarm.raise_alarm()
    # Rows of alarms are never changed, so the hour is made short instead.
    monkeypatch.setattr(alarms, "PAUSE", timedelta(0))
    assert report_alarm.raise_alarm()
    assert raised() == 2
