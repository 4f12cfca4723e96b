"""What the page of one conversation shows: a part of its lines, where the two stand, and the ways on from there."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import cached_property

from members.models import Block, Member
from members.paused import Act, Paused, paused_from
from messaging import moderated, reads
from messaging.cards import chip
from messaging.lines import Line, lines, one_by_one
from messaging.said import helped
from messaging.services import thanking
from messaging.standing import Standing, standing
from messaging.zones import are_apart

PAGE = reads.PAGE


@dataclass(frozen=True)
class Asked:
    """Which lines: the newest, those before a place, or those after it; and from where on changes are of interest."""

    before: int | None = None
    after: int | None = None
    record: int | None = None
    # A script adds them to a page that stands there.
    is_part: bool = False


class ThreadPage:
    def __init__(self, member: Member, conversation_id: UUID, asked: Asked):
        self.member, self.asked = member, asked
        # Before the words: what changes in between is told twice rather than never.
        self.record = reads.record(member, conversation_id)
        part = reads.Slice(limit=PAGE, before=asked.before, after=asked.after)
        self.found, said, pagination = reads.thread_rows(member, conversation_id, part)
        self.said = [one for one in said if one["sequence"]]
        # Only its writer sees what was not delivered.
        self.undelivered = [one for one in said if not one["sequence"]]
        self.first, self.last = pagination["first_sequence"] or 0, pagination["last_sequence"] or asked.after or 0

    @property
    def is_newest(self) -> bool:
        return bool(self.last >= self.found["last_sequence"])

    def mark(self) -> str:
        """Changes with whatever the part would show."""
        now = self._now
        seen = (
            self.found,
            self.undelivered,
            self.record,
            self.asked,
            now.has_blocked,
            now.paused,
            self._can_thank,
            str(timezone.localdate()),
        )
        return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'

    def context(self) -> dict[str, Any]:
        shown = lines(self._now.found, self.said, self.member, is_newest=self.is_newest, is_part=self.asked.is_part)
        changed = self._changed()
        waiting = one_by_one(self.found, self.undelivered, self.member)
        self._tell_whose_time(shown + changed + waiting)
        moderated.tell_writer(shown + changed + waiting, self._now)
        is_thanked = any(line.is_thanks and not line.is_mine for line in shown + changed)
        return {
            "conversation": self._now.found,
            "lines": shown,
            "changed": changed,
            "waiting": waiting,
            "positions": self._positions(),
            "is_part": self.asked.is_part,
            "helped_times": helped(thanking.helped_times(self.member)) if is_thanked else "",
            "is_newest": self.is_newest,
            "older": self.first if self.first > 1 else None,
            "newer": None if self.is_newest else self.last,
            "offer_chip": chip(self.found["offer_state"]) if self.found["offer_state"] else None,
            "now": self._now,
            "helper_town": self._helper_town,
            "can_thank": self._can_thank,
        }

    def _positions(self) -> dict[str, Any]:
        """What the page's script has to know, and to send along when it asks for more."""
        found = self.found
        return {
            "first": self.first,
            "last": self.last,
            "newest": found["last_sequence"],
            "record": self.record,
            "read": found["my_read_sequence"],
            "their-read": found["their_read_sequence"] or 0,
            "their-delivered": found["their_delivered_sequence"] or 0,
            "today": timezone.localdate().isoformat(),
        } | ({"open": ""} if self._now.can_write else {})

    def _changed(self) -> list[Line]:
        asked = self.asked
        if not asked.record or not asked.after or asked.record >= self.record:
            return []
        said = reads.changed(self.member, UUID(self.found["id"]), asked.record, asked.after)
        return one_by_one(self._now.found, said, self.member)

    @cached_property
    def _paused(self) -> Paused | None:
        return paused_from(self.member, Act.SEND_MESSAGE)

    @cached_property
    def _now(self) -> Standing:
        has_blocked = Block.objects.filter(blocker=self.member, blocked=self.found["other"]["id"]).exists()
        return standing(self.found, self.member, has_blocked=has_blocked, paused=self._paused)

    @cached_property
    def _can_thank(self) -> bool:
        return self._now.may_thank and thanking.of_request(self.found["help_request_id"]) is None

    def _tell_whose_time(self, made: list[Line]) -> None:
        """Where the other one is known to look at another clock, “5:04 PM” could be either's."""
        mine, theirs = timezone.get_current_timezone_name(), self._people[self.found["other"]["id"]].time_zone
        for line in made:
            line.is_my_time = bool(theirs) and are_apart(mine, theirs, line.at)

    @property
    def _helper_town(self) -> str:
        """Whom an offer goes to may know from which town it comes."""
        return self._people[self.found["helper_id"]].town

    @cached_property
    def _people(self) -> dict[str, Member]:
        ids = {self.found["helper_id"], self.found["other"]["id"]}
        return {str(one.pk): one for one in Member.objects.filter(pk__in=ids).only("town", "time_zone")}
