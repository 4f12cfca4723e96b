"""manage.py close_v1: V1's tables take nothing more; --reopen takes that back."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from legacy.ending_words import of_ending
from legacy.problems import as_long_as_it_takes, in_one_sentence
from legacy.services import closing


class Command(BaseCommand):
    help = "Closes V1: nothing is written into its tables any more, but words can be taken away. It can be taken back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reopen", action="store_true", help="takes it back")
        parser.add_argument("--why", default="", help="the reason, kept for ever")

    def handle(self, *args: Any, reopen: bool, why: str, **options: Any) -> None:
        turn = closing.reopen if reopen else closing.close
        with in_one_sentence(), as_long_as_it_takes():
            ending = turn(why=why, by=f"{getpass.getuser()} at the command line")
        for line in of_ending(ending):
            self.stdout.write(line)
