"""The attempt log as operators read it: nothing can be added, changed or removed."""

from django.contrib import admin
from django.http import HttpRequest

from carecollective.desk import StaffAdmin, desk
from features.models import Attempt


@admin.register(Attempt, site=desk)
class AttemptLog(StaffAdmin):
    list_display = ("at", "kind", "code", "version", "milliseconds", "endpoint", "flag_state", "member_id")
    list_filter = ("kind", "version", "flag_state")
    search_fields = ("=code", "=request_id", "=member_id", "=conversation_id")
    ordering = ("-at", "-id")
    # Counting a long log for a page number costs more than it tells.
    show_full_result_count = False

    def get_actions(self, request: HttpRequest) -> dict[str, object]:  # type: ignore[override]
        return {}
