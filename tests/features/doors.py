"""A small site whose views try things, as the views of messaging do."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from carecollective.errors import ConversationExists, HelpRequestUnavailable
from carecollective.pages import form_page, said_at
from features import attempts

CONVERSATION = UUID("019a0000-0000-7000-8000-000000000001")
FACTS = {"help_request_id": UUID(int=3), "category": "groceries-meals", "urgency": "normal"}


class Words(Form):
    text = CharField()


def do(what: str, member_id: UUID | None) -> None:
    """A verb: one transaction, which ends as it is told."""
    if what == "lose the connection early":
        say("SELECT pg_terminate_backend(pg_backend_pid())")
    with transaction.atomic():
        if what == "again":
            return
        if what == "refuse before":
            raise HelpRequestUnavailable()
        attempts.succeeded(
            attempts.START, version=2, member_id=member_id or UUID(int=1), conversation_id=CONVERSATION, **FACTS
        )
        after = {"refuse after": HelpRequestUnavailable(), "break": ZeroDivisionError("my mother's words")}
        if what in after:
            raise after[what]
        if what == "lose the connection":
            say("SELECT pg_terminate_backend(pg_backend_pid())")
        if what == "fail at commit":
            # A deferred foreign key: nobody notices before the commit.
            say("INSERT INTO notice_counters (member_id, last) VALUES (gen_random_uuid(), 1)")


class Api(APIView):
    """Its own words."""

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        told: Any = request.data
        do(told["what"], request.user.pk)
        return Response({"success": True}, status=201)


@attempts.counted(attempts.START)
def page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        do(str(request.POST["what"]), request.user.pk)
    return HttpResponseRedirect("/there/")


@attempts.counted(attempts.SEND)
def form(request: HttpRequest, number: int) -> HttpResponse:
    filled = Words(request.POST)
    if filled.is_valid():
        with said_at(filled):
            do(filled.cleaned_data["text"], None)
    return form_page(request, "errors/400.html", filled)


@attempts.counted(attempts.START)
def leads_on(request: HttpRequest) -> HttpResponse:
    attempts.refused(ConversationExists(existing_conversation_id=str(CONVERSATION)))
    return HttpResponseRedirect("/there/")


@attempts.counted(attempts.SEND)
def bare(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse(b"{}", status=status)


def say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


counted_api: Any = attempts.counted(attempts.START)(Api.as_view())
urlpatterns = [
    path("api/try", counted_api),
    path("page/", page),
    path("form/<int:number>/", form),
    path("leads-on/", leads_on),
    path("bare/<int:status>/", bare),
]
