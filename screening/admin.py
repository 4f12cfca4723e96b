"""Rules on the staff's desk: what each found lately, how it was tried, and the one step it may take next."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import NotFound, NotPermitted
from carecollective.pages import said_at
from members.doors import caller
from screening import reads
from screening.desk_forms import RuleForm, VersionForm, WhyForm
from screening.models import Replay, RuleChange, RuleVersion
from screening.services import ruling
from screening.services.replaying import replay
from screening.words import State


class ReadOnly(admin.TabularInline):
    template = "admin/desk/rows.html"
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class Changes(ReadOnly):
    model = RuleChange
    fk_name = "version"
    fields = readonly_fields = ("at", "from_state", "to_state", "changed_by", "why", "replay")
    verbose_name_plural = "Its way so far"


class Replays(ReadOnly):
    model = Replay
    fields = readonly_fields = ("at", "decided", "hits", "false_alarms", "misses", "benign", "benign_alarms", "made_by")
    verbose_name_plural = "How it was tried"


@admin.register(RuleVersion, site=desk)
class RuleAdmin(StaffAdmin):
    list_display = ("__str__", "category", "stands_at", "found_lately", "decided_lately", "harmless")
    list_filter = ("state", "rule__category")
    list_select_related = ("rule",)
    search_fields = ("rule__name",)
    ordering = ("rule__category", "rule__name", "-number")
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/screening/ruleversion/change_list.html"
    change_form_template = "admin/screening/ruleversion/change_form.html"
    inlines = (Changes, Replays)
    fieldsets = (
        (None, {"fields": ("rule", "purpose", "category", "state", "found_lately", "decided_lately")}),
        ("What it looks for", {"fields": ("phrases", "unless", "detector", "confidence")}),
        ("What it must find, and what not", {"fields": ("must_find", "must_not_find")}),
        ("Where it comes from", {"fields": ("made_by", "why", "created_at")}),
    )
    readonly_fields = ("purpose", "category", "found_lately", "decided_lately", "must_find", "must_not_find")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleVersion]:
        # Counted once for a page, whatever it shows.
        self.figures = reads.found_lately()
        return super().get_queryset(request).select_related("rule").prefetch_related("replays")

    @admin.display(description="category", ordering="rule__category")
    def category(self, version: RuleVersion) -> str:
        return version.rule.get_category_display()

    @admin.display(description="what it is for")
    def purpose(self, version: RuleVersion) -> str:
        return version.rule.purpose

    @admin.display(description="stands at", ordering="state")
    def stands_at(self, version: RuleVersion) -> str:
        return version.state

    @admin.display(description=f"found in {reads.DAYS} days", empty_value="none")
    def found_lately(self, version: RuleVersion) -> str | None:
        found = self._figures(version)
        return ", ".join(f"{one.texts} in {one.state}" for one in found) or None

    @admin.display(description="decided", empty_value="none yet")
    def decided_lately(self, version: RuleVersion) -> str | None:
        broken, fine = (sum(getattr(one, name) for one in self._figures(version)) for name in ("broken", "fine"))
        return f"broke a rule: {broken}, fine: {fine}" if broken + fine else None

    @admin.display(description="false alarms", empty_value="not tried")
    def harmless(self, version: RuleVersion) -> str | None:
        last = next(iter(version.replays.all()), None)
        return f"{last.benign_alarms} of {last.benign}" if last else None

    @admin.display(description="it must find")
    def must_find(self, version: RuleVersion) -> str:
        return "\n".join(version.examples)

    @admin.display(description="it must not find")
    def must_not_find(self, version: RuleVersion) -> str:
        return "\n".join(version.counter_examples)

    def _figures(self, version: RuleVersion) -> list[reads.Found]:
        return self.figures.get((version.rule.name, version.number), [])

    def get_urls(self) -> list[Any]:
        own = [
            path("new/", desk.admin_view(self.new_rule), name="screening_new_rule"),
            path("<int:version_id>/new-version/", desk.admin_view(self.new_version), name="screening_new_version"),
            path("<int:version_id>/replay/", desk.admin_view(self.replay), name="screening_replay"),
            path("<int:version_id>/promote/<str:state>/", desk.admin_view(self.promote), name="screening_promote"),
            path("<int:version_id>/retire/", desk.admin_view(self.retire), name="screening_retire"),
            path("<int:version_id>/back/<str:state>/", desk.admin_view(self.back), name="screening_back"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "may_rule": self._may_rule(request)})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **more: Any) -> Any:
        version: RuleVersion | None = context.get("original")
        if version and self._may_rule(request):
            context["may_rule"] = True
            context["next_state"] = version.next_state
            context["states_before"] = version.states_before
        return super().render_change_form(request, context, *args, **more)

    def new_rule(self, request: HttpRequest) -> HttpResponse:
        self._must_rule(request)
        form = RuleForm(request.POST if request.method == "POST" else None)
        return self._filled(
            request, form, "New rule", lambda: ruling.draft_rule(caller(request), form.rule(), form.draft())
        )

    def new_version(self, request: HttpRequest, version_id: int) -> HttpResponse:
        version = self._version(request, version_id)
        before = {name: "\n".join(getattr(version, name)) for name in ("examples", "counter_examples")}
        before |= {"phrases": version.phrases, "unless": version.unless}
        form = VersionForm(request.POST if request.method == "POST" else None, initial=before)
        title = f"New version of “{version.rule}”"
        return self._filled(
            request, form, title, lambda: ruling.draft_version(caller(request), version.rule, form.draft())
        )

    def replay(self, request: HttpRequest, version_id: int) -> HttpResponse:
        version = self._version(request, version_id)
        if request.method == "POST":
            self.message_user(request, f"Tried: {replay(version, caller(request))}.", messages.SUCCESS)
        return self._to(version)

    def promote(self, request: HttpRequest, version_id: int, state: str) -> HttpResponse:
        version = self._version(request, version_id)
        # Pressed twice, or in an old window, it must not go two steps.
        if state != version.next_state:
            self.message_user(request, f"{version} stands at “{version.get_state_display()}” already.", messages.ERROR)
            return self._to(version)
        return self._step(request, version, f"On to “{State(state).label}”", ruling.promote)

    def retire(self, request: HttpRequest, version_id: int) -> HttpResponse:
        return self._step(request, self._version(request, version_id), "Retire", ruling.retire)

    def back(self, request: HttpRequest, version_id: int, state: str) -> HttpResponse:
        version = self._version(request, version_id)
        if state not in version.states_before:
            raise NotFound()
        title = f"Back to “{State(state).label}”"
        return self._step(request, version, title, lambda who, it, why: ruling.step_back(who, it, state, why))

    def _step(
        self,
        request: HttpRequest,
        version: RuleVersion,
        title: str,
        verb: Callable[[Any, RuleVersion, str], RuleVersion],
    ) -> HttpResponse:
        form = WhyForm(request.POST if request.method == "POST" else None)
        return self._filled(
            request, form, title, lambda: verb(caller(request), version, form.cleaned_data["why"]), version
        )

    def _filled(
        self,
        request: HttpRequest,
        form: Any,
        title: str,
        verb: Callable[[], RuleVersion],
        version: RuleVersion | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and form.is_valid():
            with said_at(form):
                done = verb()
                self.message_user(request, f"{done}: {done.get_state_display()}.", messages.SUCCESS)
                return self._to(done)
        context = {**desk.each_context(request), "opts": self.opts, "form": form, "title": title, "version": version}
        return TemplateResponse(request, "admin/screening/ruleversion/fill.html", context)

    def _version(self, request: HttpRequest, version_id: int) -> RuleVersion:
        self._must_rule(request)
        version = RuleVersion.objects.select_related("rule").filter(pk=version_id).first()
        if version is None:
            raise NotFound()
        return version

    def _may_rule(self, request: HttpRequest) -> bool:
        return caller(request).has_role(*ruling.RULERS)

    def _must_rule(self, request: HttpRequest) -> None:
        if not self._may_rule(request):
            raise NotPermitted()

    def _to(self, version: RuleVersion) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:screening_ruleversion_change", args=[version.pk]))
