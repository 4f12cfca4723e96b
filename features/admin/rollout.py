"""The addresses of the rollout page: every button calls a verb."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from carecollective.desk import StaffAdmin, desk
from carecollective.errors import NotFound, NotValid
from carecollective.pages import form_page, said_at, takes
from features import flag, sentences
from features.admin import page, words
from features.desk_forms import ConfirmForm, GroupForm, IncludeForm, LeaveOutForm, StepForm
from features.models import Flag, InternalMember
from features.services import rolling, switching
from features.services.switching import By
from features.states import FLAG, OFF, State

PAGE = "admin:features_flag_changelist"
WHY_OFF = "too much fails, and we look into it"


@admin.register(Flag, site=desk)
class Rollout(StaffAdmin):
    """Pages of our own, so no address of the stock lists can show or change a row."""

    def get_urls(self) -> list[Any]:
        pages = (
            ("", show, "changelist"),
            ("step/", step, "step"),
            ("switch/", switch, "switch"),
            ("include/", include, "include"),
            ("leave-out/", leave_out, "leave_out"),
            ("group/", choose_group, "group"),
        )
        return [path(route, desk.admin_view(view), name=f"features_flag_{name}") for route, view, name in pages]


@takes("GET")
def show(request: HttpRequest) -> HttpResponse:
    return page.show(request)


@takes("GET")
def step(request: HttpRequest) -> HttpResponse:
    """Where to is asked first; why, and the typed word, on the page it leads to."""
    if not request.GET:
        return redirect(PAGE)
    form = StepForm(request.GET)
    if not form.is_valid():
        return page.show(request, status=NotValid.status, step_form=form)
    return redirect(f"{reverse('admin:features_flag_switch')}?to={form.to}")


@takes("GET", "POST")
def switch(request: HttpRequest) -> HttpResponse:
    if "to" not in request.GET or flag.environment().is_veto:
        # The page itself says why, and where to.
        return redirect(PAGE)
    to = _to(request)
    form = ConfirmForm(
        request.POST if request.method == "POST" else None, to=to, initial={"why": WHY_OFF} if to == OFF else {}
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with said_at(form):
            seen = request.POST.get("seen", "")
            pin = bool(asked.get("pin"))
            is_new = rolling.switch_as_seen(to, seen=seen, why=asked["why"], by=_by(request), pin=pin)
            _say_what_holds(request, is_new is not None)
            return redirect(PAGE)
    return _confirm(request, form, to)


@takes("GET", "POST")
def include(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect(PAGE)
    form = IncludeForm(request.POST)
    if form.is_valid():
        with said_at(form):
            member = _member_called(form.cleaned_data["email"])
            is_new = switching.include(member, why=form.cleaned_data["why"], by=_by(request))
            messages.success(request, f"{member} is internal {'now' if is_new else 'already'}.")
            return redirect(PAGE)
    return page.show(request, status=NotValid.status, include_form=form)


@takes("GET", "POST")
def leave_out(request: HttpRequest) -> HttpResponse:
    member = _internal_member(request.GET.get("member", ""))
    if member is None:
        # Somebody else was faster, or the link is old.
        messages.info(request, "This member is not named as internal.")
        return redirect(PAGE)
    form = LeaveOutForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with said_at(form):
            switching.leave_out(member, why=form.cleaned_data["why"], by=_by(request))
            messages.success(request, f"{member} is not internal any more.")
            return redirect(PAGE)
    context = {**desk.each_context(request), "title": f"{member} is not internal any more", "member": member}
    return form_page(request, "admin/features/rollout/leave_out.html", form, **context)


@takes("GET", "POST")
def choose_group(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect(PAGE)
    form = GroupForm(request.POST)
    if form.is_valid():
        with said_at(form):
            group = form.cleaned_data["group"]
            is_new = switching.choose_group(group, why=form.cleaned_data["why"], by=_by(request))
            is_so = "now" if is_new else "already"
            messages.success(request, f"Besides the members named, {words.of_group(group)} is internal {is_so}.")
            return redirect(PAGE)
    return page.show(request, status=NotValid.status, group_form=form)


def _confirm(request: HttpRequest, form: ConfirmForm, to: str) -> HttpResponse:
    answer = flag.as_it_is()
    after, source, _ = _after(to)
    context = {
        **desk.each_context(request),
        "title": f"Turn {FLAG} off" if to == OFF else f"Change {FLAG} to {to}",
        "to": to,
        "is_off": to == OFF,
        "seen": rolling.fingerprint(answer),
        "before": words.how_far(answer.state),
        "after": words.how_far(after),
        "source": source,
        "way": sentences.way(after, answer),
    }
    return form_page(request, "admin/features/rollout/confirm.html", form, **context)


def _after(to: str) -> tuple[State, str, bool]:
    said = None if to == switching.ENVIRONMENT else State.parse(to)
    return flag.resolved(flag.environment(), said, False)


def _to(request: HttpRequest) -> str:
    """In the one spelling there is for it."""
    asked = request.GET.get("to", "").strip().lower()
    if asked == switching.ENVIRONMENT:
        return asked
    try:
        return str(State.parse(asked))
    except ValueError:
        raise NotFound() from None


def _by(request: HttpRequest) -> By:
    return By(str(request.user), request.user)


def _say_what_holds(request: HttpRequest, is_new: bool) -> None:
    answer = flag.as_it_is()
    if not is_new:
        messages.info(request, f"It is so already; nothing was changed. {answer.in_words}")
    elif page.is_off(answer):
        messages.success(request, words.OFF_NOW)
    else:
        messages.success(request, f"{FLAG} is {words.how_far(answer.state)}. {_more(answer)}")


def _more(answer: flag.Answer) -> str:
    pinned = " It is pinned." if answer.is_pinned else ""
    way = sentences.way(answer.state, answer)
    return f"{way[:1].upper()}{way[1:]}.{pinned}"


def _member_called(email: str) -> Any:
    found = get_user_model().objects.filter(email=email.lower()).first()
    if found is None:
        raise NotValid(fields={"email": ["Nobody has joined with this address."]})
    return found


def _internal_member(text: str) -> Any:
    try:
        named = InternalMember.objects.filter(member_id=UUID(text))
    except ValueError:
        return None
    found = named.select_related("member").first()
    return found.member if found else None
