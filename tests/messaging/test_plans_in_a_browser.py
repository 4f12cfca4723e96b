"""A plan, its answer and its thanks in a real browser, from the first word to the last."""

from playwright.sync_api import BrowserContext, Page, expect

from members.models import Member
from messaging.models import Plan, Thanks
from messaging.services import planning
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted
from tests.messaging.test_plans import day_in, wish


def come_in(site: str, context: BrowserContext, member: Member) -> None:
    session = browser_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


def test_from_a_plan_to_thanks(site: str, context: BrowserContext, page: Page) -> None:
    asker, helper = MemberFactory(called="Ana"), MemberFactory(called="Ben")
    request_id = accepted(asker, helper).asked_for.pk
    planning.make_plan(helper, request_id, wish(place="x" * 200))

    come_in(site, context, asker)
    page.goto(f"/requests/{request_id}/plan/")
    page.get_by_label("Where?").fill("the porch")
    page.get_by_label("Which day?").fill(day_in(2).isoformat())
    page.get_by_label("At what time?").fill("5:30")
    with page.expect_navigation():
        page.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_role("alert")).to_contain_text("Please add AM or PM, like 5:30 PM.")
    expect(page.get_by_label("At what time?")).to_have_value("5:30")
    page.get_by_label("At what time?").fill("5:30 pm")
    page.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_role("status")).to_contain_text("Your plan is sent.")

    come_in(site, context, helper)
    page.reload()
    page.get_by_role("button", name="That works").click()
    expect(page.get_by_role("status")).to_contain_text("It is a plan.")
    assert Plan.objects.get().is_agreed

    come_in(site, context, asker)
    page.goto(f"/requests/{request_id}/done/")
    page.locator("label").filter(has_text="Yes, all done").click()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Say thank you to Ben")
    page.wait_for_load_state("networkidle")
    for _ in range(2):
        page.get_by_role("button", name="You made my week.").click()
    expect(page.get_by_label("Your thank-you")).to_have_value("You made my week.")
    expect(page.get_by_label("Your thank-you")).to_be_focused()
    page.get_by_role("button", name="Send my thank-you").click()
    expect(page.get_by_text("Your thank-you is sent.")).to_be_visible()
    assert Thanks.objects.count() == 1
