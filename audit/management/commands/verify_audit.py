"""manage.py verify_audit: is the audit log whole?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from audit.services import verify


class Command(BaseCommand):
    help = "Checks the digest chain of the audit log. Ends with 1 and names the first broken entry."

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify()
        if found.broken_at is not None:
            self.stderr.write(f"The audit log is broken at entry {found.broken_at}: {found.why}.")
            sys.exit(1)
        self.stdout.write(
            f"The audit log is whole: {found.entries} entries, last digest {found.last_digest or 'none'}."
        )
