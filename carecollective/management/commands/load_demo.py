"""manage.py load_demo: a made-up community for a new site."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from carecollective.errors import Refusal
from carecollective.management import demo


class Command(BaseCommand):
    help = "Loads demo data once, and prints the passwords once."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            introductions = demo.load()
        except Refusal as refusal:
            raise CommandError(refusal.words) from refusal
        if not introductions:
            self.stdout.write("The demo data is there already.")
            return
        self.stdout.write("Demo members. These passwords and codes are shown this once:")
        for person in introductions:
            code = f"  recovery code {person.recovery_code}" if person.recovery_code else ""
            self.stdout.write(f"  {person.standing:<10} {person.email:<24} {person.password}{code}")
