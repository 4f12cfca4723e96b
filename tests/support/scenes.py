"""How far two people have come: from a request to a plan."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from django.utils.timezone import now

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation
from messaging.services import deciding, planning, requests
from notifications.models import Preferences, ReceiveFrom
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer, say


@dataclass
class Scene:
    asker: Member
    helper: Member
    request: HelpRequest
    offer: Conversation | None = None
    message: Any = None

    @property
    def thread(self) -> Conversation:
        assert self.offer
        return self.offer


def nothing_yet() -> Scene:
    asker, helper = MemberFactory.create_batch(2)
    Preferences.objects.create(member=asker, can_receive_from=ReceiveFrom.ANYONE)
    return Scene(asker, helper, HelpRequestFactory(requester=asker))


def offered() -> Scene:
    """With a message of each, and a second offer that waits."""
    scene = nothing_yet()
    scene.offer = offer(scene.helper, scene.request)
    scene.message = say(scene.helper, scene.thread)
    say(scene.asker, scene.thread)
    offer(MemberFactory(), scene.request)
    return scene


def agreed() -> Scene:
    scene = offered()
    deciding.accept_offer(scene.asker, scene.thread.pk)
    return scene


def withdrawn() -> Scene:
    scene = offered()
    deciding.withdraw_offer(scene.helper, scene.thread.pk)
    return scene


def done() -> Scene:
    scene = agreed()
    requests.complete_request(scene.asker, scene.request.pk)
    return scene


def planned() -> Scene:
    scene = agreed()
    plan(scene.asker, scene)
    return scene


def plan(member: Member, scene: Scene, place: str = "At the porch") -> object:
    when = planning.Wish(now().date() + timedelta(days=3), time(17, 30), place, "UTC")
    return planning.make_plan(member, scene.request.pk, when)
