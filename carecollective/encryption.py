"""Text at rest: a ring of named keys, AES-256-GCM, each ciphertext bound to the place it stands in."""

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from carecollective.env import Unreadable

KEY_NAME = re.compile(r"[a-z0-9-]{1,32}")
KEY_BYTES = 32
NONCE_BYTES = 12


class CannotOpen(Exception):
    """Sealed text that stays closed; never answered with clear or empty text instead."""


class KeyMissing(CannotOpen):
    """The text names a key this process does not have."""


class Damaged(CannotOpen):
    """The text was changed, moved to another row, or sealed with another key of the same name."""


@dataclass(frozen=True)
class Sealed:
    key_id: str
    text: str


def seal(text: str, place: str, key_id: str = "") -> Sealed:
    """Closes a text with the newest key (or the named one), for one place only: "table.column:row-id"."""
    key_id = key_id or newest_key_id()
    nonce = os.urandom(NONCE_BYTES)
    closed = ring()[key_id].encrypt(nonce, text.encode(), place.encode())
    return Sealed(key_id, base64.b64encode(nonce + closed).decode())


def open_sealed(sealed: Sealed, place: str) -> str:
    key = ring().get(sealed.key_id)
    if key is None:
        raise KeyMissing(f"The key {sealed.key_id} that opens {place} is not in ENCRYPTION_KEYS.")
    try:
        closed = base64.b64decode(sealed.text, validate=True)
        return key.decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, ValueError) as problem:
        raise Damaged(f"The sealed text of {place} cannot be opened with the key {sealed.key_id}.") from problem


def fingerprint(text: str, key_id: str = "") -> str:
    """The same for the same text. A sealed text's is made with its key: a plain digest would give a short one away."""
    if not key_id:
        return hashlib.sha256(text.encode()).hexdigest()
    if key_id not in ring():
        raise KeyMissing(f"The key {key_id} is not in ENCRYPTION_KEYS.")
    secret = hashlib.sha256(b"fingerprint" + _secrets(tuple(settings.ENCRYPTION_KEYS))[key_id]).digest()
    return hmac.new(secret, text.encode(), "sha256").hexdigest()


def newest_key_id() -> str:
    if not ring():
        raise KeyMissing("ENCRYPTION_KEYS is not set, so nothing can be sealed.")
    return next(iter(ring()))


def ring() -> dict[str, AESGCM]:
    """Every key by its name, newest first."""
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def new_key() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


class SealedText:
    """Reads and writes a sealed text on a model: `clear = SealedText("secret", key_column="key_id")`."""

    def __init__(self, column: str, key_column: str = "key_id"):
        self.column, self.key_column = column, key_column

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        return open_sealed(Sealed(getattr(row, self.key_column), getattr(row, self.column)), self.place(row))

    def __set__(self, row: Any, text: str) -> None:
        sealed = seal(text, self.place(row))
        setattr(row, self.key_column, sealed.key_id)
        setattr(row, self.column, sealed.text)

    def place(self, row: Any) -> str:
        if row.pk is None:
            raise ValueError("Text is sealed to its row, so the row needs its id first.")
        return f"{row._meta.db_table}.{self.column}:{row.pk}"


@cache
def _ring(written: tuple[str, ...]) -> dict[str, AESGCM]:
    return {name: AESGCM(key) for name, key in _secrets(written).items()}


@cache
def _secrets(written: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for position, entry in enumerate(written, start=1):
        # What stands there may be a key, so it is never repeated; its position is enough to find it.
        name, _, key = (part.strip() for part in entry.partition(":"))
        if not KEY_NAME.fullmatch(name):
            raise Unreadable(
                f"ENCRYPTION_KEYS: entry {position} must start with a name of up to 32 small letters, "
                "digits or hyphens and a colon."
            )
        if name in found:
            raise Unreadable(f"ENCRYPTION_KEYS names the key {name} twice.")
        found[name] = _key_bytes(name, key)
    return found


def _key_bytes(name: str, key: str) -> bytes:
    try:
        found = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise Unreadable(
            f"ENCRYPTION_KEYS: the key {name} must be {KEY_BYTES} bytes in base64. `manage.py keys new` makes one."
        )
    return found
