"""manage.py drop_v1: the last step. V1's tables go, and what is in the way is told all at once."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from legacy.ending_words import of_dropped
from legacy.problems import in_one_sentence
from legacy.services import dropping
from legacy.services.dropping import Asked


class Command(BaseCommand):
    help = "Drops V1 for good, all or nothing, as the owner of the database. Ends with 1 where something is in the way."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="says what is in the way, and changes nothing")
        parser.add_argument("--why", default="", help="instead of 30 days at on; kept for ever")
        parser.add_argument("--archive", default="", metavar="FILE", help="a new file for what stayed and has words")

    def handle(self, *args: Any, dry_run: bool, why: str, archive: str, **options: Any) -> None:
        with in_one_sentence():
            done = dropping.drop(Asked(why, archive), is_dry=dry_run)
        for line in of_dropped(done, dry_run):
            (self.stderr if done.reasons else self.stdout).write(line)
        if done.reasons:
            sys.exit(1)
