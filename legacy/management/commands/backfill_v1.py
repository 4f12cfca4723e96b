"""manage.py backfill_v1 plan | run | status | pause | resume | verify | quarantine | reverse | report: V1 into V2."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy import report_file
from legacy.backfill_words import bar, of_plan, of_reversed, of_run, of_standing
from legacy.ending_words import of_ending, of_proof
from legacy.management import quarantine
from legacy.management.trying import NOTHING_CHANGED
from legacy.models import Ending, SettledAs
from legacy.problems import as_long_as_it_takes, in_one_sentence
from legacy.services import closing, counting, moving, proving, reversing

ACTS = {
    "plan": "counts what there is, and changes nothing",
    "run": "moves what can be moved; goes on where the last one stopped",
    "status": "how far it is",
    "pause": "ends the run after its batch",
    "resume": "lets a paused run go on with the next `run`",
    "verify": "compares every row of both sides; ends with 1 where one differs",
    "quarantine": "what stayed where it is, and why; with replay it is tried again, with settle it stays behind",
    "reverse": "takes the newest run back; ends with 1 where something stays in V2",
    "report": "writes a file to attach to the change",
}


class Command(BaseCommand):
    help = "Moves V1 conversations into V2. " + " ".join(f"{act}: {what}." for act, what in ACTS.items())

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=ACTS, metavar="|".join(ACTS))
        parser.add_argument("--dry-run", action="store_true", help="tries everything that would be, changes nothing")
        parser.add_argument("--batch", type=int, default=moving.BATCH, help="conversations in one transaction")
        parser.add_argument("--jobs", type=int, default=1, help="batches at once, each in a session of its own")
        parser.add_argument("more", nargs="*", metavar="list|replay|settle ID", help="for quarantine: what with which")
        parser.add_argument("--reason", default="", help="for quarantine: all that stayed for this one")
        parser.add_argument("--as", dest="settled_as", default=SettledAs.ARCHIVED, help="for settle: archived")
        parser.add_argument("--why", default="", help="for settle: the reason, kept for ever")
        parser.add_argument("--by", default="", help="for settle, replay: your name, if others use this account, too")
        parser.add_argument("--carry", action="store_true", help="for reverse: what was said since goes along, into V1")
        parser.add_argument("--to", default="", metavar="FILE", help="for report: a new file")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        with in_one_sentence(), as_long_as_it_takes():
            closing.standing()
            if options["more"] and act != "quarantine":
                raise CommandError(f"{act} takes nothing more, and there is {' '.join(options['more'])!r}.")
            if min(options["batch"], options["jobs"]) < 1:
                raise CommandError("--batch and --jobs must be 1 or more.")
            getattr(self, f"_{act}")(options)

    def _plan(self, options: dict[str, Any]) -> None:
        self._say(of_plan(counting.plan()))

    def _run(self, options: dict[str, Any]) -> None:
        how = {"jobs": options["jobs"], "is_dry": options["dry_run"]}
        done = moving.run(options["batch"], tell=bar(self.stderr), **how)
        self._say(["Dry run: nothing was changed."] if options["dry_run"] else of_run(done))

    def _status(self, options: dict[str, Any]) -> None:
        run = moving.last()
        self._say([*of_run(run), *of_standing(counting.standing(), run), *of_ending(Ending.now())])

    def _pause(self, options: dict[str, Any]) -> None:
        self._say(of_run(moving.pause()))

    def _resume(self, options: dict[str, Any]) -> None:
        self._say(of_run(moving.resume()))

    def _quarantine(self, options: dict[str, Any]) -> None:
        self._say(quarantine.act(options["more"], options, bar(self.stderr)))

    def _reverse(self, options: dict[str, Any]) -> None:
        how = {"is_carried": options["carry"], "is_dry": options["dry_run"]}
        done = reversing.reverse(batch=options["batch"], tell=bar(self.stderr), **how)
        self._say([*([NOTHING_CHANGED] if options["dry_run"] else []), *of_reversed(done)])
        if done.stays:
            sys.exit(1)

    def _report(self, options: dict[str, Any]) -> None:
        self._say([f"The report stands in {report_file.write(options['to'])}."])

    def _verify(self, options: dict[str, Any]) -> None:
        found = proving.verify()
        self._say([str(one) for one in found] or of_proof(proving.not_compared()))
        if found:
            sys.exit(1)

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)
