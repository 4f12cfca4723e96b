"""The questions of asking, one to a page, and the forms of these pages; the fields are those of `RequestForm`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms as django_forms
from django.urls import reverse

from carecollective import forms
from carecollective.errors import NotFound
from help_requests import categories
from help_requests.forms import RequestForm
from help_requests.models import LocationPrivacy, RequestDraft
from help_requests.services.asking import Wish
from help_requests.services.drafting import CHANGED_ELSEWHERE
from members.models import Member


@dataclass(frozen=True)
class Question:
    """One page: its address, what it asks, and the answers nobody can go on without."""

    slug: str
    title: str
    fields: tuple[str, ...]
    needed: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse("help_requests:question", args=[self.slug])

    @property
    def change_url(self) -> str:
        return f"{self.url}?change"

    @property
    def number(self) -> int:
        """Its place among those everybody is asked; 0 for the others."""
        return IN_ORDER.index(self) + 1 if self in IN_ORDER else 0

    def is_answered_in(self, draft: RequestDraft) -> bool:
        return all(draft.answers.get(name) for name in self.needed)


TOPIC = Question("topic", "What do you need help with?", ("category",), ("category",))
TITLE = Question("title", "Say it in one line", ("title",), ("title",))
MORE = Question("more", "Tell us a bit more", ("description",))
WHEN = Question("when", "When?", ("when", "needed_by", "urgency"), ("when", "urgency"))
GIVE_BACK = Question("give-back", "Would you like to give something back?", ("exchange_offer", "nothing_back"))
IN_ORDER = (TOPIC, TITLE, MORE, WHEN, GIVE_BACK)
# Asked only of those who want to say it: they stand behind “Change” on the check page.
KIND = Question("kind", "Which of these fits best?", ("kind",))
PLACE = Question("place", "In which town?", ("town", "location_privacy"))
BY_SLUG = {question.slug: question for question in (*IN_ORDER, KIND, PLACE)}
BY_FIELD = {name: question for question in BY_SLUG.values() for name in question.fields}


def called(slug: str) -> Question:
    if slug not in BY_SLUG:
        raise NotFound()
    return BY_SLUG[slug]


def first_missing(draft: RequestDraft, before: Question | None = None) -> Question | None:
    """The first question that has to be answered before this one, or before all can be checked."""
    earlier = IN_ORDER[: before.number - 1] if before and before.number else IN_ORDER
    return next((question for question in earlier if not question.is_answered_in(draft)), None)


def where_it_was(draft: RequestDraft) -> Question | None:
    """The first question its writer has not come by yet; none, when all that is left is to check."""
    return next((question for question in IN_ORDER if question.fields[0] not in draft.answers), None)


def so_far(draft: RequestDraft, member: Member) -> dict[str, Any]:
    """Every answer; who said nothing about the place means their own town, for every member to see."""
    return {"town": member.town, "location_privacy": LocationPrivacy.PUBLIC.value, **draft.answers}


class QuestionForm(RequestForm, forms.OnceForm):
    """The part of the whole form that one page asks."""

    nothing_back = django_forms.BooleanField(label="Not right now. That is fine.", required=False)

    def __init__(self, *args: Any, question: Question, draft: RequestDraft, member: Member, **kwargs: Any):
        told = so_far(draft, member)
        # Nothing is ticked beforehand: what is told is what somebody said.
        initial = {name: told.get(name, "") for name in question.fields} | {"client_id": draft.client_id}
        super().__init__(*args, initial=initial, known_town=member.town, **kwargs)
        self.fields = {name: self.fields[name] for name in (*question.fields, "client_id")}
        if question is KIND:
            self.fields["kind"].widget = forms.RadioCards()
            self.fields["kind"].choices = list(_kinds(draft))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("nothing_back") and cleaned.get("exchange_offer"):
            self.add_error("nothing_back", "You wrote something, too. Please take the tick away, or empty the box.")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """As the draft keeps them: what this form would take again."""
        kept = {name: value for name, value in self.cleaned_data.items() if name != "client_id"}
        if kept.get("kind"):
            kept["kind"] = self.data["kind"]
        return {name: _as_typed(value) for name, value in kept.items()}


class CheckForm(RequestForm, forms.OnceForm):
    """All answers of a draft, looked over once more; what is sent is only which draft it was, and as of when."""

    seen = django_forms.CharField(required=False, widget=django_forms.HiddenInput)

    def __init__(self, sent: Any, *, draft: RequestDraft, member: Member):
        mark = {"client_id": str(draft.client_id), "seen": draft.changed_at.isoformat()}
        told = None if sent is None else so_far(draft, member) | {name: sent.get(name, "") for name in mark}
        super().__init__(told, initial=mark, known_town=member.town)
        self.is_current = told is not None and told["seen"] == mark["seen"]

    def clean(self) -> dict[str, Any]:
        if not self.is_current:
            raise django_forms.ValidationError(CHANGED_ELSEWHERE)
        return super().clean()

    @property
    def error_links(self) -> dict[str, str]:
        """No field stands on the check page: what is wrong is mended on the page of its question."""
        return {name: question.change_url for name, question in BY_FIELD.items()}

    def wish(self) -> Wish:
        return Wish(**self.answers())


def kinds_of(draft: RequestDraft) -> dict[str, str]:
    topic = categories.BY_SLUG.get(draft.answers.get("category", ""))
    return topic.kinds if topic else {}


def _kinds(draft: RequestDraft) -> Iterator[tuple[str, str]]:
    """As the whole form names them: with the topic, and here only those of the one that was chosen."""
    for kind, label in kinds_of(draft).items():
        yield f"{draft.answers['category']}/{kind}", label
    yield "", "Not sure"


def _as_typed(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value if value is not None else ""
