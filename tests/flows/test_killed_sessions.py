"""The database session of a verb ends before one of its statements: all of it is there, or nothing, never a part."""

from collections.abc import Callable
from time import sleep
from typing import Any

import psycopg
import pytest
from django.db import Error as DatabaseFault
from django.db import OperationalError, connection, connections
from procrastinate.exceptions import ConnectorException

from carecollective.database import new_id
from carecollective.http import refusal_from
from carecollective.invariants import broken
from help_requests.models import HelpRequest, RequestDraft
from help_requests.services import drafting
from help_requests.services.asking import Wish
from messaging.models import Conversation, Message
from messaging.services import changing, closing, deciding, offering, planning, reading, requests, talking, thanking
from moderation.models import Kind
from moderation.services import reporting
from tests.factories.members import MemberFactory
from tests.factories.messaging import WORDS, accepted, offer_to
from tests.support.scenes import Scene, agreed, done, nothing_yet, offered, plan, planned, withdrawn
from tests.support.statements import COMMIT, COMMITTED, watched

pytestmark = [pytest.mark.committed, pytest.mark.both_ways]

SHORT = 5
REPORTED = Kind.MESSAGE
COMPLAINT = reporting.Complaint("scam", "They asked for money.", also_block=True)
# The writer of jobs says it in words of its own.
ENDED = (DatabaseFault, ConnectorException)
TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND has_table_privilege(oid, 'SELECT') ORDER BY relname
"""


Verb = Callable[[Scene], object]

WISH = Wish("Mow the lawn", "household-yard")


def writing() -> Scene:
    scene = nothing_yet()
    drafting.keep_answers(scene.asker, new_id(), {"title": WISH.title})
    return scene


VERBS: dict[str, tuple[Callable[[], Scene], Verb]] = {
    "offer_help": (nothing_yet, lambda s: offering.offer_help(s.helper, s.request.pk, WORDS)),
    "offer_help with a key": (nothing_yet, lambda s: offering.offer_help(s.helper, s.request.pk, WORDS, "key")),
    "start_direct": (nothing_yet, lambda s: offering.start_direct(s.helper, s.asker.pk, WORDS)),
    "send_message": (offered, lambda s: talking.send_message(s.asker, s.thread.pk, "Tuesday is fine.")),
    "send_message with a key": (offered, lambda s: talking.send_message(s.asker, s.thread.pk, "Tuesday?", "key")),
    "accept_offer": (offered, lambda s: deciding.accept_offer(s.asker, s.thread.pk)),
    "accept_offer, no to others": (offered, lambda s: deciding.accept_offer(s.asker, s.thread.pk, deciding.DECLINE)),
    "decline_offer with a note": (offered, lambda s: deciding.decline_offer(s.asker, s.thread.pk, "Thank you.")),
    "withdraw_offer, accepted": (agreed, lambda s: deciding.withdraw_offer(s.helper, s.thread.pk)),
    "renew_offer": (withdrawn, lambda s: deciding.renew_offer(s.helper, s.thread.pk)),
    "close_conversation": (offered, lambda s: closing.close_conversation(s.asker, s.thread.pk)),
    "edit_message": (offered, lambda s: changing.edit_message(s.helper, s.message, "On Wednesday.")),
    "edit_message, the opening": (offered, lambda s: changing.edit_message(s.helper, s.thread.pk, "On Wednesday.")),
    "delete_message": (offered, lambda s: changing.delete_message(s.helper, s.message)),
    "mark_read": (offered, lambda s: reading.mark_read(s.helper, s.thread.pk, 3)),
    "complete_request": (agreed, lambda s: requests.complete_request(s.asker, s.request.pk)),
    "end_request, a late yes": (
        offered,
        lambda s: requests.end_request(s.asker, s.request.pk, "helped_here", s.thread.pk),
    ),
    "cancel_request": (agreed, lambda s: requests.cancel_request(s.asker, s.request.pk)),
    "reopen_request": (done, lambda s: requests.reopen_request(s.asker, s.request.pk)),
    "undo_ending": (done, lambda s: requests.undo_ending(s.asker, s.request.pk)),
    "make_plan": (agreed, lambda s: plan(s.asker, s)),
    "make_plan, changed": (planned, lambda s: plan(s.helper, s, place="The market")),
    "agree_to_plan": (planned, lambda s: planning.agree_to_plan(s.helper, s.request.pk, 1)),
    "cancel_plan": (planned, lambda s: planning.cancel_plan(s.helper, s.request.pk)),
    "answer_plan, it helped": (planned, lambda s: planning.answer_plan(s.asker, s.request.pk, "yes")),
    "answer_plan, it did not": (planned, lambda s: planning.answer_plan(s.asker, s.request.pk, "did_not_work")),
    "thank": (done, lambda s: thanking.thank(s.asker, s.request.pk, "Thank you so much.")),
    "report a message and block": (offered, lambda s: reporting.report(s.asker, REPORTED, s.message, COMPLAINT)),
    "report the opening": (offered, lambda s: reporting.report(s.asker, REPORTED, s.thread.pk, COMPLAINT)),
    "change_request": (agreed, lambda s: requests.change_request(s.asker, s.request.pk, title="Milk and bread")),
    "keep_answers": (nothing_yet, lambda s: drafting.keep_answers(s.asker, new_id(), {"title": WISH.title})),
    "post_draft": (writing, lambda s: drafting.post_draft(RequestDraft.objects.of(s.asker), WISH)),
}


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_whose_session_ends_is_whole_or_was_never(name: str, long_run: bool) -> None:
    make, verb = VERBS[name]
    scene = make()
    said, growth = answer_lost(verb, scene)

    other = make()
    before = rows()
    for moment in chosen(said, long_run):
        with pytest.raises(ENDED):
            end_before(moment, verb, other)
        assert rows() == before, f"{name} left something behind, ended before statement {moment}: {said[moment - 1]}"
    sizes = counted(before)
    verb(other)
    assert grown(sizes) == growth
    assert state(scene) == state(other)
    assert broken() == {}


def answer_lost(verb: Verb, scene: Scene) -> tuple[list[str], dict[str, int]]:
    """What the verb says, COMMIT last; its session ends right after that, so nobody hears that it was stored."""
    said: list[str] = []
    sizes = counted(rows())

    def before(number: int, words: str) -> None:
        if words == COMMITTED:
            end_this_session()
            raise OperationalError("the answer of COMMIT never came")
        said.append(words)

    with pytest.raises(OperationalError), watched(before):
        verb(scene)
    connection.close()
    assert said[-1] == COMMIT
    return said, grown(sizes)


def end_before(moment: int, verb: Verb, scene: Scene) -> None:
    def before(number: int, words: str) -> None:
        if number == moment:
            end_this_session()

    try:
        with watched(before):
            verb(scene)
    finally:
        connections.close_all()


def end_this_session() -> None:
    """As its own role, which may. Not by pg_terminate_backend's own waiting, which looks only ten times a second."""
    session = connection.connection.info.backend_pid
    with aside() as other:
        assert other.execute("SELECT pg_terminate_backend(%s)", [session]).fetchone() == (True,)
        while other.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [session]).fetchone() is not None:
            sleep(0.002)


