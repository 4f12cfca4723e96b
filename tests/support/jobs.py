"""Putting work into the queue and watching it, from beside the worker."""

import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from carecollective import worker
from carecollective.jobs import app
from notifications.models import Event

PATIENCE_SECONDS = 60
Start = Callable[..., subprocess.Popen[str]]


def defer(task: str, **arguments: Any) -> None:
    app.configure_task(task, queue="tests").defer(**arguments)


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Waiting is for other processes; nothing is asserted about how long it takes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def states() -> list[str]:
    return list(ProcrastinateJob.objects.filter(queue_name="tests").order_by("id").values_list("status", flat=True))


def marks() -> list[str]:
    """What the tasks of `tests.support.worker` left behind."""
    return list(Event.objects.order_by("at").values_list("about_id", flat=True))


def say(statement: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def work_off() -> None:
    """In a thread of its own: after a browser test, this one has an event loop that never ends."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_work_off_here).result()


def _work_off_here() -> None:
    try:
        worker.work_off()
    finally:
        connections.close_all()
