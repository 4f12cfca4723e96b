"""A small made-up community, so a new site has something to look at."""

from dataclasses import dataclass

from django.db import transaction

from carecollective.errors import NotValid
from carecollective.management.demo import people
from carecollective.management.demo.conversations import talk_all
from carecollective.management.demo.reports import report_all
from carecollective.management.demo.requests import end_all, post_all
from features import flag
from features.services import switching
from features.states import ON
from members.models import Member


@dataclass(frozen=True)
class Introduction:
    """What somebody needs to sign in as one of them; shown once, kept nowhere."""

    called: str
    email: str
    password: str
    standing: str
    recovery_code: str = ""


@transaction.atomic
def load() -> list[Introduction]:
    """Everybody who was made; nobody when they are all there already."""
    if Member.objects.filter(email=people.CAST[0].email).exists():
        return []
    if Member.objects.exists():
        raise NotValid("This database has members already. Demo data is only loaded into an empty one.")
    introductions = [Introduction(*people.make(person)) for person in people.CAST]
    post_all()
    talk_all(before=True)
    if not flag.environment().has_spoken:
        switching.switch(ON, why="the demo data shows everything there is", by=switching.By("the demo data"))
        # Others see it when this is committed; what follows here sees it now.
        flag.forget()
    talk_all(before=False)
    report_all()
    end_all()
    return introductions
