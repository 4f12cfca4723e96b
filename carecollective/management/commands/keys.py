"""manage.py keys: the keys of sealed text."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carecollective import encryption, startup
from carecollective.env import Unreadable


class Command(BaseCommand):
    help = "`keys new NAME` prints a new key for ENCRYPTION_KEYS; `keys check` proves that every key is the one it was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("new", "check"))
        parser.add_argument("name", nargs="?", default="first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "new":
            self.stdout.write(f"{options['name']}:{encryption.new_key()}")
            return
        try:
            startup.must_open_canaries()
        except Unreadable as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Every key is the one it was: {', '.join(encryption.ring()) or 'there is none'}.")
