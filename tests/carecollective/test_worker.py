"""The worker process outlives what happens to its database, and what it began is not lost when it does not."""

import signal

from carecollective import housekeeping
from tests.support.jobs import PATIENCE_SECONDS, Start, defer, marks, say, states, wait_until


def test_it_works_until_it_is_told_to_stop_and_ends_what_it_began(worker_process: Start) -> None:
    process = worker_process()
    defer("tests.slow", name="first")
    wait_until(lambda: marks() == ["first began"], "the job began")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert marks() == ["first began", "first ended"]
    assert states() == ["succeeded"]


def test_a_job_cut_off_by_kill_9_is_done_by_the_next_worker(worker_process: Start) -> None:
    first = worker_process()
    defer("tests.slow", name="cut", seconds=20)
    wait_until(lambda: marks() == ["cut began"], "the job began")
    first.kill()
    first.wait()
    assert states() == ["doing"]
    say("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    say("UPDATE procrastinate_jobs SET args = args || '{\"seconds\": 0}'")
    worker_process()
    housekeeping.put_back_lost_jobs()
    wait_until(lambda: states() == ["succeeded"], "another worker did it")
    assert marks() == ["cut began", "cut began", "cut ended"]


def test_it_outlives_the_end_of_all_its_database_sessions(worker_process: Start) -> None:
    process = worker_process()
    for turn in range(2):
        defer("tests.mark", name=f"turn {turn}")
        wait_until(lambda: states() == ["succeeded"] * (turn + 1), "the job was done")  # noqa: B023
        end_every_other_session()
    defer("tests.mark", name="after")
    wait_until(lambda: states() == ["succeeded"] * 3, "the worker came back")
    assert process.poll() is None


def test_a_job_running_while_its_sessions_end_is_not_lost(worker_process: Start) -> None:
    worker_process()
    defer("tests.slow", name="cut", seconds=1)
    wait_until(lambda: marks() == ["cut began"], "the job began")
    end_every_other_session()
    wait_until(lambda: states() == ["succeeded"], "it was done")
    assert marks()[-1] == "cut ended"


def test_several_workers_do_each_job_once(worker_process: Start, long_run: bool) -> None:
    count = 500 if long_run else 60
    for _ in range(3):
        worker_process()
    for number in range(count):
        defer("tests.mark", name=f"job {number}")
    wait_until(lambda: states() == ["succeeded"] * count, "all were done")
    assert sorted(marks()) == sorted(f"job {number}" for number in range(count))


def end_every_other_session() -> None:
    say(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
    )
