"""Words on their way into a row and out of it: clear or sealed, each sealed text bound to its own place."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from carecollective.encryption import Sealed, fingerprint, open_sealed, seal
from messaging.models.words import ALWAYS_SEALED


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
    is_opening = hasattr(row, "initial_message")
    place = opening_place(row.pk, ".hidden") if is_opening else message_place(row.conversation_id, row.pk, ".hidden")
    prefix = "opening_" if is_opening else ""
    return readable(getattr(row, f"{prefix}hidden"), getattr(row, f"{prefix}hidden_key_id"), place)


def readable(stored: str, key_id: str, place: str) -> str:
    return open_sealed(Sealed(key_id, stored), place) if key_id else stored
