"""Changing one's own words, and taking them back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carecollective.errors import NotFound, NotPermitted
from carecollective.forms import Form
from carecollective.http import wants_part
from carecollective.pages import by_parts, form_page, said_at, sent, takes
from help_requests.gentle import gently
from members.doors import approved, caller
from messaging.forms.talking import EditForm, StepForm
from messaging.said import in_plain_words
from messaging.services import changing, reading
from messaging.services.changing import NO_MESSAGE, Words
from messaging.views.thread import address


@takes("GET", "POST")
@by_parts
@approved
def edit(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    words = _own(request, conversation_id, message_id)
    form = EditForm(sent(request), initial={"content": words.text})
    if request.method == "GET" and (why_not := _why_not(words)):
        messages.info(request, why_not)
        return redirect(_place(words))
    if request.method == "POST" and form.is_valid():
        with said_at(form), in_plain_words(), gently(request):
            changing.edit_message(caller(request), message_id, form.cleaned_data["content"])
            _tell(request, "Saved.")
            return redirect(_place(words))
    return _form(request, "edit", form, words)


@takes("GET", "POST")
@by_parts
@approved
def delete(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    words = _own(request, conversation_id, message_id)
    form = StepForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with said_at(form), in_plain_words():
            changing.delete_message(caller(request), message_id)
            _tell(request, "Your message is deleted.")
            return redirect(_place(words))
    return _form(request, "delete", form, words)


@takes("POST")
@approved
def fine(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """“It is fine”: the line above a message goes away, for good."""
    words = changing.find(caller(request), message_id)
    if words.conversation.pk != conversation_id:
        raise NotFound(NO_MESSAGE)
    return redirect(_place(reading.say_it_is_fine(caller(request), message_id)))


def _form(request: HttpRequest, name: str, form: Form, words: Words) -> HttpResponse:
    """A page; over the thread a part of it, in a dialog."""
    is_part = wants_part(request)
    template = f"messaging/{'_' if is_part else ''}{name}.html"
    return form_page(request, template, form, words=words, place=_place(words), is_part=is_part)


def _tell(request: HttpRequest, done: str) -> None:
    """Where a script changes the thread in place, the thread itself says it."""
    if not wants_part(request):
        messages.success(request, done)


def _own(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> Words:
    words = changing.find(caller(request), message_id)
    if words.conversation.pk != conversation_id:
        raise NotFound(NO_MESSAGE)
    words.must_be_written_by(caller(request))
    return words


def _why_not(words: Words) -> str:
    """A link to this page may be older than the quarter of an hour it is for."""
    try:
        words.must_be_editable()
    except NotPermitted as refusal:
        return refusal.words
    return ""


def _place(words: Words) -> str:
    conversation = words.conversation
    return address(conversation.pk, words.row.pk, words.sequence, conversation.last_sequence)
