"""What was moved is screened like new words, and sealed where it gives somebody away. Nobody hears of it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

import notifications.services as notifications
from legacy.models import Move
from legacy.services import moved_words
from legacy.services.alone import alone
from legacy.services.moved_words import Changed, Moved
from legacy.services.moving import Progress
from members.models import Member
from messaging.models import Conversation
from messaging.models.words import MESSAGE
from screening.services import examining
from screening.verdicts import Verdict

# Messages in one transaction, as far as whole conversations go.
BATCH = 500
MOST_CONVERSATIONS = 200
ANOTHER = "Another protect_old_messages is running. This one has changed nothing."

Tell = Callable[[Progress], object]
# By the words themselves, too: somebody may change them before they are held.
Verdicts = dict[tuple[UUID, str], Verdict]
Found = list[tuple[Moved, Verdict]]


@dataclass
class Protected:
    """What was done, or would be."""

    conversations: int = 0
    screened: int = 0
    sealed: int = 0
    for_moderators: int = 0
    hidden: int = 0

    def count(self, found: Found, hidden: int, conversations: int) -> None:
        self.conversations += conversations
        self.screened += len(found)
        self.sealed += sum(verdict.has_personal_data for _, verdict in found)
        self.for_moderators += sum(_is_for_moderators(words, verdict) for words, verdict in found)
        self.hidden += hidden


def protect(batch: int = BATCH, *, is_dry: bool = False, tell: Tell = lambda progress: None) -> Protected:
    """Goes on where the last one stopped, however it did, until nothing that was moved is unscreened."""
    with alone("protect_old_messages", ANOTHER):
        done = Protected()
        total = Move.objects.unscreened().values("into_id").distinct().count()
        progress = Progress(total, begun=time.monotonic())
        for ids in _batches(batch, is_dry):
            # Rules are asked before anybody has to wait for us.
            verdicts = {(words.id, words.text): examining.examine(words.text) for words in moved_words.clear(ids)}
            found, hidden = _look(ids, verdicts) if is_dry else _change(ids, verdicts)
            done.count(found, hidden, len(ids))
            progress.done, progress.messages = done.conversations, done.screened
            tell(progress)
        return done


def _batches(batch: int, is_dry: bool) -> Iterator[list[UUID]]:
    """In the order of their ids; and once more from the beginning, for what was moved meanwhile."""
    place: UUID | None = None
    while True:
        ids = _next(place, batch)
        if ids:
            yield ids
        elif place is None or is_dry:
            return
        place = ids[-1] if ids else None


def _next(place: UUID | None, batch: int) -> list[UUID]:
    """As many as hold so many messages, and one at least."""
    waiting = Move.objects.unscreened() if place is None else Move.objects.unscreened().filter(into_id__gt=place)
    rows = list(waiting.values_list("into_id").annotate(said=Sum("messages")).order_by("into_id")[:MOST_CONVERSATIONS])
    sums = accumulate(said for _, said in rows)
    return [
        into for number, ((into, _), said) in enumerate(zip(rows, sums, strict=True)) if said <= batch or not number
    ]


def _look(ids: list[UUID], verdicts: Verdicts) -> tuple[Found, int]:
    return _found(ids, verdicts), len(moved_words.hidden_there(ids))


@transaction.atomic
def _change(ids: list[UUID], verdicts: Verdicts) -> tuple[Found, int]:
    """Under the locks of whoever writes, edits or deletes there; with its mark, or not at all."""
    list(Conversation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    found = _found(ids, verdicts)
    examining.keep_many(MESSAGE, [(words.id, verdict) for words, verdict in found])
    changed = [Changed(words, verdict.has_personal_data, verdict.tells_receiver) for words, verdict in found]
    moved_words.put_back([each for each in changed if each.is_personal or each.caution])
    hidden = moved_words.hidden_there(ids)
    moved_words.put_away_hidden(hidden)
    for words, verdict in found:
        _ask_moderators(words, verdict)
    Move.objects.unscreened().filter(into_id__in=ids).update(protected_at=Now())
    return found, len(hidden)


def _found(ids: list[UUID], verdicts: Verdicts) -> Found:
    clear = moved_words.clear(ids)
    return [(words, verdicts.get((words.id, words.text)) or examining.examine(words.text)) for words in clear]


def _is_for_moderators(words: Moved, verdict: Verdict) -> bool:
    """What would wait or be stopped today was delivered long ago: it stays, and somebody reads it."""
    return words.sender_id is not None and (verdict.is_blocked or verdict.is_held or verdict.is_flagged)


def _ask_moderators(words: Moved, verdict: Verdict) -> None:
    """Neither a notice nor a mail: the event opens a case, as it does for new words that were delivered."""
    if not _is_for_moderators(words, verdict):
        return
    found = {"author": words.sender_id, "categories": list(verdict.categories)}
    about, writer = (MESSAGE, words.id), Member(pk=words.sender_id)
    notifications.record("text_flagged", about=about, to=[], actor=writer, conversation=words.conversation_id, **found)
