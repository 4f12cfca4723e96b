"""manage.py check_invariants: what must always be true, asked of the database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from carecollective import invariants


class Command(BaseCommand):
    help = "Asks every invariant and ends with 1 when one does not hold, naming its first rows."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = invariants.broken()
        for name, rows in broken.items():
            self.stderr.write(f"{name}: {len(rows)} or more rows, first {'; '.join(rows[:5])}")
        if broken:
            sys.exit(1)
        self.stdout.write("Every invariant holds.")
