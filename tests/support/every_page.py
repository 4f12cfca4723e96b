"""Every page of the site, with who looks at it and how it comes about: one list for all checks and for the gallery.

A new page is one line in its room: `yield see("room:name", visitor, *arguments)`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pyotp
from django.apps import apps
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.timezone import localdate, now
from playwright.sync_api import BrowserContext, Page, Response

import notifications.services as notifications
from features import flag
from features.models import Attempt
from features.services import switching
from features.services.guarding import GUARD
from features.services.switching import By
from features.states import State
from help_requests.models import HelpRequest
from help_requests.services import drafting, withholding
from members import roles
from members.models import Member, Restriction, VerificationChange
from members.services import blocks, restrictions
from members.services.accounts import confirmation_link
from members.services.second_factor import begin
from messaging.models import Conversation, Message, Plan
from messaging.services import changing, closing, deciding, releasing, thanking
from messaging.services.planning import agree_to_plan
from moderation.models import Action, Case, Decision, Phrase, Report
from moderation.services import appealing, cases, undoing
from moderation.services import asking as questions
from moderation.services import deciding as ruling
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import PASSWORD, MemberFactory
from tests.factories.messaging import accepted, held_message, offer, offer_to, say
from tests.factories.moderation import decide, reported_message, reported_thread, ten_minutes_pass
from tests.factories.restrictions import restrict
from tests.support import scenes
from tests.support.standings import STANDINGS

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff"
LONG_TITLE = "Sit with my father on Saturday from nine to noon, so that I can see my own doctor and rest for once"
LONG_WORD = "https://example.org/" + "verylongaddress" * 12
# What is answered before each question of asking is read, and which of them have to be answered.
ASKED: dict[str, dict[str, Any]] = {
    "title": {"category": "household-yard"},
    "more": {"title": LONG_TITLE},
    "when": {"description": LONG_WORD},
    "give-back": {"when": "any", "urgency": "critical"},
    "kind": {"exchange_offer": "", "nothing_back": True},
    "place": {},
}
NEEDED = ("title", "when")
# Addresses nobody reads as a page, by name.
NO_PAGES = {
    "manifest": "what a phone installs the site by",
    "service_worker": "a program",
    "members:sign_out": "only a button, then the first page",
    "members:sign_out_elsewhere": "only a button of /me/",
    "members:send_again": "only a button of /waiting/",
    "members:revoke_token": "only a button of /me/tokens/",
    "members:unblock": "only a button of /me/blocked/",
    "members:my_data_file": "a file",
    "members:new_link": "only the form of an old link",
    "home:read_notices": "only a button of /notices/",
    "home:notice": "leads on to what the notice is about",
    "messaging:message": "leads to where a message stands",
    "messaging:seen": "a dot, for browsers without scripts",
    "messaging:beside": "a part of a chat's page on wide screens, and looked at there",
    "messaging:undo_request": "only a button of the request",
    "messaging:is_fine": "only a button of the thread",
    "messaging:reopen_request": "only a button of the request",
    "messaging:plan_file": "a file",
}


TOO_LONG = "w" * 1001
# An address of this site with nothing on it that does anything.
RESTING_PLACE = "/api/health/live"
SAID = (
    LONG_WORD,
    "w" * 1000,
    "هل يمكنك أن تأتي يوم الثلاثاء؟",
    "\n".join(f"{number}. Tea, bread" for number in range(60)),
    "Five is fine.",
    "Porch is fine. The dog barks, but he is friendly.",
)


# The form of a page that everybody has, with the words of another.
SENDING = """([address, words]) => {
  const form = document.querySelector("main form[method=post]"), { csrfmiddlewaretoken } = form.elements;
  form.action = address;
  form.replaceChildren(csrfmiddlewaretoken);
  for (const [name, value] of Object.entries(words)) {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { name }));
    field.value = value;
  }
  HTMLFormElement.prototype.submit.call(form);
}"""


@dataclass(frozen=True)
class Stop:
    """One page as somebody meets it. With `empty` its form is also sent with nothing in it."""

    page: str
    address: str
    visitor: Client = field(default_factory=Client)
    state: str = ""
    empty: bool = False
    status: int = 200
    # The page that answers a form with these words.
    sends: dict[str, str] | None = None

    @property
    def name(self) -> str:
        return f"{self.page} {self.state}".strip()

    def open(self, page: Page, site: str) -> Response | None:
        if not self._is_in(page.context):
            # A chat looks again by itself, and must not find somebody else's cookies. An empty page that is not of
            # this site would cost two new processes of the browser, one to go there and one to come back.
            page.goto(RESTING_PLACE)
        self._come_in(page.context, site)
        if self.sends is None:
            return page.goto(self.address)
        page.goto("/look/")
        with page.expect_navigation() as came:
            page.evaluate(SENDING, [self.address, self.sends])
        return came.value

    @property
    def _session(self) -> str | None:
        session = self.visitor.cookies.get("sessionid")
        return str(session.value) if session else None

    def _is_in(self, context: BrowserContext) -> bool:
        """The browser is the visitor's already, or neither of them has come in."""
        held = [str(it["value"]) for it in context.cookies() if it["name"] == "sessionid"]
        return held == ([self._session] if self._session else [])

    def _come_in(self, context: BrowserContext, site: str) -> None:
        """The browser is the visitor's now, and knows nothing of any page before."""
        context.clear_cookies()
        if self._session:
            context.add_cookies([{"name": "sessionid", "value": self._session, "url": site}])


