"""manage.py migrate: Django's own, and afterwards what the site's role may do."""

from typing import Any

from django.core.management.commands import migrate

from carecollective import grants


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not options["plan"]:
            grants.apply()
