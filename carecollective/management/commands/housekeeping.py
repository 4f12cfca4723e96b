"""manage.py housekeeping: every housekeeping job once, now."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from carecollective import housekeeping, startup, worker


class Command(BaseCommand):
    help = "Runs every housekeeping job once. For sites that use cron instead of a worker: add --work-off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--work-off", action="store_true", help="also works off every job that is due, such as mail"
        )
        parser.add_argument("--retry-parked", action="store_true", help="first puts back the jobs that failed for good")

    def handle(self, *args: Any, **options: Any) -> None:
        startup.must_be_fit_to_start()
        if options["retry_parked"]:
            self.stdout.write(f"{housekeeping.retry_parked_jobs()} parked jobs will be tried again.")
        outcome = housekeeping.run_all()
        for name, how in outcome.items():
            self.stdout.write(f"{name}: {how}")
        if options["work_off"]:
            worker.work_off()
        if any(how.startswith("failed") for how in outcome.values()):
            sys.exit(1)