def see(page: str, visitor: Member | Client | None = None, *arguments: Any, query: str = "", **more: Any) -> Stop:
    who = browser_of(visitor) if isinstance(visitor, Member) else visitor or Client()
    return Stop(page, reverse(page, args=arguments) + query, who, **more)


def public() -> Iterator[Stop]:
    for page in ("first_page", "rules", "safety", "help", "offline", "docs", "members:look"):
        yield see(page)
    yield see("members:sign_in", empty=True)
    yield see("members:not_yet")
    yield see("members:forgot", empty=True)
    yield see("members:forgot_sent")
    yield see("moderation:contact", state="signed out")
    yield Stop("not found", "/nothing/", status=404)
    yield Stop("wrong way", "/logout/", browser_of(MemberFactory()), status=405)
    other = HelpRequestFactory()
    yield Stop("not yours", f"/requests/{other.pk}/edit/", browser_of(MemberFactory()), status=403)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(MemberFactory())
    old = {"csrfmiddlewaretoken": "old", "question": LONG_WORD, "client_id": str(uuid4())}
    yield Stop("old form", "/help/contact/", careful, sends=old, status=403)


def joining() -> Iterator[Stop]:
    rosa = Client()
    yield see("members:join", rosa, empty=True)
    you = {"name": "Rosa Delgado", "called": "Rosa", "email": "rosa@example.org", "password": "three calm geese sing"}
    rosa.post("/join/", you)
    yield see("members:join_area", rosa, empty=True)
    rosa.post("/join/area/", {"town": "Springfield"})
    yield see("members:join_why", rosa, empty=True)
    why = {"caregiving": "I look after my father, who has trouble walking.", "agree": "on"}
    rosa.post("/join/why/", why | {"reason": "I would like to meet people who know this."})
    yield see("members:check_email", rosa)
    new = MemberFactory(unchecked=True, email="a.very.long.address.of.a.new.member@subdomain.example.org")
    yield see("members:confirm", None, confirmation_link(new))
    yield see("members:confirm", None, "broken", state="old link", empty=True, status=400)
    yield see("members:new_link_sent")
    person, token = urlsafe_base64_encode(force_bytes(new.pk)), default_token_generator.make_token(new)
    yield _with_the_link(see("members:new_password", None, person, token, empty=True))
    yield see("members:new_password", None, person, "wrong", state="old link", status=400)


def waiting() -> Iterator[Stop]:
    yield see("members:waiting", MemberFactory(called="Uma", unchecked=True), state="address not checked")
    wen = MemberFactory(called="Wen", waiting=True)
    yield see("members:waiting", wen)
    yield see("members:answer", wen, empty=True)
    yield see("members:my_data", wen)
    dan = MemberFactory(called="Dan", declined=True)
    why = "We serve only people who live in our area."
    VerificationChange.objects.create(member=dan, from_status="pending", to_status="rejected", reason=why)
    yield see("members:waiting", dan, state="declined", empty=True)
    gone = MemberFactory(called="Gil")
    restrict(gone, "banned")
    yield see("members:waiting", gone, state="banned")
    yield from _paused()


