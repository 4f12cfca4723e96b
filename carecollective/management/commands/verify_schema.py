"""manage.py verify_schema: does the database stand as models and migrations say?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carecollective import structure
from carecollective.structure_text import CannotCompare


class Command(BaseCommand):
    help = "Compares models, migrations and database, both ways. Ends with 0 when nothing differs, with 1 otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="for developers: what is there is what should be")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = structure.write() if options["write"] else structure.differences()
        except CannotCompare as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("\n".join(found) or "Nothing differs.")
        if found and not options["write"]:
            raise SystemExit(1)
