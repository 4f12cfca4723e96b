"""What was decided and reported on an original holds here, can be read and asked about, and is told to nobody."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from carecollective.errors import MemberRestricted
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from legacy.importing import inviting, reports, restrictions
from legacy.models import Newcomer
from legacy.services.moving import run as backfill
from members.models import Member, Restriction
from members.paused import Act
from members.services import accounts
from members.services.restrictions import in_force, must_be_allowed_to
from messaging.models import Conversation
from moderation.models import Case, Decision, Report
from moderation.services import cases, telling
from tests.cast import browser_of, client_of
from tests.legacy.test_import import UNHEARD, everything, rows
from tests.support.jobs import work_off
from tests.support.original import LONG_AGO, Original, Small, brought

pytestmark = pytest.mark.committed


def member(key: UUID) -> Member:
    return Member.objects.get(pk=key)


class TestRestrictions:
    @pytest.mark.parametrize(
        ("there", "here"),
        [("limited", "limited"), ("suspended", "suspended"), ("banned", "banned"), ("permanent_ban", "banned"),
         ("whatever", "suspended")],
    )  # fmt: skip
    def test_whoever_was_restricted_is_so_here(self, original: Original, small: Small, there: str, here: str) -> None:
        original.restriction(small.ben, there, by=small.ana)
        before = rows("events", "notices", "procrastinate_jobs")
        brought(original)
        assert in_force(member(small.ben)).level == here
        with pytest.raises(MemberRestricted):
            must_be_allowed_to(member(small.ben), Act.START_CONVERSATION)
        assert rows("events", "notices", "procrastinate_jobs") == before
        assert (telling.tell(), rows("notices"), broken()) == (0, 0, {})

    def test_they_read_why_and_ask_for_another_look(self, original: Original, small: Small) -> None:
        original.restriction(small.ben, "suspended", by=small.ana, reason="Asked for gift cards.")
        brought(original)
        decision = Decision.objects.get()
        page = browser_of(member(small.ben)).get(f"/decisions/{decision.pk}/").content.decode()
        assert "Asked for gift cards." in page
        assert "earlier site" in page
        appealed = client_of(member(small.ben)).post(
            f"/api/decisions/{decision.pk}/appeal", {"words": "It was a misunderstanding."}, format="json"
        )
        assert appealed.status_code == 201, appealed.content
        assert (decision.rule, broken()) == (5, {})

    def test_moderators_read_it_at_the_desk(self, original: Original, small: Small, moderator: Member) -> None:
        original.restriction(small.ben, "banned", by=small.ana)
        brought(original)
        desk, case = browser_of(moderator), f"/admin/moderation/case/{Case.objects.get().pk}/"
        assert desk.get(case).status_code == 200
        read = desk.post(f"{case}again/", {"why": "They asked us about it."}, follow=True)
        assert read.status_code == 200
        assert desk.get(f"/admin/members/member/{small.ben}/change/").status_code == 200
        assert broken() == {}

    def test_what_is_over_or_nothing_stays_there(self, original: Original, small: Small) -> None:
        original.restriction(small.ben, "suspended", by=small.ana, expires_at=LONG_AGO + timedelta(days=1))
        original.restriction(small.ben, "none", by=small.ana)
        original.restriction(original.person("Gone", deleted_at=now()), "banned", by=small.ana)
        tally = brought(original)
        assert {reason for _, reason in tally.skipped if _ == restrictions.KIND} == {
            restrictions.IS_OVER, restrictions.NO_LEVEL, restrictions.NOBODY,
        }  # fmt: skip
        assert not Restriction.objects.exists()

    def test_where_nobody_decided_an_operator_answers(self, original: Original, small: Small, operator: Member) -> None:
        original.restriction(small.ben, "limited", by=None, message_limit_per_day=3)
        for by in ("", "nobody@example.org", "ana@example.org"):
            with pytest.raises(Exception, match=r"--by EMAIL|Nobody has joined|no operator"):
                brought(original, by=by)
        assert not Restriction.objects.exists()
        tally = brought(original, by="opal@example.org")
        found = Restriction.objects.get()
        assert (found.decided_by, found.message_limit_per_day) == (operator, 10)
        assert found.ends_at
        assert {how for _, how in tally.changed} == {restrictions.NO_END, restrictions.OTHER_LIMIT}
        assert broken() == {}

    @pytest.mark.parametrize("how", ["banned", "rejected"])
    def test_what_they_had_open_is_over(self, original: Original, how: str) -> None:
        ana, ben = original.person("Ana"), original.person("Ben", "rejected" if how == "rejected" else "approved")
        if how == "banned":
            original.restriction(ben, "banned", by=ana)
        mine = original.request(ben, status="open")
        offered, helped = original.request(ana), original.request(ana, status="in_progress", helper_id=ben)
        for request in (offered, helped):
            thread = original.conversation(request, ben, ana)
            original.said(thread, ben, "I can come.", created_at=now() - timedelta(days=1))
        before = rows("events", "notices", "procrastinate_jobs")
        brought(original)
        assert HelpRequest.objects.get(pk=mine).status == "closed"
        assert HelpRequest.objects.get(pk=helped).status == "open"
        assert set(Conversation.objects.values_list("offer_state", flat=True)) == {"withdrawn"}
        assert rows("events", "notices", "procrastinate_jobs") == before
        assert broken() == {}
        digest = everything()
        brought(original)
        assert everything() == digest
        assert backfill().state == "done"
        assert broken() == {}


class TestReports:
    def test_one_nobody_read_is_an_open_case(self, original: Original, small: Small, moderator: Member) -> None:
        key = original.report(small.first, by=small.ana, reason="fraud")
        before = rows(*UNHEARD)
        brought(original)
        report = Report.objects.get()
        assert (report.pk, report.reporter_id, report.author_id) == (key, small.ana, small.ben)
        assert (report.reason, report.status, report.clear_description) == ("scam", "pending", "He asked me for money.")
        assert report.is_intact
        assert "I can come on Friday." in str(report.opened_evidence)
        assert cases.claim(moderator, Case.objects.open().get().pk)
        assert (rows(*UNHEARD), broken()) == (before, {})

    @pytest.mark.parametrize(
        ("status", "did", "here"),
        [("dismissed", None, "nothing"), ("resolved", "Warned the member", "warn"), ("resolved", None, None),
         ("reviewed", "none", None), ("strange", "Warned", None)],
    )  # fmt: skip
    def test_a_settled_one_stays_settled_where_it_is_known_how(
        self, original: Original, small: Small, status: str, did: str | None, here: str | None
    ) -> None:
        carl = original.person("Carl")
        original.report(
            small.first, by=small.ana, status=status, action_taken=did, reviewed_by=carl, reviewed_at=LONG_AGO
        )
        brought(original)
        assert Case.objects.open().count() == (here is None)
        assert [decision.action for decision in Decision.objects.all()] == [here] * (here is not None)
        assert member(small.ben).trust == (60 if here == "warn" else 75)
        assert (telling.tell(), rows("notices"), broken()) == (0, 0, {})
        page = browser_of(member(small.ana)).get(f"/reports/{Report.objects.get().pk}/")
        assert page.status_code == 200

    def test_what_cannot_be_a_report_here_is_told(self, original: Original, small: Small) -> None:
        carl = original.person("Carl")
        original.report(small.first, by=carl)
        original.report(small.first, by=small.ben)
        original.report(small.request, by=small.ana)
        original.report(small.first, by=original.person("Gone", deleted_at=now()))
        original.report(small.first, by=small.ana)
        original.report(small.first, by=small.ana)
        tally = brought(original)
        assert {reason for kind, reason in tally.skipped if kind == reports.KIND} == {
            reports.NO_REPORTER, reports.NO_MESSAGE, reports.NOT_ONE_OF_THE_TWO, reports.TWICE,
        }  # fmt: skip
        assert (Report.objects.count(), broken()) == (1, {})

    def test_all_of_it_twice_is_once(self, original: Original, small: Small) -> None:
        original.report(small.first, by=small.ana)
        original.report(small.second, by=small.ben, status="dismissed", reviewed_by=original.person("Carl"))
        original.restriction(small.ben, "suspended", by=small.ana)
        brought(original)
        before = everything()
        again = brought(original)
        assert (again.here[reports.KIND], again.here[restrictions.KIND]) == (2, 1)
        assert everything() == before


class TestTheWayIn:
    def test_each_gets_one_link_when_an_operator_says_so(self, original: Original, small: Small) -> None:
        original.person("Dan", "rejected")
        original.restriction(original.person("Carl"), "banned", by=small.ana)
        brought(original)
        assert (inviting.invite(is_dry=True), rows("procrastinate_jobs")) == (2, 0)
        assert inviting.invite() == 2
        assert inviting.invite() == 0
        work_off()
        assert sorted(sent.to[0] for sent in mail.outbox) == ["ana@example.org", "ben@example.org"]
        assert "Open this link within a day" in str(mail.outbox[0].body)
        assert Newcomer.objects.filter(invited_at=None).count() == 2
        assert broken() == {}

    def test_whoever_has_a_password_by_now_gets_none(self, original: Original, small: Small) -> None:
        brought(original)
        ana = member(small.ana)
        accounts.reset_password(ana, default_token_generator.make_token(ana), "a long one of Ana's own")
        assert inviting.invite() == 1
        assert Newcomer.objects.get(invited_at=None).pk == small.ana

    def test_by_command(self, original: Original, small: Small) -> None:
        brought(original)
        call_command("import_v1", "--invite")
        assert rows("procrastinate_jobs") == 2
        with pytest.raises(CommandError):
            call_command("import_v1")