def _paused() -> Iterator[Stop]:
    """What somebody reads where a moderator has closed it for them."""
    pat, ana = MemberFactory(called="Pat"), MemberFactory(called="Ana")
    talk, asked = offer_to(ana, pat), HelpRequestFactory(requester=ana)
    restrict(pat, "suspended", ends_at=now() + timedelta(days=12))
    visitor = browser_of(pat)
    yield see("home:home", visitor, state="paused")
    yield see("messaging:thread", visitor, talk.pk, state="paused")
    yield see("messaging:offer", visitor, asked.pk, state="paused")
    yield see("help_requests:ask", visitor, state="paused")


def asking_us() -> Iterator[Stop]:
    """Our team is asked, and answers."""
    ana = MemberFactory(called="Ana")
    visitor = browser_of(ana)
    yield see("moderation:contact", visitor, empty=True)
    yield see("moderation:contact", MemberFactory(called="Dan", declined=True), state="declined")
    asked = questions.ask(ana, f"How do I change my town?\n{LONG_WORD}", str(uuid4()))
    yield see("moderation:question", visitor, asked.pk, state="waits")
    questions.answer_question(MemberFactory(role=roles.MODERATOR), asked.pk, f"Open “Me”.\n{LONG_WORD}")
    questions.ask(ana, "Where do I find my data?", str(uuid4()))
    yield see("moderation:contact", visitor, state="with questions")
    yield see("moderation:question", visitor, asked.pk)


def at_home() -> Iterator[Stop]:
    yield see("home:home", MemberFactory(called="Nils"), state="first visit")
    quiet = MemberFactory(called="Quinn")
    yield see("home:notices", quiet, state="nothing yet")
    HelpRequestFactory(requester=quiet)
    yield see("home:home", quiet, state="nothing needs you")
    yield see("home:person", quiet, quiet.pk, state="my own")
    ana, other = _a_full_life()
    yield see("home:home", ana)
    yield see("home:notices", ana)
    yield see("home:person", ana, other.pk)


def _a_full_life() -> tuple[Member, Member]:
    """Somebody with one of everything, and whom they deal with."""
    ana, other = MemberFactory(called="Ana"), MemberFactory(called=LONG_NAME, about=f"I bake on Sundays.\n{LONG_WORD}")
    with transaction.atomic():
        for _ in range(120):
            notifications.record("request_expiring", about=("helprequest", uuid4()), to=ana)
    say(other, offer(other, HelpRequestFactory(requester=ana, title=LONG_TITLE, urgency="critical")), LONG_WORD)
    ben = MemberFactory(called="Ben")
    scenes.plan(ben, scenes.Scene(ana, ben, accepted(ana, ben).asked_for))
    agreed = accepted(other, ana).asked_for
    scenes.plan(ana, scenes.Scene(other, ana, agreed), place="x" * 200)
    agree_to_plan(other, agreed.pk, Plan.objects.get(help_request=agreed).version)
    offer_to(MemberFactory(called="Carol"), ana)
    HelpRequestFactory(requester=ana, expires_at=now() + timedelta(days=2))
    HelpRequestFactory.create_batch(3, title=LONG_TITLE, urgency="urgent")
    HelpRequestFactory(requester=other)
    return ana, other


def members() -> Iterator[Stop]:
    ana = MemberFactory(called="Ana", name="Ana Torres", email="ana@example.org")
    visitor = browser_of(ana)
    yield see("members:waiting", visitor, state="welcome")
    yield see("members:me", visitor, empty=True)
    yield see("members:change_password", visitor, empty=True)
    yield see("members:tokens", visitor, empty=True)
    visitor.post("/me/tokens/", {"name": "My calendar"})
    yield see("members:tokens", visitor, state="a new one")
    yield see("members:blocked", visitor, state="nobody")
    other = MemberFactory(called=LONG_NAME)
    yield see("members:block", visitor, other.pk)
    blocks.block(ana, other.pk)
    yield see("members:blocked", visitor)
    yield see("messaging:alerts", visitor)
    yield see("members:my_data", visitor)
    yield see("members:look", visitor, state="of a member")


