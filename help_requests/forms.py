"""Asking, closing and looking for requests, as forms that work without JavaScript."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.conf import settings
from django.utils import timezone

from carecollective import forms
from carecollective.form_text import Line, Paragraphs
from help_requests import categories, reads
from help_requests.models import Ending, HelpRequest, LocationPrivacy, Urgency, words
from members.models import Member

ANY_DAY, BY_DATE, ONGOING = "any", "by_date", "ongoing"
WHENS = [(ANY_DAY, "Any day"), (BY_DATE, "By a date"), (ONGOING, "This is ongoing")]
DANGER = "If someone is in danger, call 911 now."
STAYS_UP = (
    f"A request stays up for {words.LIFETIME.days} days. We tell you {words.REMINDED_BEFORE.days} days before it rests."
    " One that is ongoing stays up until you close it."
)
ICONS = {category.slug: category.icon for category in categories.CATEGORIES}
ASKED = ("title", "description", "category", "urgency", "needed_by", "exchange_offer", "location_privacy")
SOMEONE_ELSE = "someone_else"
REASONS = (Ending.HELPED_HERE, Ending.HELPED_ELSEWHERE, Ending.NOT_NEEDED)


class RequestForm(forms.Form):
    """The questions in the order people answer them; the same for asking and for changing."""

    category = django_forms.ChoiceField(
        label="What do you need help with?",
        choices=categories.LABELS,
        widget=forms.RadioCards(icons=ICONS),
        error_messages={"required": "Please choose what you need help with."},
    )
    kind = django_forms.ChoiceField(label="Which of these fits best?", required=False)
    title = Line(
        label="Say it in one line",
        help_text="For example: Pick up groceries on Tuesday",
        min_length=words.TITLE_LEAST,
        max_length=words.TITLE_MOST,
        error_messages={"required": "Please say in one line what you need."},
    )
    description = Paragraphs(label="Tell us a bit more", max_length=words.DESCRIPTION_MOST, required=False)
    when = django_forms.ChoiceField(
        label="When?",
        help_text=STAYS_UP,
        choices=WHENS,
        widget=forms.RadioCards(),
        initial=ANY_DAY,
        error_messages={"required": "Please choose when."},
    )
    needed_by = django_forms.DateField(
        label="Which day?",
        help_text="Only if you chose “By a date”.",
        required=False,
        widget=forms.DateInput(),
        error_messages={"invalid": "Please write the day like 2026-01-31."},
    )
    urgency = django_forms.ChoiceField(
        label="How soon?",
        choices=Urgency.choices,
        widget=forms.RadioCards(hints={Urgency.CRITICAL.value: DANGER}),
        initial=Urgency.NORMAL,
        error_messages={"required": "Please choose how soon."},
    )
    exchange_offer = Paragraphs(
        label="Would you like to give something back?",
        help_text="A jar of jam, an hour of sewing: small things count.",
        max_length=words.EXCHANGE_MOST,
        required=False,
        rows=2,
    )
    town = Line(label="In which town?", max_length=words.TOWN_MOST)
    location_privacy = django_forms.ChoiceField(
        label="Who may see the town?",
        choices=LocationPrivacy.choices,
        widget=forms.RadioCards(),
        initial=LocationPrivacy.PUBLIC,
    )

    def __init__(self, *args: Any, known_town: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _kinds()  # type: ignore[attr-defined]
        self.fields["needed_by"].is_follow_up = True  # type: ignore[attr-defined]
        if settings.SERVICE_AREA:
            self.fields["town"] = _town_from_the_list(known_town)

    def clean_kind(self) -> str:
        """A kind is named with its topic here, because several topics have one called “other”."""
        topic, _, kind = self.cleaned_data["kind"].partition("/")
        if kind and topic != self.cleaned_data.get("category", topic):
            raise django_forms.ValidationError("This does not go with what you chose above. Please pick another one.")
        return str(kind)

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        if "when" not in self.fields:
            return cleaned
        if cleaned.get("when") != BY_DATE:
            # The page hides the day then, so whatever stands in it is not an answer, and not a mistake.
            self.errors.pop("needed_by", None)
            return cleaned | {"needed_by": None}
        if "needed_by" not in self.errors:
            self._must_name_a_day(cleaned.get("needed_by"))
        return cleaned

    def answers(self) -> dict[str, Any]:
        """As the verbs want them."""
        cleaned = self.cleaned_data
        told = {name: cleaned[name] for name in ASKED} | {"town": cleaned["town"], "subcategory": cleaned["kind"]}
        return told | {"is_ongoing": cleaned["when"] == ONGOING}

    def is_a_new_day(self) -> bool:
        """One that has passed since it was chosen does not stand in the way of other changes."""
        return True

    def _must_name_a_day(self, day: date | None) -> None:
        if day is None:
            self.add_error("needed_by", "Please choose a day.")
        elif day < timezone.localdate() and self.is_a_new_day():
            self.add_error("needed_by", "This day is over. Please choose a later one.")


class EditForm(RequestForm):
    def __init__(self, *args: Any, request: HelpRequest, **kwargs: Any):
        told = {name: getattr(request, name) for name in ASKED} | {"town": request.shown_town}
        when = ONGOING if request.is_ongoing else BY_DATE if request.needed_by else ANY_DAY
        kind = f"{request.category}/{request.subcategory}" if request.subcategory else ""
        super().__init__(*args, initial={**told, "when": when, "kind": kind}, known_town=request.shown_town, **kwargs)

    def is_a_new_day(self) -> bool:
        return "needed_by" in self.changed_data


class CloseForm(forms.Form):
    reason = django_forms.ChoiceField(
        label="Why do you want to close it?",
        choices=[(reason.value, reason.label) for reason in REASONS],
        widget=forms.RadioCards(),
        error_messages={"required": "Please choose a reason."},
    )
    helped_by = django_forms.ChoiceField(
        label="Who helped you?",
        help_text="Then it counts for them, and you can say thank you.",
        required=False,
        widget=forms.RadioCards(),
    )

    def __init__(self, *args: Any, offers: list[tuple[UUID, str]], **kwargs: Any):
        """`offers` are those that wait for an answer, while nobody's is accepted."""
        super().__init__(*args, **kwargs)
        choices = [*((str(offer), called) for offer, called in offers), (SOMEONE_ELSE, "Someone else")]
        self.fields["helped_by"].choices = choices  # type: ignore[attr-defined]
        self.fields["helped_by"].is_follow_up = True  # type: ignore[attr-defined]
        if not offers:
            del self.fields["helped_by"]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        if cleaned.get("reason") != Ending.HELPED_HERE:
            self.errors.pop("helped_by", None)
            return cleaned | {"helped_by": ""}
        if "helped_by" in self.fields and "helped_by" not in self.errors and not cleaned["helped_by"]:
            self.add_error("helped_by", "Please choose who helped you.")
        return cleaned

    @property
    def offer_of_helper(self) -> UUID | None:
        chosen = self.cleaned_data.get("helped_by")
        return UUID(chosen) if chosen and chosen != SOMEONE_ELSE else None


