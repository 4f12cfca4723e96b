"""Two people who talk, each in a browser of their own, and what they hear and see there."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Page, expect

from carecollective.encryption import fingerprint
from members.models import Member
from messaging.models import Conversation, Message
from tests.cast import browser_of

# A phone keeps what it was told; a test only has to ask.
HEARS = """() => {
    window.heard = [];
    for (const place of document.querySelectorAll("[data-announcer], [data-alarm]")) {
        new MutationObserver(() => place.textContent && window.heard.push(place.textContent))
            .observe(place, { childList: true, characterData: true, subtree: true });
    }
}"""
LOOK = "dispatchEvent(new Event('online'))"

Comer = Callable[..., Page]


@pytest.fixture
def come_in(browser: Browser, site: str) -> Iterator[Comer]:
    """A phone of their own, signed in; nothing goes wrong in its scripts unseen."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def come(member: Member, **options: Any) -> Page:
        phone = {"viewport": {"width": 360, "height": 640}, "service_workers": "block"}
        context = browser.new_context(base_url=site, **phone | options)
        contexts.append(context)
        context.on("weberror", lambda problem: troubles.append(str(problem.error)))
        session = browser_of(member).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        return context.new_page()

    yield come
    for context in contexts:
        context.close()
    assert not troubles


def url_of(conversation: Conversation) -> str:
    return f"/messages/{conversation.pk}/"


def send(page: Page, words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send").click()


def look(page: Page) -> None:
    """Asks for what is new now, and not in three seconds."""
    with page.expect_response(lambda answer: "?after=" in answer.url and answer.request.method == "GET"):
        page.evaluate(LOOK)


def has_arrived(page: Page, words: str, *, within: float = 8) -> None:
    """In the thread, and not on its way any more."""
    line = page.locator(".log__lines:not([data-waiting])").get_by_text(words, exact=True)
    expect(line).to_be_visible(timeout=within * 1000)


def fill(conversation: Conversation, said: list[tuple[Member, str]], begun: datetime | None = None) -> list[Message]:
    """A thread as long as it takes a year to write, a minute between any two; the writing itself is not looked at."""
    conversation.refresh_from_db()
    begun = begun or now() - timedelta(minutes=len(said))
    made = [
        Message(
            conversation=conversation,
            sender=sender,
            sequence=conversation.last_sequence + number,
            content=words,
            digest=fingerprint(words),
            created_at=begun + timedelta(minutes=number - 1),
        )
        for number, (sender, words) in enumerate(said, 1)
    ]
    Message.objects.bulk_create(made)
    last = made[-1]
    Conversation.objects.filter(pk=conversation.pk).update(
        last_sequence=last.sequence,
        last_message_at=last.created_at,
        requester_read=last.sequence,
        requester_delivered=last.sequence,
        requester_unread=0,
        helper_read=last.sequence,
        helper_delivered=last.sequence,
        helper_unread=0,
    )
    conversation.refresh_from_db()
    return made
