"""Join requests and members as staff see them; every button calls the verb the rest of the site uses."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from carecollective import ports
from carecollective.desk import StaffAdmin, desk, may_open
from carecollective.errors import NotFound, NotPermitted, Refusal
from members import roles
from members.desk_forms import DeclineForm
from members.doors import caller
from members.models import Member, VerificationChange
from members.services import verification


class WaitingFirst(admin.SimpleListFilter):
    """Join requests that can be decided are what verifiers come for."""

    title = "join requests"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ready", "Ready to be read"), ("unchecked", "Email not checked yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        if self.value() == "ready":
            return queryset.filter(verification_status="pending", email_confirmed_at__isnull=False)
        if self.value() == "unchecked":
            return queryset.filter(verification_status="pending", email_confirmed_at__isnull=True)
        return queryset


class ChangesInline(admin.TabularInline):
    # Django's own has headers without words, which screen readers read out.
    template = "admin/desk/rows.html"
    model = VerificationChange
    fk_name = "member"
    fields = readonly_fields = ("created_at", "from_status", "to_status", "decided_by", "reason")
    extra = 0
    can_delete = False
    verbose_name_plural = "What was decided before"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Member, site=desk)
class MemberAdmin(StaffAdmin):
    list_display = ("called", "name", "town", "verification_status", "has_confirmed_email", "applied_at")
    list_filter = (WaitingFirst, "verification_status", "is_staff")
    search_fields = ("name", "called", "email", "town")
    ordering = ("applied_at", "id")
    list_per_page = 50
    show_full_result_count = False
    inlines = (ChangesInline,)
    change_form_template = "admin/members/member/change_form.html"
    # What they wrote to join is for those who decide about it; what they say about themselves all members read.
    own_words = ("In their own words", {"fields": ("caregiving", "reason")})
    fieldsets = (
        (
            None,
            {"fields": ("name", "called", "email", "email_confirmed_at", "town", "about", "verification_status")},
        ),
        (
            "Since when",
            {"fields": ("applied_at", "created_at", "rules_accepted_at", "is_staff", "is_active")},
        ),
    )

    @admin.display(boolean=True, description="email checked")
    def has_confirmed_email(self, member: Member) -> bool:
        return member.has_confirmed_email

    def get_urls(self) -> list[Any]:
        own = [
            path("<uuid:member_id>/approve/", desk.admin_view(self.approve), name="members_member_approve"),
            path("<uuid:member_id>/decline/", desk.admin_view(self.decline), name="members_member_decline"),
        ]
        return own + super().get_urls()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        basic, since = self.fieldsets
        return (basic, self.own_words, since) if may_open(request, "members_member_approve") else (basic, since)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **more: Any) -> Any:
        context["sections"] = [section(request, more["obj"]) for section in ports.member_sections()]
        context["may_decide"] = caller(request).has_role(roles.VERIFIER, roles.MODERATOR)
        return super().render_change_form(request, context, *args, **more)

    def approve(self, request: HttpRequest, member_id: UUID) -> HttpResponse:
        member = self._member(request, member_id)
        if request.method != "POST":
            return self._page(request, "approve", member)
        try:
            verification.approve(caller(request), member_id)
        except Refusal as refusal:
            return self._back(request, messages.ERROR, refusal.words)
        return self._back(request, messages.SUCCESS, f"{member.called} is in. We are telling them by mail.")

    def decline(self, request: HttpRequest, member_id: UUID) -> HttpResponse:
        member = self._member(request, member_id)
        form = DeclineForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "decline", member, form=form)
        try:
            verification.reject(caller(request), member_id, form.cleaned_data["reason"])
        except Refusal as refusal:
            return self._back(request, messages.ERROR, refusal.words)
        return self._back(request, messages.SUCCESS, f"{member.called} was declined. We are telling them why by mail.")

    def _page(self, request: HttpRequest, act: str, member: Member, **more: Any) -> HttpResponse:
        context = {
            **desk.each_context(request),
            "opts": self.opts,
            "person": member,
            "title": f"{act.title()} {member.called}",
        }
        return TemplateResponse(request, f"admin/members/member/{act}.html", context | more)

    def _member(self, request: HttpRequest, member_id: UUID) -> Member:
        if not self.has_view_permission(request):
            raise NotPermitted()
        member = Member.objects.filter(pk=member_id).first()
        if member is None:
            raise NotFound()
        return member

    def _back(self, request: HttpRequest, level: int, words: str) -> HttpResponse:
        self.message_user(request, words, level)
        return HttpResponseRedirect(reverse("admin:members_member_changelist") + "?waiting=ready")
