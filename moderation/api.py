"""Reporting something, and asking our team, over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import KEY, Endpoint, Input, KeyInput, Option, PageInput, Text, YesNo, one_key
from carecollective.schema import responses
from help_requests.outputs import Pagination
from members.authentication import ApprovedOnly
from members.doors import caller
from moderation import reads
from moderation.models import Kind, Question, Reason, Status
from moderation.models.words import DESCRIPTION_MOST, QUESTION_MOST
from moderation.services import asking, reporting
from moderation.services.reporting import Complaint

TAG = ["reports"]
THANKS = "Thank you. A person reads this within 24 hours."
ASKED = "Thank you. A person reads every question. We email you when there is an answer."


class ReportInput(Input):
    reason = Option(Reason.values)
    description = Text(most=DESCRIPTION_MOST, default="")
    also_block = YesNo(default=False)


class Reported(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    report_id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="What people call it by.")
    status = serializers.ChoiceField(Status.values)
    message = serializers.CharField()


ANSWERS = responses({201: Reported}, errors.AlreadyReported)


class _Reporting(Endpoint):
    """Once for each thing, never one's own. Whoever it is about is not told who reported."""

    permission_classes = [ApprovedOnly]
    kind: Kind

    def report(self, request: Request, target_id: UUID) -> Response:
        made = reporting.report(caller(request), self.kind, target_id, Complaint(**self.body(ReportInput)))
        body = {
            "success": True,
            "report_id": made.pk,
            "number": made.case.number,
            "status": made.status,
            "message": THANKS,
        }
        return Response(body, status=201)


class ReportMessage(_Reporting):
    """Any message of a conversation of yours, the opening one too; what stands around it is kept for moderators."""

    kind = Kind.MESSAGE

    @extend_schema(
        tags=TAG,
        operation_id="report_message",
        summary="Report a message",
        request=ReportInput,
        responses=ANSWERS,
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        return self.report(request, message_id)


class ReportConversation(_Reporting):
    kind = Kind.CONVERSATION

    @extend_schema(
        tags=TAG,
        operation_id="report_conversation",
        summary="Report a conversation",
        request=ReportInput,
        responses=ANSWERS,
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        return self.report(request, conversation_id)


class ReportRequest(_Reporting):
    kind = Kind.HELP_REQUEST

    @extend_schema(
        tags=TAG,
        operation_id="report_help_request",
        summary="Report a help request",
        request=ReportInput,
        responses=ANSWERS,
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.report(request, request_id)


class ReportMember(_Reporting):
    kind = Kind.MEMBER

    @extend_schema(
        tags=TAG,
        operation_id="report_member",
        summary="Report a member",
        request=ReportInput,
        responses=ANSWERS,
    )
    def post(self, request: Request, member_id: UUID) -> Response:
        return self.report(request, member_id)


class QuestionInput(KeyInput):
    question = Text(least=1, most=QUESTION_MOST)


class QuestionOutput(serializers.Serializer[Question]):
    id = serializers.UUIDField()
    question = serializers.CharField(source="clear_words")
    created_at = serializers.DateTimeField()
    answer = serializers.CharField(
        source="clear_answer", allow_null=True, help_text="Null until our team has answered."
    )
    answered_at = serializers.DateTimeField(allow_null=True)


class Asked(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    question = QuestionOutput()
    message = serializers.CharField()


class QuestionPage(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    questions = QuestionOutput(many=True)
    pagination = Pagination()


class Questions(Endpoint):
    """What people ask our team. Who waits or was declined may ask as well."""

    @extend_schema(
        tags=["questions"],
        operation_id="list_questions",
        summary="What I asked",
        parameters=[PageInput],
        responses=responses({200: QuestionPage}),
    )
    def get(self, request: Request) -> Response:
        page = reads.questions_of(caller(request), **self.query(PageInput))
        rows = [QuestionOutput(row).data for row in page.rows]
        return Response({"success": True, "questions": rows, "pagination": page.as_json()})

    @extend_schema(
        tags=["questions"],
        operation_id="ask_question",
        summary="Ask our team",
        parameters=[KEY],
        request=QuestionInput,
        responses=responses({201: Asked}, errors.IdempotencyKeyReused),
    )
    def post(self, request: Request) -> Response:
        body = self.body(QuestionInput)
        asked = asking.ask(caller(request), body["question"], one_key(request, body.get("client_id", "")))
        return Response({"success": True, "question": QuestionOutput(asked).data, "message": ASKED}, status=201)
