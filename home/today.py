"""What a home page lists, in its words: what needs an answer, what is planned, what one asked for and offered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from help_requests.cards import YOURS, card
from help_requests.categories import BY_SLUG, OTHER
from help_requests.models import HelpRequest
from home.reads import Talk
from members.models import Member
from messaging.models import Happening
from messaging.said import happening, is_open

# Beyond these, a list leads to the page that has them all.
MOST_NEEDS = 10
MOST_PLANS = 5
MOST_UNDER_WAY = 5
MOST_CARDS = 4


@dataclass(frozen=True)
class Line:
    """One thing of a list, with the one way on."""

    words: str
    about: str
    url: str
    action: str
    # Read aloud only, so that two ways on do not sound alike.
    action_more: str
    icon: str
    new: int = 0
    order: int = 0


@dataclass(frozen=True)
class PlanCard:
    who: str
    about: str
    is_helper: bool
    day: date
    near: str
    time: str
    # As the reader's own clock shows it, where that is another hour.
    here: str
    place: str
    talk_url: str


@dataclass(frozen=True)
class Today:
    needs: list[Line]
    plans: list[PlanCard]
    under_way: list[Line]
    has_more_needs: bool

    @property
    def is_quiet(self) -> bool:
        return not self.needs and not any(plan.near for plan in self.plans)


def today(talks: list[Talk], own: list[HelpRequest], at: datetime) -> Today:
    """Each conversation asks once, for what matters most; what is planned is shown whatever else it asks."""
    needs, planned, under_way = [], [], []
    for talk in talks:
        if talk.has_plan_ahead(at):
            planned.append(talk)
        if need := _need(talk, at):
            needs.append(need)
        elif not talk.has_plan_ahead(at) and (line := _under_way(talk, at)):
            under_way.append(line)
    needs += [_rests_soon(request) for request in own if request.is_near_its_end]
    needs.sort(key=lambda need: need.order)
    planned.sort(key=lambda talk: talk.plan.starts_at)  # type: ignore[union-attr]
    plans = [_plan_card(talk, at) for talk in planned[:MOST_PLANS]]
    return Today(needs[:MOST_NEEDS], plans, under_way[:MOST_UNDER_WAY], len(needs) > MOST_NEEDS)


def plain_card(request: HelpRequest, member: Member) -> dict[str, Any]:
    """Under a heading that says whose it is."""
    made = card(request, member)
    return made | {"chips": [chip for chip in made["chips"] if chip != YOURS]}


def own_cards(requests: list[HelpRequest], talks: list[Talk], member: Member) -> list[dict[str, Any]]:
    return [_own_card(request, talks, member) for request in requests[:MOST_CARDS]]


def _need(talk: Talk, at: datetime) -> Line | None:
    if talk.is_to_be_asked_how_it_went(at):
        return _how_it_went(talk)
    if talk.has_plan_to_answer(at):
        return _plan_to_answer(talk)
    if talk.now.can_accept:
        return _offer_to_answer(talk)
    return _new_words(talk) if talk.new else None


def _offer_to_answer(talk: Talk) -> Line:
    noun = _noun(talk)
    words = f"{talk.now.other} offered to help with {noun}." if noun else f"{talk.now.other} offered to help you."
    return Line(
        words, talk.title, _talk_url(talk), "Read the offer", f"of {talk.now.other}", "heart", talk.new, order=1
    )


def _new_words(talk: Talk) -> Line:
    words = f"{talk.now.other} {'says thank you' if talk.is_thanked else 'wrote to you'}."
    if talk.happened:
        plain = str(Happening(talk.happened).label)
        words = happening(talk.happened, plain, by=talk.by, other=talk.now.other, is_open=is_open(talk.found))
    url = f"{_talk_url(talk)}#new"
    icon = "heart" if talk.is_thanked else "chat"
    return Line(words, talk.title, url, "Open the chat", f"with {talk.now.other}", icon, talk.new, order=2)


def _plan_to_answer(talk: Talk) -> Line:
    plan = _plan_of(talk)
    when = f"{date_format(plan.day, 'l, F j')}, {date_format(plan.time, 'g:i A')}"
    words = f"{talk.now.other} has a plan for you: {when}."
    return Line(words, talk.title, _plan_url(talk), "Look at the plan", f"of {talk.now.other}", "calendar", order=3)


def _how_it_went(talk: Talk) -> Line:
    noun = _noun(talk)
    words = f"Did {talk.now.other} help with {noun}?" if noun else f"Did {talk.now.other} help you?"
    url = reverse("messaging:done", args=[talk.request_id])
    return Line(words, talk.title, url, "Tell us", f"about {talk.now.other}", "heart", order=4)


def _rests_soon(request: HelpRequest) -> Line:
    day = date_format(timezone.localtime(request.expires_at), "l, F j")
    words = f"Your request stays up until {day}. Do you still need it?"
    url = reverse("messaging:request", args=[request.pk])
    return Line(words, request.title, url, "Keep it or close it", request.title, "clock", order=5)


def _under_way(talk: Talk, at: datetime) -> Line | None:
    """What needs nothing today: offers that wait, help that was agreed on and has no agreed plan yet."""
    other = talk.now.other
    if talk.has_plan(at) and talk.now.can_write:
        return Line(f"Your plan waits for {other}’s yes.", talk.title, _plan_url(talk), "See the plan", "", "clock")
    if talk.is_under_way:
        words = f"{other} is your helper." if talk.now.is_asker else f"You are helping {other}."
        if not talk.now.can_write:
            return Line(words, talk.title, _talk_url(talk), "Open the chat", f"with {other}", "care")
        return Line(words, talk.title, _plan_url(talk), "Make a plan", f"with {other}", "care")
    if not talk.now.is_waiting:
        return None
    words = f"Waiting for {other} (sent {_day(datetime.fromisoformat(talk.found['offered_at']))})"
    if talk.now.waits_behind_another:
        words = f"{other} has a helper now. Your offer stays open."
    return Line(words, talk.title, _talk_url(talk), "Open the chat", f"with {other}", "clock")


def _plan_card(talk: Talk, at: datetime) -> PlanCard:
    plan = _plan_of(talk)
    here = timezone.localtime(plan.starts_at)
    is_elsewhere = here.replace(tzinfo=None) != datetime.combine(plan.day, plan.time)
    return PlanCard(
        who=talk.now.other,
        about=talk.title,
        is_helper=not talk.now.is_asker,
        day=plan.day,
        near={-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get(plan.days_ahead(at), ""),
        time=date_format(plan.time, "g:i A") + (f", {plan.zone_called}" if is_elsewhere else ""),
        here=date_format(here, "l, g:i A") if is_elsewhere else "",
        place=plan.clear_place,
        talk_url=f"{_talk_url(talk)}#composer",
    )


def _own_card(request: HelpRequest, talks: list[Talk], member: Member) -> dict[str, Any]:
    about = [talk for talk in talks if talk.now.is_asker and talk.request_id == str(request.pk)]
    helpers = [talk.now.other for talk in about if talk.is_under_way]
    offers = sum(talk.now.can_accept for talk in about)
    standing = f"{helpers[0]} helps you" if helpers else _counted(offers)
    return plain_card(request, member) | {"offers": standing}


def _counted(offers: int) -> str:
    if not offers:
        return ""
    return "1 offer to answer" if offers == 1 else f"{offers} offers to answer"


def _noun(talk: Talk) -> str:
    category = (talk.found["help_request"] or {}).get("category", OTHER)
    return "" if category == OTHER else BY_SLUG[category].noun


def _day(moment: datetime) -> str:
    local, now = timezone.localtime(moment).date(), timezone.localdate()
    near = {0: "today", 1: "yesterday"}.get((now - local).days)
    return near or "on " + date_format(local, "F j" if local.year == now.year else "F j, Y")


def _plan_of(talk: Talk) -> Any:
    assert talk.plan  # noqa: S101 (asked before; this tells the types)
    return talk.plan


def _talk_url(talk: Talk) -> str:
    return reverse("messaging:thread", args=[talk.id])


def _plan_url(talk: Talk) -> str:
    """Its helper has no page of a request that is hidden, but the chat."""
    return reverse("messaging:plan", args=[talk.request_id]) if talk.now.can_open_request else _talk_url(talk)
