"""Dropping V1: what stayed is archived, the record of the move is kept, and all its tables go, in one transaction."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.utils import InternalError
from psycopg import sql
from psycopg.errors import DependentObjectsStillExist

import audit.services as audit
from carecollective.errors import NotPermitted
from features import flag
from features.models import REASON_MOST
from legacy.models import Move
from legacy.new_file import write_new
from legacy.services import in_the_way
from legacy.services.alone import alone
from legacy.services.archiving import settled_conversations
from legacy.services.closing import AT_WORK, V1, WAIT_FOR_WRITERS, standing
from legacy.services.in_the_way import RECORD
from legacy.services.moving import THE_MOVE
from legacy.services.protecting import ANOTHER

TIMES, PAUSE_SECONDS = 40, 0.5
IN_USE = "People were using the tables all the time. Nothing was changed; please try again when it is quieter."
STILL_USED = "Something else in the database still uses V1's tables. Nothing was changed. {detail}"
TOO_LONG = f"Please say why in at most {REASON_MOST} letters."

# Whoever deletes words there is waited for, so that the archive has none that are gone.
HOLD = "SELECT id FROM legacy_conversations ORDER BY id FOR UPDATE"
# In the order of all locks. Soon given up and tried again: behind us everybody waits.
LOCK = "LOCK TABLE help_requests, conversations_v2, messages_v2, members IN ACCESS EXCLUSIVE MODE"
PATIENCE = "SET LOCAL lock_timeout = '300ms'"
NO_PATIENCE = "SET LOCAL lock_timeout = '5s'"
# Its conversations are gone then. What was moved has its plans with it.
PLANS = "DELETE FROM plans WHERE conversation_id IN (SELECT id FROM legacy_conversations)"
# The side row of each, with its words, was kept for the way back; there is none any more.
WITHOUT_WORDS = "UPDATE legacy_moves SET kept = NULL WHERE kept IS NOT NULL"

TABLES = ("messages", "conversation_participants", "conversations", "legacy_messages", "legacy_conversations")
TRIGGERS = """
SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal AND starts_with(tgname, 'legacy_')
  AND relname <> ALL (%s) AND relname {} 'legacy_moves' ORDER BY 2, 1
"""
VIEWS = "SELECT viewname FROM pg_views WHERE schemaname = 'public' AND starts_with(viewname, 'legacy_')"
FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'legacy_')
"""
RECORDS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND starts_with(tablename, 'legacy_')"


@dataclass(frozen=True)
class Asked:
    why: str = ""
    archive: str = ""


@dataclass(frozen=True)
class Dropped:
    """What has gone, or would; or why nothing has."""

    reasons: list[str]
    moved: int = 0
    archived: int = 0


def drop(asked: Asked, *, is_dry: bool = False) -> Dropped:
    """All or nothing. The reasons against it are told all at once."""
    standing()
    if len(asked.why) > REASON_MOST:
        raise NotPermitted(TOO_LONG)
    with ExitStack() as held:
        held.enter_context(alone(THE_MOVE[0], AT_WORK))
        held.enter_context(alone("protect_old_messages", ANOTHER))
        reasons = in_the_way.reasons(why=asked.why, has_archive=bool(asked.archive))
        if reasons or is_dry:
            return Dropped(reasons, *_counts())
        return _dropped(asked)


def _dropped(asked: Asked) -> Dropped:
    path = Path(asked.archive).absolute() if asked.archive else None
    was_written: list[Path] = []
    try:
        with transaction.atomic():
            return _drop(asked, path, was_written)
    except InternalError as problem:
        _forget(was_written)
        if isinstance(problem.__cause__, DependentObjectsStillExist):
            raise NotPermitted(STILL_USED.format(detail=problem.__cause__.diag.message_detail or "")) from problem
        raise
    except BaseException:
        _forget(was_written)
        raise


def _drop(asked: Asked, path: Path | None, was_written: list[Path]) -> Dropped:
    _say(WAIT_FOR_WRITERS)
    _say(HOLD)
    reasons = in_the_way.reasons(why=asked.why, has_archive=bool(path))
    if reasons:
        return Dropped(reasons, *_counts())
    moved, archived = _counts()
    if path:
        write_new(path, _archive(), "archive", is_private=True)
        was_written.append(path)
    _take_triggers("=")
    _say(WITHOUT_WORDS)
    _lock_all()
    _say(PLANS)
    _take_all()
    transaction.on_commit(flag.forget)
    audit.record("v1_dropped", actor="operator", subject=V1, reason=asked.why, moved=moved, archived=archived)
    return Dropped([], moved, archived)


def _counts() -> tuple[int, int]:
    return Move.objects.filter(into_id__isnull=False).count(), in_the_way.with_words()


def _archive() -> Iterator[str]:
    """One line for each, empty ones left out."""
    return (
        json.dumps(each, default=_plain, ensure_ascii=False) for each in settled_conversations() if each["messages"]
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not for the archive.")


def _lock_all() -> None:
    for _ in range(TIMES):
        with suppress(OperationalError), transaction.atomic():
            _say(PATIENCE)
            _say(LOCK)
            _say(NO_PATIENCE)
            return
        time.sleep(PAUSE_SECONDS)
    raise NotPermitted(IN_USE)


def _take_all() -> None:
    _take_triggers("<>")
    for (view,) in _say(VIEWS):
        _run("DROP VIEW public.{}", view)
    for table in TABLES:
        _run("DROP TABLE public.{}", table)
    for (function,) in _say(FUNCTIONS):
        # With its arguments, as PostgreSQL itself writes it.
        _say(f"DROP FUNCTION {function}")
    _run("CREATE SCHEMA IF NOT EXISTS {}", RECORD)
    for (table,) in _say(RECORDS):
        _run("ALTER TABLE public.{} SET SCHEMA {}", table, RECORD)


def _take_triggers(among: str) -> None:
    for trigger, table in _say(TRIGGERS.format(among), [list(TABLES)]):
        _run("DROP TRIGGER {} ON public.{}", trigger, table)


def _forget(was_written: list[Path]) -> None:
    """What was not dropped needs no archive, and the file holds people's words."""
    for path in was_written:
        path.unlink(missing_ok=True)


def _run(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _say(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
