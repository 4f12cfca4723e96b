"""How a member wants to be written to and told: defaults, changes, many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connections, transaction

from carecollective import invariants
from carecollective.errors import NotValid
from members.models import Member
from notifications import mails, preferences
from notifications import services as notifications
from notifications.models import Emails, Notice, Preferences, ReceiveFrom
from tests.factories.members import MemberFactory
from tests.support.jobs import work_off

FIELDS = ("can_receive_from", "email", "quiet_hours_start", "quiet_hours_end", "read_receipts", "presence")
NIGHT = {"quiet_hours_start": time(21, 30), "quiet_hours_end": time(7, 0)}


def values(chosen: Preferences) -> tuple[Any, ...]:
    return tuple(getattr(chosen, name) for name in FIELDS)


@pytest.mark.django_db
class TestReadingAndChanging:
    def test_who_said_nothing_has_the_defaults_and_no_row(self, asker: Member, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            chosen = preferences.of(asker)
            assert chosen.member == asker
        assert values(chosen) == ("help_connections", "now", None, None, True, True)
        assert not Preferences.objects.exists()

    def test_only_what_is_named_changes(self, asker: Member, helper: Member) -> None:
        preferences.change(asker, email=Emails.DAILY, **NIGHT)
        changed = preferences.change(asker, can_receive_from=ReceiveFrom.NOBODY, presence=False)
        assert values(changed) == ("nobody", "daily", time(21, 30), time(7, 0), True, False)
        assert values(preferences.of(asker)) == values(changed)
        assert values(preferences.of(helper)) == values(Preferences())

    def test_a_change_of_nothing_makes_no_row(self, asker: Member) -> None:
        assert values(preferences.change(asker)) == values(Preferences())
        assert not Preferences.objects.exists()

    def test_the_moment_of_the_last_change_is_kept(self, asker: Member) -> None:
        preferences.change(asker, presence=False)
        Preferences.objects.update(updated_at="2026-01-01T00:00Z")
        assert preferences.change(asker, presence=True).updated_at.isoformat() > "2026-01-02"

    def test_one_hour_moves_and_both_can_go(self, asker: Member) -> None:
        preferences.change(asker, **NIGHT)
        assert preferences.change(asker, quiet_hours_start=time(23, 0)).quiet_hours_start == time(23, 0)
        assert preferences.change(asker, quiet_hours_start=None, quiet_hours_end=None).quiet_hours_end is None

    @pytest.mark.parametrize(
        ("before", "changes", "sentence"),
        [
            ({}, {"quiet_hours_start": time(21)}, "Please give both hours, or neither."),
            ({}, {"quiet_hours_end": time(21)}, "Please give both hours, or neither."),
            (NIGHT, {"quiet_hours_end": None}, "Please give both hours, or neither."),
            (NIGHT, {"quiet_hours_end": time(21, 30)}, "Quiet hours cannot start and end at the same time."),
        ],
    )
    def test_half_of_the_quiet_hours_is_refused(
        self, asker: Member, before: dict[str, time], changes: dict[str, time], sentence: str
    ) -> None:
        preferences.change(asker, presence=False, **before)
        with pytest.raises(NotValid) as refusal:
            preferences.change(asker, presence=True, **changes)
        assert refusal.value.extras["fields"] == {"quiet_hours_end": [sentence]}
        assert preferences.of(asker).presence is False

    @pytest.mark.parametrize("changes", [{"email": "hourly"}, {"can_receive_from": "friends"}])
    def test_the_table_takes_only_words_we_know(self, asker: Member, changes: dict[str, str]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            preferences.change(asker, **changes)

    def test_a_setting_we_do_not_have_is_a_mistake_of_ours(self, asker: Member) -> None:
        with pytest.raises(FieldDoesNotExist):
            preferences.change(asker, loudness=11)

    def test_read_notes_are_shown_only_when_both_show_them(
        self, asker: Member, helper: Member, outsider: Member, django_assert_num_queries: Any
    ) -> None:
        preferences.change(asker, read_receipts=True)
        preferences.change(outsider, read_receipts=False)
        with django_assert_num_queries(3):
            assert preferences.both_show_reading(asker, helper)
            assert not preferences.both_show_reading(asker, outsider)
            assert not preferences.both_show_reading(outsider, asker)


@pytest.mark.django_db
class TestMail:
    def tell(self, kind: str, member: Member) -> str:
        event = notifications.record(kind, about=("helprequest", uuid4()), to=member)
        return str(Notice.objects.get(event=event).pk)

    @pytest.mark.parametrize(
        ("email", "kind", "sent"),
        [("now", "request_expiring", 1), ("off", "request_expiring", 0), ("off", "membership_approved", 1)],
    )
    def test_who_wants_no_mail_gets_only_decisions(self, asker: Member, email: str, kind: str, sent: int) -> None:
        preferences.change(asker, email=email)
        mails.send_notice(self.tell(kind, asker), job_id=1)
        assert len(mail.outbox) == sent


@pytest.mark.committed
class TestManyAtOnce:
    def together(self, member: Member, changes: list[dict[str, Any]]) -> None:
        def write(number: int) -> None:
            try:
                preferences.change(member, **changes[number])
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(changes)) as pool:
            list(pool.map(write, range(len(changes))))

    @pytest.mark.parametrize("has_a_row", [False, True])
    def test_twenty_changes_of_different_things_all_stay(self, has_a_row: bool) -> None:
        member = MemberFactory()
        if has_a_row:
            preferences.change(member, quiet_hours_start=time(1), quiet_hours_end=time(2))
        changes: list[dict[str, Any]] = [
            {"can_receive_from": "anyone"}, {"email": "daily"}, NIGHT, {"read_receipts": False}, {"presence": False},
        ]  # fmt: skip
        self.together(member, changes * 4)
        assert values(preferences.of(member)) == ("anyone", "daily", time(21, 30), time(7, 0), False, False)
        assert Preferences.objects.count() == 1

    def test_a_mail_that_was_not_wanted_is_not_missed(self, ways: Callable[[Member], None]) -> None:
        member = MemberFactory()
        preferences.change(member, email="off")
        with transaction.atomic():
            notifications.record("request_expiring", about=("helprequest", uuid4()), to=member)
        work_off()
        assert mail.outbox == []
        ways(member)
        assert invariants.broken() == {}


@pytest.fixture(params=["stays off", "on again", "on again, and something else"])
def ways(request: pytest.FixtureRequest) -> Callable[[Member], None]:
    def go_on(member: Member) -> None:
        if request.param != "stays off":
            preferences.change(member, email="now")
        if request.param.endswith("else"):
            preferences.change(member, presence=False)

    return go_on
