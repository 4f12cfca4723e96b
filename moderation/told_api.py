"""What became of one's reports, what was decided about oneself, and asking for another look, over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import Endpoint, Input, PageInput, Text
from carecollective.schema import responses
from help_requests.outputs import Pagination
from members.authentication import ApprovedOnly
from members.doors import caller
from moderation import reads
from moderation.asked import Asked
from moderation.models import Kind, Outcome, Reason, State, Status
from moderation.models.words import APPEAL_MOST, BREACHES
from moderation.services import appealing
from moderation.told import DecisionTold, ReportTold


class AppealInput(Input):
    words = Text(least=1, most=APPEAL_MOST)


class AppealOutput(serializers.Serializer[Asked]):
    """Another look that was asked for."""

    words = serializers.CharField()
    created_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_null=True, help_text="Null until somebody else has looked again.")
    answered_at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField()


class ReportOutput(serializers.Serializer[ReportTold]):
    id = serializers.UUIDField(source="report.id")
    number = serializers.IntegerField(source="report.case.number")
    target_kind = serializers.ChoiceField(Kind.values, source="report.target_kind")
    target_id = serializers.UUIDField(source="report.target_id")
    reason = serializers.ChoiceField(Reason.values, source="report.reason")
    status = serializers.ChoiceField([Status.DECIDED.value, Status.PENDING.value])
    created_at = serializers.DateTimeField(source="report.created_at")
    outcome = serializers.ChoiceField(Outcome.values, allow_null=True, help_text="Null until it is decided.")
    message = serializers.CharField(help_text="What comes next, or what came of it.")
    can_appeal = serializers.BooleanField()
    appeal = AppealOutput(source="last_asked", allow_null=True)


class ReportPage(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    reports = ReportOutput(many=True)
    pagination = Pagination()


class DecisionOutput(serializers.Serializer[DecisionTold]):
    id = serializers.UUIDField(source="decision.id")
    action = serializers.ChoiceField([str(action) for action in BREACHES], source="decision.action")
    rule = serializers.IntegerField(source="decision.rule", help_text="Of our six rules.")
    until = serializers.DateTimeField(source="decision.until", allow_null=True)
    decided_at = serializers.DateTimeField(source="decision.decided_at")
    found_by_rule = serializers.BooleanField(
        source="decision.found_by_rule", help_text="Whether software found it; a person always decides."
    )
    state = serializers.ChoiceField(State.values)
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Since when it is over, or taken back.")
    statement = serializers.ListField(
        child=serializers.CharField(), source="statement.paragraphs", help_text="The statement of reasons."
    )
    message = serializers.CharField(help_text="What the statement does not say: how it stands now. May be empty.")
    can_appeal = serializers.BooleanField()
    appeal_until = serializers.DateTimeField(source="decision.appeal_until")
    appeal = AppealOutput(source="last_asked", allow_null=True)


class DecisionPage(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    decisions = DecisionOutput(many=True)
    pagination = Pagination()


class Appealed(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    appeal = AppealOutput()
    message = serializers.CharField()


ANSWERS = responses({201: Appealed}, errors.AlreadyReported, errors.CaseAlreadyDecided)


class Reports(Endpoint):
    """Whether we took action is told when it is certain; never what was done to somebody else."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=["reports"],
        operation_id="list_reports",
        summary="What I reported, and what came of it",
        parameters=[PageInput],
        responses=responses({200: ReportPage}),
    )
    def get(self, request: Request) -> Response:
        page = reads.mine(caller(request), **self.query(PageInput))
        rows = [ReportOutput(told).data for told in reads.reports_told(caller(request), page.rows)]
        return Response({"success": True, "reports": rows, "pagination": page.as_json()})


class AppealReport(Endpoint):
    """Once for each decision, by whoever reported it, from when they were told."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=["reports"],
        operation_id="appeal_report",
        summary="Ask us to look at my report again",
        request=AppealInput,
        responses=ANSWERS,
    )
    def post(self, request: Request, report_id: UUID) -> Response:
        appealing.appeal_report(caller(request), report_id, self.body(AppealInput)["words"])
        return _appealed(reads.report_told(caller(request), report_id))


class Decisions(Endpoint):
    """Whom we banned or sent away reads them too, with a session: their tokens have ended."""

    @extend_schema(
        tags=["decisions"],
        operation_id="list_decisions",
        summary="What was decided about me",
        parameters=[PageInput],
        responses=responses({200: DecisionPage}),
    )
    def get(self, request: Request) -> Response:
        page = reads.decisions_about(caller(request), **self.query(PageInput))
        rows = [DecisionOutput(told).data for told in reads.decisions_told(caller(request), page.rows)]
        return Response({"success": True, "decisions": rows, "pagination": page.as_json()})


class AppealDecision(Endpoint):
    """Once, within six months; somebody else looks again, within three working days."""

    @extend_schema(
        tags=["decisions"],
        operation_id="appeal_decision",
        summary="Ask us to look at a decision about me again",
        request=AppealInput,
        responses=ANSWERS,
    )
    def post(self, request: Request, decision_id: UUID) -> Response:
        appealing.appeal_decision(caller(request), decision_id, self.body(AppealInput)["words"])
        return _appealed(reads.decision_told(caller(request), decision_id))


def _appealed(told: ReportTold | DecisionTold) -> Response:
    made = AppealOutput(told.last_asked).data
    return Response({"success": True, "appeal": made, "message": f"Thank you. {made['message']}"}, status=201)
