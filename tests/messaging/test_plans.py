"""After an accepted offer: when and where, a yes from both, a reminder, and whether it helped."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from carecollective import ports
from carecollective.errors import (
    HelpRequestUnavailable,
    NotFound,
    NotPermitted,
    NotValid,
    OfferStateChanged,
    RateLimited,
)
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from help_requests.models import Status as RequestStatus
from members import limits
from members.models import Member
from members.services import blocks
from messaging import calendar_file
from messaging.models import Conversation, Happening, OfferState, Plan
from messaging.services import closing, deciding, plan_times, planning, requests
from messaging.services.planning import Wish
from notifications import mails
from notifications.models import Event, Notice
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory, helped_by
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer, offer_to
from tests.help_requests.test_races import at_once
from tests.members.pages.sent import said
from tests.messaging.test_deciding import lines, told

pytestmark = pytest.mark.both_ways

CHICAGO = ZoneInfo("America/Chicago")
PLACE = "the porch of 12 Elm Street"


def day_in(days: int) -> date:
    return now().astimezone(CHICAGO).date() + timedelta(days=days)


def wish(days: int = 3, at: time = time(17), place: str = PLACE, zone: str = "America/Chicago") -> Wish:
    return Wish(day_in(days), at, place, zone)


@pytest.fixture
def conversation(asker: Member, helper: Member) -> Conversation:
    return accepted(asker, helper)


@pytest.fixture
def request_id(conversation: Conversation) -> Any:
    return conversation.help_request_id


@pytest.fixture
def agreed(asker: Member, helper: Member, request_id: Any) -> Plan:
    plan = planning.make_plan(asker, request_id, wish())
    return planning.agree_to_plan(helper, request_id, plan.version)


@pytest.mark.django_db
class TestMaking:
    @pytest.mark.parametrize("maker", ["asker", "helper"])
    def test_either_makes_it_and_has_agreed_and_the_other_is_told(self, request, conversation, request_id, maker):
        member = request.getfixturevalue(maker)
        plan = planning.make_plan(member, request_id, wish())
        side, other = conversation.side_of(member), conversation.other(member)
        assert (plan.version, plan.made_by, plan.is_agreed) == (1, member, False)
        assert (plan.day, plan.time, plan.clear_place) == (day_in(3), time(17), PLACE)
        assert plan.is_agreed_by(side)
        assert told(other)[-1] == "plan_made"
        assert "plan_made" not in told(member)
        assert lines(conversation)[-1] == Happening.PLAN_MADE
        assert broken() == {}

    def test_it_holds_once_the_other_says_yes_and_twice_is_once(self, asker, helper, conversation, request_id):
        planning.make_plan(asker, request_id, wish())
        for _ in range(2):
            plan = planning.agree_to_plan(helper, request_id, 1)
            assert (plan.is_agreed, plan.version) == (True, 1)
        assert told(asker).count("plan_agreed") == 1
        assert lines(conversation).count(Happening.PLAN_AGREED) == 1
        assert planning.agree_to_plan(asker, request_id, 1).is_agreed
        assert "plan_agreed" not in told(helper)

    def test_a_change_must_be_agreed_anew(self, asker, helper, conversation, request_id, agreed):
        Plan.objects.update(reminded_at=now(), asked_at=now(), answer="not_yet", answered_at=now())
        plan = planning.make_plan(helper, request_id, wish(days=4))
        assert (plan.pk, plan.version, plan.made_by) == (agreed.pk, 2, helper)
        assert (plan.requester_agreed_at, plan.is_agreed_by("helper"), plan.is_agreed) == (None, True, False)
        assert (plan.reminded_at, plan.asked_at, plan.answer, plan.answered_at) == (None, None, "", None)
        assert told(asker)[-1] == "plan_changed"
        assert lines(conversation)[-1] == Happening.PLAN_CHANGED
        assert broken() == {}

    @pytest.mark.parametrize("changed", [
        {"days": 4}, {"at": time(17, 30)}, {"place": "the market"}, {"zone": "America/Denver"},
    ])  # fmt: skip
    def test_every_part_of_it_counts(self, asker, request_id, agreed, changed):
        assert planning.make_plan(asker, request_id, wish(**changed)).version == 2

    def test_the_same_from_its_maker_changes_and_tells_nothing(self, asker, helper, conversation, request_id):
        first = planning.make_plan(asker, request_id, wish())
        again = planning.make_plan(asker, request_id, wish())
        assert (again.version, again.updated_at, again.is_agreed) == (1, first.updated_at, False)
        assert told(helper).count("plan_made") == 1
        assert "plan_changed" not in told(helper)

    def test_the_same_from_the_other_is_a_yes(self, asker, helper, conversation, request_id):
        planning.make_plan(asker, request_id, wish())
        plan = planning.make_plan(helper, request_id, wish())
        assert (plan.version, plan.is_agreed, plan.made_by) == (1, True, asker)
        assert told(asker)[-1] == "plan_agreed"
        assert lines(conversation)[-1] == Happening.PLAN_AGREED

    def test_a_day_that_is_over_is_refused_where_the_plan_is(self, asker, request_id, monkeypatch):
        # Half past eleven in the evening of the 9th in Chicago is the 10th in New York.
        monkeypatch.setattr(planning, "now", lambda: datetime(2026, 3, 10, 4, 30, tzinfo=UTC))
        with pytest.raises(NotValid) as refused:
            planning.make_plan(asker, request_id, Wish(date(2026, 3, 9), time(9), PLACE, "America/New_York"))
        assert refused.value.extras["fields"] == {"date": [planning.IS_OVER]}
        assert not Plan.objects.exists()
        assert planning.make_plan(asker, request_id, Wish(date(2026, 3, 9), time(9), PLACE, "America/Chicago"))

    @pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
    def test_a_day_nobody_means_is_refused(self, asker, request_id, day):
        with pytest.raises(NotValid):
            planning.make_plan(asker, request_id, Wish(day, time(23, 59), PLACE, "Pacific/Honolulu"))

    def test_the_place_is_never_in_the_clear(self, asker, request_id):
        plan = planning.make_plan(asker, request_id, wish())
        for place in (PLACE, "another"):
            changed = planning.make_plan(asker, request_id, wish(place=place))
            with connection.cursor() as cursor:
                cursor.execute("SELECT place, key_id, plans::text FROM plans")
                stored, key_id, row = cursor.fetchone()
            assert (changed.pk, key_id, changed.clear_place) == (plan.pk, "tests", place)
            assert place not in row
            assert stored == changed.place

    def test_a_plan_is_a_message_and_counts_as_one(self, asker, request_id, monkeypatch):
        monkeypatch.setattr(limits, "MESSAGES", limits.Limit("messages", 1, timedelta(minutes=1)))
        planning.make_plan(asker, request_id, wish())
        with pytest.raises(RateLimited):
            planning.make_plan(asker, request_id, wish(days=5))

    def test_one_plan_that_counts_per_request_and_no_version_twice(self, asker, conversation, request_id, agreed):
        for more in ({"version": 7}, {"version": 1, "cancelled_at": now()}):
            copy = Plan(help_request_id=request_id, conversation=conversation, made_by=asker, day=agreed.day, **more)
            copy.time, copy.time_zone, copy.starts_at = agreed.time, agreed.time_zone, agreed.starts_at
            copy.clear_place, copy.requester_agreed_at = PLACE, now()
            with pytest.raises(IntegrityError), transaction.atomic():
                copy.save()


class TestHoursThatAreNotThere:
    def test_an_hour_the_clocks_skip_counts_on(self):
        skipped = Wish(date(2027, 3, 14), time(2, 30), PLACE, "America/Chicago")
        assert skipped.starts_at == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)
        assert skipped.words == (date(2027, 3, 14), time(3, 30), PLACE, "America/Chicago")

    def test_of_an_hour_that_comes_twice_it_is_the_first(self):
        twice = Wish(date(2026, 11, 1), time(1, 30), PLACE, "America/Chicago")
        assert twice.starts_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
        assert twice.words[1] == time(1, 30)

    @pytest.mark.parametrize(("day", "utc"), [(date(2027, 3, 13), 23), (date(2027, 3, 15), 22)])
    def test_the_same_clock_is_another_moment_after_the_change(self, day, utc):
        assert Wish(day, time(17), PLACE, "America/Chicago").starts_at.hour == utc

    @pytest.mark.django_db
    def test_what_is_stored_is_really_on_the_clock(self, asker, request_id, monkeypatch):
        monkeypatch.setattr(planning, "now", lambda: datetime(2027, 3, 10, tzinfo=UTC))
        night = Wish(date(2027, 3, 14), time(2, 30), PLACE, "America/Chicago")
        plan = planning.make_plan(asker, request_id, night)
        assert (plan.time, plan.starts_at) == (time(3, 30), night.starts_at)
        assert planning.make_plan(asker, request_id, night).version == 1


@pytest.mark.django_db
class TestAgreeing:
    def test_nobody_agrees_to_what_they_have_not_seen(self, asker, helper, request_id):
        planning.make_plan(asker, request_id, wish())
        planning.make_plan(asker, request_id, wish(place="the market"))
        for version in (1, 3):
            with pytest.raises(OfferStateChanged, match=re.escape("The plan has changed in the meantime.")):
                planning.agree_to_plan(helper, request_id, version)
        assert not Plan.objects.get().is_agreed
        assert planning.agree_to_plan(helper, request_id, 2).is_agreed

    def test_an_old_yes_does_not_fit_a_plan_made_after_one_was_taken_back(self, asker, helper, request_id):
        planning.make_plan(asker, request_id, wish())
        planning.cancel_plan(asker, request_id)
        with pytest.raises(OfferStateChanged):
            planning.agree_to_plan(helper, request_id, 1)
        assert planning.make_plan(asker, request_id, wish(place="far away")).version == 2
        with pytest.raises(OfferStateChanged):
            planning.agree_to_plan(helper, request_id, 1)
        assert told(helper)[-3:] == ["plan_made", "plan_cancelled", "plan_made"]

    @pytest.mark.parametrize("who", ["asker", "helper"])
    def test_either_takes_it_back_and_twice_is_once(self, request, conversation, request_id, agreed, who):
        member = request.getfixturevalue(who)
        for _ in range(2):
            planning.cancel_plan(member, request_id)
        assert told(conversation.other(member)).count("plan_cancelled") == 1
        assert lines(conversation).count(Happening.PLAN_CANCELLED) == 1
        assert planning.find(member, request_id).plan is None
        assert broken() == {}


@pytest.mark.django_db
class TestWhoMay:
    def verbs(self, member: Member, request_id: Any) -> list[Any]:
        return [
            lambda: planning.make_plan(member, request_id, wish(days=9)),
            lambda: planning.agree_to_plan(member, request_id, 1),
            lambda: planning.cancel_plan(member, request_id),
        ]

    def test_nobody_else(self, outsider, waiting, request_id, agreed, asker):
        offered = MemberFactory()
        for member, refusal in ((outsider, NotPermitted), (offered, NotPermitted), (waiting, NotFound)):
            for verb in [*self.verbs(member, request_id), lambda who=member: planning.find(who, request_id)]:
                with pytest.raises(refusal):
                    verb()
        assert Plan.objects.get().updated_at == agreed.updated_at

    def test_not_even_somebody_who_offered_and_was_not_chosen(self, asker, helper, outsider):
        asked = HelpRequestFactory(requester=asker)
        first, _ = offer(helper, asked), offer(outsider, asked)
        deciding.accept_offer(asker, first.pk)
        for verb in self.verbs(outsider, asked.pk):
            with pytest.raises(NotPermitted):
                verb()

    def test_nothing_without_an_accepted_offer(self, asker, helper):
        waits = offer_to(asker, helper).asked_for.pk
        earlier_system = helped_by(helper, requester=asker).pk
        for request_id in (waits, earlier_system):
            for verb in self.verbs(asker, request_id):
                with pytest.raises(HelpRequestUnavailable):
                    verb()
            assert planning.find(asker, request_id).plan is None

    def test_nothing_when_the_request_is_over(self, asker, helper, request_id, agreed):
        requests.complete_request(asker, request_id)
        for verb in [*self.verbs(asker, request_id), *self.verbs(helper, request_id)]:
            with pytest.raises(HelpRequestUnavailable):
                verb()

    @pytest.mark.parametrize("end", ["block", "close"])
    def test_where_nobody_writes_no_plan_is_made_but_it_can_be_taken_back(
        self, asker, helper, conversation, request_id, end
    ):
        planning.make_plan(asker, request_id, wish())
        if end == "block":
            blocks.block(asker, helper.pk)
        else:
            closing.close_conversation(asker, conversation.pk)
        for member in (asker, helper):
            for verb in self.verbs(member, request_id)[:2]:
                with pytest.raises(NotPermitted):
                    verb()
        planning.cancel_plan(asker, request_id)
        assert told(helper)[-1] == "plan_cancelled"

    def test_whose_account_was_taken_back_plans_nothing(self, helper, request_id, agreed):
        Member.objects.filter(pk=helper.pk).update(is_active=False)
        for verb in self.verbs(helper, request_id)[:2]:
            with pytest.raises(NotPermitted):
                verb()


@pytest.mark.django_db
class TestReleasedOffers:
    @pytest.mark.parametrize("how", ["withdrawn", "reopened", "cancelled"])
    def test_a_released_offer_takes_the_plan_back(self, asker, helper, conversation, request_id, agreed, how):
        if how == "withdrawn":
            deciding.withdraw_offer(helper, conversation.pk)
        if how == "reopened":
            requests.reopen_request(asker, request_id)
        if how == "cancelled":
            requests.cancel_request(asker, request_id)
        assert Plan.objects.get().cancelled_at is not None
        assert planning.find(asker, request_id).plan is None
        with pytest.raises(NotPermitted):
            planning.find(helper, request_id)
        assert broken() == {}

    def test_the_next_helper_never_reads_the_plan_of_the_one_before(
        self, asker, helper, outsider, conversation, request_id, agreed
    ):
        deciding.withdraw_offer(helper, conversation.pk)
        next_one = offer(outsider, HelpRequest.objects.get(pk=request_id))
        deciding.accept_offer(asker, next_one.pk)
        assert planning.find(outsider, request_id).plan is None
        assert planning.make_plan(outsider, request_id, wish()).version == 2


@pytest.mark.django_db
class TestReminders:
    def at(self, monkeypatch: pytest.MonkeyPatch, plan: Plan, days: int, hour: int, minute: int = 0) -> None:
        """So many days after the day of the plan, on the clocks of its place."""
        here = datetime.combine(plan.day + timedelta(days=days), time(hour, minute), tzinfo=ZoneInfo(plan.time_zone))
        monkeypatch.setattr(plan_times, "now", lambda: here.astimezone(UTC))

    def test_both_are_reminded_once_from_nine_of_the_day_before(self, asker, helper, agreed, monkeypatch):
        for days, hour, minute, reminded in ((-2, 23, 59, 0), (-1, 8, 59, 0), (-1, 9, 0, 1), (-1, 9, 15, 0)):
            self.at(monkeypatch, agreed, days, hour, minute)
            assert plan_times.remind_of_plans() == reminded
        assert told(asker).count("plan_tomorrow") == told(helper).count("plan_tomorrow") == 1
        about = Notice.objects.filter(event__kind="plan_tomorrow").values_list("event__about_id", flat=True)
        assert set(about) == {str(agreed.conversation_id)}

    def test_on_the_day_itself_it_is_too_late(self, agreed, monkeypatch):
        self.at(monkeypatch, agreed, 0, 0, 0)
        assert plan_times.remind_of_plans() == 0

    @pytest.mark.parametrize("hour", [time(0), time(23, 59)])
    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
    def test_tomorrow_is_the_tomorrow_of_the_place(self, asker, helper, request_id, monkeypatch, zone, hour):
        plan = planning.make_plan(asker, request_id, wish(days=5, at=hour, zone=zone))
        planning.agree_to_plan(helper, request_id, plan.version)
        for days, clock, reminded in ((-1, 8, 0), (-1, 23, 1)):
            self.at(monkeypatch, plan, days, clock)
            assert plan_times.remind_of_plans() == reminded

    def test_when_the_clocks_go_back_in_between(self, asker, helper, request_id, monkeypatch):
        monkeypatch.setattr(planning, "now", lambda: datetime(2026, 10, 20, tzinfo=UTC))
        planning.make_plan(asker, request_id, Wish(date(2026, 11, 1), time(23, 59), PLACE, "America/Chicago"))
        plan = planning.agree_to_plan(helper, request_id, 1)
        self.at(monkeypatch, plan, -1, 9)
        assert plan_times.remind_of_plans() == 1

    def test_only_agreed_plans_of_requests_that_go_on(self, asker, helper, request_id, monkeypatch):
        plan = planning.make_plan(asker, request_id, wish())
        for days, job in ((-1, plan_times.remind_of_plans), (1, plan_times.ask_whether_it_helped)):
            self.at(monkeypatch, plan, days, 12)
            assert job() == 0
        planning.agree_to_plan(helper, request_id, 1)
        requests.complete_request(asker, request_id)
        for days, job in ((-1, plan_times.remind_of_plans), (1, plan_times.ask_whether_it_helped)):
            self.at(monkeypatch, plan, days, 12)
            assert job() == 0

    def test_a_changed_plan_is_reminded_of_anew(self, asker, helper, request_id, agreed, monkeypatch):
        self.at(monkeypatch, agreed, -1, 12)
        assert plan_times.remind_of_plans() == 1
        plan = planning.make_plan(helper, request_id, wish(days=6))
        planning.agree_to_plan(asker, request_id, plan.version)
        self.at(monkeypatch, plan, -1, 12)
        assert plan_times.remind_of_plans() == 1

    def test_a_plan_taken_back_is_not_reminded_of(self, asker, request_id, agreed, monkeypatch):
        planning.cancel_plan(asker, request_id)
        self.at(monkeypatch, agreed, -1, 12)
        assert plan_times.remind_of_plans() == 0

    def test_what_changed_between_the_list_and_the_lock_is_left_alone(self, agreed, monkeypatch):
        self.at(monkeypatch, agreed, -1, 12)
        monkeypatch.setattr(plan_times, "_near", lambda plans: [agreed, agreed])
        assert plan_times.remind_of_plans() == 1

    def test_the_day_after_the_asker_is_asked_once(self, asker, helper, agreed, monkeypatch):
        for days, hour, minute, asked in ((0, 23, 0, 0), (1, 8, 59, 0), (1, 9, 0, 1), (1, 10, 0, 0), (2, 9, 0, 0)):
            self.at(monkeypatch, agreed, days, hour, minute)
            assert plan_times.ask_whether_it_helped() == asked
        assert (told(asker).count("plan_over"), told(helper).count("plan_over")) == (1, 0)

    @pytest.mark.parametrize("kind", ["plan_made", "plan_changed", "plan_agreed", "plan_tomorrow", "plan_over"])
    def test_each_mail_leads_to_the_page_it_speaks_of(self, asker, helper, request_id, agreed, monkeypatch, kind):
        planning.make_plan(asker, request_id, wish(days=5))
        plan = planning.agree_to_plan(helper, request_id, 2)
        self.at(monkeypatch, plan, -1, 12)
        plan_times.remind_of_plans()
        self.at(monkeypatch, plan, 1, 12)
        plan_times.ask_whether_it_helped()
        data = Event.objects.filter(kind=kind).values_list("data", flat=True).first()
        mail = mails.compose(kind, ports.Letter("ana@example.org", "Ana", {"about_id": "x", "data": data}), 1)
        page = "done" if kind == "plan_over" else "plan"
        assert f"/requests/{request_id}/{page}/" in mail.body

    @pytest.mark.parametrize(("said_after", "asked"), [(True, 0), (False, 1)])
    def test_who_has_said_it_is_not_asked(self, asker, request_id, agreed, monkeypatch, said_after, asked):
        planning.answer_plan(asker, request_id, "not_yet")
        if said_after:
            Plan.objects.update(answered_at=agreed.starts_at + timedelta(hours=1))
        self.at(monkeypatch, agreed, 1, 9)
        assert plan_times.ask_whether_it_helped() == asked

    def test_after_a_week_nobody_asks_any_more(self, agreed, monkeypatch):
        self.at(monkeypatch, agreed, 8, 9)
        assert plan_times.ask_whether_it_helped() == 0

    def test_the_worker_knows_them(self):
        assert {"remind_of_plans", "ask_whether_it_helped"} <= {job.name for job in ports.jobs()}


def answered(asker: Member, request_id: Any, answer: str) -> Plan:
    plan = planning.answer_plan(asker, request_id, answer)
    assert plan
    return plan


@pytest.mark.django_db
class TestDidItHelp:
    def test_yes_ends_the_request(self, asker, helper, conversation, request_id, agreed):
        for _ in range(2):
            plan = answered(asker, request_id, "yes")
            assert (plan.answer, plan.cancelled_at) == ("yes", None)
        assert HelpRequest.objects.get().status == RequestStatus.COMPLETED
        assert told(helper).count("request_completed") == 1
        assert lines(conversation).count(Happening.COMPLETED) == 1
        assert broken() == {}

    def test_not_yet_leaves_all_as_it_is_and_it_can_be_planned_anew(self, asker, helper, request_id, agreed):
        for _ in range(2):
            plan = answered(asker, request_id, "not_yet")
            assert (plan.answer, plan.answered_at is not None, plan.is_agreed) == ("not_yet", True, True)
        assert HelpRequest.objects.get().status == RequestStatus.IN_PROGRESS
        # Even the same words: they are a new plan now.
        again = planning.make_plan(helper, request_id, wish())
        assert (again.answer, again.answered_at, again.version, again.is_agreed) == ("", None, 2, False)

    def test_it_did_not_work_opens_the_request_anew(self, asker, helper, conversation, request_id, agreed):
        for _ in range(2):
            plan = answered(asker, request_id, "did_not_work")
            assert (plan.answer, plan.cancelled_at is not None) == ("did_not_work", True)
        request = HelpRequest.objects.get()
        assert (request.status, request.helper) == (RequestStatus.OPEN, None)
        assert Conversation.objects.get().offer_state == OfferState.OFFERED
        assert lines(conversation)[-1] == Happening.RELEASED
        assert told(helper).count("request_reopened") == 1
        assert broken() == {}

    def test_one_may_say_no_after_not_yet_and_yes_after_all(self, asker, request_id, agreed):
        planning.answer_plan(asker, request_id, "not_yet")
        assert answered(asker, request_id, "yes").answer == "yes"
        with pytest.raises(HelpRequestUnavailable):
            planning.answer_plan(asker, request_id, "did_not_work")

    def test_a_yes_counts_when_the_helper_ended_the_request_first(self, asker, helper, request_id, agreed):
        requests.complete_request(helper, request_id)
        assert answered(asker, request_id, "yes").answer == "yes"

    def test_it_needs_no_plan(self, asker, helper, request_id, agreed):
        planning.cancel_plan(helper, request_id)
        planning.answer_plan(asker, request_id, "yes")
        assert HelpRequest.objects.get().status == RequestStatus.COMPLETED
        assert Plan.objects.get().answer == ""

    def test_it_did_not_work_with_somebody_one_blocked(self, asker, helper, request_id, agreed):
        blocks.block(asker, helper.pk)
        planning.answer_plan(asker, request_id, "did_not_work")
        assert HelpRequest.objects.get().status == RequestStatus.OPEN

    @pytest.mark.parametrize("answer", ["yes", "not_yet", "did_not_work"])
    def test_only_the_asker_says_it(self, helper, outsider, waiting, request_id, agreed, answer):
        for member, refusal in ((helper, NotPermitted), (outsider, NotPermitted), (waiting, NotFound)):
            with pytest.raises(refusal):
                planning.answer_plan(member, request_id, answer)

    @pytest.mark.parametrize("answer", ["yes", "not_yet", "did_not_work"])
    def test_without_a_helper_there_is_nothing_to_say(self, asker, answer):
        for request in (HelpRequestFactory(requester=asker), HelpRequestFactory(requester=asker, completed=True)):
            with pytest.raises(HelpRequestUnavailable):
                planning.answer_plan(asker, request.pk, answer)


@pytest.mark.committed
class TestAtOnce:
    @pytest.fixture
    def conversation(self) -> Conversation:
        return accepted(MemberFactory(), MemberFactory())

    def test_two_changes_leave_one_plan_of_the_second_version(self, conversation):
        request_id = conversation.asked_for.pk
        ends = at_once(
            *(
                lambda who=who, days=days: planning.make_plan(who, request_id, wish(days=days))
                for days, who in enumerate([conversation.requester, conversation.helper] * 3, start=1)
            )
        )
        assert ends == ["done"] * 6
        plan = Plan.objects.get()
        assert plan.version == 6
        assert [plan.is_agreed_by("requester"), plan.is_agreed_by("helper")].count(True) == 1
        assert lines(conversation).count(Happening.PLAN_CHANGED) == 5
        assert broken() == {}

    def test_a_yes_and_a_change_never_agree_to_what_was_not_seen(self, conversation):
        request_id, asker, helper = conversation.asked_for.pk, conversation.requester, conversation.helper
        planning.make_plan(asker, request_id, wish())
        ends = at_once(
            lambda: planning.agree_to_plan(helper, request_id, 1),
            lambda: planning.make_plan(asker, request_id, wish(place="far away")),
        )
        plan = Plan.objects.get()
        assert ends in (["done", "done"], ["offer_state_changed", "done"])
        assert (plan.version, plan.is_agreed, plan.helper_agreed_at) == (2, False, None)
        assert broken() == {}

    def test_the_same_plan_from_both_is_agreed(self, conversation):
        request_id, people = conversation.asked_for.pk, (conversation.requester, conversation.helper)
        assert at_once(*(lambda who=who: planning.make_plan(who, request_id, wish()) for who in people)) == ["done"] * 2
        assert (Plan.objects.get().version, Plan.objects.get().is_agreed) == (1, True)

    def test_a_plan_and_the_end_of_its_offer_do_not_wait_for_ever(self, conversation):
        request_id, asker, helper = conversation.asked_for.pk, conversation.requester, conversation.helper
        at_once(
            lambda: planning.make_plan(asker, request_id, wish()),
            lambda: deciding.withdraw_offer(helper, conversation.pk),
            lambda: planning.answer_plan(asker, request_id, "did_not_work"),
            lambda: planning.cancel_plan(helper, request_id),
        )
        assert not Plan.objects.counting().exists()
        assert broken() == {}

    def test_two_workers_remind_once(self, conversation, monkeypatch):
        request_id, asker, helper = conversation.asked_for.pk, conversation.requester, conversation.helper
        planning.make_plan(asker, request_id, wish())
        plan = planning.agree_to_plan(helper, request_id, 1)
        monkeypatch.setattr(plan_times, "now", lambda: plan.starts_at - timedelta(hours=20))
        at_once(*[plan_times.remind_of_plans] * 4)
        assert told(asker).count("plan_tomorrow") == 1


@pytest.mark.django_db
class TestTheFile:
    def lines_of(self, plan: Plan, title: str = "Groceries") -> list[bytes]:
        return calendar_file.write(plan, title, "http://testserver/requests/x/plan/").split(b"\r\n")

    def test_it_is_what_calendars_read(self, asker, helper, request_id, agreed):
        answer = browser_of(helper).get(f"/requests/{request_id}/plan.ics")
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="plan.ics"'
        assert answer["Cache-Control"] == "private, no-store"
        text = answer.content.decode()
        assert text.endswith("END:VCALENDAR\r\n")
        assert "\n" not in text.replace("\r\n", "")
        found = text.split("\r\n")
        assert f"DTSTART:{agreed.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}" in found
        assert f"UID:{agreed.pk}@testserver" in found
        assert {"SEQUENCE:1", "STATUS:CONFIRMED", f"LOCATION:{PLACE}"} <= set(found)
        assert "SUMMARY:Pick up groceries on Tuesday" in found

    def test_a_later_version_changes_the_same_entry(self, asker, request_id, agreed):
        before = self.lines_of(agreed)
        after = self.lines_of(planning.make_plan(asker, request_id, wish(days=5)))
        assert before[6] == after[6] == f"UID:{agreed.pk}@testserver".encode()
        assert (before[7], after[7]) == (b"SEQUENCE:1", b"SEQUENCE:2")
        assert b"STATUS:TENTATIVE" in after

    def test_long_lines_are_folded_and_no_letter_is_cut(self, asker, request_id):
        place = "Ärztehaus, 3. Stock; Eingang hinten \\ Klingel „Müller“ 🌻" + "ü🌻" * 30
        plan = planning.make_plan(asker, request_id, wish(place=place))
        folded = self.lines_of(plan, "é" * 100)
        assert max(map(len, folded)) <= 75
        unfolded = b"\r\n".join(folded).replace(b"\r\n ", b"").decode().split("\r\n")
        where = next(line for line in unfolded if line.startswith("LOCATION:"))
        assert where == "LOCATION:" + place.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        assert "SUMMARY:" + "é" * 100 in unfolded

    def test_nothing_can_be_smuggled_in(self):
        assert calendar_file.escaped("a\nEND:VEVENT") == "a\\nEND:VEVENT"

    def test_only_for_the_two_and_only_while_it_counts(self, asker, helper, outsider, request_id, agreed, client):
        address = f"/requests/{request_id}/plan.ics"
        assert browser_of(outsider).get(address).status_code == 403
        assert client.get(address).status_code == 302
        planning.cancel_plan(helper, request_id)
        assert browser_of(asker).get(address).status_code == 404


@pytest.mark.django_db
class TestTheApi:
    def address(self, request_id: Any, more: str = "") -> str:
        return f"/api/help-requests/{request_id}/plan{more}"

    def body(self, **changes: Any) -> dict[str, Any]:
        told = {"date": day_in(3).isoformat(), "time": "17:00", "place": f"  {PLACE} ", "time_zone": "America/Chicago"}
        return told | changes

    def put(self, member: Member, request_id: Any, **changes: Any) -> Any:
        return client_of(member).put(self.address(request_id), self.body(**changes), format="json")

    def test_from_nothing_to_agreed_and_back(self, asker, helper, request_id):
        assert client_of(asker).get(self.address(request_id)).json() == {"success": True, "plan": None}
        made = self.put(asker, request_id)
        assert made.status_code == 200
        plan = made.json()["plan"]
        assert plan == client_of(helper).get(self.address(request_id)).json()["plan"]
        assert plan == {
            "id": str(Plan.objects.get().pk), "date": day_in(3).isoformat(), "time": "17:00", "place": PLACE,
            "time_zone": "America/Chicago", "version": 1, "made_by_id": str(asker.pk), "requester_agreed": True,
            "starts_at": f"{Plan.objects.get().starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "helper_agreed": False, "agreed": False, "answer": None,
        }  # fmt: skip
        agreed = client_of(helper).post(self.address(request_id, "/agree"), {"version": 1}, format="json")
        assert (agreed.status_code, agreed.json()["plan"]["agreed"]) == (200, True)
        for _ in range(2):
            gone = client_of(helper).delete(self.address(request_id))
            assert (gone.status_code, gone.json()["plan"]) == (200, None)

    def test_without_a_zone_it_is_ones_own_else_the_sites(self, asker, helper, request_id):
        body = self.body()
        del body["time_zone"]
        Member.objects.filter(pk=asker.pk).update(time_zone="America/Denver")
        for member, zone in ((Member.objects.get(pk=asker.pk), "America/Denver"), (helper, "America/Chicago")):
            answer = client_of(member).put(self.address(request_id), body, format="json")
            assert answer.json()["plan"]["time_zone"] == zone

    def test_an_old_version_is_409(self, asker, helper, request_id):
        self.put(asker, request_id)
        self.put(asker, request_id, place="the market")
        answer = client_of(helper).post(self.address(request_id, "/agree"), {"version": 1}, format="json")
        assert (answer.status_code, answer.json()["error"]) == (409, "offer_state_changed")
        assert answer.json()["message"] == "The plan has changed in the meantime."

    @pytest.mark.parametrize(
        ("answer", "status"), [("yes", "completed"), ("not_yet", "in_progress"), ("did_not_work", "open")]
    )
    def test_each_answer(self, asker, request_id, agreed, answer, status):
        said_so = client_of(asker).post(self.address(request_id, "/answer"), {"answer": answer}, format="json")
        assert said_so.status_code == 200
        plan = said_so.json()["plan"]
        assert plan is None if answer == "did_not_work" else plan["answer"] == answer
        assert HelpRequest.objects.get().status == status

    @pytest.mark.parametrize(("field", "value"), [
        ("date", "2026-13-01"), ("date", "0001-01-01"), ("date", "9999-12-31"), ("date", None), ("time", "24:00"),
        ("time", "5 pm"), ("place", ""), ("place", "\u200b"), ("place", "x" * 201), ("place", 7),
        ("time_zone", "Mars/Olympus"), ("time_zone", ""), ("made_by_id", "x"), ("version", 3),
    ])  # fmt: skip
    def test_anything_else_is_refused(self, asker, request_id, field, value):
        answer = self.put(asker, request_id, **{field: value})
        assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")
        assert list(answer.json()["fields"]) == [field]
        assert not Plan.objects.exists()

    @pytest.mark.parametrize(("address", "body"), [
        ("/agree", {}), ("/agree", {"version": 0}), ("/agree", {"version": "x"}), ("/agree", {"version": 2**31}),
        ("/answer", {}), ("/answer", {"answer": "maybe"}), ("/answer", {"answer": None}),
    ])  # fmt: skip
    def test_nor_any_other_answer(self, asker, request_id, agreed, address, body):
        answer = client_of(asker).post(self.address(request_id, address), body, format="json")
        assert (answer.status_code, answer.json()["error"]) == (400, "validation_error")

    def test_who_is_refused_what(self, asker, helper, outsider, waiting, request_id, agreed):
        unknown = "00000000-0000-7000-8000-000000000001"
        for member, where, status in (
            (outsider, request_id, 403), (waiting, request_id, 403), (asker, unknown, 404),
        ):  # fmt: skip
            client = client_of(member)
            for answer in (
                client.get(self.address(where)),
                self.put(member, where),
                client.delete(self.address(where)),
                client.post(self.address(where, "/agree"), {"version": 1}, format="json"),
                client.post(self.address(where, "/answer"), {"answer": "yes"}, format="json"),
            ):
                assert answer.status_code == status
                assert PLACE not in answer.content.decode()


@pytest.mark.django_db
class TestThePages:
    def page(self, request_id: Any) -> str:
        return f"/requests/{request_id}/plan/"

    def form(self, **changes: Any) -> dict[str, Any]:
        return {
            "date": day_in(3).isoformat(),
            "time": "17:00",
            "place": PLACE,
            "time_zone": "America/Chicago",
        } | changes

    def test_making_agreeing_and_taking_back(self, asker, helper, request_id):
        asks, helps, page = browser_of(asker), browser_of(helper), self.page(request_id)
        assert "Make a plan with Ben" in said(asks.get(page))
        answer = asks.post(page, self.form(), follow=True)
        assert answer.redirect_chain == [(page, 302)]
        for words in ("Your plan is sent.", "Waiting for the other yes", "5:00 PM, Central time", PLACE):
            assert words in said(answer)
        assert "That works" not in said(answer)
        seen = said(helps.get(page))
        for words in ("Your plan with Ana", "Waiting for your yes", "That works", "Take back", "plan.ics"):
            assert words in seen
        agreed = said(helps.post(page, {"act": "agree", "version": "1"}, follow=True))
        assert "You both agreed. It is a plan." in agreed
        assert "That works" not in agreed
        assert "The plan was taken back." in said(asks.post(page, {"act": "take_back"}, follow=True))
        assert "Make a plan with Ana" in said(helps.get(page))

    def test_who_was_too_late_reads_the_new_plan_beside_the_reason(self, asker, helper, request_id):
        planning.make_plan(asker, request_id, wish())
        planning.make_plan(asker, request_id, wish(place="the market"))
        answer = browser_of(helper).post(self.page(request_id), {"act": "agree", "version": "1"})
        assert answer.status_code == 409
        for words in ("The plan has changed in the meantime.", "the market", 'value="2"', "That works"):
            assert words in said(answer)

    @pytest.mark.parametrize(("mistake", "sentence"), [
        ({"date": ""}, "Please answer “Which day?”"),
        ({"time": "after lunch"}, "Please write a time like 5:30 PM or noon."),
        ({"place": " "}, "Please answer “Where?”"), ({"date": "2020-01-01"}, planning.IS_OVER),
        ({"place": "x" * 201}, "Please use 200 letters or fewer. You have 201."),
    ])  # fmt: skip
    def test_a_mistake_keeps_the_words(self, asker, request_id, mistake, sentence):
        answer = browser_of(asker).post(self.page(request_id), self.form(**mistake))
        assert answer.status_code == 400
        assert "There is a problem" in said(answer)
        assert sentence in said(answer)
        assert ("17:00" in said(answer)) == ("time" not in mistake)
        assert not Plan.objects.exists()

    @pytest.mark.parametrize("hostile", [
        {"act": "agree"}, {"act": "agree", "version": "x" * 300}, {"act": "agree", "version": "9" * 30},
        {"time_zone": "../../etc", "date": "x"}, {"act": "\x00"},
    ])  # fmt: skip
    def test_hostile_forms_are_refused_and_shown_as_they_are(self, asker, request_id, hostile):
        planning.make_plan(asker, request_id, wish(place="<script>alert(1)</script>"))
        answer = browser_of(asker).post(self.page(request_id), hostile)
        assert answer.status_code == 400
        assert b"<script>alert" not in answer.content

    def test_a_strange_zone_is_the_one_of_the_page(self, asker, request_id):
        browser_of(asker).post(self.page(request_id), self.form(time_zone="Mars/Olympus"))
        assert Plan.objects.get().time_zone == "America/Chicago"

    def test_whoever_looks_from_elsewhere_reads_both_clocks(self, asker, helper, request_id, agreed):
        assert "Your time" not in said(browser_of(asker).get(self.page(request_id)))
        Member.objects.filter(pk=helper.pk).update(time_zone="America/Denver")
        seen = said(browser_of(Member.objects.get(pk=helper.pk)).get(self.page(request_id)))
        assert "5:00 PM, Central time" in seen
        assert "4:00 PM" in seen
        assert 'name="time_zone" value="America/Chicago"' in seen

    def test_the_page_is_for_the_two_only(self, asker, helper, outsider, request_id, agreed, client):
        for more in ("plan/", "done/", "thanks/"):
            answer = browser_of(outsider).get(f"/requests/{request_id}/{more}")
            assert answer.status_code == 403
            assert PLACE not in said(answer)
            assert client.get(f"/requests/{request_id}/{more}")["Location"].startswith("/login/")
        for more in ("done/", "thanks/"):
            assert browser_of(helper).get(f"/requests/{request_id}/{more}").status_code == 403

    def test_without_a_helper_the_pages_lead_to_the_request_and_say_why(self, asker, helper):
        waits = offer_to(asker, helper).asked_for.pk
        nobody, early = "Nobody is helping with this request now.", "You can say thank you once the request is done."
        for more, words in (("plan/", nobody), ("done/", nobody), ("thanks/", early)):
            answer = browser_of(asker).get(f"/requests/{waits}/{more}", follow=True)
            assert answer.redirect_chain == [(f"/requests/{waits}/", 302)]
            assert words in said(answer)
        requests.complete_request(asker, waits)
        assert nobody in said(browser_of(asker).get(f"/requests/{waits}/thanks/", follow=True))

    def test_a_plan_of_a_request_that_is_done_is_only_read(self, asker, request_id, agreed):
        requests.complete_request(asker, request_id)
        seen = said(browser_of(asker).get(self.page(request_id)))
        assert PLACE in seen
        assert "<form" not in seen.partition("<main")[2].partition("</main>")[0]

    @pytest.mark.parametrize(("answer", "to"), [("yes", "thanks/"), ("not_yet", "plan/"), ("did_not_work", "")])
    def test_did_it_help_leads_on(self, asker, request_id, agreed, answer, to):
        browser, page = browser_of(asker), f"/requests/{request_id}/done/"
        asked = said(browser.get(page))
        assert "Did Ben help with groceries or meals?" in asked
        for words in ("Yes, all done", "Not yet", "It did not work out"):
            assert words in asked
        for _ in range(2):
            answered = browser.post(page, {"answer": answer})
            assert (answered.status_code, answered["Location"]) == (302, f"/requests/{request_id}/{to}")
        assert browser.get(answered["Location"]).status_code == 200

    def test_no_answer_is_said_at_the_form(self, asker, request_id, agreed):
        answer = browser_of(asker).post(f"/requests/{request_id}/done/", {})
        assert answer.status_code == 400
        assert "Please choose an answer." in said(answer)

    def test_the_question_is_asked_when_its_time_has_come(self, asker, helper, request_id, agreed):
        assert "Did it help?" not in said(browser_of(asker).get(self.page(request_id)))
        Plan.objects.update(starts_at=now() - timedelta(hours=1))
        assert "Did it help?" in said(browser_of(asker).get(self.page(request_id)))
        assert "Did it help?" not in said(browser_of(helper).get(self.page(request_id)))
