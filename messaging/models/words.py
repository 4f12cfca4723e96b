"""The known words of a conversation: can we talk, are we doing this, and what kind of words these are."""

from datetime import timedelta

from django.db.models import IntegerChoices, TextChoices

from help_requests.models.words import Moderation as Moderation

# What a text of a conversation is called where rooms speak about it: a message, an opening one too.
MESSAGE = "message"

OPENING_LEAST = 10
TEXT_MOST = 1000
THANKS_MOST = 300
CLIENT_ID_MOST = 100

EDIT_WINDOW = timedelta(minutes=15)
REMINDED_AFTER = timedelta(hours=24)
OFFER_LIFETIME = timedelta(days=14)


class Kind(TextChoices):
    HELP = "help", "About a help request"
    DIRECT = "direct", "Between two members"


class Status(TextChoices):
    """Can we talk?"""

    ACTIVE = "active", "Open"
    HELD = "held", "Being checked"
    CLOSED = "closed", "Closed"


class OfferState(TextChoices):
    """Are we doing this?"""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Not this time"
    WITHDRAWN = "withdrawn", "Taken back"
    EXPIRED = "expired", "Rested"


# In these both may write; in the others the thread is read only.
WRITABLE = (OfferState.OFFERED, OfferState.ACCEPTED, OfferState.EXPIRED)

# From where an offer may go where; anything else has been decided otherwise meanwhile.
WAYS: dict[OfferState, tuple[OfferState, ...]] = {
    OfferState.OFFERED: (OfferState.ACCEPTED, OfferState.WITHDRAWN, OfferState.EXPIRED),
    OfferState.ACCEPTED: (OfferState.OFFERED,),
    OfferState.DECLINED: (OfferState.OFFERED, OfferState.EXPIRED),
    OfferState.WITHDRAWN: (OfferState.OFFERED, OfferState.ACCEPTED),
    OfferState.EXPIRED: (OfferState.OFFERED,),
}


class Show(TextChoices):
    """Which of one's conversations a list shows."""

    ALL = "all", "All"
    TO_ANSWER = "answer", "Needs my answer"
    SENT = "sent", "Offers I sent"
    ENDED = "ended", "Ended"


class Type(TextChoices):
    STANDARD = "standard", "Message"
    CONTACT_EXCHANGE = "contact_exchange", "Contact details"
    SENSITIVE = "sensitive", "Sensitive"
    THANKS = "thanks", "Thank you"
    SYSTEM = "system", "What happened"


# Nobody but their writer has seen these words: they have no place in the thread, and an opening holds its conversation.
UNDELIVERED = (Moderation.HELD, Moderation.REFUSED)

# What members may choose; the others are written by verbs.
CHOSEN = (Type.STANDARD, Type.CONTACT_EXCHANGE, Type.SENSITIVE)
# Never stored as clear text.
ALWAYS_SEALED = (Type.CONTACT_EXCHANGE, Type.SENSITIVE)


class Happening(TextChoices):
    """What a line of our own in the thread tells; pages say it with names, programs read the plain sentence."""

    ACCEPTED = "offer_accepted", "The offer was accepted."
    DECLINED = "offer_declined", "The offer was declined."
    WITHDRAWN = "offer_withdrawn", "The offer was taken back."
    RENEWED = "offer_renewed", "The offer was made again."
    EXPIRED = "offer_expired", "The offer rested, because it was not decided for two weeks."
    RELEASED = "offer_released", "The request has no helper now. The offer is open again."
    CLOSED = "conversation_closed", "The conversation was closed."
    COMPLETED = "request_completed", "The request is done."
    PLAN_MADE = "plan_made", "A plan was made."
    PLAN_CHANGED = "plan_changed", "The plan was changed."
    PLAN_AGREED = "plan_agreed", "The plan was agreed."
    PLAN_CANCELLED = "plan_cancelled", "The plan was taken back."
    EARLIER_NOTE = "earlier_note", "A note of the earlier system."


class Caution(TextChoices):
    """What the reader is told above a message; they may say that it is fine."""

    MONEY = "money", "It talks about money"
    FINE = "fine", "The reader says it is fine"


class Version(IntegerChoices):
    """Where a conversation stands: in our tables, or in those of the earlier system, which are read together."""

    V1 = 1, "The earlier system"
    V2 = 2, "Here"


class Origin(TextChoices):
    V2 = "v2", "Here"
    V1 = "v1", "The earlier system"


class Deed(TextChoices):
    """What can happen to a message in its life."""

    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    READ = "read", "Read"
    EDITED = "edited", "Edited"
    DELETED = "deleted", "Deleted"
    REPORTED = "reported", "Reported"
    MODERATED = "moderated", "Moderated"
