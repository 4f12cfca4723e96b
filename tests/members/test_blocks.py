"""Keeping away from somebody: said once or twice, seen from both sides, told to nobody."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from rest_framework.test import APIClient

from audit.models import AuditEntry
from carecollective.errors import NotFound, NotPermitted, NotValid, RateLimited
from members import limits
from members.models import Block, LimitHits, Member, VerificationChange, blocked_with
from members.services import blocks
from members.views.landing import first_page_of
from notifications.models import Notice
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.help_requests.test_races import at_once
from tests.members.pages.sent import said

pytestmark = pytest.mark.both_ways

SHORT_PATIENCE = "SET lock_timeout = '300ms'"


def api(member_id: UUID) -> str:
    return f"/api/members/{member_id}/block"


def told(answer: Any) -> tuple[int, dict[str, Any]]:
    return answer.status_code, answer.json()


@pytest.mark.django_db
class TestTheVerb:
    def test_a_block_is_true_for_both_whoever_made_it(self, asker: Member, helper: Member, outsider: Member) -> None:
        blocks.block(asker, helper.pk)
        for one, other in ((asker, helper), (helper, asker)):
            assert Block.objects.between(one.pk, other.pk).exists()
            assert list(Member.objects.filter(blocked_with(one, "id"))) == [other]
            assert other not in Member.objects.filter(~blocked_with(one, "id"))
        assert not Block.objects.between(asker.pk, outsider.pk).exists()
        assert not Member.objects.filter(blocked_with(outsider, "id")).exists()

    def test_said_twice_it_is_one_block_and_counts_once(self, asker: Member, helper: Member) -> None:
        assert blocks.block(asker, helper.pk) is True
        assert blocks.block(asker, helper.pk) is False
        assert Block.objects.count() == 1
        assert len(LimitHits.objects.get(name="blocks").moments) == 1

    def test_taken_back_twice_it_is_gone(self, asker: Member, helper: Member) -> None:
        blocks.block(asker, helper.pk)
        for _ in range(2):
            blocks.unblock(asker, helper.pk)
        assert not Block.objects.exists()

    def test_each_takes_back_only_their_own(self, asker: Member, helper: Member) -> None:
        blocks.block(asker, helper.pk)
        assert blocks.block(helper, asker.pk)
        blocks.unblock(asker, helper.pk)
        assert Block.objects.get().blocker == helper
        assert Member.objects.filter(blocked_with(asker, "id")).exists()

    def test_the_thirty_first_of_an_hour_waits_and_makes_nothing(self, asker: Member) -> None:
        for other in MemberFactory.create_batch(limits.BLOCKS.most):
            blocks.block(asker, other.pk)
        with pytest.raises(RateLimited):
            blocks.block(asker, MemberFactory().pk)
        assert blocks.block(asker, other.pk) is False
        assert Block.objects.count() == limits.BLOCKS.most

    def test_nobody_blocks_themselves_or_somebody_unknown(self, asker: Member) -> None:
        for act in (blocks.block, blocks.unblock):
            with pytest.raises(NotValid, match="You cannot block yourself"):
                act(asker, asker.pk)
            with pytest.raises(NotFound):
                act(asker, uuid.uuid4())

    def test_somebody_who_was_never_let_in_is_not_found(self, asker: Member, waiting: Member, declined: Member) -> None:
        for nobody in (waiting, declined):
            with pytest.raises(NotFound):
                blocks.block(asker, nobody.pk)

    def test_somebody_who_was_sent_away_can_be_blocked_before_they_come_back(
        self, asker: Member, declined: Member
    ) -> None:
        VerificationChange.objects.create(member=declined, from_status="approved", to_status="rejected", reason="Rude.")
        assert blocks.block(asker, declined.pk)

    def test_who_waits_may_block_and_who_was_declined_may_not(
        self, waiting: Member, declined: Member, helper: Member
    ) -> None:
        assert blocks.block(waiting, helper.pk)
        with pytest.raises(NotPermitted):
            blocks.block(declined, helper.pk)

    def test_nobody_is_told(self, asker: Member, helper: Member) -> None:
        blocks.block(asker, helper.pk)
        blocks.unblock(asker, helper.pk)
        assert not Notice.objects.exists()
        assert not AuditEntry.objects.exists()
        assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
class TestTheApi:
    def test_block_and_unblock_answer_the_same_when_said_again(self, asker: Member, helper: Member) -> None:
        client, blocked = client_of(asker), {"success": True, "blocked": True}
        assert told(client.post(api(helper.pk), {}, format="json")) == (201, blocked)
        assert told(client.post(api(helper.pk), {}, format="json")) == (200, blocked)
        for _ in range(2):
            assert told(client.delete(api(helper.pk))) == (200, {"success": True, "blocked": False})

    def test_being_blocked_changes_no_answer(self, asker: Member, helper: Member, outsider: Member) -> None:
        blocks.block(asker, helper.pk)
        for member in (helper, outsider):
            assert told(client_of(member).delete(api(asker.pk))) == (200, {"success": True, "blocked": False})
            assert told(client_of(member).post(api(asker.pk))) == (201, {"success": True, "blocked": True})

    @pytest.mark.parametrize("method", ["post", "delete"])
    def test_oneself_and_somebody_unknown_are_refused_by_name(self, asker: Member, method: str) -> None:
        send = getattr(client_of(asker), method)
        itself, nobody = send(api(asker.pk)), send(api(uuid.uuid4()))
        assert (itself.status_code, itself.json()["error"]) == (400, "validation_error")
        assert (nobody.status_code, nobody.json()["error"]) == (404, "not_found")

    @pytest.mark.parametrize("method", ["post", "delete"])
    def test_a_body_cannot_say_who_acts(self, asker: Member, helper: Member, outsider: Member, method: str) -> None:
        blocks.block(asker, outsider.pk)
        answer = getattr(client_of(asker), method)(api(helper.pk), {"blocker_id": str(outsider.pk)}, format="json")
        assert answer.json()["fields"] == {"blocker_id": ["This field is not known here."]}
        assert Block.objects.get().blocked == outsider

    def test_a_stranger_signs_in_first_and_a_declined_person_is_refused(self, helper: Member, declined: Member) -> None:
        assert APIClient().post(api(helper.pk)).status_code == 401
        assert client_of(declined).post(api(helper.pk)).status_code == 403
        assert not Block.objects.exists()


@pytest.mark.django_db
class TestThePages:
    def test_asked_once_then_blocked_then_on_the_list(self, asker: Member, helper: Member) -> None:
        browser = browser_of(asker)
        page = said(browser.get(f"/people/{helper.pk}/block/", headers={"referer": "http://testserver/requests/mine/"}))
        assert "Block Ben?" in page
        assert "Ben is not told." in page
        assert 'class="back" href="/requests/mine/"' in page.replace("http://testserver", "")
        assert not Block.objects.exists()

        for _ in range(2):
            answer = browser.post(f"/people/{helper.pk}/block/", follow=True)
            assert answer.redirect_chain == [("/me/blocked/", 302)]
            assert "You blocked Ben." in said(answer)
        assert Block.objects.get().blocker == asker

    def test_unblocking_leaves_an_empty_list(self, asker: Member, helper: Member) -> None:
        blocks.block(asker, helper.pk)
        browser = browser_of(asker)
        for _ in range(2):
            page = said(browser.post(f"/people/{helper.pk}/unblock/", follow=True))
            assert "You unblocked Ben." in page
            assert "You have not blocked anyone." in page
        assert not Block.objects.exists()

    def test_unblocking_leads_back_to_where_one_was(self, asker: Member, helper: Member, waiting: Member) -> None:
        address = f"/people/{helper.pk}/unblock/"
        ways = {
            "http://testserver/messages/": "/messages/",
            "http://testserver/me/blocked/": "/me/blocked/",
            "https://evil.example/messages/": first_page_of(asker),
            "": "/me/blocked/",
        }
        for came_from, leads_to in ways.items():
            answer = browser_of(asker).post(address, headers={"referer": came_from})
            assert answer["Location"].removeprefix("http://testserver") == leads_to
        answer = browser_of(waiting).post(address, headers={"referer": "http://testserver/messages/"})
        assert answer["Location"] == "/me/blocked/"

    def test_the_list_shows_whom_i_blocked_and_not_who_blocked_me(
        self, asker: Member, helper: Member, outsider: Member
    ) -> None:
        blocks.block(asker, helper.pk)
        blocks.block(outsider, asker.pk)
        browser = browser_of(asker)
        for page in (said(browser.get("/me/blocked/")), said(browser.get("/my-data/download/"))):
            assert "Ben" in page
            assert "Olga" not in page
        assert 'href="/me/blocked/"' in said(browser.get("/me/"))

    def test_a_back_link_leads_nowhere_else(self, asker: Member, helper: Member) -> None:
        page = browser_of(asker).get(f"/people/{helper.pk}/block/", headers={"referer": "https://evil.example/"})
        assert "evil" not in said(page)

    def test_oneself_and_somebody_unknown_get_our_page(self, asker: Member) -> None:
        browser = browser_of(asker)
        for act, method in (("block", browser.get), ("block", browser.post), ("unblock", browser.post)):
            assert method(f"/people/{uuid.uuid4()}/{act}/").status_code == 404
            itself = method(f"/people/{asker.pk}/{act}/")
            assert itself.status_code == 400
            assert "You cannot block yourself." in said(itself)

    def test_who_waits_may_and_everybody_else_is_shown_the_way(
        self, waiting: Member, declined: Member, helper: Member
    ) -> None:
        address = f"/people/{helper.pk}/block/"
        assert browser_of(waiting).post(address)["Location"] == "/me/blocked/"
        assert browser_of(declined).post(address)["Location"] == "/waiting/"
        assert Client().post(address)["Location"].startswith("/login/")
        assert Block.objects.get().blocker == waiting

    def test_the_list_costs_the_same_for_any_length(self, asker: Member, django_assert_num_queries: Any) -> None:
        for other in MemberFactory.create_batch(12):
            blocks.block(asker, other.pk)
        browser = browser_of(asker)
        # Session and member, then the list, and the numbers in the header.
        with django_assert_num_queries(4):
            browser.get("/me/blocked/")


@pytest.mark.committed
class TestAtOnce:
    def test_two_people_block_each_other_and_neither_waits_for_ever(self) -> None:
        for _ in range(10):
            ana, ben = MemberFactory(), MemberFactory()
            outcome = at_once(
                lambda: blocks.block(ana, ben.pk),  # noqa: B023
                lambda: blocks.block(ben, ana.pk),  # noqa: B023
            )
            assert outcome == ["done", "done"]
            assert Block.objects.between(ana.pk, ben.pk).count() == 2

    def test_pressed_ten_times_it_is_one_block_and_counts_once(self) -> None:
        ana, ben = MemberFactory(), MemberFactory()
        assert set(at_once(*[lambda: blocks.block(ana, ben.pk)] * 10)) == {"done"}
        assert Block.objects.count() == 1
        assert len(LimitHits.objects.get(name="blocks").moments) == 1

    def test_blocked_and_unblocked_at_once_is_one_of_them(self) -> None:
        ana, ben = MemberFactory(), MemberFactory()
        acts = [lambda: blocks.block(ana, ben.pk), lambda: blocks.unblock(ana, ben.pk)] * 4
        assert set(at_once(*acts)) == {"done"}
        assert Block.objects.count() <= 1

    @pytest.mark.parametrize("writer", ["blocker", "blocked"])
    def test_a_block_waits_for_what_either_is_writing(self, writer: str) -> None:
        ana, ben = MemberFactory(), MemberFactory()
        writing = ana if writer == "blocker" else ben

        def block_impatiently() -> bool:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(SHORT_PATIENCE)
                return blocks.block(ana, ben.pk)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT FROM members WHERE id = %s FOR SHARE", [writing.pk])
                with pytest.raises(OperationalError, match="lock timeout"):
                    pool.submit(block_impatiently).result()
            assert pool.submit(block_impatiently).result() is True
