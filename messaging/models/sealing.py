"""Words on their way into a row and out of it: clear or sealed, each sealed text bound to its own place."""

from dataclasses import dataclass
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


def put_away(text: str, place: str, message_type: str = "") -> Words:
    """As it is stored: some kinds of message never in the clear."""
    if message_type not in ALWAYS_SEALED:
        return Words(text, "", fingerprint(text))
    sealed = seal(text, place)
    return Words(sealed.text, sealed.key_id, fingerprint(text, sealed.key_id))


def readable(stored: str, key_id: str, place: str) -> str:
    return open_sealed(Sealed(key_id, stored), place) if key_id else stored
