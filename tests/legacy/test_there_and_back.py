"""The schema goes back to before V2 and forward again: what stood in the earlier tables is there, and is read."""

import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.db import connections

from carecollective import structure, structure_catalog, structure_text
from carecollective.invariants import broken
from legacy.models import EarlierMessage
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Type
from messaging.services import deciding
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, earlier, empty
from tests.factories.messaging import offer, say
from tests.support.database import ROOT

# Without the columns that a later look at the row may move.
ROWS = (
    "SELECT row_to_json(it)::text FROM conversations AS it ORDER BY id",
    "SELECT row_to_json(it)::text FROM conversation_participants AS it ORDER BY conversation_id, user_id",
    "SELECT row_to_json(it)::text FROM messages AS it ORDER BY id",
)


def migrate(*to: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", *to]
    connections.close_all()
    ending = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=120)
    assert ending.returncode == 0, ending.stderr


def everything() -> list[list[tuple[Any, ...]]]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        return [owner.execute(rows).fetchall() for rows in ROWS]


@pytest.mark.committed
@pytest.mark.parametrize("way", [1], indirect=True)
def test_back_before_v2_and_forward_again(way: int, asker: Member, helper: Member, outsider: Member) -> None:
    old = earlier(helper, HelpRequestFactory(requester=asker), (helper, "I can drive on Friday."), (asker, "Good!"))
    empty(outsider, HelpRequestFactory(requester=asker))
    new = offer(outsider, HelpRequestFactory(requester=asker))
    deciding.accept_offer(asker, new.pk)
    secret = say(asker, new, "The key is under the third pot.", message_type=Type.SENSITIVE)
    assert (new.version, EarlierMessage.objects.get(pk=secret).content) == (way, "[protected]")
    before = everything()

    migrate("messaging", "zero")
    assert everything() == before
    migrate()

    assert everything() == before
    assert set(Conversation.objects.values_list("pk", flat=True)) == {old.pk, new.pk}
    assert Conversation.objects.get(pk=new.pk).offer_state == "accepted", "what stands beside them was kept"
    words = [line["content"] for line in reads.thread_rows(asker, new.pk, reads.Slice())[1]]
    assert "The key is under the third pot." in words
    say(helper, old, "See you then.")
    assert structure.differences() == []


@pytest.mark.committed
def test_what_the_earlier_system_did_meanwhile_is_followed(asker: Member, helper: Member, outsider: Member) -> None:
    """Back to it for a week, say, and then forward again."""
    left, closed, goes_on = (
        earlier(other, HelpRequestFactory(requester=asker), (other, WORDS), (asker, "To be deleted."), (other, "Vile."))
        for other in (helper, outsider, outsider)
    )
    migrate("legacy", "0001")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("UPDATE messages SET deleted_at = now() WHERE content = 'To be deleted.'")
        owner.execute("UPDATE messages SET moderation_status = 'hidden' WHERE content IN ('Vile.', %s)", [WORDS])
        owner.execute("INSERT INTO messages (conversation_id, sender_id, content) VALUES (%s, %s, 'Late.')",
                      [goes_on.pk, asker.pk])  # fmt: skip
        owner.execute("UPDATE conversation_participants SET left_at = now() WHERE user_id = %s", [helper.pk])
        owner.execute("UPDATE conversations SET status = 'closed' WHERE id = %s", [closed.pk])
    migrate()

    assert reads.inbox(helper, 20)["rows"] == []
    statuses = dict(Conversation.objects.values_list("pk", "status"))
    assert statuses == {left.pk: "closed", closed.pk: "closed", goes_on.pk: "active"}
    for thread in statuses:
        words = [line["content"] for line in reads.thread_rows(asker, thread, reads.Slice())[1]]
        assert words == ["", "", ""] + (["Late."] if thread == goes_on.pk else [])
    assert broken() == {}


@pytest.mark.committed
def test_without_this_room_the_kept_structure_is_that_of_the_others(settings: Any) -> None:
    migrate("legacy", "zero")
    assert [line for line in structure.differences() if "legacy" in line], "it is missing as long as the room is there"
    settings.ROOMS = [room for room in settings.ROOMS if room != "legacy"]
    assert structure_text.read() == structure_catalog.read()