def staff() -> Iterator[Stop]:
    vera = MemberFactory(called="Vera", email="vera@example.org", role=roles.VERIFIER)
    visitor = Client()
    signing_in = {"email": vera.email, "password": PASSWORD}
    visitor.post("/login/", signing_in)
    yield see("members:second_step", visitor, empty=True)
    visitor.post("/login/second-step/", {"code": pyotp.TOTP(begin(vera)).now()})
    yield see("members:recovery_codes", visitor)
    visitor = Client()
    visitor.post("/login/", signing_in)
    yield see("members:code", visitor, empty=True)
    yield see("members:code", visitor, query="?paper", state="on paper")


def requests() -> Iterator[Stop]:
    ana = MemberFactory(called="Ana")
    yield see("help_requests:list", ana, state="nothing yet")
    yield see("help_requests:mine", ana, state="nothing yet")
    day = localdate() + timedelta(days=3)
    hers = HelpRequestFactory(requester=ana, title=LONG_TITLE, needed_by=day, urgency="critical")
    done = HelpRequestFactory(requester=ana, completed=True)
    old = HelpRequestFactory(requester=ana, completed=True, completed_at=now() - timedelta(hours=1))
    ending = HelpRequestFactory(requester=ana, expires_at=now() + timedelta(days=1))
    over, other = HelpRequestFactory(cancelled=True), HelpRequestFactory(urgency="urgent")
    yield see("help_requests:list", ana)
    yield see("help_requests:list", ana, query="?category=other", state="nothing of that kind")
    yield see("help_requests:mine", ana)
    yield see("help_requests:list", ana, query="?urgency=critical&town=Nixa&q=ride", state="nothing for these words")
    yield see("help_requests:list", ana, query="?urgency=soonest", state="a strange filter")
    yield see("help_requests:posted", ana, hers.pk)
    states = {"mine": hers, "done": done, "done for long": old, "ending": ending, "over": over, "of another": other}
    for state, request in states.items():
        yield see("messaging:request", ana, request.pk, state=state)
    yield see("messaging:edit_request", ana, hers.pk, empty=True)
    yield see("messaging:close_request", ana, hers.pk, empty=True)


def asking() -> Iterator[Stop]:
    """A request is written, one question to a page."""
    ana = MemberFactory(called="Ana")
    visitor = browser_of(ana)
    yield see("help_requests:ask", visitor)
    yield see("help_requests:question", visitor, "topic", empty=True)
    for slug, answers in ASKED.items():
        drafting.keep_answers(ana, uuid4(), answers)
        yield see("help_requests:question", visitor, slug, state=slug, empty=slug in NEEDED)
    yield see("help_requests:question", visitor, "title", query="?change", state="to change the line")
    yield see("help_requests:question", visitor, "more", query="?kept", state="kept for later")
    yield see("help_requests:check", visitor)
    yield see("help_requests:check", visitor, query="?kept", state="kept for later")
    yield see("help_requests:start_over", visitor)


def talking() -> Iterator[Stop]:
    ana, ben, cy = MemberFactory(called="Ana"), MemberFactory(called="Ben"), MemberFactory(called="Cy")
    yield see("messaging:inbox", cy, state="nothing yet")
    request = HelpRequestFactory(requester=ana, title=LONG_TITLE, urgency="urgent")
    yield see("messaging:offer", cy, request.pk, empty=True)
    offered, other = offer(ben, request), offer(MemberFactory(called=LONG_NAME), request)
    said = [say(member, offered, words) for member in (ben, ana) for words in (LONG_WORD, "Yes.\nNo.", "Fine.")]
    for show in ("answer", "sent", "ended"):
        yield see("messaging:inbox", ana, query=f"?show={show}", state=f"only {show}")
    yield see("messaging:inbox", ana)
    yield see("messaging:inbox", ben, state="of a helper")
    yield see("messaging:thread", ana, offered.pk)
    yield see("messaging:thread", ben, offered.pk, state="of a helper")
    yield see("messaging:thread", ana, other.pk, state="a long name")
    yield see("messaging:accept", ana, offered.pk)
    yield see("messaging:decline", ana, offered.pk)
    yield see("messaging:close", ana, offered.pk)
    yield see("messaging:withdraw", ben, offered.pk)
    yield see("messaging:edit_message", ana, offered.pk, said[-1], empty=True)
    yield see("messaging:delete_message", ana, offered.pk, said[-1])
    yield see("messaging:request", ana, request.pk, state="with offers")
    yield see("messaging:request", ben, request.pk, state="I offered")
    yield see("messaging:close_request", ana, request.pk, state="who helped", empty=True)
    yield _refused_offer(cy)
    yield from _after_talking(ana, ben, request, offered)


