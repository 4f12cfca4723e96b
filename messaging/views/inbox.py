"""The list of one's conversations, the one with the newest words first."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from carecollective import keyset
from carecollective.errors import NotValid
from carecollective.keyset import Key, read_cursor, write_cursor
from carecollective.pages import takes
from members.doors import approved, caller
from messaging import reads
from messaging.cards import row

PAGE = 20
NEWEST_WORDS_FIRST = (Key("last_message_at", keyset.moment), Key("id", UUID))


@takes("GET")
@approved
def inbox(request: HttpRequest) -> HttpResponse:
    member = caller(request)
    found = reads.inbox(member, PAGE, _behind(request.GET.get("cursor", "")))
    last = found["rows"][-1] if found["has_more"] else None
    context = {
        "rows": [row(conversation, member) for conversation in found["rows"]],
        "next_cursor": write_cursor([last["last_message_at"], last["id"]]) if last else "",
    }
    return render(request, "messaging/inbox.html", context)


def _behind(cursor: str) -> tuple[datetime, UUID] | None:
    """A cursor that is none of ours leads to the first page."""
    try:
        moment, last_id = read_cursor(NEWEST_WORDS_FIRST, cursor)
    except NotValid:
        return None
    return moment, last_id
