"""One conversation: reading it, and saying something in it; as a page, and as the part that keeps it fresh."""

import base64
import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.safestring import SafeString

from carecollective.errors import IdempotencyKeyReused, NotFound, NotValid, Warned
from carecollective.http import wants_part
from carecollective.pages import by_parts, form_page, said_at, sent, takes
from features.attempts import SEND, counted
from help_requests.gentle import gently
from members.doors import approved, caller
from messaging.forms.talking import MessageForm
from messaging.inputs import FARTHEST
from messaging.models import Conversation
from messaging.said import in_plain_words
from messaging.services import changing, reading, talking
from messaging.thread_page import PAGE, Asked, ThreadPage

DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@takes("GET", "POST")
@by_parts
@approved
@counted(SEND)
def thread(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    if wants_part(request):
        return _part(request, conversation_id)
    form = MessageForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form), in_plain_words(), gently(request):
            said = _say(request, conversation_id, form)
            return redirect(address(conversation_id, said.id))
        if isinstance(form.refusal, IdempotencyKeyReused):
            form.renew_key()
    page = ThreadPage(caller(request), conversation_id, _asked(request))
    if not page.said:
        return redirect("messaging:thread", conversation_id)
    return form_page(request, "messaging/thread.html", form, **page.context())


@takes("GET")
@approved
def place(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """Leads to where a message stands, however old it is."""
    words = changing.find(caller(request), message_id)
    if words.conversation.pk != conversation_id:
        raise NotFound(changing.NO_MESSAGE)
    return redirect(address(conversation_id, message_id, words.sequence, words.conversation.last_sequence))


@takes("GET")
@approved
def seen(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A dot at the end of the thread, asked for by browsers without scripts: whoever gets so far has read it.

    With a script nothing is read before it was on the screen (static/js/reading.js).
    """
    conversation = Conversation.objects.one_for(caller(request), conversation_id)
    upto = min(_number(request, "upto") or 0, conversation.last_sequence)
    reading.mark_read(caller(request), conversation_id, upto)
    return HttpResponse(DOT, content_type="image/gif")


def address(conversation_id: UUID, message_id: UUID | str = "", sequence: int | None = 0, newest: int = 0) -> str:
    """Of the thread, at that message; an old one on the page it stands on."""
    url = reverse("messaging:thread", args=[conversation_id])
    is_old = bool(sequence) and newest - (sequence or 0) >= PAGE
    around = f"?before={sequence + PAGE // 2}" if is_old and sequence else ""
    return f"{url}{around}#m-{message_id}" if message_id else url


def _part(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What a script puts into the page that stands there; what is refused goes to it as it is."""
    if request.method == "POST":
        form = MessageForm(request.POST)
        if not form.is_valid():
            raise NotValid(fields=form.errors)
        try:
            with in_plain_words(), gently(request):
                _say(request, conversation_id, form)
        except Warned as asked:
            # The device keeps the words and asks.
            return JsonResponse({"warnings": asked.sentences})
    page = ThreadPage(caller(request), conversation_id, _asked(request))
    if request.method == "GET" and (unchanged := get_conditional_response(request, page.mark())):
        return unchanged
    context = page.context()
    response = render(request, "messaging/_part.html", context | _slots(request, context))
    response["ETag"] = page.mark()
    return response


def _slots(request: HttpRequest, context: dict[str, Any]) -> dict[str, str]:
    """What stands around the lines: seldom new, so only for a page that looks at where it stands, and has another."""
    slots = render_to_string("messaging/_slots.html", context, request)
    mark = hashlib.sha256(slots.encode()).hexdigest()[:16]
    is_known = "record" not in request.GET or request.GET.get("slots") == mark
    return {"slots": SafeString("" if is_known else slots), "slots_mark": mark}


def _say(request: HttpRequest, conversation_id: UUID, form: MessageForm) -> talking.Sent:
    text, key = form.cleaned_data["content"], str(form.cleaned_data["client_id"])
    return talking.send_message(caller(request), conversation_id, text, key)


def _asked(request: HttpRequest) -> Asked:
    before, after = _number(request, "before"), _number(request, "after")
    is_back = not after and before and before > 1
    return Asked(before if is_back else None, after, _number(request, "record"), is_part=wants_part(request))


def _number(request: HttpRequest, name: str) -> int | None:
    """Whatever is no place in a thread leads to its end."""
    text = request.GET.get(name, "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return number if 0 < number <= (FARTHEST if name != "record" else 2**63 - 1) else None
