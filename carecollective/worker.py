"""The worker: works off jobs and housekeeping until it is told to stop, whatever the database does meanwhile."""

import asyncio
import logging
import os
import signal
import threading
from typing import Any

from asgiref.sync import sync_to_async
from procrastinate import App
from procrastinate.contrib.django import DjangoApp, connector_params
from procrastinate.exceptions import ProcrastinateException
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker
from psycopg import OperationalError

from carecollective import housekeeping, ports, startup
from carecollective.jobs import app as site_app

log = logging.getLogger("carecollective.worker")

# Jobs that run are given this long to end; what does not end is put back by another worker.
GRACE_SECONDS = 25
PAUSE_SECONDS = 2
OPTIONS: dict[str, Any] = {
    "concurrency": 4,
    "fetch_job_polling_interval": 2.0,
    "update_heartbeat_interval": 5.0,
    "stalled_worker_timeout": float(housekeeping.SILENT_SECONDS),
    "shutdown_graceful_timeout": float(GRACE_SECONDS - 3),
    "install_signal_handlers": False,
}
POOL: dict[str, Any] = {"min_size": 1, "max_size": 4, "timeout": 5.0}
# A network that swallows everything is noticed within half a minute.
NOTICE_DEAD_LINES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}


class StoppableWorker(Worker):
    """Tells when it begins to stop, because its own stopping may hang on a lost connection for ever."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.is_stopping = asyncio.Event()

    def stop(self) -> None:
        self.is_stopping.set()
        super().stop()


def work() -> None:
    """Runs until SIGTERM or SIGINT."""
    asyncio.run(_work(wait=True))


def work_off() -> None:
    """Works off every job that is due, then ends: for sites that use cron instead of a worker."""
    asyncio.run(_work(wait=False))


def worker_app(with_schedule: bool = True) -> App:
    """The site's tasks on connections of the worker's own.

    A task still defers through the site's app, so what a job defers commits and rolls back with what it writes;
    procrastinate's own `replace_connector` would take that away.
    """
    app = DjangoApp(connector=PsycopgConnector(kwargs=connector_params() | NOTICE_DEAD_LINES, **POOL))
    site_app.perform_import_paths()
    app.tasks.update(site_app.tasks)
    for job in ports.jobs() if with_schedule else []:
        _schedule(app, job)
    return app


def _schedule(app: App, job: ports.Job) -> None:
    # One may wait, and `housekeeping.run` sees to it that one runs. A lock in the queue would outlive a dead worker.
    name = f"housekeeping.{job.name}"

    @app.periodic(cron=job.cron)
    @app.task(name=name, queue="housekeeping", queueing_lock=name, pass_context=False)
    def run(timestamp: int) -> None:
        housekeeping.run(job)


async def _work(wait: bool) -> None:
    told = asyncio.Event()
    _listen(told)
    while not told.is_set():
        try:
            await _one_life(worker_app(with_schedule=wait), told, wait)
        except (ProcrastinateException, OperationalError) as problem:
            log.warning("worker.interrupted", extra={"problem": problem})
        if not wait:
            return
        await _either(told.wait(), asyncio.sleep(PAUSE_SECONDS))


def _listen(told: asyncio.Event) -> None:
    # Signals reach only a main thread; whoever works off jobs in another one stops them in their own way.
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)


async def _one_life(app: App, told: asyncio.Event, wait: bool) -> None:
    """From one start to one stop: because it was told to, or because the database went away."""
    try:
        await app.open_async()
        # Also here, because at the start of the process the database may have been away.
        await sync_to_async(startup.must_be_fit_to_start)()
        worker = StoppableWorker(app=app, wait=wait, **(app.worker_defaults | OPTIONS))
        life = asyncio.create_task(worker.run())
        log.info("worker.started", extra={"concurrency": OPTIONS["concurrency"]})
        await _either(asyncio.shield(life), told.wait(), worker.is_stopping.wait())
        if not life.done():
            worker.stop()
            await asyncio.wait({life}, timeout=GRACE_SECONDS)
        if life.done():
            life.result()
        elif told.is_set():
            # A thread cannot be ended, so the process is.
            log.error("worker.gave_up_waiting")
            os._exit(1)
        log.info("worker.stopped")
    finally:
        # Also ends a worker that hangs on a lost connection: every wait for one is refused now.
        await app.close_async()


async def _either(*waits: Any) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
