"""What stands in the way of dropping V1, each in one sentence that says what to do."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils.timezone import now

from features.models import Attempt, FlagChange
from features.services.guarding import GUARD
from features.states import FLAG, ON, State
from help_requests.models import HelpRequest
from legacy.models import EarlierMessage, Ending, Move, Outcome, SideConversation
from legacy.services import moving
from legacy.services.proving import v1_digest
from messaging.models import Conversation
from moderation.models import Case

FRESH = timedelta(hours=24)
DAYS_AT_ON = timedelta(days=30)
RECORD = "v1_record"

NOT_CLOSED = "V1 is not closed: run manage.py close_v1."
NOT_MOVED = "{n} conversations were never looked at by a backfill: run manage.py backfill_v1 run."
NEVER_COMPARED = "What was moved was not compared yet: run manage.py backfill_v1 verify."
COMPARED_LONG_AGO = "The last comparison is older than 24 hours: run manage.py backfill_v1 verify."
DIFFERS = "The last comparison found {n} differences: run manage.py backfill_v1 verify, which names them."
WRITTEN = (
    "V1 is not what it was when it was compared: something was written there, or taken away. "
    "Run manage.py backfill_v1 verify."
)
WENT_THERE = "{n} offers or messages went the V1 way since it was closed: find out how (attempts of version 1)."
UNSCREENED = "The words of {n} moved conversations are unscreened: run manage.py protect_old_messages."
UNSETTLED = "{n} conversations stayed in V1 and nobody has settled them: manage.py backfill_v1 quarantine."
UNDER_WAY = "{n} requests are under way between people who talk in V1: they must be completed or closed first."
CASES = "{n} open cases are about chats that stayed in V1: they must be decided first."
TOO_SOON = f"{FLAG} has not been on for everybody for 30 days without the guard: wait, or say --why it need not be."
NOT_OWNER = "V1's tables belong to the owner of the database: set DATABASE_OWNER_URL."
NO_SCHEMA = f"The owner may not make the schema {RECORD}, where the record of the move stays: GRANT CREATE ON DATABASE."
NO_ARCHIVE = "{n} settled conversations have words in them, which are gone with V1: say --archive FILE."

OWNS = "SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = 'public.messages'::regclass"
MAY_MAKE = """
SELECT has_database_privilege(current_database(), 'CREATE') OR to_regnamespace(%s) IS NOT NULL
"""


def reasons(*, why: str, has_archive: bool) -> list[str]:
    """All of them at once; nothing where it may go."""
    found = [
        *(sentence for ask in EACH if (sentence := ask())),
        "" if why.strip() or _has_been_on() else TOO_SOON,
        "" if has_archive else _counted(NO_ARCHIVE, with_words()),
    ]
    return [sentence for sentence in found if sentence]


def with_words() -> int:
    """Settled conversations that somebody said something in."""
    said = EarlierMessage.objects.filter(conversation=OuterRef("pk"), content__regex=r"\S")
    return Move.objects.filter(Exists(said), settled_at__isnull=False).count()


def _not_closed() -> str:
    ending = Ending.now()
    return "" if ending and ending.closed_at else NOT_CLOSED


def _not_compared() -> str:
    run = moving.last()
    if run is None or run.verified_at is None:
        return NEVER_COMPARED
    if run.differences:
        return DIFFERS.format(n=f"{run.differences:,}")
    return COMPARED_LONG_AGO if run.verified_at < now() - FRESH else ""


def _written() -> str:
    """Where nothing was compared, that is said already."""
    run = moving.last()
    was_compared = run is not None and run.verified_at is not None
    return WRITTEN if was_compared and run and run.v1_digest != v1_digest() else ""


def _went_there() -> str:
    ending = Ending.now()
    if ending is None or ending.closed_at is None:
        return ""
    return _counted(WENT_THERE, Attempt.objects.filter(version=1, code="success", at__gt=ending.closed_at).count())


def _under_way() -> str:
    """Without that conversation nobody could say that it helped, nor let it go."""
    stayed = Conversation.objects.filter(version=1, help_request=OuterRef("pk"), offer_state="accepted")
    return _counted(UNDER_WAY, HelpRequest.objects.filter(Exists(stayed), status="in_progress").count())


def _has_been_on() -> bool:
    """As one change of its history: to on, and none since; whatever was only pinned is no change."""
    last = FlagChange.objects.exclude(from_state=F("to_state")).first()
    if last is None or State.parse(last.to_state).kind != ON or last.at > now() - DAYS_AT_ON:
        return False
    return not FlagChange.objects.filter(by=GUARD.words, at__gt=Now() - DAYS_AT_ON).exists()


def _counted(sentence: str, number: int) -> str:
    return sentence.format(n=f"{number:,}") if number else ""


def _may(question: str, *values: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return bool((cursor.fetchone() or (False,))[0])


EACH: tuple[Callable[[], str], ...] = (
    lambda: "" if _may(OWNS) else NOT_OWNER,
    lambda: "" if not _may(OWNS) or _may(MAY_MAKE, RECORD) else NO_SCHEMA,
    _not_closed,
    lambda: _counted(NOT_MOVED, moving.waiting()),
    _not_compared,
    _written,
    _went_there,
    lambda: _counted(UNSCREENED, Move.objects.unscreened().values("into_id").distinct().count()),
    lambda: _counted(UNSETTLED, Move.objects.filter(outcome=Outcome.QUARANTINED, settled_at__isnull=True).count()),
    _under_way,
    lambda: _counted(
        CASES, Case.objects.open().filter(conversation_id__in=SideConversation.objects.values("pk")).count()
    ),
)
