"""What somebody has answered so far, in words: the rows of the check page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from carecollective.templatetags.care import by_date
from help_requests import categories, questions
from help_requests.forms import BY_DATE, ONGOING
from help_requests.models import LocationPrivacy, RequestDraft, Urgency
from help_requests.questions import Question
from members.models import Member

WHO_SEES = {
    LocationPrivacy.PUBLIC: "Members near you will see your first name, town, and what you wrote.",
    LocationPrivacy.HELPERS_ONLY: "Members near you will see your first name and what you wrote. "
    "Only people who offer to help will see your town.",
    LocationPrivacy.AFTER_MATCH: "Members near you will see your first name and what you wrote. "
    "Only the helper you say yes to will see your town.",
}


@dataclass(frozen=True)
class Row:
    label: str
    words: str
    question: Question
    # What the link changes, for those who hear it alone: “Change the topic”.
    what: str
    # Said in place of an answer nobody gave.
    otherwise: str = ""
    # A question of its page that does not stand first on it.
    place: str = ""

    @property
    def url(self) -> str:
        return self.question.change_url + self.place


def rows(draft: RequestDraft, member: Member) -> Iterator[Row]:
    told = questions.so_far(draft, member)
    yield Row("Topic", dict(categories.LABELS).get(told["category"], ""), questions.TOPIC, "the topic")
    if kinds := questions.kinds_of(draft):
        kind = kinds.get(told.get("kind", "").partition("/")[2], "")
        yield Row("More exactly", kind, questions.KIND, "what fits best", "Not sure")
    yield Row("In one line", told["title"], questions.TITLE, "the line")
    yield Row("A bit more", told.get("description", ""), questions.MORE, "what more you tell", "Nothing more")
    yield Row("When", _when(told), questions.WHEN, "the day")
    soon = dict(Urgency.choices).get(told["urgency"], "")
    yield Row("How soon", soon, questions.WHEN, "how soon", place="#id_urgency_0")
    given = told.get("exchange_offer", "")
    yield Row("Giving back", given, questions.GIVE_BACK, "what you give back", "Not right now")
    yield Row("Town", told["town"], questions.PLACE, "the town", "Not said yet")
    seen_by = dict(LocationPrivacy.choices).get(told["location_privacy"], "")
    yield Row("Who may see the town", seen_by, questions.PLACE, "who may see the town", place="#id_location_privacy_0")


def who_sees(draft: RequestDraft, member: Member) -> str:
    return WHO_SEES.get(questions.so_far(draft, member)["location_privacy"], WHO_SEES[LocationPrivacy.PUBLIC])


def is_urgent(draft: RequestDraft) -> bool:
    return bool(draft.answers.get("urgency") == Urgency.CRITICAL)


def _when(told: dict[str, Any]) -> str:
    if told["when"] == BY_DATE and told.get("needed_by"):
        words = by_date(date.fromisoformat(told["needed_by"]))
        return words[:1].upper() + words[1:]
    return "This is ongoing" if told["when"] == ONGOING else "Any day"
