"""The floor of conversations: each operation as one function of the database, with all the site reads and keeps."""

# A function keeps its plans and stays in the database from the first read to the last write, which is as fast as this
# work can be. pgbench calls it with a prepared statement; the ids, which the site makes itself, come from :number.

import psycopg

from benchmarks.talk_floor_reads import INBOX, PAGE, TYPES
from benchmarks.talk_floor_writes import OFFER, SEND


def create(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        for statement in (TYPES, PAGE, INBOX, SEND, OFFER):
            connection.execute(statement.encode())


# One turn of pgbench each; the same members and rows as the site's.
ASKER = "'care_' || lpad((:member)::bigint::text, 43, '0')"
ID = "('00000000-0000-7000-{kind}-' || lpad(to_hex((:row)::bigint), 12, '0'))::uuid"
# The key, the words, and the end of each id that is made; one kind of turn never makes another's.
NEW = "'floor-' || (:number)::bigint::text, '{{words}}', '{kind}' || lpad(to_hex((:number)::bigint), 11, '0')"

PAGE_TURN = rf"""
\set row 10 * (1 + :number * {{stride}} % {{long}})
\set member 1 + :row / 2 * {{stride}} % {{members}}
SELECT * FROM bench_page({ASKER}, {ID.format(kind="b000")});
"""  # noqa: S608 (only what is written above)

INBOX_TURN = rf"""
\set member 1 + :number * {{stride}} % {{helpers}}
SELECT * FROM bench_inbox({ASKER});
"""  # noqa: S608 (only what is written above)

SEND_TURN = rf"""
\set row 4 * (1 + :number * {{stride}} % {{writable}})
\set member 1 + :row / 2 * {{stride}} % {{members}}
SELECT bench_send({ASKER}, {ID.format(kind="b000")}, {NEW.format(kind="1")});
"""

OFFER_TURN = rf"""
\set wanted :number % {{wanted}}
\set member 1 + (:wanted + 1 + :number / {{wanted}}) % {{members}}
\set row {{requests}} + 1 + :wanted
SELECT bench_offer({ASKER}, {ID.format(kind="8000")}, {NEW.format(kind="2")});
"""
