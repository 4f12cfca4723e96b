"""manage.py worker: mail and housekeeping, until it is told to stop."""

from typing import Any

from django.core.management.base import BaseCommand

from carecollective import startup, worker


class Command(BaseCommand):
    help = "Sends mail and keeps house until SIGTERM. Any number of workers may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        startup.must_be_fit_to_start()
        worker.work()