def conversations() -> Iterator[Stop]:
    """Where two people may stand, as each of them sees it; nobody has said much, so each page shows the whole of it."""
    for state, bring in STANDINGS.items():
        ana, ben = MemberFactory(called="Ana"), MemberFactory(called="Ben")
        request = HelpRequestFactory(requester=ana, title=LONG_TITLE)
        thread = offer(ben, request)
        bring(scenes.Scene(ana, ben, request, thread))
        for whose, member in (("", ana), (", of a helper", ben)):
            # What is checked before anybody sees it, nobody else sees.
            if member.is_active and not (state == "held" and member == ana):
                yield see("messaging:thread", member, thread.pk, state=f"{state}{whose}")
    yield from _of_what_was_said()
    yield from _of_what_was_checked()


def _of_what_was_checked() -> Iterator[Stop]:
    ana, ben = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    thread = accepted(ana, ben)
    say(ben, thread, "Can you send me $200 with a gift card today?")
    releasing.hide(say(ana, thread, "This was hidden."))
    held_message(ben, thread, "This waits.")
    releasing.hide(held_message(ben, thread, "This was refused.").pk)
    yield see("messaging:thread", ana, thread.pk, state="talks about money, and one is hidden")
    asked = {"content": "Call me at 417-555-0134 after five.", "client_id": str(uuid4())}
    yield see("messaging:thread", ben, thread.pk, state="asked first, one held, one refused", sends=asked)
    hidden = HelpRequestFactory(requester=ana)
    withholding.hide(hidden.pk)
    yield see("messaging:request", ana, hidden.pk, state="hidden")


def _of_what_was_said() -> Iterator[Stop]:
    ana, ben = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    thread = offer_to(ana, ben)
    said = [say((ana, ben)[number % 2], thread, words) for number, words in enumerate(SAID)]
    for number, message in enumerate(said):
        Message.objects.filter(pk=message).update(created_at=now() - timedelta(hours=20 * (len(said) - number)))
    fresh = say(ben, thread, "Good to know! I like dogs.")
    changing.edit_message(ben, fresh, "Good to know! I like dogs very much.")
    changing.delete_message(ben, said[-1])
    yield see("messaging:thread", ana, thread.pk, state="many days, and new words")
    for show, query in {"from the middle": "?before=6", "newer words": "?after=3"}.items():
        yield see("messaging:thread", ana, thread.pk, query=query, state=show)
    trouble = {"content": TOO_LONG, "client_id": str(uuid4())}
    yield see("messaging:thread", ben, thread.pk, state="too long", sends=trouble, status=400)
    yield from _of_an_earlier_one()
    closing.close_conversation(ana, thread.pk)
    late = {"content": f"Are you there?\n{LONG_WORD}", "client_id": str(uuid4())}
    yield see("messaging:thread", ben, thread.pk, state="too late", sends=late, status=403)


def _of_an_earlier_one() -> Iterator[Stop]:
    """Begun the V1 way, which its pages say."""
    now_on = flag.answer()
    flag.keep(flag.Answer(State.parse("off")))
    ana, other = MemberFactory(called="Ana"), MemberFactory(called=LONG_NAME)
    old = offer(other, HelpRequestFactory(requester=ana, title=LONG_TITLE))
    flag.keep(now_on)
    yield see("messaging:inbox", ana, state="an earlier one")
    yield see("messaging:thread", ana, old.pk, state="an earlier one")


