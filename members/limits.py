"""How often a person may do a thing: one table, counted exactly, whichever process asks."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from carecollective.errors import RateLimited


@dataclass(frozen=True)
class Limit:
    name: str
    most: int
    window: timedelta
    sentence: str = "You are doing this very fast. You can try again in {wait}."


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)

SIGN_IN_FAILURES = "That is too many tries. You can try again in {wait}, or set a new password."

SIGN_UP_SENTENCE = "Too many people joined from your connection. You can try again in {wait}."

CONVERSATIONS = Limit("conversations", 10, HOUR, "You have started 10 chats this hour. You can send this in {wait}.")
MESSAGES = Limit("messages", 50, timedelta(minutes=1), "You are sending very fast. You can send again in {wait}.")
# As somebody types, now and then.
CHECKS = Limit("checks", 60, timedelta(minutes=1))
REPORTS = Limit("reports", 5, HOUR, "You have sent 5 reports this hour. You can send this one in {wait}.")
QUESTIONS = Limit("questions", 5, HOUR, "You have sent 5 questions this hour. You can send this one in {wait}.")
APPEALS = Limit("appeals", 5, HOUR, "You have asked us 5 times this hour. You can send this one in {wait}.")
HELP_REQUESTS = Limit("help_requests", 10, DAY, "You have posted 10 requests today. You can post more tomorrow.")
BLOCKS = Limit("blocks", 30, HOUR)
EXPORTS = Limit("exports", 2, DAY)
TOKENS = Limit("tokens", 10, DAY, "You have made 10 tokens today. You can make more tomorrow.")
SIGN_IN_BY_ACCOUNT = Limit("sign_in_account", 10, QUARTER, SIGN_IN_FAILURES)
SIGN_IN_BY_ADDRESS = Limit("sign_in_address", 50, QUARTER, SIGN_IN_FAILURES)
SIGN_UP = Limit("sign_up", 5, HOUR, SIGN_UP_SENTENCE)
SECOND_FACTOR = Limit("second_factor", 10, QUARTER, SIGN_IN_FAILURES)
JOIN_PASSWORDS = Limit("join_passwords", 30, QUARTER, SIGN_UP_SENTENCE)
ACCOUNT_MAILS = Limit("account_mails", 5, HOUR, "We sent you several mails this hour. Please look in your spam folder.")

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Limit))

# One statement, so the row's lock makes the count exact: a hit is added only while there is room for it.
TAKE = """
    INSERT INTO limit_hits AS kept (name, subject, moments, day, of_day)
    VALUES (%(name)s, %(subject)s, ARRAY[clock_timestamp()], (clock_timestamp() AT TIME ZONE 'UTC')::date, 1)
    ON CONFLICT (name, subject) DO UPDATE SET moments =
        ARRAY(SELECT m FROM unnest(kept.moments) AS m WHERE m > clock_timestamp() - %(window)s) || clock_timestamp(),
        day = greatest(kept.day, excluded.day),
        of_day = CASE WHEN kept.day >= excluded.day THEN kept.of_day ELSE 0 END + 1
    WHERE (SELECT count(*) FROM unnest(kept.moments) AS m WHERE m > clock_timestamp() - %(window)s) < %(most)s
    RETURNING 1
"""
OF_TODAY = """
    SELECT coalesce(sum(of_day), 0) FROM limit_hits
    WHERE name = ANY (%s) AND subject = %s AND day = (clock_timestamp() AT TIME ZONE 'UTC')::date
"""
WAIT = """
    SELECT extract(epoch FROM min(m) + %(window)s - clock_timestamp())
    FROM limit_hits, unnest(moments) AS m
    WHERE name = %(name)s AND subject = %(subject)s AND m > clock_timestamp() - %(window)s
"""


def take(limit: Limit, subject: object) -> None:
    """Counts one more for `subject`, or refuses; inside a transaction a rollback gives it back."""
    values: dict[str, Any] = {"name": limit.name, "subject": str(subject), "window": limit.window, "most": limit.most}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.fetchone():
            return
        cursor.execute(WAIT, values)
        seconds = cursor.fetchone()[0]
    wait = max(1, math.ceil(seconds or 1))
    raise RateLimited(limit.sentence, retry_after=wait)


def forget(limit: Limit, subject: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM limit_hits WHERE name = %s AND subject = %s", [limit.name, str(subject)])


def taken_today(subject: object, *what: Limit) -> int:
    """How many of these together on this calendar day (UTC); exact under the lock that `take` holds."""
    with connection.cursor() as cursor:
        cursor.execute(OF_TODAY, [[limit.name for limit in what], str(subject)])
        return int(cursor.fetchone()[0])


def give_back(limit: Limit, subject: object) -> None:
    """Takes the newest hit back: it turned out not to count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE limit_hits SET moments = trim_array(moments, 1), of_day = greatest(of_day - 1, 0)"
            " WHERE name = %s AND subject = %s AND cardinality(moments) > 0",
            [limit.name, str(subject)],
        )


def forget_old() -> int:
    """Rows in which nothing counts any more."""
    longest: Any = max(limit.window for limit in ALL)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM limit_hits WHERE NOT EXISTS"
            " (SELECT FROM unnest(moments) AS m WHERE m > clock_timestamp() - %s)",
            [longest],
        )
        return int(cursor.rowcount)
