"""The web process of one machine: granian, whose workers end with it whatever ends it."""

# granian leaves its workers, and with them the port, when it is killed. Each worker asks the kernel not to: a forked
# one through the hook below, a spawned one because it reads this file again.

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from carecollective.embedded_postgres_guard import die_with_parent  # noqa: E402 (the path comes first)

# One thread a worker: PostgreSQL does the waiting, and a second thread only makes the first one slower.
OPTIONS = ["--interface", "wsgi", "--blocking-threads", "1", "--respawn-failed-workers", "--respawn-interval", "0.2"]


def main() -> None:
    from granian.cli import entrypoint

    os.chdir(ROOT)
    sys.argv[1:] = [*OPTIONS, *sys.argv[1:], "carecollective.wsgi:application"]
    entrypoint()


die_with_parent(signal.SIGTERM)
os.register_at_fork(after_in_child=lambda: die_with_parent(signal.SIGTERM))

if __name__ == "__main__":
    main()
