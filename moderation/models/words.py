"""The known words of reports, cases and decisions; how long texts may be, and how long things may take."""

from datetime import timedelta

from django.db.models import TextChoices

DESCRIPTION_MOST = 500
FIRST_NUMBER = 1001
QUESTION_MOST = 1000
ANSWER_MOST = 2000
CLIENT_ID_MOST = 100
FACTS_MOST = 1000
STATEMENT_MOST = 2000
APPEAL_MOST = 1000
WHY_MOST = 300

# What we promise: somebody reads a report within a day, and an appeal within three working days.
REPORT_PROMISE = timedelta(hours=24)
APPEAL_PROMISE_DAYS = 3
# A moderator who does nothing for so long has left the case to others.
LEASE = timedelta(minutes=15)
# So long a decision can be taken back without anybody having heard of it by mail.
UNDO_FOR = timedelta(minutes=10)
APPEAL_WITHIN = timedelta(days=183)
# Alone in the house, a moderator sleeps on it before looking at their own decision again.
ALONE_AFTER = timedelta(hours=24)
LIMIT_DAYS = (1, 7, 30)
PAUSE_MOST_DAYS = 365


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


# What may hurt somebody while it waits.
SAFETY = (Reason.UNSAFE_VISIT, Reason.HARASSMENT)
SAFETY_CATEGORIES = ("threat",)


class Subject(TextChoices):
    """What a case is about: all that can be reported, and a decision somebody wants looked at again."""

    MESSAGE = "message", "A message"
    CONVERSATION = "conversation", "A conversation"
    HELP_REQUEST = "help_request", "A request"
    MEMBER = "member", "A person"
    DECISION = "decision", "A decision"


class Source(TextChoices):
    MEMBER = "member", "Member"
    RULE = "rule", "Rule"
    APPEAL = "appeal", "Appeal"


class CaseState(TextChoices):
    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"
    # What came in for it was put to another case about the same thing.
    MERGED = "merged", "Put together"


class Action(TextChoices):
    """In the order they are offered, from nothing to the most."""

    NOTHING = "nothing", "No rule broken"
    HIDE = "hide", "Hide"
    WARN = "warn", "Warn"
    LIMIT = "limit", "Limit"
    SUSPEND = "suspend", "Pause"
    BAN = "ban", "Ban"
    CLOSE = "close", "Close the chat"
    REJECT = "reject", "Take back membership"
    KEEP = "keep", "The decision stays"
    OVERTURN = "overturn", "Take the decision back"


# About a decision only these two; about anything else only the others.
ON_APPEAL = (Action.KEEP, Action.OVERTURN)
BREACHES = (Action.HIDE, Action.WARN, Action.LIMIT, Action.SUSPEND, Action.BAN, Action.CLOSE, Action.REJECT)
RESTRICTING = (Action.LIMIT, Action.SUSPEND, Action.BAN, Action.REJECT)


class Standing(TextChoices):
    """Where a decision stands."""

    WAITING = "waiting", "Waits for a second moderator"
    IN_FORCE = "in_force", "In force"
    REFUSED = "refused", "Refused by the second moderator"
    UNDONE = "undone", "Undone"
    OVERTURNED = "overturned", "Taken back"


class State(TextChoices):
    """Where a decision stands for the person it is about."""

    WAITING = "waiting", "Not certain yet"
    IN_FORCE = "in_force", "In force"
    OVER = "over", "Over"
    TAKEN_BACK = "taken_back", "Taken back"


class Outcome(TextChoices):
    """What whoever reported something learns of it."""

    ACTION_TAKEN = "action_taken", "We took action"
    NO_RULE_BROKEN = "no_rule_broken", "No broken rule"


STANDING = (Standing.WAITING, Standing.IN_FORCE)


class Side(TextChoices):
    """Who asks for another look."""

    AFFECTED = "affected", "The person it is about"
    REPORTER = "reporter", "Who reported it"
