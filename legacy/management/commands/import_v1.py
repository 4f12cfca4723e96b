"""manage.py import_v1 --from DSN | --invite: an original installation into this one."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carecollective.errors import Refusal
from legacy.backfill_words import bar
from legacy.import_words import of_import, of_invited
from legacy.importing import inviting, running
from legacy.importing.faults import NO_REPORT


class Command(BaseCommand):
    help = "Brings an original installation over: people, requests, conversations, settings, reports, restrictions."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--from", dest="dsn", metavar="DSN", help="the original's PostgreSQL, read and never written")
        what.add_argument("--invite", action="store_true", help="sends who came over a link to make a password, once")
        parser.add_argument("--dry-run", action="store_true", help="says what would come, and changes nothing")
        parser.add_argument("--batch", type=int, default=running.BATCH, help="rows or conversations in one transaction")
        parser.add_argument("--report", metavar="FILE", help="each row that is skipped or changed, with its reason")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the operator who answers for restrictions there")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= running.BATCH_MOST:
            raise CommandError(f"--batch must be 1 to {running.BATCH_MOST:,}.")
        try:
            lines = self._invite(options) if options["invite"] else self._import(options)
        except Refusal as refusal:
            raise CommandError(refusal.words) from None
        except OSError as problem:
            raise CommandError(NO_REPORT.format(why=problem.strerror)) from None
        self.stdout.write("\n".join(lines))

    def _import(self, options: dict[str, Any]) -> list[str]:
        order = running.Order(options["dsn"], options["batch"], options["dry_run"], options["by"])
        path = options["report"]
        with Path(path).open("w", encoding="utf-8") if path else nullcontext() as report:
            tally = running.bring_over(order, bar(self.stderr), report)
        return of_import(tally, is_dry=order.is_dry)

    def _invite(self, options: dict[str, Any]) -> list[str]:
        number = inviting.invite(is_dry=options["dry_run"])
        return of_invited(number, is_dry=options["dry_run"])
