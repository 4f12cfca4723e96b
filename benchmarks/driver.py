"""The clients, in a process of their own: each keeps one connection and asks again when it has its answer."""

# Plain sockets and nothing of the project: what this process costs is taken from the cores it shares with the site.

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

HOST = "127.0.0.1"
# Stands, in a request, for a number that is never used twice.
NUMBER = "@number@"
PATIENCE_SECONDS = 10
NO_ANSWER = "none"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Load:
    """`count` requests to this machine, taken in turn from `requests`, begun within `seconds`."""

    port: int
    clients: int
    count: int
    requests: list[str]
    seconds: float = 20.0


@dataclass
class Answers:
    seconds: float = 0.0
    # Of those answered with 2xx.
    milliseconds: list[float] = field(default_factory=list)
    # How many of each other status.
    failed: dict[str, int] = field(default_factory=dict)


def drive(load: Load) -> Answers:
    """Starts the clients in their own process and waits for them."""
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(asdict(load)), stdout=subprocess.PIPE, text=True, check=True
    )
    return Answers(**json.loads(done.stdout))


def request_text(port: int, line: str, headers: dict[str, str], body: str = "") -> str:
    head = {"Host": f"{HOST}:{port}", "Accept-Encoding": "gzip"} | headers
    if body:
        head |= {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
    lines = [f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + body


async def _all_clients(load: Load) -> Answers:
    answers, requests = Answers(), _in_turn(load)
    started = time.perf_counter()
    async with asyncio.TaskGroup() as clients:
        for _ in range(load.clients):
            clients.create_task(_one_client(load.port, requests, answers))
    answers.seconds = time.perf_counter() - started
    return answers


def _in_turn(load: Load) -> Iterator[bytes]:
    run, end = secrets.token_hex(4), time.perf_counter() + load.seconds
    for number in range(load.count):
        if time.perf_counter() > end:
            return
        yield load.requests[number % len(load.requests)].replace(NUMBER, f"{run}-{number:08}").encode()


async def _one_client(port: int, requests: Iterator[bytes], answers: Answers) -> None:
    connection: Connection | None = None
    for request in requests:
        started = time.perf_counter()
        try:
            connection = connection or await asyncio.open_connection(HOST, port)
            status = await asyncio.wait_for(_ask(connection, request), PATIENCE_SECONDS)
        except (OSError, ValueError, EOFError, TimeoutError):
            connection, status = None, NO_ANSWER
        if status.startswith("2"):
            answers.milliseconds.append((time.perf_counter() - started) * 1000)
        else:
            answers.failed[status] = answers.failed.get(status, 0) + 1
    if connection:
        connection[1].close()


async def _ask(connection: Connection, request: bytes) -> str:
    """The status, once the whole answer is here."""
    reader, writer = connection
    writer.write(request)
    first, *headers = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    length = next((line.partition(":")[2] for line in headers if line.lower().startswith("content-length:")), None)
    if length is None:
        raise ValueError("an answer without a length")
    await reader.readexactly(int(length))
    return first.split()[1]


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_all_clients(Load(**json.loads(sys.stdin.read())))))))
