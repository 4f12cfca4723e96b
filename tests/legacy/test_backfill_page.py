"""The page of a backfill as operators meet it: what it says at each stage, who reads it, and that it only shows."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from features.services.switching import By
from legacy.models import EarlierMessage, Ending, Move, Run
from legacy.services import alone, moving, proving, settling
from legacy.services.protecting import protect
from legacy.services.settling import Decision
from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, earlier, empty
from tests.factories.members import MemberFactory
from tests.support.talking import Comer

PAGE = "/admin/legacy/run/"
LONG_AGO = now() - timedelta(days=100)
OPAL = By("Opal at the command line")


@pytest.fixture
def opal(operator: Member) -> Client:
    return browser_of(operator)


@pytest.fixture
def town(asker: Member, helper: Member) -> UUID:
    """Three that can be moved, one that is too long, one that is empty."""
    for _ in range(3):
        earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, "Good!"), at=LONG_AGO)
    empty(helper, HelpRequestFactory(requester=asker))
    return earlier(helper, HelpRequestFactory(requester=asker), (helper, "w" * 1200), at=LONG_AGO).pk


@pytest.fixture
def at_work() -> Iterator[psycopg.Connection[Any]]:
    """A run, as others see it."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute(alone.TAKE, [moving.THE_MOVE[0]])
        yield other


def read(visitor: Client, **headers: str) -> str:
    answer = visitor.get(PAGE, headers=headers)
    assert answer.status_code == 200, answer
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
class TestReading:
    def test_operators_and_auditors_read_it_and_nobody_else_does(
        self, opal: Client, auditor: Member, moderator: Member, verifier: Member, asker: Member, town: UUID
    ) -> None:
        for reader in (opal, browser_of(auditor)):
            assert "5 conversations of V1 wait." in read(reader)
            assert f'href="{PAGE}"' in reader.get("/admin/").content.decode(), "the desk leads here"
        for member, status in ((moderator, 403), (verifier, 403), (asker, 302)):
            answer = browser_of(member).get(PAGE)
            assert answer.status_code == status
            assert PAGE not in browser_of(member).get("/admin/", follow=True).content.decode()

    def test_it_only_shows(self, opal: Client, town: UUID) -> None:
        moving.run()
        assert "<form" not in read(opal)
        assert "<button" not in read(opal).split("<main")[1].split("desk-keys")[0]
        for act in ("", "add/", "1/change/", "1/delete/"):
            assert opal.post(f"{PAGE}{act}", {"state": "done"}).status_code in (404, 405)
        assert Run.objects.get().state == "done"

    def test_a_site_without_v1_reads_well(self, opal: Client) -> None:
        page = read(opal)
        for words in ("There are no conversations of V1.", "No run so far.", "Nothing so far.", "none yet"):
            assert words in page
        assert "<progress" not in page
        assert "None" not in page

    def test_before_a_run_and_after_it(self, opal: Client, town: UUID) -> None:
        before = read(opal)
        assert "Nothing was moved yet. 5 conversations of V1 wait." in before
        assert 'max="5" value="0"' in before
        moving.run()
        after = read(opal)
        assert "3 of 5 conversations are moved. 2 that stayed wait until somebody decides about them." in after
        assert 'max="5" value="5"' in after
        assert "3 conversations with 6 messages" in after
        assert "Something in it is longer than 1,000 characters" in after
        assert after.count("To be decided") == 2
        assert Run.objects.get().digest in after
        assert "Nothing was compared yet." in after

    def test_when_all_is_settled_and_compared(self, opal: Client, town: UUID) -> None:
        moving.run()
        proving.verify()
        settling.settle(Decision("nobody spoke", OPAL), reason="empty")
        assert "1 conversation<" in read(opal)
        settling.settle(Decision("too long", OPAL), ids=[town])
        page = read(opal)
        assert "The 2 that stayed are settled." in page
        assert page.count("Not yet") == 2, "nothing is protected, and V1 is open"
        protect()
        Ending.objects.update(began_at=now(), closed_at=now(), by="Opal")
        assert "Not yet" not in read(opal)
        assert "every row the same." in page

    def test_a_difference_is_said_at_the_top(self, opal: Client, town: UUID) -> None:
        moving.run()
        EarlierMessage.objects.filter(content="Good!").update(content="Bad.")
        proving.verify()
        page = read(opal)
        assert "V1 and V2 differ" in page
        assert "3 differences found. <code>manage.py backfill_v1 verify</code> names each." in page

    def test_one_that_was_cut_off_and_one_that_is_paused(self, opal: Client, town: UUID) -> None:
        moving.run(1, tell=lambda progress: moving.pause())
        assert "The run is paused" in read(opal)
        Run.objects.update(state="running")
        page = read(opal)
        assert "The last run was cut off" in page
        assert "<td>Cut off</td>" in page
        assert "hx-trigger" not in page, "nothing will change by itself"

    def test_no_words_of_members_and_no_names(self, opal: Client, town: UUID, asker: Member, helper: Member) -> None:
        moving.run()
        page = read(opal)
        for words in (WORDS, "Good!", "www", "Ana Torres", helper.name, asker.email, str(asker.pk), str(town)):
            assert words not in page

    def test_it_takes_as_many_statements_whatever_there_is(self, opal: Client, asker: Member, town: UUID) -> None:
        moving.run()
        proving.verify()
        read(opal)
        with CaptureQueriesContext(connection) as few:
            read(opal)
        for other in MemberFactory.create_batch(6):
            asked = HelpRequestFactory(requester=asker)
            earlier(other, asked, (other, WORDS), (asker, "Good!"), at=LONG_AGO)
            earlier(other, asked, (other, WORDS), at=LONG_AGO)
            moving.run()
        with CaptureQueriesContext(connection) as many:
            read(opal)
        assert len(many) == len(few) <= 12


