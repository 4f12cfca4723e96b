"""An original installation: a second database on the test server, in the shape the earlier system had."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
from django.utils.timezone import now
from psycopg import sql

from legacy.importing.running import Order, bring_over
from legacy.importing.tally import Tally

LONG_AGO = now() - timedelta(days=100)
SCHEMA = """
CREATE SCHEMA auth;
CREATE TABLE auth.users (
    id uuid PRIMARY KEY, email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz,
    created_at timestamptz, last_sign_in_at timestamptz, raw_user_meta_data jsonb, deleted_at timestamptz
);
CREATE TABLE profiles (
    id uuid PRIMARY KEY, name text, location text, bio text, avatar_url text, verification_status text,
    is_admin boolean, caregiving_situation text, rejection_reason text, created_at timestamptz, updated_at timestamptz
);
CREATE TABLE help_requests (
    id uuid PRIMARY KEY, user_id uuid, helper_id uuid, title text, description text, category text, urgency text,
    status text, location_override text, location_privacy text, created_at timestamptz, updated_at timestamptz,
    helped_at timestamptz, completed_at timestamptz, cancelled_at timestamptz, cancel_reason text
);
CREATE TABLE conversations (
    id uuid PRIMARY KEY, help_request_id uuid, created_by uuid, title text, status text DEFAULT 'active',
    created_at timestamptz, updated_at timestamptz, last_message_at timestamptz
);
CREATE TABLE conversation_participants (
    conversation_id uuid, user_id uuid, joined_at timestamptz, left_at timestamptz, role text DEFAULT 'member',
    PRIMARY KEY (conversation_id, user_id)
);
CREATE TABLE messages (
    id uuid PRIMARY KEY, conversation_id uuid, sender_id uuid, recipient_id uuid, help_request_id uuid, content text,
    message_type text DEFAULT 'text', status text DEFAULT 'sent', read_at timestamptz,
    is_flagged boolean DEFAULT false, flagged_reason text, moderation_status text DEFAULT 'approved',
    created_at timestamptz, updated_at timestamptz, deleted_at timestamptz
);
CREATE TABLE messaging_preferences (
    user_id uuid PRIMARY KEY, can_receive_from text, auto_accept_help_requests boolean, email_notifications boolean,
    quiet_hours_start time, quiet_hours_end time, updated_at timestamptz
);
CREATE TABLE message_reports (
    id uuid PRIMARY KEY, message_id uuid, reported_by uuid, reason text, description text, status text,
    reviewed_by uuid, reviewed_at timestamptz, action_taken text, created_at timestamptz
);
CREATE TABLE user_restrictions (
    id uuid PRIMARY KEY, user_id uuid, restriction_level text, reason text, applied_by uuid, applied_at timestamptz,
    expires_at timestamptz, message_limit_per_day integer
);
CREATE TABLE conversations_v2 (
    id uuid PRIMARY KEY, help_request_id uuid, requester_id uuid, helper_id uuid, initial_message text, status text,
    created_at timestamptz, updated_at timestamptz, last_message_at timestamptz
);
CREATE TABLE messages_v2 (
    id uuid PRIMARY KEY, conversation_id uuid, sender_id uuid, content text, encryption_status text,
    created_at timestamptz, updated_at timestamptz
);
"""


class Original:
    """What stands in it is made by sentences; whatever is not said has its usual value."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = psycopg.connect(address, autocommit=True)
        self.say(SCHEMA)

    def say(self, statement: str, *values: Any) -> Any:
        return self._session.execute(statement.encode(), values or None)

    def put(self, table: str, **row: Any) -> UUID:
        row = {"id": uuid4(), "created_at": LONG_AGO} | row
        row = {name: value for name, value in row.items() if value is not ...}
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        holes = sql.SQL(", ").join(sql.Placeholder() * len(row))
        where = sql.SQL(".").join(map(sql.Identifier, table.split(".")))
        self._session.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(where, names, holes), [*row.values()])
        return row.get("id")  # type: ignore[return-value]

    def person(self, name: str, status: str = "approved", **more: Any) -> UUID:
        account = {"email": f"{name.lower()}@example.org", "email_confirmed_at": LONG_AGO}
        account |= {key: more.pop(key) for key in [*account, "id", "deleted_at"] if key in more}
        key = self.put("auth.users", encrypted_password="$2a$10$secret", **account)
        return self.put("profiles", id=key, name=name, verification_status=status, location="Springfield", **more)

    def request(self, owner: UUID, title: str = "Groceries on Friday", **more: Any) -> UUID:
        usual = {"category": "groceries", "urgency": "normal", "status": "open", "location_privacy": "public"}
        return self.put("help_requests", user_id=owner, title=title, **usual | more)

    def conversation(self, request: UUID | None, helper: UUID, *others: UUID, **more: Any) -> UUID:
        key = self.put("conversations", help_request_id=request, created_by=helper, **more)
        for person in (helper, *others):
            self.put("conversation_participants", id=..., created_at=..., conversation_id=key, user_id=person)
        return key

    def said(self, thread: UUID, sender: UUID | None, words: str | None, minute: int = 0, **more: Any) -> UUID:
        at = more.pop("created_at", LONG_AGO + timedelta(minutes=minute))
        return self.put("messages", conversation_id=thread, sender_id=sender, content=words, created_at=at, **more)

    def restriction(self, person: UUID, level: str, by: UUID | None, **more: Any) -> UUID:
        usual: dict[str, Any] = {"reason": "Asked for money.", "applied_at": LONG_AGO}
        row = usual | {"user_id": person, "restriction_level": level, "applied_by": by} | more
        return self.put("user_restrictions", created_at=..., **row)

    def report(self, message: UUID, by: UUID, **more: Any) -> UUID:
        usual = {"reason": "scam", "description": "He asked me for money.", "status": "pending"}
        return self.put("message_reports", message_id=message, reported_by=by, **usual | more)

    def later_conversation(self, request: UUID | None, helper: UUID, asker: UUID, words: str, **more: Any) -> UUID:
        people = {"helper_id": helper, "requester_id": asker}
        return self.put("conversations_v2", help_request_id=request, initial_message=words, **people | more)

    def later_said(self, thread: UUID, sender: UUID, words: str, at: datetime, **more: Any) -> UUID:
        return self.put("messages_v2", conversation_id=thread, sender_id=sender, content=words, created_at=at, **more)

    def close(self) -> None:
        self._session.close()


