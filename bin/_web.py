"""The web process of one machine: granian, whose workers end with it whatever ends it."""

# granian's workers outlive it when it is killed and keep the port, and they do not hear SIGTERM while they load the
# site. Both are put right in each worker: forked ones by the hook below, spawned ones by reading this file again.

import os
import signal
import sys

from _steps import ROOT

from carecollective.embedded_postgres_guard import die_with_parent

# One thread a worker: PostgreSQL does the waiting, and a second thread only makes the first one slower.
OPTIONS = ["--interface", "wsgi", "--blocking-threads", "1", "--respawn-failed-workers", "--respawn-interval", "0.2"]


def main() -> None:
    from granian.cli import entrypoint

    os.chdir(ROOT)
    sys.argv[1:] = [*OPTIONS, *sys.argv[1:], "carecollective.wsgi:application"]
    entrypoint()


def _begin_worker() -> None:
    die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


die_with_parent(signal.SIGTERM)
os.register_at_fork(after_in_child=_begin_worker)

if __name__ == "__main__":
    main()