class FilterForm(forms.Form):
    q = Line(label="Words to look for", max_length=reads.MOST_QUERY, required=False)
    category = django_forms.ChoiceField(label="Topic", choices=[("", "All topics"), *categories.LABELS], required=False)
    urgency = django_forms.ChoiceField(label="How soon", choices=[("", "Any time"), *Urgency.choices], required=False)
    town = django_forms.ChoiceField(label="Where", required=False)
    sort = django_forms.ChoiceField(
        label="Order", choices=[(reads.MOST_URGENT, "Most urgent first"), (reads.NEWEST, "Newest first")]
    )

    def __init__(self, data: Any, *args: Any, member: Member, **kwargs: Any):
        super().__init__({"sort": reads.MOST_URGENT} | data.dict(), *args, **kwargs)
        towns = dict.fromkeys([member.town, *settings.SERVICE_AREA])
        self.fields["town"].choices = [  # type: ignore[attr-defined]
            ("", "Everywhere"),
            *((town, f"My town ({town})" if town == member.town else town) for town in towns if town),
        ]

    def filters(self) -> reads.Filters:
        """What could be read of it; the rest counts as not chosen, and the page says so."""
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return reads.Filters(**{"sort": reads.MOST_URGENT} | known)

    def is_narrow(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "sort")

    def forget_what_was_wrong(self) -> None:
        known = {name: value for name, value in self.data.items() if name not in self.errors}
        self.data = {"sort": reads.MOST_URGENT} | known
        self.full_clean()


def _kinds() -> list[Any]:
    groups = [
        (topic.label, [(f"{topic.slug}/{kind}", label) for kind, label in topic.kinds.items()])
        for topic in categories.CATEGORIES
        if topic.kinds
    ]
    return [("", "Not sure"), *groups]


def _town_from_the_list(known: str) -> django_forms.ChoiceField:
    # The list may have changed since somebody joined or asked.
    towns = list(dict.fromkeys([*settings.SERVICE_AREA, known]))
    return django_forms.ChoiceField(
        label="In which town?",
        choices=[(town, town) for town in towns if town],
        error_messages={"required": "Please choose a town.", "invalid_choice": forms.PLAIN_WORDS["invalid_choice"]},
    )
