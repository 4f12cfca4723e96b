"""What the writer of held, refused or hidden words reads about them, and where they learn why."""

from uuid import UUID

from carecollective import ports
from carecollective.ports import DecisionLink
from messaging.lines import Line
from messaging.models import Moderation
from messaging.models.words import MESSAGE
from messaging.standing import Standing

CHECKING = "We are checking this message before {other} sees it."
NOT_DELIVERED = "{other} has not seen this message. It cannot be delivered in this chat now."
BROKE = "This message was not sent. It broke rule {rule}."
BROKE_OUR_RULES = "This message was not sent. It broke our rules."


def tell_writer(made: list[Line], now: Standing) -> None:
    """Asks for decisions only where there are any."""
    mine = [line for line in made if line.is_mine and line.moderation]
    decided = [UUID(line.id) for line in mine if line.moderation != Moderation.HELD]
    found = ports.decisions_about(MESSAGE, decided)
    for line in mine:
        line.decision = found.get(UUID(line.id))
        line.note = _note(line, now)


def broke(decision: DecisionLink | None) -> str:
    return BROKE.format(rule=decision.rule) if decision and decision.rule else BROKE_OUR_RULES


def _note(line: Line, now: Standing) -> str:
    if line.moderation == Moderation.REFUSED:
        return broke(line.decision)
    if line.moderation != Moderation.HELD:
        return ""
    return (NOT_DELIVERED if now.cannot_be_delivered else CHECKING).format(other=now.other)
