"""Conversations with their people and words, into the tables of the earlier system: several hands, each a part."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

from django.db import DataError, IntegrityError, connection, connections, transaction

from legacy.importing import bringing_sql, shape, stage, staged_sql
from legacy.importing.errand import PATIENCE, Errand
from legacy.importing.faults import told_of_ours

HANDS = 2
KINDS = ("conversations", "people in conversations", "messages")
REFUSED = "this site's database refused it; the log says why"

log = logging.getLogger("legacy.import")


def bring(errand: Errand) -> None:
    if not any(errand.source.has(table) for table in (shape.CONVERSATIONS, shape.LATER_CONVERSATIONS)):
        return
    _tell_strange_words(errand)
    over = Event()
    with ThreadPoolExecutor(HANDS) as pool:
        hands = [pool.submit(Hand(errand, number, over).work) for number in range(HANDS)]
        try:
            for hand in hands:
                hand.result()
        except BaseException:
            over.set()
            raise


class Hand:
    """One session here with its part of all conversations; no two hands have any of one request."""

    def __init__(self, errand: Errand, number: int, over: Event) -> None:
        self.errand, self.over = errand, over
        self.half = staged_sql.HALF.replace("{hands}", str(HANDS)).replace("{hand}", str(number))

    def work(self) -> None:
        try:
            with told_of_ours():
                self._work()
        except BaseException:
            self.over.set()
            raise
        finally:
            connections.close_all()

    def _work(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(PATIENCE)
            # A server that fails may lose the last batches: whoever runs it again brings them.
            cursor.execute("SET synchronous_commit = off")
        with self.errand.source.once_more() as source:
            stage.fill(source, self.half, lambda: self.errand.went_on(0))
        waiting = stage.sift(self.errand)
        self._tell_what_is_here()
        self._expect_growth()
        size = self.errand.batch
        for first in range(1, waiting + 1, size):
            if self.over.is_set() or self.errand.is_dry:
                return
            self._bring(self._ids(first, first + size - 1))

    def _tell_what_is_here(self) -> None:
        """And, where it is only tried, what would come."""
        with connection.cursor() as cursor:
            cursor.execute(bringing_sql.HOW_MANY)
            counted = cursor.fetchone()
        for kind, there, new in zip(KINDS, counted[::2], counted[1::2], strict=True):
            self.errand.tally.keep(kind, there - new)
            if self.errand.is_dry:
                self.errand.tally.bring(kind, new)
        self.errand.went_on(sum(counted[::2]) - (0 if self.errand.is_dry else sum(counted[1::2])))

    def _expect_growth(self) -> None:
        """The tables begin empty, and nobody analyses them for us: plans made for small ones would read all of them."""
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")

    def _ids(self, first: int, last: int) -> list[UUID]:
        with connection.cursor() as cursor:
            cursor.execute(bringing_sql.BATCH, [first, last])
            return [row[0] for row in cursor.fetchall()]

    def _bring(self, ids: list[UUID]) -> None:
        """What the database refuses is found by halves, and left where it is."""
        try:
            with transaction.atomic():
                brought = self._write(ids)
        except (IntegrityError, DataError) as problem:
            if len(ids) > 1:
                half = len(ids) // 2
                self._bring(ids[:half])
                self._bring(ids[half:])
                return
            log.error("import.conversation_refused", extra={"conversation_id": str(ids[0]), "problem": problem})
            self.errand.tally.skip(KINDS[0], ids[0], REFUSED)
            return
        for kind, number in zip(KINDS, brought, strict=True):
            self.errand.tally.bring(kind, number)
        self.errand.went_on(sum(brought))

    def _write(self, ids: list[UUID]) -> list[int]:
        """The words last, so that the rows our rooms read are made once; and with whoever was chosen, if anybody."""
        with connection.cursor() as cursor:
            cursor.execute(bringing_sql.CONVERSATIONS, [ids])
            brought = [cursor.rowcount]
            cursor.execute(bringing_sql.CHOOSE, [ids])
            requests = [row[0] for row in cursor.fetchall()]
            for statement in (bringing_sql.PARTICIPANTS, bringing_sql.MESSAGES):
                cursor.execute(statement, [ids])
                brought.append(cursor.rowcount)
            if requests:
                cursor.execute(bringing_sql.NOT_CHOSEN, [requests])
            # Here, where a refusal still names its batch, and not at the end of the transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return brought


def _tell_strange_words(errand: Errand) -> None:
    for told, query in staged_sql.strange_words(errand.source):
        for rows in errand.source.rows(query, errand.batch):
            for row in rows:
                errand.tally.differs(told.format(word=row["word"], number=row["number"]))
