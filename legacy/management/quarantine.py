"""What stayed where it is, at the command line: list | replay | settle."""

import getpass
from typing import Any
from uuid import UUID

from carecollective.errors import NotValid
from carecollective.text import Unwritable, clean_line
from features.services.switching import By
from legacy import backfill_words as words
from legacy.management.trying import NOTHING_CHANGED, only_tried
from legacy.services import counting, replaying, settling
from legacy.services.moving import Tell


def act(given: list[str], options: dict[str, Any], tell: Tell) -> list[str]:
    """`given` is the verb, if there is one, and the ids after it."""
    verb, *names = given or ["list"]
    if verb not in VERBS:
        raise NotValid(f"quarantine takes {', '.join(VERBS)}; {verb!r} is none of these.")
    if options["reason"] and options["reason"] not in words.REASONS:
        raise NotValid(f"--reason is one of: {', '.join(words.REASONS)}.")
    is_dry = bool(options["dry_run"])
    with only_tried(is_dry):
        told = VERBS[verb]([_id(name) for name in names], options, tell)
    return [NOTHING_CHANGED, *told] if is_dry else told


def _list(ids: list[UUID], options: dict[str, Any], tell: Tell) -> list[str]:
    if options["reason"] or ids:
        return words.of_each(settling.left(ids, options["reason"]))
    return words.of_quarantine(counting.left_behind())


def _replay(ids: list[UUID], options: dict[str, Any], tell: Tell) -> list[str]:
    by, batch = _me(options["by"]), options["batch"]
    done = replaying.replay(by, ids=ids, reason=options["reason"], batch=batch, tell=tell)
    return [words.of_replay(done), *words.of_quarantine(counting.left_behind())]


def _settle(ids: list[UUID], options: dict[str, Any], tell: Tell) -> list[str]:
    decision = settling.Decision(_line(options["why"]), _me(options["by"]), options["settled_as"])
    return words.of_settling(settling.settle(decision, ids=ids, reason=options["reason"]))


VERBS = {"list": _list, "replay": _replay, "settle": _settle}


def _id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise NotValid(f"{name!r} is not the id of a conversation.") from None


def _me(name: str) -> By:
    """Whoever says --by, because several people can share one account."""
    try:
        return By(f"{_line(name) or getpass.getuser()} at the command line")
    except (KeyError, OSError):
        raise NotValid("This account has no name. Please say --by, with yours.") from None


def _line(typed: str) -> str:
    try:
        return clean_line(typed)
    except Unwritable as problem:
        raise NotValid(str(problem)) from problem
