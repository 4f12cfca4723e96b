"""What we need from PostgreSQL beyond the ORM: identifiers, its clock, its faults, its rights."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A time-ordered UUID (version 7): later ids of one process sort after earlier ones."""
    global _last
    with _lock:
        # 48 bits of milliseconds, then 12 bits of their fraction; never twice the same moment.
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        _last = moment = max(_last + 1, milliseconds << 12 | rest * 4096 // 1_000_000)
    tail = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return UUID(int=moment >> 12 << 80 | 7 << 76 | (moment & 0xFFF) << 64 | 2 << 62 | tail)
