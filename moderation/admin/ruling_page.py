"""From the form to the preview to the decision; nothing is decided that was not previewed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from carecollective.desk import desk
from carecollective.errors import CaseAlreadyDecided, NotFound, NotPermitted, NotValid, Refusal
from carecollective.pages import said_at, takes
from members.doors import caller
from moderation import reads_desk
from moderation.admin import case_page, words
from moderation.admin.decisions import say
from moderation.desk_forms import RulingForm
from moderation.models import Action, Case, Phrase
from moderation.services import cases, deciding, reading
from moderation.services.preview import preview
from moderation.services.ruling import Ruling

TYPED = {
    "facts": "What you looked at",
    "words": "Your words to them",
    "reporter_words": "Your words to whoever reported it",
    "alone_because": "Decide alone, because",
}


@takes("POST")
def decide(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One form, sent on with what its buttons say: ready words, a preview, the decision, or back to change it."""
    case_page.case_for(request, case_id)
    try:
        # Whoever was away for longer than the lease goes on where they were, unless somebody has it now.
        case = cases.claim(caller(request), case_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return case_page.conflict(request, Case.objects.one(case_id), refusal, _typed(request.POST))
    form = RulingForm(request.POST, case=case, moderator=caller(request))
    act = request.POST.get("act", "see")
    if act.startswith("fill:"):
        return _with_ready_words(request, case, act.removeprefix("fill:"))
    if act == "change" or not form.is_valid():
        return _again(request, case, form)
    return _decided(request, case, form) if act in ("decide", "next") else _previewed(request, case, form)


def _previewed(request: HttpRequest, case: Case, form: RulingForm) -> HttpResponse:
    shown = None
    with said_at(form):
        case.must_be_of(form.cleaned_data["version"])
        shown = preview(caller(request), case, form.ruling())
    if shown is None:
        return _refused(request, case, form)
    planned = deciding.draft(caller(request), case, form.ruling())
    context = {
        **desk.each_context(request),
        "title": f"Case {case.number}: what each person gets",
        "case": case,
        "form": form,
        "hidden": [(name, value) for name, values in _kept(request.POST).items() for value in values],
        "previews": shown,
        "will": words.will(planned),
        "waits": planned.waits,
        "can_be_undone": planned.can_be_undone,
        "next": reads_desk.following(caller(request), case),
    }
    return render(request, "admin/moderation/case/preview.html", context)


def _decided(request: HttpRequest, case: Case, form: RulingForm) -> HttpResponse:
    moderator = caller(request)
    following = reads_desk.following(moderator, case) if request.POST["act"] == "next" else None
    made = None
    with said_at(form):
        made = deciding.decide(moderator, case.pk, form.cleaned_data["version"], form.ruling())
    if made is None:
        return _refused(request, case, form)
    if following is None:
        if made.left_undone:
            messages.warning(request, made.left_undone)
        return redirect("admin:moderation_case_change", case.pk)
    undo = f"You can undo it for 10 minutes: open case {case.number}." if made.can_be_undone else ""
    say(request, made, f"{words.did(made)} {undo}".strip())
    return redirect("admin:moderation_case_change", following.id)


def _with_ready_words(request: HttpRequest, case: Case, phrase_id: str) -> HttpResponse:
    """The words in the boxes, everything else as it was."""
    phrase = next((each for each in Phrase.objects.newest() if str(each.pk) == phrase_id), None)
    if phrase is None:
        raise NotFound()
    file = reading.read(caller(request), case.pk)
    asked = RulingForm(request.POST, case=case, moderator=caller(request))
    asked.is_valid()
    initial: dict[str, Any] = {name: request.POST.get(name, "") for name in asked.fields if name != "hides"}
    initial["hides"] = "hides" in request.POST
    if phrase.rule and not initial.get("rule"):
        initial["rule"] = phrase.rule
    ruling = Ruling(initial["action"] or Action.WARN, initial.get("rule") or None, asked.cleaned_data.get("days"))
    initial |= case_page.filled_with(file, phrase, ruling)
    form = RulingForm(initial=initial, case=case, moderator=caller(request))
    return case_page.in_full(request, file, form, filled=phrase)


def _refused(request: HttpRequest, case: Case, form: RulingForm) -> HttpResponse:
    """Said at the form if the case is still this moderator's; else beside what was typed."""
    refusal = form.refusal or NotValid()
    case = Case.objects.one(case.pk)
    if isinstance(refusal, CaseAlreadyDecided | NotPermitted) and not (case.is_open and case.is_with(caller(request))):
        return case_page.conflict(request, case, refusal, _typed(request.POST))
    return _again(request, case, form)


def _again(request: HttpRequest, case: Case, form: RulingForm) -> HttpResponse:
    status = form.refusal.status if form.refusal else NotValid.status if form.errors else 200
    if not form.refusal and request.POST.get("act") == "change":
        form, status = RulingForm(initial=_initial(request, form), case=case, moderator=caller(request)), 200
    file = reading.read(caller(request), case.pk)
    if form.is_bound:
        # The page shows the newest, and whoever presses again has read it.
        data = request.POST.copy()
        data["version"] = str(file.case.version)
        form.data = data
    return case_page.in_full(request, file, form, status=status)


def _initial(request: HttpRequest, form: RulingForm) -> dict[str, Any]:
    known = {name: request.POST.get(name, "") for name in form.fields}
    return known | {"hides": "hides" in request.POST}


def _typed(data: QueryDict) -> dict[str, str]:
    return {label: str(data[name]) for name, label in TYPED.items() if data.get(name)}


def _kept(data: QueryDict) -> dict[str, list[str]]:
    return {name: data.getlist(name) for name in data if name not in ("act", "csrfmiddlewaretoken")}
