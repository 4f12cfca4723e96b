"""What a restriction closes, and how we say so: what, until when, by which rule, and where to ask us to look again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import get_current_timezone, localtime, now

from carecollective.errors import MemberRestricted
from members.models import Member, Standing
from members.models.standing import look_up
from members.zones import first_zone


class Act(Enum):
    """Everything that writes to others, in the words of its refusal; what lessens or protects is none of these."""

    SEND_MESSAGE = "send messages"
    START_CONVERSATION = "start new chats"
    OFFER_HELP = "offer help"
    OFFER_AGAIN = "make your offer again"
    ACCEPT = "accept offers"
    EDIT_MESSAGE = "change messages"
    MAKE_PLAN = "make plans"
    ASK_FOR_HELP = "ask for help"
    CHANGE_REQUEST = "change requests"
    COME_IN = "use the site"
    REOPEN_REQUEST = "open requests again"

    def is_open_at(self, standing: Standing) -> bool:
        starts = self in (Act.START_CONVERSATION, Act.OFFER_HELP)
        return standing.can_start_conversations if starts else standing.can_send_messages


@dataclass(frozen=True)
class Paused:
    """A restriction in force, as the member reads it."""

    standing: Standing
    member: Member

    def refusal(self, act: Act = Act.SEND_MESSAGE) -> MemberRestricted:
        return MemberRestricted(self.sentence(act), **self._extras())

    def day_is_used_up(self, count: int) -> MemberRestricted:
        """After `count` messages on this calendar day (UTC)."""
        most = self.standing.message_limit_per_day
        told = f"You can send {most} {'message' if most == 1 else 'messages'} a day now, and today’s are used up."
        sentence = f"{told} You can send again {self._when_it_works()}. {self._because()}"
        return MemberRestricted(sentence, **self._extras(), daily_count=count, daily_limit=most)

    def sentence(self, act: "Act | str" = Act.SEND_MESSAGE) -> str:
        until = self.standing.until
        when = f"until {self._said(until)}" if until else "now"
        return f"You cannot {act.value if isinstance(act, Act) else act} {when}. {self._because()}"

    @property
    def in_short(self) -> str:
        """At the top of a home page: all that is closed, in one sentence."""
        most = self.standing.message_limit_per_day
        if most is None:
            return self.sentence("ask, offer or send messages")
        few = f"You can send {most} {'message' if most == 1 else 'messages'} a day."
        return f"{self.sentence(Act.START_CONVERSATION)} {few}"

    @property
    def closed_sentence(self) -> str:
        """Of a ban, for the room that stays open."""
        until = self.standing.until
        when = f"This holds until {self._said(until)}." if until else "This holds until we say otherwise."
        return f"A moderator decided this because of rule {self.standing.rule}. {when}"

    @property
    def appeal_url(self) -> str:
        return f"/decisions/{self.standing.decision_id}/"

    def _because(self) -> str:
        return f"A moderator paused this because of rule {self.standing.rule}."

    def _extras(self) -> dict[str, Any]:
        until = self.standing.until
        return {
            "restriction_level": self.standing.level,
            "until": until.isoformat() if until else None,
            "appeal_url": self.appeal_url,
            "reason": self.standing.reason,
            "rule": self.standing.rule,
        }

    def _said(self, moment: datetime) -> str:
        """As their own calendar and clock say it: the day, and today the hour."""
        zone = self._zone()
        there, here = localtime(moment, zone), localtime(now(), zone)
        if there.date() == here.date():
            return f"{there:%-I:%M %p}"
        return f"{there:%b %-d}" if there.year == here.year else f"{there:%b %-d, %Y}"

    def _when_it_works(self) -> str:
        zone = self._zone()
        there = localtime(_end_of_day(), zone)
        is_today = there.date() == localtime(now(), zone).date()
        return f"{'today' if is_today else 'tomorrow'} at {there:%-I:%M %p}"

    def _zone(self) -> Any:
        # A program has told us no zone, so the one the member chose or the operator's counts there.
        active = get_current_timezone()
        is_told = isinstance(active, ZoneInfo) and active.key != "UTC"
        return first_zone(self.member.time_zone, active.key if is_told else "")


def paused_from(member: Member, act: Act) -> Paused | None:
    """For a page that offers this: what closes it, if anything does."""
    # Whoever came in with a session was read together with this; the verb asks again, under the lock.
    if not getattr(member, "is_restricted", True):
        return None
    standing = look_up(member.pk)
    return None if act.is_open_at(standing) else Paused(standing, member)


def _end_of_day() -> datetime:
    today = now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
