"""Requests as staff see them: to read and, where a moderator must, to close."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import Refusal
from help_requests.models import HelpRequest, LocationPrivacy
from help_requests.services import moving
from members import roles
from members.doors import caller


@admin.register(HelpRequest, site=desk)
class HelpRequestAdmin(StaffAdmin):
    list_display = ("title", "requester", "category", "urgency", "status", "created_at", "expires_at")
    list_filter = ("status", "category", "urgency", "is_ongoing", "created_at")
    list_select_related = ("requester",)
    search_fields = ("title", "description", "requester__name", "requester__called")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    actions = ("close",)
    fieldsets = (
        (None, {"fields": ("title", "description", "category", "subcategory", "urgency", "exchange_offer")}),
        ("When and where", {"fields": ("needed_by", "is_ongoing", "public_town", "location_privacy")}),
        ("Who", {"fields": ("requester", "helper")}),
        (
            "What became of it",
            {
                "fields": (
                    "status",
                    "ending",
                    "created_at",
                    "updated_at",
                    "expires_at",
                    "reminded_at",
                    "in_progress_at",
                    "completed_at",
                    "cancelled_at",
                    "closed_at",
                    "reopened_at",
                )
            },
        ),
    )
    readonly_fields = ("public_town",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[HelpRequest]:
        """What was held or hidden is read in its case, on record."""
        return super().get_queryset(request).filter(moderation="")

    @admin.display(description="town")
    def public_town(self, request: HelpRequest) -> str:
        return request.town if request.location_privacy == LocationPrivacy.PUBLIC else "not shown to everybody"

    def has_close_permission(self, request: HttpRequest) -> bool:
        return caller(request).has_role(roles.MODERATOR)

    @admin.action(description="Close for good, and tell the people concerned", permissions=["close"])
    def close(self, request: HttpRequest, chosen: QuerySet[HelpRequest]) -> None:
        for help_request in chosen:
            self._close(request, help_request)

    def _close(self, request: HttpRequest, help_request: HelpRequest) -> None:
        words: tuple[Any, ...] = (messages.SUCCESS, f"Closed: {help_request.title}")
        try:
            moving.close_request(caller(request), help_request.pk)
        except Refusal as refusal:
            words = (messages.ERROR, f"{help_request.title}: {refusal.words}")
        self.message_user(request, words[1], words[0])
