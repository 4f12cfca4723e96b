"""From a decision to the answer of an appeal in a real browser, on a phone and without a script."""

import pytest
from playwright.sync_api import Page, expect

from moderation.models import Action, Appeal
from tests.factories.members import MemberFactory
from tests.factories.moderation import another_moderator, decide, reported_message, ten_minutes_pass
from tests.members.browser.rounds import come_as, press

JOKE = "It was a joke. We have known each other for years."
ANSWER = "We read it again. You were kind, and we were not."


class TestOnAPhoneWithoutAScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args: dict[str, object]) -> dict[str, object]:
        return browser_context_args | {"java_script_enabled": False, "viewport": {"width": 360, "height": 640}}

    def test_decision_appeal_and_answer(self, page: Page, site: str) -> None:
        ben, mo = MemberFactory(called="Ben"), another_moderator("Mo")
        made = decide(mo, reported_message(MemberFactory(called="Ana"), ben).case, Action.SUSPEND, days=7)
        ten_minutes_pass(made)
        come_as(page, site, ben)
        page.goto("/notices/")
        page.get_by_role("link", name="We made a decision about your account").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("We paused writing and posting for you")
        press(page, "Ask us to look again")
        expect(page.get_by_role("link", name="Please write why we should look again.")).to_be_visible()
        page.get_by_label("Why should we look again?").fill(JOKE)
        press(page, "Ask us to look again")
        assert page.url.endswith(f"/decisions/{made.pk}/#again")
        expect(page.get_by_role("heading", name="You asked us to look again")).to_be_in_viewport()
        expect(page.get_by_text(JOKE)).to_be_visible()
        decide(another_moderator(), Appeal.objects.get().case, Action.OVERTURN, rule=None, words=ANSWER)
        page.goto("/notices/")
        page.get_by_role("link", name="We looked again, as you asked").click()
        expect(page.get_by_text("We took this back on")).to_be_visible()
        expect(page.get_by_text(ANSWER)).to_be_visible()
        expect(page.get_by_role("textbox")).to_have_count(0)
        page.get_by_role("link", name="Decisions about you").click()
        expect(page.get_by_text("Taken back")).to_be_visible()