def _refused_offer(helper: Member) -> Stop:
    """The request has closed behind the form of an offer."""
    gone = HelpRequestFactory(cancelled=True)
    words = {"note": LONG_WORD, "client_id": str(uuid4())}
    return see("messaging:offer", helper, gone.pk, state="too late", sends=words, status=400)


def _after_talking(ana: Member, ben: Member, request: HelpRequest, offered: Conversation) -> Iterator[Stop]:
    deciding.accept_offer(ana, offered.pk)
    withdrawn, closed, blocked = (offer_to(ana, ben) for _ in range(3))
    deciding.withdraw_offer(ben, withdrawn.pk)
    closing.close_conversation(ana, closed.pk)
    for state, conversation in {"accepted": offered, "taken back": withdrawn, "ended": closed}.items():
        yield see("messaging:thread", ana, conversation.pk, state=state)
        yield see("messaging:thread", ben, conversation.pk, state=f"{state}, of a helper")
    yield see("messaging:reoffer", ben, withdrawn.pk)
    blocks.block(ana, ben.pk)
    yield see("messaging:thread", ana, blocked.pk, state="I blocked")
    yield see("messaging:thread", ben, blocked.pk, state="blocked me")


def planning() -> Iterator[Stop]:
    asker, helper = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    thread = accepted(asker, helper)
    yield see("messaging:plan", asker, thread.help_request_id, state="none yet")
    scenes.plan(helper, scenes.Scene(asker, helper, thread.asked_for), place="x" * 200)
    yield see("messaging:plan", asker, thread.help_request_id, empty=True)
    yield see("messaging:thread", asker, thread.pk, state="with a plan")
    yield see("messaging:request", asker, thread.help_request_id, state="with a plan")
    yield see("messaging:done", asker, thread.help_request_id, empty=True)
    over = scenes.done()
    yield see("messaging:thank", over.asker, over.request.pk, empty=True)
    thanking.thank(over.asker, over.request.pk, f"You made my week.\n{LONG_WORD}"[:290])
    for state, member in {"thanked": over.asker, "thanked, of a helper": over.helper}.items():
        yield see("messaging:request", member, over.request.pk, state=state)
        yield see("messaging:thread", member, over.thread.pk, state=state)


def reporting() -> Iterator[Stop]:
    ana, other = MemberFactory(called="Ana"), MemberFactory(called=LONG_NAME)
    chat = offer_to(ana, other)
    visitor = browser_of(ana)
    words = say(other, chat, "w" * 500)
    yield see("moderation:report_conversation", visitor, chat.pk, empty=True)
    yield see("moderation:report_conversation", visitor, chat.pk, query=f"?m={words}", state="a message")
    yield see("moderation:report_member", visitor, other.pk)
    yield see("moderation:report_request", MemberFactory(), chat.help_request_id)
    visitor.post(f"/people/{other.pk}/report/", {"reason": "other"})
    made = Report.objects.latest("created_at")
    yield see("moderation:reported", visitor, made.pk)


def desk() -> Iterator[Stop]:
    """What moderators see: long names and long words in every state of a case."""
    mo, mia = (MemberFactory(called=called, role=roles.MODERATOR) for called in ("Mo", "Mia"))
    ana, other = MemberFactory(called="Ana"), MemberFactory(called=LONG_NAME)
    visitor, queue = browser_of(mo), "admin:moderation_case_changelist"
    yield see(queue, visitor, state="nothing open")
    first, second = (reported_message(ana, other, words) for words in (f"Say thank you. {LONG_WORD}", "x" * 900))
    late, _ = reported_thread(ana, other)
    Case.objects.filter(pk=late.case_id).update(due_at=now() - timedelta(hours=1))
    asked = questions.ask(ana, f"How do I change my town?\n{LONG_WORD}", str(uuid4()))
    yield see("admin:index", visitor)
    yield see(queue, visitor)
    yield see("admin:moderation_case_change", visitor, first.case_id, state="facts")
    decided = decide(mo, first.case, Action.LIMIT)
    yield see("admin:moderation_case_change", visitor, first.case_id, state="to be undone")
    yield see(queue, visitor, query="?state=decided", state="decided")
    cases.claim(mo, second.case_id)
    yield see("admin:moderation_case_change", visitor, second.case_id, state="open")
    words = {"version": "1", "rule": "1", "action": "warn", "facts": LONG_WORD, "words": LONG_WORD, "days": ""}
    address = reverse("admin:moderation_case_decide", args=[second.case_id])
    yield Stop("admin:moderation_case_decide", address, visitor, "refused", status=400, sends=words)
    yield Stop("admin:moderation_case_decide", address, visitor, sends=words | {"reporter_words": LONG_WORD})
    decide(mo, late.case, Action.BAN)
    cases.claim(mia, late.case_id)
    yield see("admin:moderation_case_change", mia, late.case_id, state="a ban is proposed")
    yield see("admin:moderation_question_answer", visitor, asked.pk, empty=True)
    restriction = Restriction.objects.get(decision_id=decided.pk)
    yield see("admin:members_restriction_lift", visitor, restriction.pk, empty=True)
    yield see("admin:moderation_phrase_rewrite", visitor, Phrase.objects.all()[0].pk, empty=True)
    yield see("admin:moderation_community", visitor, state="nothing to tell")
    _a_busy_quarter()
    yield see("admin:moderation_community", visitor)


