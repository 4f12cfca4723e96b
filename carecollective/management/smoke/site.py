"""The site as a client reaches it: one host, no redirects, so many seconds for each answer."""

import json
import socket
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from carecollective.errors import NotValid
from features.webhook import PATIENCE, Hurried

# An answer of ours is some thousand bytes long; whatever is longer is not one.
MOST_BYTES = 1_000_000
HEADERS = {"Accept": "application/json", "User-Agent": "carecollective smoke", "Connection": "close"}
ADDRESS = "--base-url must be http:// or https:// with a host and nothing after it, as https://care.example.org."


class NotAsHoped(Exception):
    """The play cannot go on; one sentence says why."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def trouble(self) -> str:
        """The code and the request id of a refusal, for whoever looks into the log."""
        told = {"error": self.body.get("error"), "request": self.body.get("request_id")}
        words = ", ".join(f"{name} {json.dumps(value)[:80]}" for name, value in told.items() if value)
        return f" ({words})" if words else ""


class Site:
    def __init__(self, address: str) -> None:
        self.address = address.strip().rstrip("/")
        self._make, self._host, self._port = _read(self.address)

    def get(self, path: str, token: str = "") -> Answer:
        return self._ask("GET", path, token)

    def post(self, path: str, token: str, told: dict[str, Any]) -> Answer:
        return self._ask("POST", path, token, json.dumps(told).encode())

    def _ask(self, method: str, path: str, token: str, body: bytes | None = None) -> Answer:
        headers = HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
        headers |= {"Content-Type": "application/json"} if body else {}
        connection = self._make(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            return self._read(connection.sock, path)
        except (OSError, HTTPException, UnicodeError) as problem:
            reason = " ".join(str(problem).split()) or type(problem).__name__
            raise NotAsHoped(f"{self.address} cannot be reached: {reason} ({path}).") from problem
        finally:
            connection.close()

    def _read(self, line: socket.socket, path: str) -> Answer:
        response = HTTPResponse(Hurried(line))  # type: ignore[arg-type]  # It asks for no more than `makefile`.
        response.begin()
        if 300 <= response.status < 400:
            # A token is shown to nobody else. The place it leads to is named, and whoever typed the address decides.
            place = ascii(response.headers.get("Location", ""))[:200]
            raise NotAsHoped(f"{self.address}{path} leads on to {place}. Please give the address of the site itself.")
        try:
            body = json.loads(response.read(MOST_BYTES))
        except ValueError:
            body = None
        return Answer(response.status, body if isinstance(body, dict) else {})


def _read(address: str) -> tuple[type[HTTPConnection], str, int | None]:
    try:
        where = urlsplit(address)
        host, port = where.hostname or "", where.port
    except ValueError as problem:
        raise NotValid(ADDRESS) from problem
    is_plain = address == f"{where.scheme}://{where.netloc}" and "@" not in where.netloc
    if where.scheme not in ("http", "https") or not is_plain or not host or any(sign.isspace() for sign in address):
        raise NotValid(ADDRESS)
    return HTTPSConnection if where.scheme == "https" else HTTPConnection, host, port
