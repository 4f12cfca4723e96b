"""The requests of the demo: every topic and every state, told as people would tell them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils.timezone import now

from help_requests.models import HelpRequest
from help_requests.services import asking, expiry, moving
from help_requests.services.asking import Wish
from members import roles
from members.models import Member


@dataclass(frozen=True)
class Story:
    """A request, how long ago it was posted, when it is needed; what became of it, where no helper had a part in it."""

    asker: str
    hours_ago: int
    wish: Wish
    in_days: int | None = None
    then: str = "open"


GROCERIES, RIDES, HOUSE = "groceries-meals", "transportation-errands", "household-yard"
PAPERS, COMPANY = "technology-administrative", "social-companionship"
STORIES = (
    Story("ana", 3, Wish(
        "Pick up groceries on Tuesday", GROCERIES,
        "I cannot leave my husband alone for long. The list is short: milk, bread, eggs, soft fruit and his tea. "
        "I order ahead at the market on Walnut Street, so it only needs to be picked up.",
        "shopping-delivery", "urgent", exchange_offer="I bake a good lemon cake.", location_privacy="helpers_only",
    ), in_days=3),
    Story("carol", 20, Wish(
        "A ride to the eye doctor, there and back", RIDES,
        "My sister sees the eye doctor at two. She walks with a frame that folds flat.", "rides",
    ), in_days=6),
    Story("deepa", 1, Wish(
        "Someone to sit with my mother tonight", "health-caregiving",
        "My father is in the hospital and I need to be with him. My mother only needs company.", "respite", "critical",
    ), in_days=0),
    Story("elias", 50, Wish(
        "The ramp at our front door wobbles", HOUSE,
        "Two screws have come loose and I do not own the right tool.", "minor-repairs", "urgent",
    )),
    Story("wen", 70, Wish(
        "Explain a letter from the insurance company", PAPERS,
        "It is four pages long. I need somebody to tell me if I must answer it.", "explaining-information",
    )),
    Story("maryjo", 90, Wish(
        "A phone call on Thursday evenings", COMPANY,
        "Somebody who knows this life. Half an hour would be wonderful.", "check-ins", is_ongoing=True,
    )),
    Story("ben", 110, Wish("Lend me a shower chair for two weeks", "other", "Mine broke. A new one is on its way.")),
    Story("carol", 130, Wish(
        "Walk our old dog in the mornings", HOUSE, "Biscuit is slow and very polite.", "pets",
        location_privacy="after_match",
    )),
    Story("ana", 96, Wish(
        "Prune the roses before the frost", HOUSE, "There are four, along the fence. I have the shears.", "yard",
    )),
    Story("ana", 72, Wish(
        "Hang a grab bar beside the tub", HOUSE, "The bar and the screws are here. My drill is, too.", "minor-repairs",
    )),
    Story("maryjo", 48, Wish(
        "Sit with my husband while I see the dentist", "health-caregiving",
        "An hour is enough. He likes old radio shows.", "respite",
    ), in_days=1),
    Story("ana", 300, Wish(
        "Bring my husband’s pills from the pharmacy", RIDES, "", "prescription-pickup", "urgent",
    )),
    Story("elias", 400, Wish("Help to set up a video call", PAPERS, "", "devices")),
    Story("maryjo", 200, Wish("Shovel the snow on our steps", HOUSE, "", "snow"), then="cancelled"),
    Story("deepa", 600, Wish("Somebody to water the garden", HOUSE, "", "yard"), then="by_staff"),
    Story("wen", 31 * 24, Wish("Company at the spring concert", COMPANY, "", "attending-events"), then="expired"),
)  # fmt: skip


def post_all() -> None:
    today = now().date()
    for story in STORIES:
        day = None if story.in_days is None else today + timedelta(days=story.in_days)
        asking.post_request(_member(story.asker), replace(story.wish, needed_by=day))


def end_all() -> None:
    """After people have talked about them."""
    for story in STORIES:
        request = HelpRequest.objects.get(title=story.wish.title)
        if story.then == "cancelled":
            moving.cancel_request(_member(story.asker), request.pk)
        if story.then == "by_staff":
            moving.close_request(Member.objects.filter(groups__name=roles.MODERATOR)[0], request.pk)
        _grow_older(request.pk, story.hours_ago)
    expiry.close_expired_requests()


def _grow_older(request_id: UUID, hours: int) -> None:
    """A community that was all made in one second looks like none."""
    age = timedelta(hours=hours)
    HelpRequest.objects.filter(pk=request_id).update(created_at=F("created_at") - age, expires_at=F("expires_at") - age)


def _member(name: str) -> Member:
    return Member.objects.get(email=f"{name}@example.org")