@pytest.mark.django_db
class TestWhileARunGoes:
    def test_it_looks_again_and_says_how_long_it_takes(
        self, opal: Client, town: UUID, at_work: psycopg.Connection[Any]
    ) -> None:
        run = Run.objects.create()
        thread = Move.objects.create
        for seconds, messages in ((20, 100), (10, 100)):
            first = earlier(MemberFactory(), HelpRequestFactory()).pk
            at = now() - timedelta(seconds=seconds)
            thread(pk=first, run=run, at=at, outcome="converted", into_id=first, messages=messages)
        page = read(opal)
        assert "A run is at work: 2 of 7 conversations are moved." in page
        assert 'hx-trigger="every 3s"' in page
        assert "10 messages a second" in page
        assert re.search(r"Time left</dt><dd>5\d s<", page)
        assert "was cut off" not in page

    def test_whoever_looks_again_gets_the_part_that_changes(
        self, opal: Client, town: UUID, at_work: psycopg.Connection[Any]
    ) -> None:
        moving_on = opal.get(PAGE, headers={"HX-Request": "true"})
        part = moving_on.content.decode()
        assert part.startswith('<div class="stack backfill" id="state" hx-get=')
        assert "<html" not in part
        assert "HX-Request" in moving_on["Vary"]
        at_work.execute("SELECT pg_advisory_unlock_all()")
        assert "hx-get" not in read(opal, **{"HX-Request": "true"}), "then it looks no more"

    def test_whoever_was_signed_out_meanwhile_is_led_to_the_door(self) -> None:
        answer = Client().get(PAGE, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"].startswith("/admin/login/")


@pytest.mark.committed
def test_in_a_browser_it_follows_the_run_to_its_end_and_moves_nothing_under_the_reader(
    come_in: Comer, axe: Callable[[Page], None], operator: Member, town: UUID, at_work: psycopg.Connection[Any]
) -> None:
    Run.objects.create(digest="d" * 64, state="paused")
    page = come_in(operator)
    page.goto(PAGE)
    expect(page.get_by_text("A run is at work: 0 of 5 conversations are moved.")).to_be_visible()
    page.get_by_text("Digests").click()
    at_work.execute("SELECT pg_advisory_unlock_all()")
    moving.run()
    expect(page.get_by_text("3 of 5 conversations are moved.")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("This page looks again")).to_have_count(0)
    expect(page.get_by_role("progressbar", name="How far it is")).to_have_attribute("value", "5")
    expect(page.get_by_text("d" * 64)).to_be_visible()
    assert page.evaluate("document.activeElement.textContent") == "Digests"
    axe(page)
