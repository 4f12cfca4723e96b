"""The audit log as auditors read it: nothing can be added, changed or removed."""

from django.contrib import admin
from django.http import HttpRequest

from audit.models import AuditEntry
from carecollective.desk import StaffAdmin, desk


@admin.register(AuditEntry, site=desk)
class AuditLog(StaffAdmin):
    list_display = ("sequence", "at", "action", "actor_label", "actor", "subject_kind", "subject_id", "reason")
    list_filter = ("action", "actor_label")
    search_fields = ("=actor", "=subject_id", "=case_id")
    ordering = ("-sequence",)
    # Counting a long log for a page number costs more than it tells.
    show_full_result_count = False

    def get_actions(self, request: HttpRequest) -> dict[str, object]:  # type: ignore[override]
        return {}
