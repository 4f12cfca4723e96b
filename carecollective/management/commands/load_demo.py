"""manage.py load_demo: a made-up community for a new site."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from carecollective.errors import Refusal
from carecollective.management import demo


class Command(BaseCommand):
    help = "Loads demo data once, and prints the passwords once."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _quietly():
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


@contextmanager
def _quietly() -> Iterator[None]:
    """What made-up people did is no news, and must not hide the passwords."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
