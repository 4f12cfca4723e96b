"""Restrictions as a list, and the form that lifts one before its time."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import NotFound
from carecollective.pages import form_page, said_at, takes
from members.doors import caller
from members.models import Restriction
from moderation.admin.who import shown_to
from moderation.desk_forms import WhyForm
from moderation.services import lifting


class InForceOrOver(admin.SimpleListFilter):
    title = "in force"
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "In force now"), ("again", "To be looked at again"), ("no", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Restriction]) -> QuerySet[Restriction]:
        holds = Q(lifted_at=None) & (Q(ends_at=None) | Q(ends_at__gt=Now()))
        if self.value() not in ("yes", "again", "no"):
            return queryset
        if self.value() == "again":
            return queryset.filter(holds, look_again_on__lte=Now())
        return queryset.filter(holds) if self.value() == "yes" else queryset.exclude(holds)


@admin.register(Restriction, site=desk)
class RestrictionAdmin(StaffAdmin):
    """The facts behind one are sealed; they are read on the page of its case."""

    list_display = ("member", "level", "rule", "starts_at", "ends_at", "lifted_at", "decided_by")
    list_filter = (InForceOrOver, "level", "rule")
    list_select_related = ("member", "decided_by")
    search_fields = ("member__called",)
    ordering = ("-starts_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "member",
        "level",
        "message_limit_per_day",
        "rule",
        "reason",
        "starts_at",
        "ends_at",
        "decided_by",
        "lifted_at",
        "lifted_by",
        "lift_reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Restriction]:
        return shown_to(caller(request), super().get_queryset(request))

    def get_urls(self) -> list[Any]:
        own = path("<uuid:restriction_id>/lift/", desk.admin_view(lift), name="members_restriction_lift")
        return [own, *super().get_urls()]


@takes("GET", "POST")
def lift(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    rows = shown_to(caller(request), Restriction.objects.select_related("member"))
    row = rows.filter(pk=restriction_id).first()
    if row is None:
        raise NotFound()
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            lifting.lift(caller(request), restriction_id, form.cleaned_data["why"])
            messages.success(request, f"Lifted. {row.member.called} can go on.")
            return redirect("admin:members_member_change", row.member_id)
    title = f"Lift what holds for {row.member.called}"
    return form_page(request, "admin/members/restriction/lift.html", form, row=row, **_frame(request, title))


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**desk.each_context(request), "title": title}
