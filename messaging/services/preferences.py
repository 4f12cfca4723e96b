"""How a member wants to be written to and told, together with the time zone that is the member's own."""

from typing import Any

from django.db import transaction

from members.models import Member
from members.services import accounts
from notifications import preferences
from notifications.models import Preferences


@transaction.atomic
def change_preferences(member: Member, **changes: Any) -> Preferences:
    member.must_not_be_in_the_small_room()
    zone = {name: changes.pop(name) for name in ("time_zone",) if name in changes}
    # This row before the member's: a new one locks the member by its foreign key, so two at once go the same way.
    chosen = preferences.change(member, **changes)
    if zone:
        chosen.member = accounts.update_profile(member, **zone)
    return chosen
