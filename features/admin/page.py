"""The rollout page, put together from what was read."""

from dataclasses import dataclass
from datetime import timedelta
from json import dumps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from carecollective.desk import desk, may_open
from carecollective.keyset import or_first
from features import charts, figures, flag, guard, reads, sentences
from features.admin import words
from features.desk_forms import GroupForm, IncludeForm, StepForm
from features.environment import ENABLED, NAMES, ROLLOUT
from features.models import Flag, FlagChange
from features.services import guarding, switching
from features.states import FLAG, OFF

TEMPLATE = "admin/features/rollout/page.html"


@dataclass(frozen=True)
class Held:
    """What holds, who brought it, and what the guard sees."""

    answer: flag.Answer
    row: Flag
    change: FlagChange | None
    seen: tuple[guard.Seen, ...]

    @property
    def is_exposed(self) -> bool:
        return self.answer.state.exposes_anybody

    @property
    def broken(self) -> guard.Seen | None:
        return next((each for each in self.seen if each.is_broken), None)

    @property
    def was_guarded_off(self) -> bool:
        return not self.is_exposed and self.change is not None and self.change.by == guarding.GUARD.words


def held() -> Held:
    answer, row = flag.as_it_is(), Flag.objects.get(name=FLAG)
    seen = tuple(guarding.looks(row.exposed_since)) if answer.state.exposes_anybody else ()
    return Held(answer, row, reads.began(answer.state), seen)


def show(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    """With the forms as they are, or with the one that could not be taken."""
    is_now = held()
    log = reads.log(is_now.change.at if is_now.change else now() - timedelta(days=reads.DAYS))
    promises = reads.promises()
    found, _ = or_first(reads.changes, request.GET.get("cursor", ""))
    context = {
        **desk.each_context(request),
        "title": "Rollout",
        **_heading(is_now),
        "banners": words.banners(is_now, log.lately[reads.V2], promises),
        "sources": _sources(is_now),
        "promises": promises.items(),
        "changes": found,
        "is_older": bool(request.GET.get("cursor")),
        "may_change": may_open(request, "features_flag_switch"),
        "veto": switching.VETOED if flag.environment().is_veto else "",
        **_course(is_now, log),
        **_pictures(log),
        **_lists(is_now.row),
    }
    # What went wrong in it is said at the top, too.
    context["form"] = next(iter(forms.values()), None)
    return render(request, TEMPLATE, context | forms, status=status)


def _heading(is_now: Held) -> dict[str, Any]:
    answer = is_now.answer
    return {
        "now": is_now,
        "sentence": words.of_state(answer, is_now.change),
        "way": sentences.way(answer.state, answer),
    }


def _course(is_now: Held, log: reads.Log) -> dict[str, Any]:
    """Where on the way it is, and how both arms do."""
    stage = figures.stage_of(is_now.answer.state)
    days = (now() - is_now.change.at) / timedelta(days=1) if is_now.change else 0.0
    held = figures.gates(log.stage[reads.V2])
    return {
        "stages": words.stages(is_now.answer.state, stage, days),
        "gates": held if stage is not None else [],
        "advice": figures.advice(stage, days, held),
        **words.arms(log),
        "since": is_now.change.at if is_now.change else None,
        "undecided": words.of_undecided(log.undecided),
    }


def _pictures(log: reads.Log) -> dict[str, Any]:
    chart, bars = charts.days_chart(log.days, list(reads.marks())), charts.bars(log.stage)
    return {
        "chart": chart,
        "chart_sentence": words.of_days(log.days),
        "days": words.days(log.days),
        "bars": bars,
        "has_bars": any(bar.parts for bar in bars),
        "bars_sentence": words.of_codes(log.stage),
    }


def _lists(row: Flag) -> dict[str, Any]:
    return {
        "faults": list(reads.last_faults()),
        "alarms": list(reads.alarms()),
        "internal": reads.internal(),
        "group": words.of_group(row.group),
        "step_form": StepForm(),
        "include_form": IncludeForm(),
        "group_form": GroupForm(initial={"group": row.group}),
    }


def _sources(is_now: Held) -> list[dict[str, Any]]:
    """Each that can speak, in the order in which they are asked, with its value as it was written."""
    raw = dict(flag.environment().raw)
    row, source = is_now.row, is_now.answer.source
    named = [name for name in NAMES if name in (ENABLED, ROLLOUT) or name in raw]
    listed = [{"name": name, "value": _quoted(raw.get(name, "")), "decides": _is_of(name, source)} for name in named]
    switch = {"name": "The switch", "value": _quoted(row.state), "decides": source == flag.SWITCH}
    at = 1 if flag.environment().is_veto else 0
    return [*listed[:at], switch, *listed[at:]]


def _is_of(name: str, source: str) -> bool:
    raw = dict(flag.environment().raw)
    return bool(source) and name.removeprefix("NEXT_PUBLIC_") == source and name in raw


def _quoted(value: str) -> str:
    """With its line ends and whatever else cannot be seen: what once kept a rollout off was a line end."""
    return dumps(value) if value else ""


def is_off(answer: flag.Answer) -> bool:
    return answer.state.kind == OFF
