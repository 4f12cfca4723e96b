"""The line between one browser and the site: whole, or failing as told. Everything behind it is the real site."""

import asyncio
import re
import socket
import struct
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from tests.support.site import MortalSite

Result = TypeVar("Result")

# The words of a message on their way, and the question who is signed in; everything else passes untouched.
MESSAGE = re.compile(rb"POST /messages/[0-9a-f-]{36}/[? ]")
WHO = re.compile(rb"GET /me/ ")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEEPING = re.compile(rb"\r\nconnection: *[^\r]*", re.IGNORECASE)
A_MOMENT = 0.5
# What stands between the site and people says these in its own way, and our site in ours.
SAID = {
    "500": (b"500 Internal Server Error", b'{"success": false, "error": "server_error", "message": "Ours."}'),
    "503": (b"503 Service Unavailable", b"<html><h1>503 Service Unavailable</h1>No server is available.</html>"),
    "429": (b"429 Too Many Requests", b'{"success": false, "error": "rate_limited", "message": "", "retry_after": 1}'),
    "hotel": (b"200 OK", b"<!doctype html><title>Welcome to our hotel</title><h1>Please accept our terms</h1>"),
    "forbidden by a filter": (b"403 Forbidden", b"<html><h1>Blocked</h1>Ask whoever runs this network.</html>"),
}
FAULTS = ("refused", "cut", "lost", "hangs", "slow", "late", *SAID)
KILLED = "killed"


class Line:
    """Faults are for the next messages that are sent, one each; `lost`: the site has it, and nobody hears so."""

    def __init__(self, site: MortalSite) -> None:
        self._site = site
        self._faults: dict[re.Pattern[bytes], deque[str]] = {MESSAGE: deque(), WHO: deque()}
        self._hanging: set[asyncio.StreamWriter] = set()
        self._killing = 0
        self.happened: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def fails(self, *faults: str, at: re.Pattern[bytes] = MESSAGE) -> None:
        self._faults[at].extend(faults)

    def heal(self) -> None:
        for faults in self._faults.values():
            faults.clear()
        self._do(self._drop_all())

    def end(self) -> None:
        self._do(self._close())
        self.heal()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _close(self) -> None:
        """Where its connections end, too: from another thread it could be closed twice at once."""
        self._server.close()

    async def _drop_all(self) -> None:
        for writer in list(self._hanging):
            _reset(writer)
        # What was said to kill the site is not called back; whoever asks for it next is to find the new one.
        while self._killing:
            await asyncio.sleep(0.02)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            request = await _whole(reader)
            answer = await self._answer(request, writer)
            if answer:
                writer.write(answer)
                await writer.drain()
                writer.close()
                return
        _reset(writer)

    async def _answer(self, request: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Nothing, where the line breaks."""
        at = next((pattern for pattern in self._faults if pattern.match(request)), None)
        if not at:
            return await self._ask(request)
        fault = self._faults[at].popleft() if self._faults[at] else ""
        if at is MESSAGE:
            self.happened.append(fault)
        if fault == "hangs":
            self._hanging.add(writer)
        if fault in SAID:
            status, words = SAID[fault]
            return _http(status, words)
        if fault == "refused":
            return b""
        if fault == "cut":
            return await self._ask(request, up_to=len(request) - 20)
        if fault == "slow":
            await asyncio.sleep(A_MOMENT)
        self._killing += fault == KILLED
        try:
            return await self._after(fault, await self._ask(request), writer)
        finally:
            self._killing -= fault == KILLED

    async def _after(self, fault: str, answer: bytes, writer: asyncio.StreamWriter) -> bytes:
        """The site has done its work, and its answer is on its way back."""
        if fault == KILLED:
            await asyncio.to_thread(self._site.kill)
        if fault == "late":
            await asyncio.sleep(A_MOMENT)
        if fault == "hangs":
            await writer.wait_closed()
        return b"" if fault in ("lost", "hangs", KILLED) else answer

    async def _ask(self, request: bytes, up_to: int | None = None) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._site.port)
        writer.write(KEEPING.sub(b"\r\nconnection: close", request, count=1)[:up_to])
        if up_to is not None:
            await writer.drain()
            _reset(writer)
            return b""
        answer = await reader.read(-1)
        writer.close()
        return answer


async def _whole(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


def _http(status: bytes, words: bytes) -> bytes:
    sort = b"application/json" if words.startswith(b"{") else b"text/html"
    head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
    return head % (status, sort, len(words)) + words


def _reset(writer: asyncio.StreamWriter) -> None:
    """Not the polite end, which could be taken for an empty answer."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
