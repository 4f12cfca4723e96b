"""manage.py close_v1: V1's tables take nothing more; --reopen takes that back."""

import getpass
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy.ending_words import of_ending
from legacy.problems import as_long_as_it_takes, in_one_sentence
from legacy.services import closing


class Command(BaseCommand):
    help = "Closes V1: nothing is written into its tables any more, but words can be taken away. It can be taken back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="says whether it could be closed, changes nothing")
        parser.add_argument("--reopen", action="store_true", help="takes it back")
        parser.add_argument("--why", default="", help="the reason, kept for ever")

    def handle(self, *args: Any, reopen: bool, why: str, dry_run: bool, **options: Any) -> None:
        if reopen and dry_run:
            raise CommandError("--reopen has no --dry-run: what it does, close_v1 takes back.")
        turn = closing.reopen if reopen else partial(closing.close, is_dry=dry_run)
        with in_one_sentence(), as_long_as_it_takes():
            ending = turn(why=why, by=f"{getpass.getuser()} at the command line")
        if dry_run and not ending.closed_at:
            self.stdout.write("Dry run: nothing was changed. V1 could be closed now.")
        for line in of_ending(ending):
            self.stdout.write(line)
