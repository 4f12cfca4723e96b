"""Another look that somebody asked for, and by when we promise what."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime, now

from moderation.models import Action, Appeal, Case, Decision, Side
from moderation.statements import ALONE, came_of

AGAIN_BY = "Somebody else reads all of it again {when}. We email you then."
AGAIN_LATE = "We are late with our answer, and we are sorry. Somebody reads all of it again as soon as they can."


@dataclass(frozen=True)
class Asked:
    """Another look somebody asked for, and what came of it."""

    appeal: Appeal
    # Taken back, it is decided anew: whoever reported it asked, too.
    opens_again: bool

    @property
    def words(self) -> str:
        return str(self.appeal.clear_words)

    @property
    def created_at(self) -> datetime:
        return self.appeal.created_at

    @property
    def _decided(self) -> Decision | None:
        return self.appeal.case.decision

    @property
    def answer(self) -> str | None:
        if self._decided is None:
            return None
        is_affected = self.appeal.side == Side.AFFECTED
        return str(self._decided.clear_words if is_affected else self._decided.clear_reporter_words)

    @property
    def answered_at(self) -> datetime | None:
        return self._decided.decided_at if self._decided else None

    @property
    def is_kept(self) -> bool | None:
        return self._decided.action == Action.KEEP if self._decided else None

    @property
    def alone(self) -> str:
        return ALONE.format(why=self._decided.alone_because) if self._decided and self._decided.alone_because else ""

    @property
    def message(self) -> str:
        """What happens next, or what came of it in one sentence."""
        if self._decided:
            return came_of(self._decided, opens_again=self.opens_again)
        return promised(self.appeal.case, AGAIN_BY, AGAIN_LATE)


def by_when(moment: datetime) -> str:
    """“by 5 PM tomorrow”, “by Wednesday, November 25”."""
    there, days = localtime(moment), (localtime(moment).date() - localdate()).days
    # On a narrow screen the hour and its half of the day stay together.
    clock = date_format(there, "g A" if there.minute == 0 else "g:i A").replace(" ", "\u00a0")
    near = {0: "today", 1: "tomorrow"}.get(days)
    return f"by {clock} {near}" if near else f"by {date_format(there, 'l, F j')}"


def promised(case: Case, promise: str, late: str) -> str:
    return late if case.due_at <= now() else promise.format(when=by_when(case.due_at))
