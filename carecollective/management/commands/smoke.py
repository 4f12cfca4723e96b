"""manage.py smoke: throw-away members play offering and talking over HTTP on the running site."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carecollective.errors import NotValid
from carecollective.management import smoke


class Command(BaseCommand):
    help = "Plays throw-away members on a running site, removes them, and ends with 1 naming every surprise."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--base-url", help="where the site is, as https://care.example.org")
        what.add_argument("--clean", action="store_true", help="only removes what a run that was killed left behind")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            surprises = smoke.clean(self.say) if options["clean"] else smoke.check(options["base_url"], self.say)
        except NotValid as problem:
            raise CommandError(problem.words) from problem
        for sentence in surprises:
            self.stderr.write(sentence)
        if surprises:
            sys.exit(1)

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
