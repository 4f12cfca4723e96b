"""The known words of a report: about what, why, and how far it has come; and how long texts may be."""

from django.db.models import TextChoices

DESCRIPTION_MOST = 500
FIRST_NUMBER = 1001
QUESTION_MOST = 1000
ANSWER_MOST = 2000
CLIENT_ID_MOST = 100


class Kind(TextChoices):
    """What can be reported; each room says at its port how it is found and sealed."""

    MESSAGE = "message", "A message"
    CONVERSATION = "conversation", "A conversation"
    HELP_REQUEST = "help_request", "A request"
    MEMBER = "member", "A person"


# These stand in a conversation, the others in none.
IN_CONVERSATIONS = (Kind.MESSAGE, Kind.CONVERSATION)


class Reason(TextChoices):
    """In the order people are asked."""

    SCAM = "scam", "Scam or money"
    HARASSMENT = "harassment", "Rude or threatening"
    UNSAFE_VISIT = "unsafe_visit", "Unsafe visit"
    PERSONAL_INFO = "personal_info", "My private facts"
    SPAM = "spam", "Spam"
    INAPPROPRIATE = "inappropriate", "Not decent"
    OTHER = "other", "Something else"


class Status(TextChoices):
    PENDING = "pending", "Waiting to be read"
    DECIDED = "decided", "Decided"
