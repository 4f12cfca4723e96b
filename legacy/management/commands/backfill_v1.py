"""manage.py backfill_v1 plan | run | status | pause | resume | verify | quarantine | report: V1 into V2."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy import report_file
from legacy.backfill_words import bar, of_plan, of_run, of_standing
from legacy.management import quarantine
from legacy.models import SettledAs
from legacy.problems import as_long_as_it_takes, in_one_sentence
from legacy.services import counting, moving, proving

ACTS = {
    "plan": "counts what there is, and changes nothing",
    "run": "moves what can be moved; goes on where the last one stopped",
    "status": "how far it is",
    "pause": "ends the run after its batch",
    "resume": "lets a paused run go on with the next `run`",
    "verify": "compares every row of both sides; ends with 1 where one differs",
    "quarantine": "what stayed where it is, and why; with replay it is tried again, with settle it stays behind",
    "report": "writes a file to attach to the change",
}


class Command(BaseCommand):
    help = "Moves V1 conversations into V2. " + " ".join(f"{act}: {what}." for act, what in ACTS.items())

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=ACTS, metavar="|".join(ACTS))
        parser.add_argument("--dry-run", action="store_true", help="for run: tries everything, changes nothing")
        parser.add_argument("--batch", type=int, default=moving.BATCH, help="conversations in one transaction")
        parser.add_argument("more", nargs="*", metavar="list|replay|settle ID", help="for quarantine: what with which")
        parser.add_argument("--reason", default="", help="for quarantine: all that stayed for this one")
        parser.add_argument("--as", dest="settled_as", default=SettledAs.ARCHIVED, help="for settle: archived")
        parser.add_argument("--why", default="", help="for settle: the reason, kept for ever")
        parser.add_argument("--by", default="", help="for settle, replay: your name, if others use this account, too")
        parser.add_argument("--to", default="", metavar="FILE", help="for report: a new file")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        with in_one_sentence(), as_long_as_it_takes():
            if options["more"] and act != "quarantine":
                raise CommandError(f"{act} takes nothing more, and there is {' '.join(options['more'])!r}.")
            if options["batch"] < 1:
                raise CommandError("--batch must be 1 or more.")
            getattr(self, f"_{act}")(options)

    def _plan(self, options: dict[str, Any]) -> None:
        self._say(of_plan(counting.plan()))

    def _run(self, options: dict[str, Any]) -> None:
        done = moving.run(options["batch"], is_dry=options["dry_run"], tell=bar(self.stderr))
        self._say(["Dry run: nothing was changed."] if options["dry_run"] else of_run(done))

    def _status(self, options: dict[str, Any]) -> None:
        run = moving.last()
        self._say([*of_run(run), *of_standing(counting.standing(), run)])

    def _pause(self, options: dict[str, Any]) -> None:
        self._say(of_run(moving.pause()))

    def _resume(self, options: dict[str, Any]) -> None:
        self._say(of_run(moving.resume()))

    def _quarantine(self, options: dict[str, Any]) -> None:
        self._say(quarantine.act(options["more"], options, bar(self.stderr)))

    def _report(self, options: dict[str, Any]) -> None:
        self._say([f"The report stands in {report_file.write(options['to'])}."])

    def _verify(self, options: dict[str, Any]) -> None:
        found = proving.verify()
        self._say([str(one) for one in found] or ["Every row is the same on both sides."])
        if found:
            sys.exit(1)

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)
