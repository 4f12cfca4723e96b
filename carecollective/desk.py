"""The Django admin as our staff meet it: signed in with a second step, seeing what their role may see."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse

from carecollective import ports
from carecollective.errors import NotFound, NotPermitted

T, V, M, A, OP = "triage", "verifier", "moderator", "auditor", "operator"
STAFF = (T, V, M, A, OP)
# Who may open what, by the name of its address: the one place that says so. An address that is not here is closed to
# everybody; a test walks all of them as each role. A room that will be deleted brings its own (ports.DESK_PAGES).
RIGHTS: dict[str, tuple[str, ...]] = {
    "index": STAFF,
    "app_list": STAFF,
    "jsi18n": STAFF,
    "logout": STAFF,
    "password_change": STAFF,
    "password_change_done": STAFF,
    "members_member_changelist": (T, V, M, A),
    "members_member_change": (T, V, M, A),
    "members_member_history": (T, V, M, A),
    "members_member_approve": (V, M),
    "members_member_decline": (V, M),
    "members_restriction_changelist": (M, A, OP),
    "members_restriction_change": (M, A, OP),
    "members_restriction_history": (M, A, OP),
    "members_restriction_lift": (M,),
    "help_requests_helprequest_changelist": (T, M, A),
    "help_requests_helprequest_change": (T, M, A),
    "help_requests_helprequest_history": (T, M, A),
    # The queue and the facts of a case; its words are a second question, asked of the case and not of the role.
    "moderation_case_changelist": (T, M, A, OP),
    "moderation_case_change": (T, M, A, OP),
    "moderation_case_safety": (T, M),
    # An operator decides where no moderator can; the verbs say when that is.
    "moderation_case_open": (M, OP),
    "moderation_case_let_go": (M, OP),
    "moderation_case_hand_on": (M, OP),
    "moderation_case_decide": (M, OP),
    "moderation_case_more": (M, OP),
    "moderation_case_again": (M,),
    "moderation_decision_changelist": (M, A, OP),
    "moderation_decision_change": (M, A, OP),
    "moderation_decision_history": (M, A, OP),
    "moderation_decision_confirm": (M, OP),
    "moderation_decision_refuse": (M, OP),
    "moderation_decision_undo": (M, OP),
    "moderation_decision_reverse": (M, OP),
    "moderation_phrase_changelist": (M, A),
    "moderation_phrase_change": (M, A),
    "moderation_phrase_history": (M, A),
    "moderation_phrase_rewrite": (M,),
    # Figures of many people, and the requests that wait.
    "moderation_community": (M, A, OP),
    "moderation_community_export": (M, A, OP),
    "moderation_helprequest_ask": (M,),
    "moderation_question_changelist": (M,),
    "moderation_question_change": (M,),
    "moderation_question_history": (M,),
    "moderation_question_answer": (M,),
    "screening_ruleversion_changelist": (M, A, OP),
    "screening_ruleversion_change": (M, A, OP),
    "screening_ruleversion_history": (M, A, OP),
    "screening_new_rule": (M, OP),
    "screening_new_version": (M, OP),
    "screening_replay": (M, OP),
    "screening_promote": (M, OP),
    "screening_retire": (M, OP),
    "screening_back": (M, OP),
    "audit_auditentry_changelist": (A,),
    "audit_auditentry_change": (A,),
    "audit_auditentry_history": (A,),
    "features_flag_changelist": (OP, A),
    "features_flag_step": (OP,),
    "features_flag_switch": (OP,),
    "features_flag_include": (OP,),
    "features_flag_leave_out": (OP,),
    "features_flag_group": (OP,),
    "features_attempt_changelist": (OP,),
    "features_attempt_change": (OP,),
    "features_attempt_history": (OP,),
}


def rights() -> dict[str, tuple[str, ...]]:
    return RIGHTS | {page.name: page.roles for page in ports.desk_pages()}


def may_open(request: HttpRequest, name: str) -> bool:
    return _has_role(request, *rights().get(name, ()))


# What stands at the top of every page of the desk, for those who may open it, and by which keys it is reached.
NAV = (
    ("Cases", "moderation_case_changelist", "", "g q"),
    ("Join requests", "members_member_changelist", "?waiting=ready", "g j"),
    ("Questions", "moderation_question_changelist", "?answer=open", ""),
    ("Decisions", "moderation_decision_changelist", "", ""),
    ("Community health", "moderation_community", "", "g h"),
    ("Rollout", "features_flag_changelist", "", ""),
    ("Audit log", "audit_auditentry_changelist", "", ""),
)


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    found = []
    for words, name, query, keys in (*NAV, *((page.words, page.name, "", "") for page in ports.desk_pages())):
        if may_open(request, name):
            url = reverse(f"admin:{name}")
            current = request.path.startswith(url)
            found.append({"words": words, "url": url + query, "keys": keys, "current": current})
    return found


class Desk(admin.AdminSite):
    site_header = "CARE Collective desk"
    site_title = "CARE Collective desk"
    index_title = "What needs you"
    empty_value_display = "none"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []

    def add_pages(self, *pages: URLPattern) -> None:
        """Of a room, where they belong to none of its lists; each has its name in RIGHTS."""
        self._pages += pages

    def get_urls(self) -> list[Any]:
        return [*self._pages, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"desk_nav": _nav(request)}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """What waits comes first, counted now."""
        needs = [need for find in ports.needs() for need in find(request.user) if may_open(request, need.place)]
        return super().index(request, {"needs": needs} | (extra_context or {}))

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        is_staff = user.is_active and getattr(user, "is_staff", False) and not getattr(user, "is_banned", True)
        return bool(is_staff and request.session.get("second_factor"))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every door of the desk; those without a name only lead on, or say that there is nothing."""
        inside = super().admin_view(view, cacheable)

        @wraps(inside)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            name = getattr(request.resolver_match, "url_name", None)
            if name and self.has_permission(request) and not may_open(request, name):
                raise NotPermitted()
            answer: HttpResponse = inside(request, *args, **kwargs)
            return answer

        return door

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
FILTERED_BY = ("exact", "gte", "lt", "isnull")


class StaffAdmin(admin.ModelAdmin):
    """A list to read: what is done to a row is a verb with an address of its own. Who sees it stands in RIGHTS."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # By itself a list can be filtered by any column, and so letter by letter tell a password's hash.
        shown = {getattr(entry, "parameter_name", entry) for entry in self.list_filter}
        column, _, how = lookup.rpartition("__")
        return lookup in shown or (column in shown and how in FILTERED_BY)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        asked = request.GET.copy()
        for name, values in asked.lists():
            # No text of ours has this character, and the database knows no word that has it.
            asked.setlist(name, [value.replace("\x00", "") for value in values])
        request.GET = asked  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """What is not there, or not for this reader, is one and the same page."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise NotFound()
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_open(request, f"{self.opts.app_label}_{self.opts.model_name}_changelist")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
