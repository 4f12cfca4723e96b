"""What an operator reads of how V1 ends."""

from django.utils.timezone import localtime

from legacy.models import Ending
from legacy.services.dropping import Dropped
from legacy.services.protecting import Protected

NEXT = "Now deploy the release without the folder legacy/. The site works until then, too."


def of_protected(done: Protected, is_dry: bool) -> list[str]:
    lines = [
        f"{done.screened:,} messages of {done.conversations:,} conversations screened: {done.sealed:,} sealed, "
        f"{done.for_moderators:,} for moderators to read.",
        *([f"{done.hidden:,} that V1 had hidden are sealed, for moderators and their writers."] if done.hidden else []),
    ]
    return ["Dry run: nothing was changed. It would be:", *lines] if is_dry else lines


def of_proof(sealed: int) -> list[str]:
    same = "Every row is the same on both sides."
    if not sealed:
        return [same]
    return [same, f"Of {sealed:,} that were sealed before they were moved, all but the words could be compared."]


def of_ending(ending: Ending | None) -> list[str]:
    """Whether V1 is still written to."""
    if ending is None:
        return ["V1 was dropped."]
    if ending.closed_at:
        because = f", because {ending.why.rstrip('.')}" if ending.why else ""
        return [f"V1 is closed since {localtime(ending.closed_at):%Y-%m-%d %H:%M}, by {ending.by}{because}."]
    if ending.began_at:
        return ["Closing V1 was begun and not finished: run it again, or close_v1 --reopen."]
    return ["V1 is open."]


def of_dropped(done: Dropped, is_dry: bool) -> list[str]:
    if done.reasons:
        return ["V1 cannot be dropped yet, and nothing was changed:", *(f"- {reason}" for reason in done.reasons)]
    counted = f"{done.moved:,} conversations live on in V2, {done.archived:,} in the archive."
    return [f"Nothing is in the way. {counted}"] if is_dry else [f"V1 is gone. {counted}", NEXT]
