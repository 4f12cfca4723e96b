"""Posting to an address that operators set: it can hold a secret, so neither it nor what it answers is ever told."""

import io
import json
import logging
import socket
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger("features.alarms")

PATIENCE = 10.0
HEARD = {str(status) for status in range(200, 300)}
HEADERS = {"Content-Type": "application/json", "User-Agent": "carecollective", "Connection": "close"}


class NotPosted(Exception):
    """What came of it, without the address."""


def post(address: str, told: dict[str, Any]) -> None:
    """Nobody is followed elsewhere: only an answer of 2xx, from there, is one that was heard."""
    outcome = _answer(address, json.dumps(told).encode())
    if outcome not in HEARD:
        log.warning("features.alarm_not_posted", extra={"outcome": outcome})
        # Here, where no exception that knows the address stands behind it.
        raise NotPosted(f"The address of alarms did not take it: {outcome}.")


def _answer(address: str, body: bytes) -> str:
    """The status, or the kind of what went wrong."""
    connection = None
    try:
        where = urlsplit(address)
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=PATIENCE)
        connection.request("POST", f"{where.path or '/'}{where.query and '?'}{where.query}", body, HEADERS)
        return str(_status(connection.sock))
    except (OSError, HTTPException, ValueError) as problem:
        return type(problem).__name__
    finally:
        if connection:
            connection.close()


def _status(line: socket.socket) -> int:
    response = HTTPResponse(Hurried(line))  # type: ignore[arg-type]  # It asks for no more than `makefile`.
    response.begin()
    return response.status


class Hurried(io.RawIOBase):
    """The whole answer has so long; the time-out of a socket begins anew with every byte."""

    def __init__(self, line: socket.socket):
        self.line, self.deadline = line, time.monotonic() + PATIENCE

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # None at all would mean no time-out.
        self.line.settimeout(max(self.deadline - time.monotonic(), 0.001))
        return self.line.recv_into(buffer)
