"""Words a rule kept back, from the rule to the last word about them: delivered, refused, taken back, decided anew."""

from uuid import UUID

import pytest

from carecollective.invariants import broken
from help_requests.services import asking
from members.models import Member
from messaging import reads
from messaging.models import Conversation, Message
from messaging.reads import Slice
from messaging.services import releasing
from messaging.services.closing import close_conversation
from moderation.models import Action, Case, Decision, Kind
from moderation.services import appealing, cases, deciding, reporting, undoing
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import accepted, say
from tests.factories.moderation import another_moderator, decide, ten_minutes_pass
from tests.members.pages.sent import said
from tests.moderation.test_desk import typed, url

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
THREAT = "I will kill you."
SORRY = "We took it back. We are sorry."


@pytest.fixture
def talk(asker: Member, helper: Member) -> Conversation:
    return accepted(asker, helper)


@pytest.fixture
def message(helper: Member, talk: Conversation) -> UUID:
    return say(helper, talk, THREAT)


@pytest.fixture
def case(message: UUID) -> Case:
    return Case.objects.get(target_id=message, is_held=True)


def state_of(message: UUID) -> str:
    return Message.objects.get(pk=message).moderation


def is_read_by(member: Member, talk: Conversation) -> bool:
    return any(line["content"] == THREAT for line in reads.thread_rows(member, talk.pk, Slice())[1])


def page_of(member: Member, talk: Conversation) -> str:
    return said(browser_of(member).get(f"/messages/{talk.pk}/"))


def test_no_rule_broken_delivers_it(
    case: Case, message: UUID, talk: Conversation, asker: Member, moderator: Member
) -> None:
    assert not is_read_by(asker, talk)
    made = decide(moderator, case, Action.NOTHING, rule=None, facts="", words="")
    assert is_read_by(asker, talk)
    assert made.left_undone == ""
    assert broken() == {}


def test_refused_and_undone_it_waits_again(
    case: Case, message: UUID, talk: Conversation, asker: Member, moderator: Member
) -> None:
    made = decide(moderator, case, Action.WARN)
    assert state_of(message) == "refused"
    undoing.undo(moderator, made.pk)
    assert state_of(message) == "held"
    decide(moderator, case, Action.NOTHING, rule=None, facts="", words="")
    assert is_read_by(asker, talk)


def test_refused_by_a_ban_nobody_confirms_it_still_waits(case: Case, message: UUID, moderator: Member) -> None:
    proposed = decide(moderator, case, Action.BAN)
    assert proposed.waits
    second = another_moderator()
    cases.claim(second, case.pk)
    deciding.refuse(second, proposed.pk)
    assert state_of(message) == "held"


def test_taken_back_later_it_is_delivered(
    case: Case, message: UUID, talk: Conversation, asker: Member, moderator: Member
) -> None:
    made = decide(moderator, case, Action.WARN)
    ten_minutes_pass(made)
    undoing.reverse(moderator, made.pk, "A line of a song.", SORRY)
    assert state_of(message) == ""
    assert is_read_by(asker, talk)
    assert broken() == {}


def test_taken_back_on_appeal_it_is_delivered(
    case: Case, message: UUID, talk: Conversation, asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, case, Action.WARN)
    ten_minutes_pass(made)
    appeal = appealing.appeal_decision(helper, made.pk, "It is a line of a song.")
    decide(another_moderator(), appeal.case, Action.OVERTURN, rule=None)
    assert is_read_by(asker, talk)
    assert broken() == {}


def test_where_the_chat_has_ended_its_writer_and_the_moderator_read_that_it_stays(
    case: Case, message: UUID, talk: Conversation, asker: Member, helper: Member, moderator: Member
) -> None:
    made = decide(moderator, case, Action.WARN)
    ten_minutes_pass(made)
    assert "This message was not sent. It broke rule 5." in page_of(helper, talk)
    close_conversation(asker, talk.pk)
    taken_back = undoing.reverse(moderator, made.pk, "A line of a song.", SORRY)
    assert taken_back.left_undone == f"The words were not delivered: {releasing.ENDED}"
    page = page_of(helper, talk)
    assert "broke" not in page
    assert "Ana has not seen this message. It cannot be delivered in this chat now." in page
    assert not is_read_by(asker, talk)


