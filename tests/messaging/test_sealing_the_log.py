"""The life of messages is sealed into the audit log, batch by batch, and a change is found out."""

import os
import threading

import psycopg
import pytest
from django.db import connection, transaction

from audit.models import AuditEntry
from audit.services import verify
from carecollective.invariants import broken
from members.models import Member
from messaging.models import Message, MessageRecord
from messaging.services import sealing_the_log
from messaging.services.sealing_the_log import SEALED, seal_log
from tests.factories.messaging import offer_to, say

pytestmark = pytest.mark.committed


def entries() -> list[dict[str, int]]:
    return [entry.details for entry in AuditEntry.objects.filter(action=SEALED).order_by("sequence")]


def test_each_entry_is_sealed_once(asker: Member, helper: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing_the_log, "BATCH", 2)
    thread = offer_to(asker, helper)
    for number in range(4):
        say(helper, thread, f"Word {number}")
    assert seal_log() == MessageRecord.objects.count() == 5
    assert [batch["entries"] for batch in entries()] == [2, 2, 1]
    assert seal_log() == 0
    say(asker, thread)
    assert seal_log() == 1
    assert broken() == {}
    assert verify().broken_at is None


def test_a_row_that_was_changed_is_found_out(asker: Member, helper: Member) -> None:
    offer_to(asker, helper)
    seal_log()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ALTER TABLE message_audit_log DISABLE TRIGGER USER")
        owner.execute("UPDATE message_audit_log SET actor_id = NULL")
        owner.execute("ALTER TABLE message_audit_log ENABLE TRIGGER USER")
    assert list(broken()) == ["14 the log of messages is as it was sealed"]


def test_a_message_on_its_way_is_waited_for(asker: Member, helper: Member) -> None:
    """Its number is drawn before a later one is committed; sealed past it, it would look as if slipped in."""
    thread, other = offer_to(asker, helper), offer_to(asker, helper)
    written, go = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                say(helper, thread)
                written.set()
                go.wait(10)
        finally:
            connection.close()

    def seal() -> None:
        try:
            seal_log()
        finally:
            connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    written.wait(10)
    say(asker, other)
    sealing = threading.Thread(target=seal)
    sealing.start()
    sealing.join(0.3)
    assert sealing.is_alive(), "it waits for the one that is not committed"
    go.set()
    writer.join(10)
    sealing.join(10)
    assert Message.objects.count() == 2
    assert sum(batch["entries"] for batch in entries()) == MessageRecord.objects.count()
    assert broken() == {}
