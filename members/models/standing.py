"""What a member may do now: the strictest restriction in force, read from the rows each time."""

# In SQL by hand, because the hottest verbs ask it inside statements they make anyway (`messaging.models.holding`).

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from members.models.bans import IS_ACTIVE, failing_closed
from members.models.restriction import Level

NONE = "none"
COLUMNS = "level, message_limit_per_day, reason, rule, ends_at, decision_id, id"

# The strictest, never merely the newest; of equal ones the one that lasts longest.
STRICTEST = f"""
    SELECT {COLUMNS} FROM user_restrictions
    WHERE member_id = %(restricted)s AND {IS_ACTIVE}
    ORDER BY CASE level WHEN 'banned' THEN 1 WHEN 'suspended' THEN 2 ELSE 3 END,
        message_limit_per_day, ends_at DESC NULLS FIRST, id
    LIMIT 1
"""  # noqa: S608 (only words of this file)
# The same beside whatever a statement reads: a row of empty columns where nothing is in force.
BESIDE = f"LEFT JOIN LATERAL ({STRICTEST}) AS restriction ON true"
BESIDE_COLUMNS = ", ".join(f"restriction.{name}" for name in COLUMNS.split(", "))
HOW_MANY = len(COLUMNS.split(", "))


@dataclass(frozen=True)
class Standing:
    """The answer to “may they?”; `level` is `none` where nothing is in force."""

    level: str = NONE
    message_limit_per_day: int | None = None
    reason: str = ""
    rule: int | None = None
    until: datetime | None = None
    decision_id: UUID | None = None
    restriction_id: UUID | None = None

    @classmethod
    def of(cls, row: Any) -> "Standing":
        """From the columns of `COLUMNS`, which are all empty where there was no row."""
        return cls(*row) if row and row[0] else cls()

    @property
    def is_restricted(self) -> bool:
        return self.level != NONE

    @property
    def is_banned(self) -> bool:
        return self.level == Level.BANNED

    @property
    def can_send_messages(self) -> bool:
        """Some a day at least."""
        return self.level in (NONE, Level.LIMITED)

    @property
    def can_start_conversations(self) -> bool:
        return self.level == NONE


def look_up(member_id: UUID) -> Standing:
    with failing_closed(), connection.cursor() as cursor:
        cursor.execute(STRICTEST, {"restricted": member_id})
        return Standing.of(cursor.fetchone())
