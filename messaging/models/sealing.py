"""Words on their way into a row and out of it: clear or sealed, each sealed text bound to its own place."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from carecollective.encryption import Damaged, Sealed, fingerprint, open_sealed, seal
from messaging.models.words import ALWAYS_SEALED, Origin

# What we hid, and what the earlier system had hidden: no decision of ours that is taken back shows that.
HIDDEN_HERE, HIDDEN_THERE = ".hidden", ".hidden_there"


@dataclass(frozen=True)
class Words:
    """The columns a text fills; the digest is of what the writer sent."""

    stored: str
    key_id: str
    digest: str


def opening_place(conversation_id: UUID | str, version: str = "") -> str:
    return f"conversations_v2.initial_message{version}:{conversation_id}"


def message_place(conversation_id: UUID | str, message_id: UUID | str, version: str = "") -> str:
    # The conversation belongs to the place: a sealed row moved to another thread does not open there.
    return f"messages_v2.content{version}:{conversation_id}:{message_id}"


def put_away(text: str, place: str, message_type: str = "", *, is_personal: bool = False) -> Words:
    """As it is stored: some kinds of message never in the clear, nor what gives somebody away."""
    if message_type not in ALWAYS_SEALED and not is_personal:
        return Words(text, "", fingerprint(text))
    sealed = seal(text, place)
    return Words(sealed.text, sealed.key_id, fingerprint(text, sealed.key_id))


def hidden_words(row: Any) -> str:
    """Of a message or a conversation's opening that a moderator hid; nothing of any other."""
    try:
        return _hidden(row, HIDDEN_HERE)
    except Damaged:
        if row.origin != Origin.V1:
            raise
        return _hidden(row, HIDDEN_THERE)


def was_hidden_here(row: Any) -> bool:
    """By a decision of ours, and not by the earlier system."""
    try:
        return bool(_hidden(row, HIDDEN_HERE))
    except Damaged:
        if row.origin != Origin.V1:
            raise
        return False


def readable(stored: str, key_id: str, place: str) -> str:
    return open_sealed(Sealed(key_id, stored), place) if key_id else stored


def _hidden(row: Any, version: str) -> str:
    is_opening = hasattr(row, "initial_message")
    place = opening_place(row.pk, version) if is_opening else message_place(row.conversation_id, row.pk, version)
    prefix = "opening_" if is_opening else ""
    return readable(getattr(row, f"{prefix}hidden"), getattr(row, f"{prefix}hidden_key_id"), place)