def _a_busy_quarter() -> None:
    """Enough people for every chart, and requests that wait."""
    helpers = MemberFactory.create_batch(9)
    for weeks in range(3):
        for place, asker in enumerate(MemberFactory.create_batch(9)):
            at = now() - timedelta(weeks=weeks, days=3)
            asked = HelpRequestFactory(requester=asker, created_at=at, title=LONG_TITLE if place else LONG_WORD[:100])
            if place < 7:
                offer(helpers[place + weeks], asked)


def rollout() -> Iterator[Stop]:
    """How far messaging_v2 is out: on a new site, on the way, and after the guard."""
    op = MemberFactory(called=LONG_NAME, role=roles.OPERATOR)
    visitor, page = browser_of(op), "admin:features_flag_changelist"
    yield see(page, visitor, state="a new site")
    by = By(LONG_NAME, op)
    for code in ("success", "conversation_exists", "server_error", "service_unavailable"):
        for version in (1, 2):
            told = {"code": code, "version": version, "milliseconds": 40, "request_id": "w" * 64}
            Attempt.objects.create(kind="send_message", endpoint="/api/" + "w" * 95, **told)
    switching.switch("percentage:10", why=LONG_WORD[:300], by=by)
    switching.include(op, why=LONG_WORD[:250], by=by)
    yield see(page, visitor, state="on the way")
    yield see("admin:features_flag_switch", visitor, query="?to=off", state="off", empty=True)
    yield see("admin:features_flag_switch", visitor, query="?to=percentage:50", empty=True)
    yield see("admin:features_flag_leave_out", visitor, query=f"?member={op.pk}", empty=True)
    address, words = reverse("admin:features_flag_include"), {"email": LONG_WORD}
    yield Stop("admin:features_flag_include", address, visitor, status=400, sends=words)
    switching.switch("off", why="5 of the last 22 attempts failed on our side", by=GUARD)
    yield see(page, visitor, state="the guard turned it off")
    flag.forget()


def moving_v1() -> Iterator[Stop]:
    """How far V1 is on its way into V2, as long as there is such a room."""
    if not apps.is_installed("legacy"):
        return
    from legacy.models import Run
    from legacy.services import moving, proving, settling
    from tests.factories.legacy import WORDS, earlier, empty

    visitor = browser_of(MemberFactory(called=LONG_NAME, role=roles.OPERATOR))
    page, ana, ben = "admin:legacy_run_changelist", MemberFactory(), MemberFactory()
    yield see(page, visitor, state="nothing was moved")
    earlier(ben, HelpRequestFactory(requester=ana))
    changed = earlier(ben, HelpRequestFactory(requester=ana), (ben, WORDS), (ana, "It will differ."))
    earlier(ben, HelpRequestFactory(requester=ana), (ben, "w" * 1200))
    empty(ben, HelpRequestFactory(requester=ana))
    moving.run()
    settling.settle(settling.Decision("nobody spoke", By(LONG_NAME)), reason="empty")
    Message.objects.filter(conversation=changed.pk).update(content="It differs.")
    proving.verify()
    Run.objects.update(state="running")
    yield see(page, visitor, state="cut off, and with a difference")


