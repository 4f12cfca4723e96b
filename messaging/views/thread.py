"""One conversation: reading it, and saying something in it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from carecollective.errors import IdempotencyKeyReused
from carecollective.pages import form_page, said_at, sent, takes
from features.attempts import SEND, counted
from members.doors import approved, caller
from members.models import Block, Member
from messaging import reads
from messaging.cards import chip
from messaging.forms.talking import MessageForm
from messaging.inputs import FARTHEST
from messaging.lines import lines
from messaging.said import helped, in_plain_words
from messaging.services import reading, talking, thanking
from messaging.standing import standing

PAGE = 50


@takes("GET", "POST")
@approved
@counted(SEND, version=2)
def thread(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    form = MessageForm(sent(request))
    if request.method == "POST" and form.is_valid():
        text, key = form.cleaned_data["content"], str(form.cleaned_data["client_id"])
        with said_at(form), in_plain_words():
            said = talking.send_message(caller(request), conversation_id, text, key)
            return redirect(address(conversation_id, said.id))
        if isinstance(form.refusal, IdempotencyKeyReused):
            form.renew_key()
    return _page(request, conversation_id, form)


def address(conversation_id: UUID, message_id: UUID | str = "", sequence: int = 0, newest: int = 0) -> str:
    """Of the thread, at that message; an old one on the page it stands on."""
    url = reverse("messaging:thread", args=[conversation_id])
    is_old = newest - sequence >= PAGE
    around = f"?before={sequence + PAGE // 2}" if sequence and is_old else ""
    return f"{url}{around}#m-{message_id}" if message_id else url


def _page(request: HttpRequest, conversation_id: UUID, form: MessageForm) -> HttpResponse:
    member = caller(request)
    part = reads.Slice(limit=PAGE, before=_before(request))
    found, said, pagination = reads.thread_rows(member, conversation_id, part)
    is_newest = pagination["last_sequence"] == found["last_sequence"]
    shown = lines(found, said, member, is_newest=is_newest)
    is_thanked = any(line.is_thanks and not line.is_mine for line in shown)
    context = {
        "conversation": found,
        "lines": shown,
        "helped_times": helped(thanking.helped_times(member)) if is_thanked else "",
        "is_newest": is_newest,
        "older": pagination["first_sequence"] if pagination["has_more"] else None,
        "offer_chip": chip(found["offer_state"]) if found["offer_state"] else None,
        **_about_the_two(found, member),
    }
    response = form_page(request, "messaging/thread.html", form, **context)
    if is_newest and request.method == "GET" and found["my_read_sequence"] < found["last_sequence"]:
        reading.mark_read(member, conversation_id, found["last_sequence"])
    return response


def _before(request: HttpRequest) -> int | None:
    """Whatever is no place in a thread leads to its end."""
    text = request.GET.get("before", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if 1 < number <= FARTHEST else None


def _about_the_two(found: dict[str, Any], member: Member) -> dict[str, Any]:
    other_id = found["other"]["id"]
    has_blocked = Block.objects.filter(blocker=member, blocked=other_id).exists()
    # Whom an offer goes to may know from which town it comes.
    town = Member.objects.filter(pk=found["helper_id"]).values_list("town", flat=True).get()
    now = standing(found, member, has_blocked=has_blocked)
    can_thank = now.may_thank and thanking.of_request(found["help_request_id"]) is None
    return {"now": now, "helper_town": town, "can_thank": can_thank}
