"""What must be true before a process serves anybody: every key is there and is the key it was."""

import logging

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from carecollective import encryption, ports
from carecollective.env import Unreadable
from carecollective.models import KeyCanary

log = logging.getLogger("carecollective.startup")

KNOWN_TEXT = "This key is the one it was."


def must_be_fit_to_start() -> None:
    """Called by every web and worker process. A database that is away does not stop them: they wait for it."""
    if not encryption.ring():
        raise Unreadable("ENCRYPTION_KEYS is not set. `manage.py keys new` makes a key.")
    try:
        must_open_canaries()
        for make_ready in ports.at_start():
            make_ready()
    except (OperationalError, InterfaceError):
        log.warning("The database cannot be reached yet, so the keys were not proved.")
    except DatabaseError:
        log.warning("The tables are not there yet, so the keys were not proved. Run manage.py migrate.")
    finally:
        # A server may fork after this, and two processes must never share a connection.
        if not connection.in_atomic_block:
            connection.close()


def must_open_canaries() -> None:
    """Refuses a key that changed under its name, and one that is gone while its proof says it was used."""
    canaries = {canary.key_id: canary for canary in KeyCanary.objects.all()}
    for key_id, canary in canaries.items():
        _must_open(key_id, canary)
    KeyCanary.objects.bulk_create(
        [_canary(key_id) for key_id in encryption.ring() if key_id not in canaries], ignore_conflicts=True
    )


def key_problem() -> str:
    """The same as one sentence for health, without writing anything."""
    try:
        for canary in KeyCanary.objects.all():
            _must_open(canary.key_id, canary)
    except Unreadable as problem:
        return str(problem)
    return ""


def _must_open(key_id: str, canary: KeyCanary) -> None:
    try:
        opened = canary.known_text
    except encryption.KeyMissing as problem:
        raise Unreadable(
            f"ENCRYPTION_KEYS lacks the key {key_id}, which has sealed texts. Please put it back, after the newer ones."
        ) from problem
    except encryption.Damaged as problem:
        raise Unreadable(f"ENCRYPTION_KEYS: the key {key_id} is not the one that sealed our texts.") from problem
    if opened != KNOWN_TEXT:
        raise Unreadable(f"ENCRYPTION_KEYS: the proof of the key {key_id} was changed.")


def _canary(key_id: str) -> KeyCanary:
    canary = KeyCanary(key_id=key_id)
    sealed = encryption.seal(KNOWN_TEXT, KeyCanary.known_text.place(canary), key_id)
    canary.text = sealed.text
    return canary
