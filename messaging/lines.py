"""The lines of a thread as its page shows them: days, groups of bubbles, and how far the other one has read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from carecollective.ports import DecisionLink
from members.models import Member
from messaging.links import Piece, pieces
from messaging.models import Kind, Moderation, OfferState, Type
from messaging.models.words import EDIT_WINDOW, Caution
from messaging.said import By, happening, is_open

TOGETHER = timedelta(minutes=5)
OFFER, BUBBLE, HAPPENED = "offer", "bubble", "happened"


@dataclass
class Line:
    id: str
    # None while nobody but its writer sees it.
    sequence: int | None
    sort: str
    is_mine: bool
    who: str
    words: str
    at: datetime
    is_edited: bool
    is_deleted: bool
    is_thanks: bool
    moderation: str = ""
    caution: str = ""
    # Where its writer reads why, and by which rule.
    decision: DecisionLink | None = None
    # Held, or refused, and what its writer reads below it.
    note: str = ""
    # A group is said by one person within a few minutes: its first shows the name, its last the time.
    is_first: bool = True
    is_last: bool = True
    begins_day: bool = False
    is_first_new: bool = False
    can_be_edited: bool = False
    state: str = ""
    # The key one's own device gave it.
    client_id: str = ""
    # Said where the other one looks at another clock.
    is_my_time: bool = False
    # Addresses are no links before somebody said yes.
    links_open: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.moderation == Moderation.HIDDEN

    @property
    def talks_of_money(self) -> bool:
        """Told to the reader alone, until they say that it is fine."""
        return self.caution == Caution.MONEY and not self.is_mine and not self.is_gone

    @property
    def is_gone(self) -> bool:
        return self.is_deleted or self.is_hidden

    @property
    def pieces(self) -> list[Piece]:
        return pieces(self.words)

    @property
    def is_from(self) -> str:
        return "" if self.sort == HAPPENED else "me" if self.is_mine else "other"

    @property
    def day(self) -> Any:
        return timezone.localtime(self.at).date()

    def goes_with(self, earlier: "Line") -> bool:
        return (
            self.sort == earlier.sort == BUBBLE
            and self.is_mine == earlier.is_mine
            and self.at - earlier.at < TOGETHER
            and self.day == earlier.day
        )


def lines(
    found: dict[str, Any], said: list[dict[str, Any]], member: Member, *, is_newest: bool, is_part: bool = False
) -> list[Line]:
    """In their groups. A part is added to a page that has its mark and its states, and moves them itself."""
    made = [_line(found, message, member) for message in said]
    _group(made)
    if not is_part:
        _mark_the_first_new(made, found)
    if is_newest and not is_part:
        _tell_states(made, found)
    return made


def one_by_one(found: dict[str, Any], said: list[dict[str, Any]], member: Member) -> list[Line]:
    """Lines that stand somewhere on a page already, in the groups they have there."""
    return [_line(found, message, member) for message in said]


def _line(found: dict[str, Any], message: dict[str, Any], member: Member) -> Line:
    is_mine = message["sender_id"] == str(member.pk)
    other = found["other"]["called"]
    line = Line(
        id=message["id"],
        sequence=message["sequence"],
        sort=_sort(found, message),
        is_mine=is_mine,
        who="You" if is_mine else other,
        words=_words(found, message, By.whom(message["sender_id"], member)),
        at=_delivered_at(message),
        is_edited=bool(message["edited_at"]),
        is_deleted=bool(message["deleted_at"]),
        is_thanks=message["type"] == Type.THANKS,
        moderation=message["moderation"] or "",
        caution=message["caution"],
        client_id=message["client_id"] or "",
        links_open=bool(found["accepted_at"]) and found["offer_state"] == OfferState.ACCEPTED,
    )
    line.can_be_edited = is_mine and found["can_write"] and _is_young(message) and not line.is_deleted
    return line


def _words(found: dict[str, Any], message: dict[str, Any], by: By) -> str:
    if not message["happening"]:
        return str(message["content"])
    other, is_there = found["other"]["called"], is_open(found)
    return happening(message["happening"], message["content"], by=by, other=other, is_open=is_there)


def _delivered_at(message: dict[str, Any]) -> datetime:
    """What stands above it was there before."""
    return datetime.fromisoformat(message["released_at"] or message["created_at"])


def _is_young(message: dict[str, Any]) -> bool:
    """What was checked, refused or hidden is not changed any more."""
    age = timezone.now() - datetime.fromisoformat(message["created_at"])
    return age < EDIT_WINDOW and not message["moderation"]


def _sort(found: dict[str, Any], message: dict[str, Any]) -> str:
    if message["type"] == Type.SYSTEM:
        return HAPPENED
    return OFFER if message["is_opening"] and found["kind"] == Kind.HELP else BUBBLE


def _group(made: list[Line]) -> None:
    for number, line in enumerate(made):
        earlier = made[number - 1] if number else None
        line.begins_day = earlier is None or line.day != earlier.day
        if earlier and line.goes_with(earlier):
            line.is_first = earlier.is_last = False


def _mark_the_first_new(made: list[Line], found: dict[str, Any]) -> None:
    read = found["my_read_sequence"]
    new = (line for line in made if line.sequence and line.sequence > read and not line.is_mine)
    begins_above = bool(made) and (made[0].sequence or 0) > read + 1
    if found["unread_count"] and not begins_above and (first := next(new, None)):
        first.is_first_new = first.is_first = True
        # Whatever stands before the mark is a group of its own.
        if number := made.index(first):
            made[number - 1].is_last = True


def _tell_states(made: list[Line], found: dict[str, Any]) -> None:
    """Under my latest message of each state. How far they have read may be hidden, by either of us."""
    read, delivered = found["their_read_sequence"] or 0, found["their_delivered_sequence"] or 0
    told: set[str] = set()
    for line in reversed(made):
        if not line.is_mine or line.is_gone or line.moderation or line.sort == HAPPENED or not line.sequence:
            continue
        state = "Read" if line.sequence <= read else "Delivered" if line.sequence <= delivered else "Sent"
        line.state = "" if state in told else state
        told.add(state)
