"""manage.py flag show | set | history | explain | add | remove | group: how far messaging_v2 is out."""

import getpass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from carecollective.errors import Refusal
from features import flag
from features.models import Flag, FlagChange, InternalMember
from features.services import switching
from features.states import EXPECTED, FLAG

ACTS = {
    "show": "what holds now, and what is set where",
    "set": f"{EXPECTED}; environment leaves it to the variables",
    "history": "every change, newest first",
    "explain": "what it is for --member, and why",
    "add": "name --member as internal",
    "remove": "--member is not internal any more",
    "group": f"who else is internal: {', '.join(switching.GROUPS[1:])}, or nobody",
}
SHOWN = 20


class Command(BaseCommand):
    help = "Shows and changes how far a feature is out. " + " ".join(f"{act}: {what}." for act, what in ACTS.items())

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=ACTS, metavar="|".join(ACTS))
        parser.add_argument("flag", choices=[FLAG], nargs="?", default=FLAG, metavar=FLAG)
        parser.add_argument("to", nargs="?", default="", help="for set: the state; for group: the group")
        parser.add_argument("--why", default="", help="the reason, kept for ever")
        parser.add_argument("--pin", action="store_true", help="the guard is not to touch it")
        parser.add_argument("--member", default="", metavar="EMAIL", help="or the id")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            for line in getattr(self, f"_{act}")(options):
                self.stdout.write(line)
        except Refusal as refusal:
            raise CommandError(refusal.words) from refusal

    def _show(self, options: dict[str, Any]) -> list[str]:
        answer, row = flag.as_it_is(), Flag.objects.get(name=FLAG)
        named = [str(each) for each in InternalMember.objects.select_related("member").order_by("added_at")]
        return [
            answer.in_words,
            f"The switch is {row.state or 'not set'}{', pinned' if row.is_pinned else ''}.",
            *[f"{name} is {value!r}." for name, value in flag.environment().raw],
            f"Internal: {', '.join(named) or 'no members by name'}; group: {row.group or 'nobody'}.",
        ]

    def _set(self, options: dict[str, Any]) -> list[str]:
        change = switching.switch(options["to"], why=options["why"], by=_me(), pin=options["pin"])
        return [*([] if change else ["It is so already; nothing was changed."]), flag.as_it_is().in_words]

    def _history(self, options: dict[str, Any]) -> list[str]:
        changes = FlagChange.objects.all()
        more = changes.count() - SHOWN
        told = [
            f"{localtime(change.at):%Y-%m-%d %H:%M} {change.from_state} → {change.to_state}"
            f"{', pinned' if change.is_pinned else ''}, by {change.by}: {change.why}"
            for change in changes[:SHOWN]
        ]
        return [*told, f"And {more} more, on the rollout page."] if more > 0 else told or ["It was never changed."]

    def _explain(self, options: dict[str, Any]) -> list[str]:
        return flag.as_it_is().explained(_member(options["member"]).pk)

    def _add(self, options: dict[str, Any]) -> list[str]:
        member = _member(options["member"])
        is_new = switching.include(member, why=options["why"], by=_me())
        return [f"{member} is internal now." if is_new else f"{member} is internal already."]

    def _remove(self, options: dict[str, Any]) -> list[str]:
        member = _member(options["member"])
        was_in = switching.leave_out(member, why=options["why"], by=_me())
        return [f"{member} is not internal any more." if was_in else f"{member} is not named as internal."]

    def _group(self, options: dict[str, Any]) -> list[str]:
        group = options["to"].replace("nobody", "")
        is_new = switching.choose_group(group, why=options["why"], by=_me())
        return [f"The internal group is {group or 'nobody'} now." if is_new else "It is so already."]


def _me() -> switching.By:
    return switching.By(f"{getpass.getuser()} at the command line")


def _member(who: str) -> Any:
    members = get_user_model().objects
    try:
        found = members.filter(email=who.lower()) if "@" in who else members.filter(pk=who)
        return found.get()
    except (ValidationError, get_user_model().DoesNotExist):
        raise CommandError(f"There is no member {who!r}. Say --member with their email address or id.") from None
