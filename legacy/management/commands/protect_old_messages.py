"""manage.py protect_old_messages: screens what was moved from V1, and seals what gives somebody away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy.backfill_words import bar
from legacy.ending_words import of_protected
from legacy.problems import as_long_as_it_takes, in_one_sentence
from legacy.services import closing, protecting


class Command(BaseCommand):
    help = "Screens what was moved from V1, and seals what gives somebody away. Goes on where the last one stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="counts what would be done, and changes nothing")
        parser.add_argument("--batch", type=int, default=protecting.BATCH, help="messages in one transaction")

    def handle(self, *args: Any, dry_run: bool, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch must be 1 or more.")
        with in_one_sentence(), as_long_as_it_takes():
            closing.standing()
            done = protecting.protect(batch, is_dry=dry_run, tell=bar(self.stderr))
        for line in of_protected(done, dry_run):
            self.stdout.write(line)
