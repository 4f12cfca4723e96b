"""What comes after an accepted offer, over the API: the plan, whether it helped, thanks."""

from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from carecollective import errors
from carecollective.api import KEY, Endpoint, Nothing, one_key
from carecollective.schema import responses
from members.authentication import ApprovedOnly
from members.doors import caller
from messaging.models import Plan
from messaging.plan_inputs import AgreeInput, AnswerInput, PlanInput, ThankInput
from messaging.plan_outputs import MovedPlan, OnePlan, PlanOutput, Thanked, ThanksOutput
from messaging.services import planning, thanking

TAG = ["plans"]


class OnePlanOfRequest(Endpoint):
    """When and where the help happens. For the person who asked and the helper whose offer was accepted."""

    permission_classes = [ApprovedOnly]

    @extend_schema(tags=TAG, operation_id="read_plan", summary="The plan", responses=responses({200: OnePlan}))
    def get(self, request: Request, request_id: UUID) -> Response:
        plan = planning.find(caller(request), request_id).plan
        return Response({"success": True, "plan": _as_json(plan)})

    @extend_schema(
        tags=TAG,
        operation_id="make_plan",
        summary="Make the plan, or change it",
        request=PlanInput,
        responses=responses(
            {200: MovedPlan}, errors.HelpRequestUnavailable, errors.ContentBlocked, errors.MemberRestricted
        ),
    )
    def put(self, request: Request, request_id: UUID) -> Response:
        sent = self.body(PlanInput)
        zone = sent.get("time_zone") or caller(request).time_zone or settings.DEFAULT_TIME_ZONE
        wish = planning.Wish(sent["date"], sent["time"], sent["place"], zone)
        return _moved("The plan is with both of you.", planning.make_plan(caller(request), request_id, wish))

    @extend_schema(
        tags=TAG,
        operation_id="cancel_plan",
        summary="Take the plan back",
        request=Nothing,
        responses=responses({200: MovedPlan}, errors.HelpRequestUnavailable),
    )
    def delete(self, request: Request, request_id: UUID) -> Response:
        self.body(Nothing)
        planning.cancel_plan(caller(request), request_id)
        return _moved("The plan was taken back.", None)


class Agree(Endpoint):
    """A yes to the version you have read. If it was changed meanwhile, read it again."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="agree_to_plan",
        summary="Say yes to the plan",
        request=AgreeInput,
        responses=responses(
            {200: MovedPlan}, errors.OfferStateChanged, errors.HelpRequestUnavailable, errors.MemberRestricted
        ),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        version = self.body(AgreeInput)["version"]
        return _moved("The plan is agreed.", planning.agree_to_plan(caller(request), request_id, version))


class AnswerPlan(Endpoint):
    """By the person who asked. `yes` ends the request, `did_not_work` opens it for others, without this helper."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="answer_plan",
        summary="Say whether it helped",
        request=AnswerInput,
        responses=responses({200: MovedPlan}, errors.HelpRequestUnavailable, errors.MemberRestricted),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        answer = self.body(AnswerInput)["answer"]
        return _moved("Thank you for telling us.", planning.answer_plan(caller(request), request_id, answer))


class Thank(Endpoint):
    """By the person who asked, once, when the request is done. It becomes a message of the conversation."""

    permission_classes = [ApprovedOnly]

    @extend_schema(
        tags=TAG,
        operation_id="thank",
        summary="Say thank you",
        parameters=[KEY],
        request=ThankInput,
        responses=responses(
            {200: Thanked, 201: Thanked},
            errors.HelpRequestUnavailable,
            errors.ContentBlocked,
            errors.MemberRestricted,
            errors.IdempotencyKeyReused,
        ),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        sent = self.body(ThankInput)
        key = one_key(request, sent.get("client_id", ""))
        thanked = thanking.thank(caller(request), request_id, sent["content"], sent["may_be_shown"], key)
        body = {"success": True, "message": "Thank you sent", "thanks": ThanksOutput(thanked.thanks).data}
        return Response(body, status=201 if thanked.is_new else 200)


def _moved(message: str, plan: Plan | None) -> Response:
    return Response({"success": True, "message": message, "plan": _as_json(plan)})


def _as_json(plan: Plan | None) -> dict[str, Any] | None:
    """One that was taken back is none."""
    return dict(PlanOutput(plan).data) if plan and plan.cancelled_at is None else None
