"""Rows of messaging as SQL would write them, and the name of the rule that refuses them."""

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from carecollective.database import new_id
from carecollective.encryption import fingerprint
from members.models import Member
from messaging.models import Conversation, Message
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import WORDS

NOW = "2026-11-21T12:00:00Z"
OFFER = {"kind": "help", "offer_state": "offered", "offered_at": NOW}
DIRECT = {"kind": "direct", "help_request_id": None, "offer_state": None, "offered_at": None}


def say_sql(statement: str, values: Any = None) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def refused(statement: str, values: Any = None) -> str:
    """The rule that refused it: a constraint by its name, a missing right as such."""
    with pytest.raises(DatabaseError) as problem:
        say_sql(statement, values)
    cause = problem.value.__cause__
    assert isinstance(cause, psycopg.Error)
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return "no right"
    return cause.diag.constraint_name or f"not null {cause.diag.column_name}"


def insert(table: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    places = ", ".join(["%s"] * len(row))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())


def new_conversation(asker: Member, helper: Member, **other: Any) -> dict[str, Any]:
    row = {
        "id": new_id(),
        "help_request_id": HelpRequestFactory(requester=asker).pk,
        "requester_id": asker.pk,
        "helper_id": helper.pk,
        "opening_sender_id": helper.pk,
        "initial_message": WORDS,
        "opening_digest": fingerprint(WORDS),
        **OFFER,
    }
    return row | other


def new_message(conversation: Conversation, **other: Any) -> dict[str, Any]:
    row = {
        "id": new_id(),
        "conversation_id": conversation.pk,
        "sender_id": conversation.helper_id,
        "sequence": 2,
        "content": "Tuesday is fine.",
        "digest": fingerprint("Tuesday is fine."),
    }
    return row | other


def update(row: Conversation | Message, **columns: Any) -> tuple[str, list[Any]]:
    changes = ", ".join(f"{name} = %s" for name in columns)
    return f"UPDATE {row._meta.db_table} SET {changes} WHERE id = %s", [*columns.values(), row.pk]
