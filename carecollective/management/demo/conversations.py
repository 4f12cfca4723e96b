"""The conversations of the demo: an offer in every state, talked about as people would."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.utils.timezone import localdate, now

from help_requests.models import HelpRequest
from members.models import Member
from messaging.models import Conversation, Message, Plan
from messaging.models.words import OFFER_LIFETIME
from messaging.services import clockwork, closing, deciding, offering, planning, reading, requests, talking, thanking

ASKER, HELPER = "asker", "helper"
ACCEPT, DECLINE, TAKE_BACK, REST = "accept", "decline", "take back", "rest"
END, DONE, THANK, READ = "end", "done", "thank", "read"
PLAN, AGREE, HELD = "plan", "agree", "held"
MOMENTS = ("accepted_at", "declined_at", "withdrawn_at", "expired_at", "closed_at")


@dataclass(frozen=True)
class Talk:
    """Who offered on which request, how long ago, how many minutes lay between two words, and what came of it."""

    title: str
    helper: str
    hours_ago: float
    gap: int
    offer: str
    then: tuple[tuple[str, str], ...] = ()
    # From the time before messaging_v2.
    is_from_before: bool = False


TALKS = (
    Talk("Bring my husband’s pills from the pharmacy", "deepa", 290, 35,
         "Hi Ana. I pass the pharmacy on my way home from work. I could bring them around six.", (
        (ASKER, "That would be such a relief. They are paid for, under the name of Torres."), (ACCEPT, ""),
        (HELPER, "Good. I will ring once and leave the bag on the porch."), (ASKER, "The bag is here. Thank you!"),
        (DONE, ""), (THANK, "I could not have done it without you. He slept through the night."), (READ, ""),
    ), is_from_before=True),
    Talk("Help to set up a video call", "wen", 390, 50,
         "I set this up for my grandmother last month, so I still know every button.", (
        (ASKER, "Wonderful. Does Sunday at three suit you?"), (ACCEPT, ""), (HELPER, "Sunday at three is good."),
        (DONE, ""), (READ, ""),
    ), is_from_before=True),
    Talk("Walk our old dog in the mornings", "maryjo", 128, 25,
         "I walk past your street most mornings. Biscuit would be welcome to come along.", ((READ, ""),)),
    Talk("Walk our old dog in the mornings", "ben", 126, 9,
         "Hi Carol. I am up at six anyway, and slow and polite suits me. I could come on weekdays.", (
        (ASKER, "Ben, that is so kind. The leash hangs beside the front door."), (ACCEPT, ""),
        (HELPER, "Then I will come by tomorrow at half past six."),
        (ASKER, "He likes the path along the creek.\nPlease mind the geese."), (READ, ""),
        (HELPER, "We met the geese. Biscuit was the calm one."),
    )),
    Talk("Pick up groceries on Tuesday", "ben", 2, 4,
         "Hi Ana. I shop at the market on Tuesdays after 5 PM. I can drop your bags on the porch.", (
        (HELPER, "I have a big trunk, so heavy things are fine too."),
    )),
    Talk("Pick up groceries on Tuesday", "carol", 1.5, 8,
         "I am on Walnut Street on Tuesday at noon and could pick up your order then.", (
        (ASKER, "Noon may be early for the order. Would two work for you?"), (READ, ""),
        (HELPER, "Two is fine. I will have my sister with me, she likes a drive."),
    )),
    Talk("Sit with my husband while I see the dentist", "ana", 30, 15,
         "My sister is with us tomorrow, so I can come. I know a lot of old radio shows.", (
        (ASKER, "Ana, you are a treasure. Would ten suit you?"), (ACCEPT, ""), (HELPER, "Ten is good."),
        (PLAN, "1 10:00 Our house, the green door"), (AGREE, ""), (READ, ""),
    )),
    Talk("Prune the roses before the frost", "elias", 50, 20,
         "My son and I can come. He tells me where to cut.", (
        (ACCEPT, ""), (PLAN, "1 14:00 Along the fence"), (AGREE, ""), (READ, ""), (HELD, "3"),
    )),
    Talk("Hang a grab bar beside the tub", "deepa", 26, 30,
         "I have hung two of these for my parents. I know how to find the right place in the wall.", (
        (ACCEPT, ""), (READ, ""), (PLAN, "4 16:30 Your bathroom"),
    )),
    Talk("A ride to the eye doctor, there and back", "ana", 5, 10,
         "I drive past the eye doctor every Friday. There is room for the frame in the back.", ((READ, ""),)),
    Talk("The ramp at our front door wobbles", "carol", 40, 12,
         "We have a ramp, too. I have the long screwdriver that these need.", (
        (READ, ""), (HELPER, "I am sorry, my sister is not well. I cannot come this week."), (TAKE_BACK, ""),
    )),
    Talk("Explain a letter from the insurance company", "deepa", 60, 20,
         "I used to work in an office that writes such letters. I could read it with you.", (
        (READ, ""), (DECLINE, "Thank you so much for offering. I have found help this time."), (READ, ""),
    )),
    Talk("A phone call on Thursday evenings", "elias", 80, 60,
         "I am usually awake and free on Thursdays after eight. I would like to talk, too.", (
        (ASKER, "That sounds lovely. May I think about it over the weekend?"),
        (HELPER, "Of course. I am going away until spring, so let us write again then."), (READ, ""), (END, ""),
    )),
    Talk("Company at the spring concert", "maryjo", 26 * 24, 30,
         "I love the spring concert. I could drive both of us.", ((READ, ""), (REST, ""), (READ, ""))),
    # Somebody our moderators will meet (`reports`).
    Talk("The ramp at our front door wobbles", "rick", 46, 20,
         "I can fix that ramp. I have every tool there is.", (
        (ASKER, "That is good news. Which day would suit you?"),
        (HELPER, "You people never say thank you. Ask somebody else then."),
    )),
    Talk("Explain a letter from the insurance company", "rick", 30, 30,
         "I know these letters well. I can tell you what to do.", (
        (ASKER, "Thank you, Rick. It is four pages long."),
        (HELPER, "I need $60 for my time before we start. A gift card is fine, just send me the number."),
    )),
    Talk("Someone to sit with my mother tonight", "rick", 0.9, 6,
         "I am close by and could come over tonight.", (
        (ASKER, "Thank you. I would like to talk on the phone first."),
        (HELPER, "I am outside your house already. Open the door."),
    )),
)  # fmt: skip


def talk_all(*, before: bool) -> None:
    """What was said before messaging_v2 came, or since."""
    for talk in (talk for talk in TALKS if talk.is_from_before is before):
        request = HelpRequest.objects.select_related("requester").get(title=talk.title)
        helper = Member.objects.get(email=f"{talk.helper}@example.org")
        opened = offering.offer_help(helper, request.pk, talk.offer)
        conversation = Conversation.objects.with_people().get(pk=opened.id)
        for act, words in talk.then:
            ACTS[act](conversation, words)
        _grow_older(talk, conversation)


def _say(side: str) -> Callable[[Conversation, str], Any]:
    return lambda thread, words: talking.send_message(getattr(thread, side), thread.pk, words)


def _read(thread: Conversation, words: str) -> None:
    newest = Conversation.objects.get(pk=thread.pk).last_sequence
    for member in (thread.requester, thread.helper):
        reading.mark_read(member, thread.pk, newest)


def _rest(thread: Conversation, words: str) -> None:
    Conversation.objects.filter(pk=thread.pk).update(offered_at=now() - OFFER_LIFETIME)
    clockwork.expire_offers()


def _plan(thread: Conversation, words: str) -> None:
    """By the helper: in how many days, at what time, where."""
    days, clock, place = words.split(" ", 2)
    day = localdate(timezone=ZoneInfo(settings.DEFAULT_TIME_ZONE)) + timedelta(days=int(days))
    wish = planning.Wish(day, time.fromisoformat(clock), place, settings.DEFAULT_TIME_ZONE)
    planning.make_plan(thread.helper, thread.asked_for.pk, wish)


def _agree(thread: Conversation, words: str) -> None:
    planning.agree_to_plan(thread.requester, thread.asked_for.pk, Plan.objects.get(conversation=thread).version)


def _hold(thread: Conversation, days: str) -> None:
    """Its day is over: so many days before the one that was agreed."""
    earlier = timedelta(days=int(days))
    Plan.objects.filter(conversation=thread).update(day=F("day") - earlier, starts_at=F("starts_at") - earlier)


ACTS: dict[str, Callable[[Conversation, str], Any]] = {
    ASKER: _say("requester"),
    HELPER: _say("helper"),
    ACCEPT: lambda thread, words: deciding.accept_offer(thread.requester, thread.pk),
    DECLINE: lambda thread, words: deciding.decline_offer(thread.requester, thread.pk, words),
    TAKE_BACK: lambda thread, words: deciding.withdraw_offer(thread.helper, thread.pk),
    END: lambda thread, words: closing.close_conversation(thread.helper, thread.pk),
    DONE: lambda thread, words: requests.complete_request(thread.requester, thread.asked_for.pk),
    THANK: lambda thread, words: thanking.thank(thread.requester, thread.asked_for.pk, words),
    REST: _rest,
    PLAN: _plan,
    AGREE: _agree,
    HELD: _hold,
    READ: _read,
}


def _grow_older(talk: Talk, conversation: Conversation) -> None:
    """As if they had taken their time."""
    thread = Conversation.objects.get(pk=conversation.pk)
    begun, gap = now() - timedelta(hours=talk.hours_ago), timedelta(minutes=talk.gap)
    after = ExpressionWrapper((F("sequence") - 1) * Value(gap), output_field=DurationField())
    said_at = Value(begun) + after
    Message.objects.filter(conversation=thread).update(created_at=said_at, updated_at=said_at)
    last = begun + (thread.last_sequence - 1) * gap
    moments = {name: last for name in MOMENTS if getattr(thread, name)}
    Conversation.objects.filter(pk=thread.pk).update(
        created_at=begun, offered_at=begun, last_message_at=last, updated_at=last, **moments
    )