def chosen(said: list[str], long_run: bool) -> list[int]:
    """Every moment, or a few spread evenly from the first statement to the COMMIT."""
    last = len(said)
    if long_run or last <= SHORT:
        return list(range(1, last + 1))
    return [1 + round(step * (last - 1) / (SHORT - 1)) for step in range(SHORT)]


def rows() -> dict[str, list[str]]:
    """All there is, as another session reads it, in one statement."""
    with aside() as other:
        tables = [str(name) for (name,) in other.execute(TABLES).fetchall()]
        parts = [
            psycopg.sql.SQL("SELECT {}, row::text FROM {} AS row").format(name, psycopg.sql.Identifier(name))
            for name in tables
        ]
        found: dict[str, list[str]] = {name: [] for name in tables}
        for table, line in other.execute(psycopg.sql.SQL(" UNION ALL ").join(parts)).fetchall():
            found[table].append(line)
    return {table: sorted(lines) for table, lines in found.items()}


def counted(found: dict[str, list[str]]) -> dict[str, int]:
    return {table: len(lines) for table, lines in found.items()}


def grown(sizes: dict[str, int]) -> dict[str, int]:
    return {table: size - sizes[table] for table, size in counted(rows()).items() if size != sizes[table]}


def state(scene: Scene) -> list[Any]:
    """What the verb made of it, but for ids and moments."""
    threads = Conversation.objects.filter(requester=scene.asker).order_by("created_at")
    wanted = ("kind", "status", "offer_state", "last_sequence", "requester_unread", "helper_unread", "helper_read")
    said = Message.objects.filter(conversation__in=threads).order_by("conversation__created_at", "sequence")
    request = HelpRequest.objects.get(pk=scene.request.pk)
    return [
        *threads.values_list(*wanted, "initial_message"),
        *said.values_list("sequence", "type", "happening", "content", "client_id"),
        (request.status, request.title, request.ending, request.helper_id == scene.helper.pk),
    ]


def aside() -> psycopg.Connection[Any]:
    """Another session of the same role, which sees what is there at each of its statements."""
    given = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor, "context": None}
    return psycopg.connect(**given, autocommit=True)


def test_a_session_that_ends_while_jobs_are_written_is_a_busy_site_not_a_fault() -> None:
    make, verb = VERBS["send_message"]
    said, _ = answer_lost(verb, make())
    writing_jobs = 1 + next(number for number, words in enumerate(said) if "procrastinate" in words)
    with pytest.raises(ENDED) as ended:
        end_before(writing_jobs, verb, make())
    assert refusal_from(ended.value).code == "service_unavailable"


def test_a_session_that_ends_is_noticed() -> None:
    """The negative test of this file: a verb in two transactions would be seen as half of it."""
    scene = offered()

    def half(scene: Scene) -> None:
        talking.send_message(scene.asker, scene.thread.pk, "One.")
        end_this_session()
        talking.send_message(scene.asker, scene.thread.pk, "Two.")

    before = rows()
    with pytest.raises(DatabaseFault):
        half(scene)
    connection.close()
    assert rows() != before


def test_the_second_try_of_a_lost_answer_finds_what_the_first_made() -> None:
    for name, expected in (("offer_help with a key", 1), ("send_message with a key", 1)):
        make, verb = VERBS[name]
        scene = make()
        _, growth = answer_lost(verb, scene)
        sizes = counted(rows())
        verb(scene)
        assert growth.get("conversations_v2", 0) + growth.get("messages_v2", 0) == expected
        assert grown(sizes) == {}


def test_a_thread_is_used_again_after_its_session_ended() -> None:
    scene = nothing_yet()
    verb = VERBS["offer_help"][1]
    with pytest.raises(DatabaseFault):
        end_before(3, verb, scene)
    assert offer_to(scene.asker, scene.helper).offer_state == "offered"
    assert accepted(scene.asker, MemberFactory()).offer_state == "accepted"