def test_the_desk_says_what_could_not_be_delivered(
    case: Case, talk: Conversation, asker: Member, moderator: Member
) -> None:
    close_conversation(asker, talk.pk)
    desk = browser_of(moderator)
    desk.post(url(case, "open/"))
    case.refresh_from_db()
    nothing = typed(case, action=Action.NOTHING, rule="", facts="", words="", act="decide")
    page = said(desk.post(url(case, "decide/"), nothing, follow=True))
    assert Decision.objects.get().action == Action.NOTHING
    assert f"The words were not delivered: {releasing.ENDED}" in page


def test_what_two_decisions_hid_stays_hidden_until_both_are_taken_back(
    talk: Conversation, asker: Member, helper: Member, moderator: Member
) -> None:
    message = say(helper, talk, "You are an idiot.")
    by_rule = decide(moderator, Case.objects.get(target_id=message), Action.HIDE)
    by_member = decide(
        moderator, reporting.report(asker, Kind.MESSAGE, message, Complaint("harassment")).case, Action.HIDE
    )
    ten_minutes_pass(by_rule)
    undoing.undo(moderator, by_member.pk)
    assert state_of(message) == "hidden"
    undoing.reverse(moderator, by_rule.pk, "Among friends.", SORRY)
    assert state_of(message) == ""


def test_what_two_decisions_closed_stays_closed_until_both_are_taken_back(
    talk: Conversation, asker: Member, helper: Member, moderator: Member
) -> None:
    of_chat = reporting.report(asker, Kind.CONVERSATION, talk.pk, Complaint("harassment")).case
    of_message = reporting.report(asker, Kind.MESSAGE, say(helper, talk, "Hm."), Complaint("spam")).case
    first, second = decide(moderator, of_chat, Action.CLOSE), decide(moderator, of_message, Action.CLOSE)
    for decision, status in ((first, "closed"), (second, "active")):
        undoing.undo(moderator, decision.pk)
        talk.refresh_from_db()
        assert talk.status == status


def test_a_chat_our_team_ended_blames_neither(
    talk: Conversation, asker: Member, helper: Member, moderator: Member
) -> None:
    report = reporting.report(asker, Kind.CONVERSATION, talk.pk, Complaint("harassment"))
    ten_minutes_pass(decide(moderator, report.case, Action.CLOSE))
    for member in (asker, helper):
        page, inbox, home = (
            said(browser_of(member).get(url)) for url in (f"/messages/{talk.pk}/", "/messages/", "/home/")
        )
        assert "Our team ended this chat." in page
        assert "Our team ended this chat." in inbox
        assert "Our team ended this chat." in home
        assert "ended this chat" not in (page + inbox + home).replace("Our team ended this chat", "")


def test_words_changed_since_wait_for_the_case_about_them(asker: Member, helper: Member, moderator: Member) -> None:
    """Refused, written anew and so read anew: who takes the first decision back does not post what nobody has read."""
    asked = HelpRequestFactory(requester=helper)
    asking.change_request(helper, asked.pk, description=THREAT)
    first = decide(moderator, Case.objects.get(), Action.WARN)
    ten_minutes_pass(first)
    asking.change_request(helper, asked.pk, description=f"{THREAT} I mean it.")
    second = Case.objects.open().get()
    undoing.reverse(moderator, first.pk, "A line of a song.", SORRY)
    asked.refresh_from_db()
    assert asked.moderation == "held"
    decide(moderator, second, Action.NOTHING, rule=None, facts="", words="")
    asked.refresh_from_db()
    assert asked.moderation == ""


def test_let_out_and_asked_about_again_it_is_hidden_like_any_other(
    asker: Member, outsider: Member, helper: Member, moderator: Member
) -> None:
    asked = HelpRequestFactory(requester=helper)
    report = reporting.report(outsider, Kind.HELP_REQUEST, asked.pk, Complaint("scam"))
    asking.change_request(helper, asked.pk, description=THREAT)
    assert Case.objects.get() == report.case
    ten_minutes_pass(decide(moderator, report.case, Action.NOTHING, rule=None, facts="", words=""))
    appeal = appealing.appeal_report(outsider, report.pk, "Please read it again.")
    other = another_moderator()
    decide(other, appeal.case, Action.OVERTURN, rule=None)
    made = decide(other, report.case, Action.HIDE)
    asked.refresh_from_db()
    assert asked.moderation == "hidden"
    assert not Case.objects.get(pk=made.case_id).is_held
    undoing.undo(other, made.pk)
    asked.refresh_from_db()
    assert asked.moderation == ""
