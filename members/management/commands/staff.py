"""manage.py staff add | remove | reset-second-factor EMAIL: who works here."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carecollective.errors import Refusal
from members import roles
from members.services import staff


class Command(BaseCommand):
    help = "Appoints or dismisses staff, or resets a lost second step. Each change goes into the audit log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["add", "remove", "reset-second-factor"])
        parser.add_argument("email")
        parser.add_argument("--role", choices=roles.ALL)
        parser.add_argument("--approve", action="store_true", help="approve the person too, if they are still waiting")

    def handle(self, *args: Any, act: str, email: str, role: str | None, approve: bool, **options: Any) -> None:
        if act != "reset-second-factor" and role is None:
            raise CommandError(f"Say which role: --role {'|'.join(roles.ALL)}.")
        try:
            self.stdout.write(self._act(act, email, role or "", approve))
        except Refusal as refusal:
            raise CommandError(refusal.words) from refusal

    def _act(self, act: str, email: str, role: str, approve: bool) -> str:
        if act == "add":
            return f"{staff.appoint(email, role, approve).email} is {role} now, and signs in anew with a second step."
        if act == "remove":
            return f"{staff.dismiss(email, role).email} is no longer {role}."
        return f"{staff.reset_second_factor(email).email} sets up a new second step at the next sign-in."
