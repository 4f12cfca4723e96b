"""What an import brought, what was here, what it left out and why: counted, and each written down as it comes."""

from collections import Counter, defaultdict
from threading import Lock
from typing import TextIO

FIRST = 5


class Tally:
    """However much there is, only counts and the first few of each kind are kept in memory."""

    def __init__(self, report: TextIO | None = None) -> None:
        self._report, self._lock = report, Lock()
        self.drift: list[str] = []
        self.brought: Counter[str] = Counter()
        self.here: Counter[str] = Counter()
        # By kind and reason.
        self.skipped: Counter[tuple[str, str]] = Counter()
        self.changed: Counter[tuple[str, str]] = Counter()
        self.first: dict[tuple[str, str], list[str]] = defaultdict(list)

    def differs(self, line: str) -> None:
        with self._lock:
            self.drift.append(line)
            self._write(f"differs\t{line}")

    def bring(self, kind: str, number: int = 1) -> None:
        with self._lock:
            self.brought[kind] += number

    def keep(self, kind: str, number: int = 1) -> None:
        with self._lock:
            self.here[kind] += number

    def skip(self, kind: str, what: object, reason: str) -> None:
        """Not brought: no column here could hold it as it is."""
        with self._lock:
            self.skipped[kind, reason] += 1
            self._name("skipped", kind, what, reason)

    def change(self, kind: str, what: object, how: str) -> None:
        """Brought, and not quite as it was."""
        with self._lock:
            self.changed[kind, how] += 1
            self._name("changed", kind, what, how)

    def _name(self, how: str, kind: str, what: object, why: str) -> None:
        if len(self.first[kind, why]) < FIRST:
            self.first[kind, why].append(str(what))
        self._write(f"{how}\t{kind}\t{what}\t{why}")

    def _write(self, line: str) -> None:
        if self._report:
            self._report.write(line + "\n")
