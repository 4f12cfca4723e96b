"""Strict settings: each one is trimmed, read once, and stops the start when it cannot be read."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

IS_URL = re.compile("https?://[^/]")
EXPECTED_URL = "an address that starts with http:// or https://"
YES = {"true", "yes", "on", "1"}
NO = {"false", "no", "off", "0"}


class Unreadable(ImproperlyConfigured):
    """A setting that cannot be read; its text is one plain sentence that names the variable."""


class Reader:
    """Reads settings from the environment first and a `.env` file second."""

    def __init__(self, known: Mapping[str, str], file: Path, environment: Mapping[str, str] | None = None):
        self.known = known
        self.values = _read_file(file, known) | _read_environment(environment, known)

    def is_set(self, name: str) -> bool:
        return self._raw(name) != ""

    def as_written(self, name: str) -> str:
        """With the blanks and line ends around it: for whoever wonders what stands there."""
        self._raw(name)
        return self.values.get(name, "")

    def text(self, name: str, default: str | None = None) -> str:
        value = self._raw(name)
        if value:
            return value
        if default is None:
            raise Unreadable(f"{name} is not set. {self.known[name]}")
        return default

    def flag(self, name: str, default: bool) -> bool:
        value = self._raw(name).lower()
        if not value:
            return default
        if value in YES | NO:
            return value in YES
        raise self._cannot_read(name, "true or false")

    def number(self, name: str, default: int, least: int = 0, most: int = 10**6) -> int:
        value = self._raw(name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most:
            return int(value)
        raise self._cannot_read(name, f"a whole number from {least} to {most}")

    def choice(self, name: str, options: tuple[str, ...], default: str) -> str:
        value = self._raw(name)
        if value in ("", *options):
            return value or default
        raise self._cannot_read(name, "one of " + ", ".join(options))

    def words(self, name: str, default: tuple[str, ...] = (), separator: str = ",") -> list[str]:
        value = self._raw(name)
        if not value:
            return list(default)
        return [word.strip() for word in value.split(separator) if word.strip()]

    def url(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default).rstrip("/")
        if IS_URL.match(value):
            return value
        raise self._cannot_read(name, EXPECTED_URL)

    def secret_url(self, name: str) -> str:
        """Whole, because a slash at its end may make it another address, and never repeated."""
        value = self.text(name)
        if IS_URL.match(value):
            return value
        raise self._cannot_read(name, EXPECTED_URL, shown="its value")

    def database(self, name: str) -> dict[str, Any]:
        return self._parsed(name, environ.Env.db_url_config, ("postgres", "postgresql"), "postgresql://…")

    def email(self, name: str, default: str) -> dict[str, Any]:
        schemes = tuple(environ.Env.EMAIL_SCHEMES)
        found = self._parsed(name, environ.Env.email_url_config, schemes, "smtp+tls://…", default)
        # The parser takes the first slash of a folder for a part of the address.
        return found | {"EMAIL_FILE_PATH": f"/{found['EMAIL_FILE_PATH']}"}

    def _parsed(
        self,
        name: str,
        parse: Callable[[str], Any],
        schemes: tuple[str, ...],
        looks: str,
        default: str | None = None,
    ) -> dict[str, Any]:
        value = self.text(name, default)
        try:
            if value.partition(":")[0] in schemes:
                return dict(parse(value))
        except (ValueError, KeyError, ImproperlyConfigured):
            pass
        raise self._cannot_read(name, f"an address like {looks}", shown="its value")

    def _raw(self, name: str) -> str:
        if name not in self.known:
            raise LookupError(f"{name} is read but not listed among the known settings")
        return self.values.get(name, "").strip()

    def _cannot_read(self, name: str, expected: str, shown: str = "") -> Unreadable:
        # Addresses can hold passwords, so their value is never repeated.
        return Unreadable(f"{name} must be {expected}, but {shown or repr(self._raw(name))} is not.")


def _read_environment(environment: Mapping[str, str] | None, known: Mapping[str, str]) -> dict[str, str]:
    source = os.environ if environment is None else environment
    return {name: source[name] for name in known if source.get(name, "").strip()}


def _read_file(file: Path, known: Mapping[str, str]) -> dict[str, str]:
    class File(environ.Env):
        ENVIRON: dict[str, str] = {}

    if not file.is_file():
        return {}
    try:
        File.read_env(str(file))
    except (OSError, UnicodeDecodeError) as problem:
        raise Unreadable(f"The settings file {file.name} cannot be read: {problem}.") from problem
    for name in File.ENVIRON:
        if name not in known:
            raise Unreadable(f"{file.name} sets {name}, which is not a setting of this site. Is it misspelt?")
    return dict(File.ENVIRON)
