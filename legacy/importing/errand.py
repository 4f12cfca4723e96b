"""What every part of an import is given: where from, how, and whom to tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import now

from legacy.importing.source import Source
from legacy.importing.tally import Tally
from legacy.services.moving import Progress, Tell
from members.models import Member

# A site that answers people gives up sooner than an import may.
PATIENCE = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '60s'"
AS_BEFORE = "RESET statement_timeout; RESET idle_in_transaction_session_timeout; RESET lock_timeout"
COMING = """
DROP TABLE IF EXISTS pg_temp.import_people;
CREATE TEMP TABLE import_people (id uuid PRIMARY KEY, email text NOT NULL UNIQUE);
"""
# Only one of two with one address comes; the other stays where it is.
COMES = """
INSERT INTO pg_temp.import_people SELECT * FROM unnest(%s::uuid[], %s::text[]) ON CONFLICT DO NOTHING RETURNING id
"""
KNOWN = """
SELECT id FROM unnest(%s::uuid[]) AS id
WHERE EXISTS (SELECT FROM members WHERE id = id.id) OR EXISTS (SELECT FROM pg_temp.import_people WHERE id = id.id)
"""


@dataclass
class Errand:
    source: Source
    tally: Tally
    progress: Progress
    tell: Tell
    batch: int
    is_dry: bool = False
    # Who stands behind what was decided there, where nobody who did is here.
    answers: Member | None = None
    began_at: datetime = field(default_factory=now)
    _lock: Lock = field(default_factory=Lock)

    def batches(self, query: str) -> Iterator[list[dict[str, Any]]]:
        for rows in self.source.rows(query, self.batch):
            yield rows
            self.went_on(len(rows))

    def went_on(self, number: int) -> None:
        with self._lock:
            self.progress.done += number
            self.progress.messages += number
            self.tell(self.progress)

    def expect_people(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(COMING)

    def coming(self, addresses: dict[UUID, str]) -> set[UUID]:
        """Those of these people who are the first with their address."""
        return _ids(COMES, list(addresses), list(addresses.values()))

    def known(self, ids: Iterable[UUID | None]) -> set[UUID]:
        """Those of these people who are here, or on their way."""
        return _ids(KNOWN, [each for each in set(ids) if each])


def _ids(query: str, *values: list[Any]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return {row[0] for row in cursor.fetchall()}