@contextmanager
def an_original() -> Iterator[Original]:
    ours = urlsplit(os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"])
    name = f"care_run_original_{secrets.token_hex(4)}"
    with psycopg.connect(urlunsplit(ours), autocommit=True) as maker:
        # As every database of a run: what a killed one leaves behind, the next one drops.
        maker.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        maker.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        original = Original(urlunsplit(ours._replace(path=f"/{name}")))
        try:
            yield original
        finally:
            original.close()
            maker.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def refuse(state: str) -> None:
    """From here on our own database answers some words with this state: a full disk, a rule nobody knows of."""
    with psycopg.connect(os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]) as owner:
        owner.execute(
            sql.SQL(
                "CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = {}; END $$"
            ).format(sql.Literal(state))
        )
        owner.execute(
            "CREATE TRIGGER refuse_it BEFORE INSERT ON messages FOR EACH ROW"
            " WHEN (NEW.content LIKE 'Refuse me%') EXECUTE FUNCTION refuse_it()"
        )


class Small:
    """Two people, a request, a chat with words, and one in which the earlier system lost them."""

    def __init__(self, original: Original) -> None:
        self.ana, self.ben = original.person("Ana"), original.person("Ben")
        self.request = original.request(self.ana)
        self.thread = original.conversation(self.request, self.ben, self.ana)
        self.first = original.said(self.thread, self.ben, "I can come on Friday.", 1, status="read")
        self.second = original.said(self.thread, self.ana, "That would be lovely.", 2)
        self.empty = original.conversation(original.request(self.ana), self.ben, self.ana)


def brought(original: Original, **more: Any) -> Tally:
    return bring_over(Order(original.address, **more))
