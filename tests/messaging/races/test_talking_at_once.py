"""Two people and many devices writing, reading, changing: one order for both, nothing lost, nothing twice."""

from collections.abc import Iterator

import pytest

from features.models import Attempt
from members.models import Member
from messaging.models import Conversation, Deed, Message, MessageRecord
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer_to, say
from tests.support.crowd import Answer, Call, Crowd, deciding, deleting, editing, reading, saying, statuses

pytestmark = pytest.mark.both_ways

EACH = 25


def fresh() -> Conversation:
    return offer_to(MemberFactory(), MemberFactory())


def people_of(conversation: Conversation) -> tuple[Member, Member]:
    return conversation.requester, conversation.helper


def both_talking(conversation: Conversation) -> list[Call]:
    return [
        saying(sender, conversation, f"{sender.called} says {number}")
        for number in range(EACH)
        for sender in people_of(conversation)
    ]


def order_for(crowd: Crowd, member: Member, conversation: Conversation) -> list[tuple[int, str]]:
    answer = crowd.one(reading(member, conversation, "after=0&limit=100"))
    return [(message["sequence"], message["id"]) for message in answer.body["messages"]]


def test_both_sides_say_25_each_and_read_one_gapless_order(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = crowd.at_once(*both_talking(conversation))

        assert statuses(answers) == {201: 50}
        assert sorted(answer.body["sequence"] for answer in answers) == list(range(2, 52))
        asker, helper = people_of(conversation)
        order = order_for(crowd, asker, conversation)
        assert order == order_for(crowd, helper, conversation)
        told = {answer.body["sequence"]: answer.body["message_id"] for answer in answers}
        assert order == [(1, str(conversation.pk)), *sorted(told.items())]
        moments = list(conversation.messages.order_by("sequence").values_list("created_at", flat=True))
        assert moments == sorted(moments)


def catching_up(member: Member, conversation: Conversation, seen: list[int], limit: int) -> Iterator[Call]:
    """A client that asks again and again for what is new, until it has all fifty."""
    answers: list[Answer] = []
    while not seen or seen[-1] < 51:
        call = reading(member, conversation, f"after={seen[-1] if seen else 0}&limit={limit}")
        yield kept(call, answers)
        seen += [message["sequence"] for message in answers[-1].body["messages"]]


def reading_back(member: Member, conversation: Conversation, seen: list[int]) -> Iterator[Call]:
    """A client that begins with the newest page and reads towards the opening words."""
    answers: list[Answer] = []
    before = ""
    while not seen or seen[0] > 1:
        yield kept(reading(member, conversation, f"limit=4{before}"), answers)
        seen[:0] = [message["sequence"] for message in answers[-1].body["messages"]]
        before = f"&before={seen[0]}"


def kept(call: Call, answers: list[Answer]) -> Call:
    """The same call, whose answer the one who asked can read."""
    return Call(call.member, call.method, call.path, call.body, then=answers.append)


def test_paging_while_messages_arrive_skips_and_repeats_nothing(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        asker, helper = people_of(conversation)
        crowd.know(asker, helper)
        forward: dict[int, list[int]] = {1: [], 7: [], 100: []}
        backward: list[list[int]] = [[], []]
        readers = [catching_up(asker, conversation, seen, limit) for limit, seen in forward.items()]
        readers += [reading_back(helper, conversation, seen) for seen in backward]
        crowd.side_by_side(*readers, *([call] for call in both_talking(conversation)))

        assert set(map(tuple, forward.values())) == {tuple(range(1, 52))}
        for seen in backward:
            assert seen == list(range(1, len(seen) + 1))


def test_read_positions_under_writes_never_go_back_or_too_far(crowd: Crowd, rounds: int) -> None:
    """Each side marks what it has just been given, from two devices at once, while both write."""
    for _ in range(rounds):
        conversation = fresh()
        crowd.know(*people_of(conversation))
        devices = [marking(member, conversation) for member in people_of(conversation) * 2]
        marked = crowd.side_by_side(*devices, *([call] for call in both_talking(conversation)))[:4]
        for answers in marked:
            positions = [answer.body["read_sequence"] for answer in answers if "read_sequence" in answer.body]
            assert positions
            assert positions == sorted(positions)
            assert all(answer.status == 200 for answer in answers)
        conversation.refresh_from_db()
        assert conversation.last_sequence == 51
        for side in ("requester", "helper"):
            assert getattr(conversation, f"{side}_read") <= getattr(conversation, f"{side}_delivered") <= 51


def marking(member: Member, conversation: Conversation) -> Iterator[Call]:
    """Reads the newest message and says so; now and then an older number, as a slow device would."""
    answers: list[Answer] = []
    for turn in range(12):
        yield kept(reading(member, conversation, "limit=1"), answers)
        newest = answers[-1].body["pagination"]["newest_sequence"]
        yield deciding(member, conversation, "delivered", sequence=newest)
        yield deciding(member, conversation, "read", sequence=max(1, newest - turn % 3))


def test_nobody_has_read_what_was_not_written_yet(crowd: Crowd) -> None:
    conversation = fresh()
    ahead = [deciding(conversation.requester, conversation, "read", sequence=40)] * 10
    answers = crowd.at_once(*ahead, *[saying(conversation.helper, conversation, "One more.")] * 10)
    assert statuses(answers) == {400: 10, 201: 10}
    conversation.refresh_from_db()
    assert (conversation.requester_read, conversation.requester_unread) == (0, 11)


def test_one_client_id_twenty_times_is_one_message(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        answers = crowd.at_once(*[saying(conversation.helper, conversation, "Only once.", "phone-1")] * 20)
        assert statuses(answers) == {201: 1, 200: 19}
        assert len({answer.message_id for answer in answers}) == 1
        assert Message.objects.filter(conversation=conversation).count() == 1
    codes = list(Attempt.objects.filter(kind="send_message").values_list("code", flat=True))
    assert (codes.count("success"), codes.count("replayed")) == (rounds, 19 * rounds)


def test_sixty_messages_at_once_are_fifty(crowd: Crowd, rounds: int) -> None:
    for _ in range(min(rounds, 5)):
        conversation = fresh()
        answers = crowd.at_once(*(saying(conversation.helper, conversation, f"Line {n}") for n in range(60)))
        assert statuses(answers) == {201: 50, 429: 10}
        assert all(0 < int(answer.retry_after or 0) <= 60 for answer in answers if answer.status == 429)
        assert Message.objects.filter(conversation=conversation).count() == 50


def test_the_minute_is_one_for_all_threads_of_a_person(crowd: Crowd, helper: Member) -> None:
    threads = [offer_to(MemberFactory(), helper) for _ in range(6)]
    answers = crowd.at_once(*(saying(helper, thread, f"Line {n}") for n in range(10) for thread in threads))
    assert statuses(answers) == {201: 50, 429: 10}


def test_two_who_write_in_two_threads_at_once_wait_for_nobody_for_ever(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        one, other = MemberFactory.create_batch(2)
        threads = [offer_to(one, other), accepted(other, one)]
        calls = [
            saying(sender, thread, f"Line {n}") for n in range(10) for thread in threads for sender in (one, other)
        ]
        assert statuses(crowd.at_once(*calls)) == {201: 40}


@pytest.mark.parametrize("which", ["a message", "the opening"])
def test_an_edit_against_a_deletion_leaves_no_words(crowd: Crowd, rounds: int, which: str) -> None:
    for _ in range(rounds):
        conversation = fresh()
        writer = conversation.helper
        message_id = conversation.pk if which == "the opening" else say(writer, conversation)
        edit, deletion = editing(writer, message_id, "Wednesday would be better."), deleting(writer, message_id)
        answers = crowd.at_once(*[edit, deletion] * 3)

        assert [answer.status for answer in answers[1::2]] == [200] * 3
        assert {answer.status for answer in answers[::2]} <= {200, 403}
        assert words_left(conversation, which) == ("", "", True)


def words_left(conversation: Conversation, which: str) -> tuple[str, str, bool]:
    if which == "the opening":
        now = Conversation.objects.get(pk=conversation.pk)
        return now.initial_message, now.opening_first, now.opening_deleted_at is not None
    message = Message.objects.get(conversation=conversation)
    return message.content, message.first, message.deleted_at is not None


def test_ten_deletions_of_one_message_are_one(crowd: Crowd, rounds: int) -> None:
    for _ in range(rounds):
        conversation = fresh()
        message_id = say(conversation.helper, conversation)
        assert statuses(crowd.at_once(*[deleting(conversation.helper, message_id)] * 10)) == {200: 10}
        assert MessageRecord.objects.filter(message_id=message_id, deed=Deed.DELETED).count() == 1
