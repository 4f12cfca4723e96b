"""The real worker, with a few tasks that tests can follow: `python -m tests.support.worker`."""

import time

import django

django.setup()

from carecollective import startup, worker  # noqa: E402
from carecollective.jobs import GrowingPauses, app  # noqa: E402
from features import flag  # noqa: E402
from notifications.models import Event  # noqa: E402


@app.task(name="tests.mark", queue="tests")
def mark(name: str) -> None:
    Event.objects.create(kind="test", about_kind="mark", about_id=name)


@app.task(name="tests.slow", queue="tests", retry=GrowingPauses((0, 1, 1)))
def slow(name: str, seconds: float = 1) -> None:
    mark(f"{name} began")
    time.sleep(seconds)
    mark(f"{name} ended")


@app.task(name="tests.flag", queue="tests")
def tell_flag(name: str) -> None:
    """What this process takes the flag for."""
    mark(f"{name} {flag.answer().state}")


if __name__ == "__main__":
    startup.must_be_fit_to_start()
    worker.work()
