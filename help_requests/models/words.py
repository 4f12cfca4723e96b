"""The known words of a request: where it stands, how it ended, how soon, who learns the town."""

from datetime import timedelta

from django.db.models import TextChoices

TITLE_LEAST = 5
TITLE_MOST = 100
DESCRIPTION_MOST = 1000
EXCHANGE_MOST = 300
TOWN_MOST = 200
CLIENT_ID_MOST = 100

# In place of a title that others may not read.
WITHHELD = "A hidden request"

LIFETIME = timedelta(days=30)
REMINDED_BEFORE = timedelta(days=7)
UNDO_WINDOW = timedelta(minutes=10)
DRAFT_LIFETIME = timedelta(days=30)


class Status(TextChoices):
    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "Help is on the way"
    COMPLETED = "completed", "Done"
    CANCELLED = "cancelled", "Taken back"
    CLOSED = "closed", "Closed"


CURRENT = (Status.OPEN, Status.IN_PROGRESS)


class Ending(TextChoices):
    """Why a request is over."""

    HELPED_HERE = "helped_here", "Someone here helped me"
    HELPED_ELSEWHERE = "helped_elsewhere", "I found help somewhere else"
    NOT_NEEDED = "not_needed", "I no longer need it"
    EXPIRED = "expired", "Its time ran out"
    BY_STAFF = "by_staff", "A moderator closed it"


ENDINGS = {
    Status.OPEN: [""],
    Status.IN_PROGRESS: [""],
    Status.COMPLETED: [Ending.HELPED_HERE, Ending.HELPED_ELSEWHERE],
    Status.CANCELLED: [Ending.NOT_NEEDED],
    Status.CLOSED: [Ending.EXPIRED, Ending.BY_STAFF],
}


class Moderation(TextChoices):
    """What was decided about words of members; the empty word where nothing was."""

    HELD = "held", "Being checked"
    REFUSED = "refused", "Not sent"
    HIDDEN = "hidden", "Hidden"


class Urgency(TextChoices):
    NORMAL = "normal", "No rush"
    URGENT = "urgent", "Soon"
    CRITICAL = "critical", "Urgent"


# As a number, because the words do not sort the way people mean them.
RANKS = {Urgency.NORMAL: 0, Urgency.URGENT: 1, Urgency.CRITICAL: 2}


class LocationPrivacy(TextChoices):
    PUBLIC = "public", "Every member"
    HELPERS_ONLY = "helpers_only", "Only people who offer to help"
    AFTER_MATCH = "after_match", "Only the helper I say yes to"
