"""The letter to somebody who came over; its link is made when it leaves, like that of every new password."""

from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from carecollective.ports import Letter
from members import letters


def new_home(member_id: str) -> Letter | None:
    letter = letters.password_reset(member_id)
    if letter is None:
        return None
    return replace(letter, context={**letter.context, "new_password": settings.SITE_URL + reverse("members:forgot")})
