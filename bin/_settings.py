"""The settings a site on this machine needs and nobody has set: its keys, its addresses, its mail."""

import base64
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from _steps import DATA, ROOT, Stopped, step

from carecollective.embedded_postgres import OWNER, SITE, DatabaseUnavailable, EmbeddedPostgres
from carecollective.env import Reader, Unreadable
from carecollective.known_settings import KNOWN

KEYS = DATA / "keys.txt"


def given_settings() -> Reader:
    """What the environment and .env say; they always win over what the scripts fill in."""
    try:
        return Reader(KNOWN, ROOT / ".env")
    except Unreadable as problem:
        raise Stopped(str(problem)) from problem


def local_settings(address: str) -> dict[str, str]:
    settings = _keys() | {
        "SITE_URL": address,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        # There is no TLS on this machine; everything else is as in production.
        "PRODUCTION_LIKE": "true",
        "EMAIL_URL": f"filemail://{DATA / 'mail'}",
    }
    given = given_settings()
    return {name: value for name, value in settings.items() if not given.is_set(name)}


@contextmanager
def local_database() -> Iterator[tuple[dict[str, str], EmbeddedPostgres | None]]:
    """What DATABASE_URL says; else our own server, which stays for as long as somebody holds it."""
    if given_settings().is_set("DATABASE_URL"):
        yield {}, None
        return
    with step("Starting the embedded PostgreSQL"):
        try:
            embedded = EmbeddedPostgres(DATA / "postgres")
            embedded.hold()
        except DatabaseUnavailable as problem:
            raise Stopped(str(problem)) from problem
    yield {"DATABASE_URL": embedded.url(SITE), "DATABASE_OWNER_URL": embedded.url(OWNER)}, embedded
    embedded.release()


def _keys() -> dict[str, str]:
    """Made once and kept: a new key each time would sign everybody out and make sealed text unreadable."""
    if not KEYS.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        lines = [f"SECRET_KEY={secrets.token_urlsafe(64)}", f"ENCRYPTION_KEYS=local:{key}"]
        unfinished = KEYS.with_suffix(".unfinished")
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
        unfinished.rename(KEYS)
    return dict(line.split("=", 1) for line in KEYS.read_text().splitlines())