def decided() -> Iterator[Stop]:
    """What was decided about somebody, and what came of a report, in every state either can have."""
    mia, mo = (MemberFactory(called=name, role=roles.MODERATOR) for name in ("Mia", "Mo"))
    ana, ben = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    asker, visitor = browser_of(ana), browser_of(ben)
    yield see("moderation:decisions", visitor, state="nothing yet")
    yield see("moderation:reports", asker, state="nothing yet")

    def ruled(action: Action, member: Member = ben, **more: Any) -> tuple[Report, Decision]:
        report = reported_message(ana, member, description=f"He asked me twice.\n{LONG_WORD}")
        return report, decide(mo, report.case, action, **more)

    long_words: dict[str, Any] = {
        "words": f"Please do not ask for money.\n{LONG_WORD}",
        "facts": f"You wrote: “{LONG_WORD}”",
    }
    report, pause = ruled(Action.SUSPEND, days=7, **long_words)
    yield see("moderation:reported", asker, report.pk, state="not certain yet")
    yield see("moderation:decision", visitor, pause.pk, empty=True)
    appeal = appealing.appeal_decision(ben, pause.pk, f"It was a joke.\n{LONG_WORD}")
    yield see("moderation:decision", visitor, pause.pk, state="asked again")
    ten_minutes_pass(pause)
    decide(mia, appeal.case, Action.KEEP, rule=None, words=f"It did not read like one.\n{LONG_WORD}")
    yield see("moderation:decision", visitor, pause.pk, state="kept")
    with transaction.atomic():
        restrictions.lift_all_of(pause.pk, mo, "It was long enough.")
    yield see("moderation:decision", visitor, pause.pk, state="over")
    report, warning = ruled(Action.WARN)
    ten_minutes_pass(warning)
    yield see("moderation:decision", visitor, warning.pk, state="a warning")
    yield see("moderation:reported", asker, report.pk, state="we acted", empty=True)
    undoing.reverse(mo, warning.pk, "It was between friends.", "We are sorry. You did nothing wrong.")
    yield see("moderation:decision", visitor, warning.pk, state="taken back")
    yield see("moderation:reported", asker, report.pk, state="taken back")
    report, nothing = ruled(Action.NOTHING, rule=None, reporter_words="Thank you. We looked and found no broken rule.")
    ten_minutes_pass(nothing)
    appeal = appealing.appeal_report(ana, report.pk, f"Please read it again.\n{LONG_WORD}")
    yield see("moderation:reported", asker, report.pk, state="asked again")
    decide(mia, appeal.case, Action.OVERTURN, rule=None, words="You were right. We look at it anew.")
    yield see("moderation:reported", asker, report.pk, state="anew")
    yield see("moderation:reports", asker)
    yield see("moderation:decisions", visitor)
    gone = MemberFactory(called="Gil")
    _, ban = ruled(Action.BAN, gone)
    yield see("moderation:decision", gone, ban.pk, state="a ban that waits")
    ruling.confirm(mia, ban.pk, cases.claim(mia, ban.case_id).version)
    yield see("moderation:decision", gone, ban.pk, state="a ban")
    yield see("moderation:decisions", gone, state="of whom we banned")
    yield see("members:waiting", gone, state="banned")


ROOMS: tuple[Callable[[], Iterator[Stop]], ...] = (
    public,
    joining,
    waiting,
    asking_us,
    members,
    staff,
    at_home,
    requests,
    asking,
    talking,
    conversations,
    planning,
    reporting,
    decided,
    desk,
    rollout,
    moving_v1,
)


def every_stop() -> Iterator[Stop]:
    """One after the other, for the next may change what the last one showed."""
    for room in ROOMS:
        yield from room()


def _with_the_link(stop: Stop) -> Stop:
    """As a person would: the link is opened, and what it leads to is looked at."""
    answer = stop.visitor.get(stop.address)
    return Stop(stop.page, answer["Location"], stop.visitor, empty=stop.empty) if answer.status_code == 302 else stop
