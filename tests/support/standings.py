"""Where two people may stand in one conversation, by name; each is brought about on an offer that was just made."""

from collections.abc import Callable

from messaging.models import Conversation, Plan
from messaging.services import deciding, requests
from messaging.services.planning import agree_to_plan, cancel_plan
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer
from tests.support.scenes import Scene, plan


def _rest(scene: Scene) -> None:
    Conversation.objects.filter(pk=scene.thread.pk).update(offer_state="expired", expired_at=scene.thread.created_at)


def _hold(scene: Scene) -> None:
    Conversation.objects.filter(pk=scene.thread.pk).update(status="held", opening_moderation="held")


def _leave(scene: Scene) -> None:
    scene.helper.is_active = False
    scene.helper.save(update_fields=["is_active"])


def _choose_another(scene: Scene) -> None:
    deciding.accept_offer(scene.asker, offer(MemberFactory(called="Cy"), scene.request).pk)


def _finish(scene: Scene) -> None:
    deciding.accept_offer(scene.asker, scene.thread.pk)
    requests.complete_request(scene.asker, scene.request.pk)


def _agree(scene: Scene) -> None:
    deciding.accept_offer(scene.asker, scene.thread.pk)
    plan(scene.asker, scene)
    agree_to_plan(scene.helper, scene.request.pk, Plan.objects.get(help_request=scene.request).version)


def _call_off(scene: Scene) -> None:
    _agree(scene)
    cancel_plan(scene.helper, scene.request.pk)


STANDINGS: dict[str, Callable[[Scene], object]] = {
    "only the offer": lambda scene: None,
    "declined": lambda scene: deciding.decline_offer(scene.asker, scene.thread.pk),
    "rested": _rest,
    "held": _hold,
    "gone": _leave,
    "behind another": _choose_another,
    "the request is done": _finish,
    "an agreed plan": _agree,
    "a plan taken back": _call_off,
}
