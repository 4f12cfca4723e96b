"""The Django admin as our staff meet it: signed in with a second step, seeing what their role may see."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


class Desk(admin.AdminSite):
    site_header = "CARE Collective desk"
    site_title = "CARE Collective desk"
    index_title = "What needs you"
    empty_value_display = "none"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        is_staff = user.is_active and getattr(user, "is_staff", False) and not getattr(user, "is_banned", True)
        return bool(is_staff and request.session.get("second_factor"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door to the house, and it asks staff for their second step."""
        target = request.GET.get("next", "/admin/")
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': target})}")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Nor is there a second door for passwords, with other rules."""
        return HttpResponseRedirect("/me/password/")


desk = Desk(name="admin")


def _has_role(request: HttpRequest, *roles: str) -> bool:
    # The frame stands below the members room, so it asks the row and not its class.
    return bool(getattr(request.user, "has_role", lambda *roles: False)(*roles))


# What the filters beside a list ask for.
FILTERED_BY = ("", "exact", "gte", "lt", "isnull")


class StaffAdmin(admin.ModelAdmin):
    """What a role may see or change stands beside the list it is about."""

    seen_by: tuple[str, ...] = ()
    changed_by: tuple[str, ...] = ()
    added_by: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # By itself a list can be filtered by any column, and so letter by letter tell a password's hash.
        shown = {getattr(entry, "parameter_name", entry) for entry in self.list_filter}
        column, _, how = lookup.partition("__")
        return column in shown and how in FILTERED_BY

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_role(request, *self.seen_by, *self.changed_by)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_role(request, *self.changed_by)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _has_role(request, *self.added_by)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
