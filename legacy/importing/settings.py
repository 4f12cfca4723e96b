"""How people wanted to be written to."""

from datetime import time
from typing import Any
from uuid import UUID

from django.db import transaction

from legacy.importing.errand import Errand
from legacy.importing.shape import SETTINGS
from legacy.importing.source import Source
from notifications.models import Emails, Preferences, ReceiveFrom

KIND = "settings"
NOBODY = "whose they are is not here"
UNKNOWN = "said who may write in a word we do not know; it is people of the same requests here"
NO_NIGHT = "had quiet hours without a beginning or an end; there are none here"
RECEIVE = {value: value for value in ReceiveFrom.values} | {
    "everyone": "anyone", "all": "anyone", "any": "anyone", "connections": "help_connections",
    "helpers_only": "help_connections", "none": "nobody", "no_one": "nobody",
}  # fmt: skip


def bring(errand: Errand) -> None:
    if errand.source.has(SETTINGS):
        for rows in errand.batches(_query(errand.source)):
            _bring(errand, rows)


def _query(source: Source) -> str:
    return f"SELECT {source.columns(SETTINGS, 's')} FROM {SETTINGS} AS s ORDER BY {source.column(SETTINGS, 's', 'user_id')}"  # noqa: E501, S608


@transaction.atomic
def _bring(errand: Errand, rows: list[dict[str, Any]]) -> None:
    people = errand.known(row["s_user_id"] for row in rows)
    here = set(Preferences.objects.filter(pk__in=people).values_list("pk", flat=True))
    coming: dict[UUID, Preferences] = {}
    for row in rows:
        key = row["s_user_id"]
        if key not in people:
            errand.tally.skip(KIND, key, NOBODY)
        elif key in here or key in coming:
            errand.tally.keep(KIND)
        else:
            coming[key] = _preferences(errand, row)
    errand.tally.bring(KIND, len(coming))
    if not errand.is_dry:
        Preferences.objects.bulk_create(coming.values(), ignore_conflicts=True)


def _preferences(errand: Errand, row: dict[str, Any]) -> Preferences:
    said = (row["s_can_receive_from"] or ReceiveFrom.HELP_CONNECTIONS).strip().lower()
    if said not in RECEIVE:
        errand.tally.change(KIND, row["s_user_id"], UNKNOWN)
    start, end = _night(errand, row)
    return Preferences(
        member_id=row["s_user_id"],
        can_receive_from=RECEIVE.get(said, ReceiveFrom.HELP_CONNECTIONS),
        email=Emails.OFF if row["s_email_notifications"] is False else Emails.NOW,
        quiet_hours_start=start,
        quiet_hours_end=end,
        read_receipts=row["s_read_receipts"] is not False,
        presence=row["s_presence"] is not False,
        updated_at=row["s_updated_at"] or errand.began_at,
    )


def _night(errand: Errand, row: dict[str, Any]) -> tuple[time | None, time | None]:
    start, end = row["s_quiet_hours_start"], row["s_quiet_hours_end"]
    if start is None and end is None:
        return None, None
    if start is None or end is None or start == end:
        errand.tally.change(KIND, row["s_user_id"], NO_NIGHT)
        return None, None
    return start, end
