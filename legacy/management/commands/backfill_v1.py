"""manage.py backfill_v1 plan | run | status | pause | resume | verify | quarantine: V1 conversations into V2."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carecollective.errors import Refusal
from legacy.backfill_words import bar, of_ending, of_plan, of_proof, of_quarantine, of_run
from legacy.models import Ending
from legacy.services import counting, moving, proving

ACTS = {
    "plan": "counts what there is, and changes nothing",
    "run": "moves what can be moved; goes on where the last one stopped",
    "status": "how far it is",
    "pause": "ends the run after its batch",
    "resume": "lets a paused run go on with the next `run`",
    "verify": "compares every row of both sides; ends with 1 where one differs",
    "quarantine": "what stayed where it is, and why",
}


class Command(BaseCommand):
    help = "Moves V1 conversations into V2. " + " ".join(f"{act}: {what}." for act, what in ACTS.items())

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=ACTS, metavar="|".join(ACTS))
        parser.add_argument("--dry-run", action="store_true", help="for run: tries everything, changes nothing")
        parser.add_argument("--batch", type=int, default=moving.BATCH, help="conversations in one transaction")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            getattr(self, f"_{act}")(options)
        except Refusal as refusal:
            raise CommandError(refusal.words) from refusal

    def _plan(self, options: dict[str, Any]) -> None:
        self._say(of_plan(counting.plan()))

    def _run(self, options: dict[str, Any]) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more.")
        done = moving.run(options["batch"], is_dry=options["dry_run"], tell=bar(self.stderr))
        self._say(["Dry run: nothing was changed."] if options["dry_run"] else of_run(done))

    def _status(self, options: dict[str, Any]) -> None:
        self._say([*of_run(moving.last()), *of_ending(Ending.now())])

    def _pause(self, options: dict[str, Any]) -> None:
        self._say(of_run(moving.pause()))

    def _resume(self, options: dict[str, Any]) -> None:
        self._say(of_run(moving.resume()))

    def _quarantine(self, options: dict[str, Any]) -> None:
        self._say(of_quarantine(counting.left_behind()))

    def _verify(self, options: dict[str, Any]) -> None:
        found = proving.verify()
        self._say([str(one) for one in found] or of_proof(proving.not_compared()))
        if found:
            sys.exit(1)

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)
