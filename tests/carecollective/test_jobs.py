"""Background work exists exactly when its cause does, runs once at a time, and is not lost."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicDeferrer

from carecollective import housekeeping, ports, worker
from carecollective.jobs import GrowingPauses, app
from carecollective.ports import Job
from notifications import services as notifications
from notifications.models import Event as Happening
from tests.factories.members import MemberFactory
from tests.support.jobs import PATIENCE_SECONDS, defer, say, states, work_off


@pytest.mark.committed
class TestDeferring:
    def test_a_job_exists_exactly_when_its_cause_does(self) -> None:
        with transaction.atomic():
            defer("tests.mark", name="gone")
            assert states() == ["todo"]
            transaction.set_rollback(True)
        assert states() == []
        with transaction.atomic():
            defer("tests.mark", name="kept")
            with psycopg.connect(os.environ["DATABASE_URL"]) as other:
                row = other.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()
                assert row == (0,), "nobody else sees it before the commit"
        assert states() == ["todo"]

    def test_a_job_that_fails_takes_back_what_it_deferred(self) -> None:
        """A job defers on the connection it writes on, so the mail of a change that was rolled back never leaves."""

        def close_a_request_and_fail() -> None:
            with transaction.atomic():
                notifications.record("request_closed", about=("x", 1), to=MemberFactory())
                raise RuntimeError

        with registered("tests.fails", close_a_request_and_fail):
            defer("tests.fails")
            work_off()
        assert states() == ["failed"]
        assert not Happening.objects.exists()
        assert not ProcrastinateJob.objects.filter(queue_name="mail").exists()


class TestPauses:
    def test_each_pause_is_longer_and_the_last_one_ends_it(self) -> None:
        waits = []
        for attempts in range(4):
            decision = GrowingPauses((1, 60, 3600)).get_retry_decision(
                exception=OSError(), job=type("Tried", (), {"attempts": attempts})()
            )
            waits.append(decision and decision.retry_at)
        assert waits[3] is None
        assert waits[0] < waits[1] < waits[2]  # type: ignore[operator]


@pytest.mark.committed
class TestHousekeeping:
    def test_every_job_of_every_app_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("housekeeping")
        said = capsys.readouterr().out
        assert all(f"{job.name}: done" in said for job in ports.jobs())

    def test_one_that_fails_is_named_and_the_others_still_run(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        done = []
        listed = [Job("breaks", "* * * * *", lambda: 1 / 0), Job("goes_on", "* * * * *", lambda: done.append(1))]
        monkeypatch.setattr(ports, "jobs", lambda: listed)
        with pytest.raises(SystemExit):
            call_command("housekeeping")
        assert "breaks: failed (ZeroDivisionError)" in capsys.readouterr().out
        assert done == [1]

    def test_a_job_never_runs_twice_at_once(self) -> None:
        inside, may_end = Event(), Event()

        def slow() -> None:
            inside.set()
            may_end.wait(PATIENCE_SECONDS)

        job = Job("slow", "* * * * *", slow)

        def elsewhere() -> bool:
            try:
                return housekeeping.run(job)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as other:
            first = other.submit(elsewhere)
            assert inside.wait(PATIENCE_SECONDS)
            assert housekeeping.run(job) is False
            may_end.set()
            assert first.result()
        assert housekeeping.run(job), "and again when it is over"

    def test_a_job_that_breaks_can_run_again(self) -> None:
        with pytest.raises(ZeroDivisionError):
            housekeeping.run(Job("breaks", "* * * * *", lambda: 1 / 0))
        assert housekeeping.run(Job("breaks", "* * * * *", lambda: None))

    def test_two_workers_wake_at_the_same_minute_and_the_job_runs_once(self) -> None:
        ran = []
        job = Job("counted", "* * * * *", lambda: ran.append(1))

        async def tick() -> None:
            for one in workers:
                async with one.open_async():
                    deferrer = PeriodicDeferrer(one.periodic_registry)
                    await deferrer.defer_jobs(deferrer.get_previous_tasks(at=MINUTE + 1))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ports, "jobs", lambda: [job])
            workers = [worker.worker_app(), worker.worker_app()]
            by_itself(tick)
            waiting = ProcrastinateJob.objects.filter(task_name="housekeeping.counted")
            assert waiting.count() == 1
            run_with(workers[0])
        assert ran == [1]

    def test_what_is_done_is_forgotten_after_days_and_what_failed_after_months(self) -> None:
        for status in ("succeeded", "failed", "todo"):
            defer("tests.mark", name=status)
            say("UPDATE procrastinate_jobs SET status = %s WHERE args->>'name' = %s", [status, status])
        say("UPDATE procrastinate_events SET at = now() - interval '3 days'")
        housekeeping.forget_old_jobs()
        assert sorted(states()) == ["failed", "todo"]
        say("UPDATE procrastinate_events SET at = now() - interval '70 days'")
        housekeeping.forget_old_jobs()
        assert states() == ["todo"]


MINUTE = 1_790_000_040


@pytest.mark.committed
class TestLostJobs:
    def lose(self, **changes: str) -> None:
        """A job whose worker died while it ran."""
        defer("tests.mark", name="lost")
        say("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        say("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")

    def test_a_job_of_a_living_worker_stays_with_it(self) -> None:
        self.lose()
        assert housekeeping.put_back_lost_jobs() == 0
        assert states() == ["doing"]

    @pytest.mark.parametrize(
        "how",
        [
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'",
            "DELETE FROM procrastinate_workers",
            "UPDATE procrastinate_events SET at = now() - interval '2 hours'",
        ],
    )
    def test_a_job_of_a_dead_worker_goes_back_into_the_queue(self, how: str) -> None:
        self.lose()
        say(how)
        assert housekeeping.put_back_lost_jobs() == 1
        assert states() == ["todo"]
        assert housekeeping.put_back_lost_jobs() == 0

    def test_a_scheduled_job_whose_next_run_waits_already_is_not_put_back(self) -> None:
        self.lose()
        say("UPDATE procrastinate_jobs SET queueing_lock = 'one'")
        app.configure_task("tests.mark", queue="tests", queueing_lock="one").defer(name="next")
        say("DELETE FROM procrastinate_workers")
        housekeeping.put_back_lost_jobs()
        assert states() == ["aborted", "todo"]

    def test_a_job_that_kills_every_worker_is_parked(self) -> None:
        self.lose()
        say("UPDATE procrastinate_jobs SET attempts = %s", [housekeeping.MOST_ATTEMPTS])
        say("DELETE FROM procrastinate_workers")
        housekeeping.put_back_lost_jobs()
        assert states() == ["failed"]


@contextmanager
def registered(name: str, function: Callable[[], None]) -> Iterator[None]:
    app.task(name=name, queue="tests")(function)
    yield
    del app.tasks[name]


def run_with(one: Any) -> None:
    async def go() -> None:
        async with one.open_async():
            await one.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    by_itself(go)


def by_itself(go: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In a thread of its own: a browser used before in this process leaves its loop running in ours."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(go())).result()
