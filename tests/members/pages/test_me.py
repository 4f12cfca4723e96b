"""What members set about themselves, their tokens, and how they read."""

import re
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from members.models import ApiToken, Member, MemberSession
from members.zones import first_zone, zone_in_words
from tests.cast import browser_of
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db
PROFILE = {"called": "Anita", "town": "Ozark", "about": "I bake.", "time_zone": "America/Denver"}
# By hours and minutes, so no two of them ever show the same clock.
SHIFTED = ("America/Chicago", "Asia/Kathmandu", "Australia/Eucla")
LOOK = {"text": "3", "theme": "dark", "contrast": "on", "motion": "on", "enter": "send"}


def test_what_is_saved_is_said_and_kept(asker: Member) -> None:
    answer = browser_of(asker).post("/me/", PROFILE, follow=True)
    assert answer.redirect_chain == [("/me/", 302)]
    assert 'role="status"' in said(answer)
    assert "Saved." in said(answer)
    asker.refresh_from_db()
    assert {name: getattr(asker, name) for name in PROFILE} == PROFILE


def test_a_mistake_keeps_every_word(asker: Member) -> None:
    answer = browser_of(asker).post("/me/", PROFILE | {"called": "\u200b", "time_zone": "Mars/Olympus"})
    page = said(answer)
    assert answer.status_code == 400
    assert "Please tell us what to call you." in page
    assert "Please pick one from the list." in page
    assert "I bake." in page
    asker.refresh_from_db()
    assert asker.about == ""


def test_nobody_makes_themselves_staff(asker: Member) -> None:
    claims = {"is_staff": "on", "verification_status": "approved", "email": "x@example.org", "id": str(uuid.uuid4())}
    browser_of(asker).post("/me/", PROFILE | claims)
    asker.refresh_from_db()
    assert not asker.is_staff
    assert asker.email == "ana@example.org"


def test_the_zone_of_the_browser_is_offered_and_used(asker: Member) -> None:
    browser = browser_of(asker)
    assert "You see times in Central time now." in said(browser.get("/me/"))
    browser.cookies["tz"] = "Europe%2FBerlin"
    assert "You see times in Berlin time now." in said(browser.get("/me/"))
    browser.post("/me/", PROFILE | {"time_zone": "device"})
    asker.refresh_from_db()
    assert asker.time_zone == ""


def test_the_chosen_zone_wins_over_the_device_and_the_device_over_the_operator(asker: Member) -> None:
    browser = browser_of(asker)
    there = {zone: f"{asker.created_at.astimezone(ZoneInfo(zone)):%-I:%M}" for zone in SHIFTED}
    assert len(set(there.values())) == 3
    browser.cookies["tz"] = "nonsense"
    assert there["America/Chicago"] in said(browser.get("/my-data/"))
    browser.cookies["tz"] = "Asia%2FKathmandu"
    assert there["Asia/Kathmandu"] in said(browser.get("/my-data/"))
    Member.objects.filter(pk=asker.pk).update(time_zone="Australia/Eucla")
    assert there["Australia/Eucla"] in said(browser.get("/my-data/"))


@pytest.mark.parametrize(
    ("zone", "words"),
    {
        "America/Chicago": "Central time",
        "US/Eastern": "Eastern time",
        "America/Indiana/Indianapolis": "Indianapolis time",
        "Etc/UTC": "World time",
        "America/St_Johns": "St Johns time",
    }.items(),
)
def test_zones_have_the_names_people_use(zone: str, words: str) -> None:
    assert zone_in_words(zone) == words


@pytest.mark.parametrize("zone", ["nonsense", "%00", "..%2F..%2Fetc", "America", "x" * 5000, "%E2%82%AC"])
def test_a_strange_zone_in_a_cookie_disturbs_nobody(asker: Member, zone: str) -> None:
    browser = browser_of(asker)
    browser.cookies["tz"] = zone
    assert browser.get("/me/").status_code == 200


def test_a_zone_that_is_none_any_more_gives_way_to_the_device(asker: Member) -> None:
    Member.objects.filter(pk=asker.pk).update(time_zone="Mars/Olympus")
    browser = browser_of(asker)
    browser.cookies["tz"] = "Asia%2FKathmandu"
    assert f"{asker.created_at.astimezone(ZoneInfo('Asia/Kathmandu')):%-I:%M}" in said(browser.get("/my-data/"))


def test_without_a_word_from_anybody_it_is_the_zone_of_the_operator() -> None:
    assert str(first_zone("", "nonsense", "../../etc", "America", "\0", "x" * 5000)) == "America/Chicago"
    assert str(first_zone("", "Asia/Kathmandu", "America/Denver")) == "Asia/Kathmandu"


def test_times_are_shown_in_the_zone_a_member_chose(asker: Member) -> None:
    Member.objects.filter(pk=asker.pk).update(time_zone="Pacific/Honolulu")
    here = asker.created_at.astimezone(ZoneInfo("Pacific/Honolulu"))
    assert f"{here:%-I:%M}" in said(browser_of(asker).get("/my-data/"))


def test_a_town_that_left_the_list_may_be_kept(asker: Member, settings: Settings) -> None:
    settings.SERVICE_AREA = ("Nixa", "Ozark")
    browser = browser_of(asker)
    assert "Springfield" in said(browser.get("/me/"))
    assert browser.post("/me/", PROFILE | {"town": "Springfield"}).status_code == 302
    assert browser.post("/me/", PROFILE | {"town": "Paris"}).status_code == 400


def test_a_token_is_shown_once_and_works(asker: Member) -> None:
    browser = browser_of(asker)
    assert browser.post("/me/tokens/", {"name": "My calendar", "client_id": uuid.uuid4()}).status_code == 302
    assert "care_" not in str(dict(browser.session))
    page = said(browser.get("/me/tokens/"))
    token = page[page.index("care_") :][: len("care_") + 43]
    answer = APIClient().get("/api/me", headers={"authorization": f"Bearer {token}"})
    assert answer.json()["member"]["called"] == "Ana"
    page = said(browser.get("/me/tokens/"))
    assert token not in page
    assert "My calendar" in page


def test_pressed_twice_it_is_one_token(asker: Member) -> None:
    browser, form = browser_of(asker), {"name": "My calendar", "client_id": uuid.uuid4()}
    assert browser.post("/me/tokens/", form).status_code == 302
    assert browser.post("/me/tokens/", form).status_code == 302
    assert ApiToken.objects.count() == 1
    assert "care_" in said(browser.get("/me/tokens/"))


def test_two_members_may_send_the_same_client_id(asker: Member, helper: Member) -> None:
    form = {"name": "My calendar", "client_id": uuid.uuid4()}
    for member in (asker, helper):
        browser_of(member).post("/me/tokens/", form)
    assert ApiToken.objects.count() == 2


def test_a_revoked_token_is_gone_and_pressing_again_is_no_error(asker: Member, helper: Member) -> None:
    browser = browser_of(asker)
    browser.post("/me/tokens/", {"name": "My calendar", "client_id": uuid.uuid4()})
    token = ApiToken.objects.get()
    browser_of(helper).post(f"/me/tokens/{token.pk}/revoke/")
    assert ApiToken.objects.exists()
    for _ in range(2):
        answer = browser.post(f"/me/tokens/{token.pk}/revoke/", follow=True)
        assert "That token does not work any more." in said(answer)
    assert not ApiToken.objects.exists()


def test_a_token_needs_a_name_and_ten_a_day_are_enough(asker: Member) -> None:
    browser = browser_of(asker)
    assert "Please say what it is for." in said(browser.post("/me/tokens/", {"name": "", "client_id": uuid.uuid4()}))
    for number in range(10):
        browser.post("/me/tokens/", {"name": f"Token {number}", "client_id": uuid.uuid4()})
    answer = browser.post("/me/tokens/", {"name": "One more", "client_id": uuid.uuid4()})
    assert answer.status_code == 429
    assert 'value="One more"' in said(answer)


def test_signing_out_everywhere_else_keeps_this_browser(asker: Member, helper: Member) -> None:
    here, there, other = browser_of(asker), browser_of(asker), browser_of(helper)
    here.post("/me/sign-out-elsewhere/")
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302
    assert other.get("/me/").status_code == 200
    assert MemberSession.objects.filter(member_id=asker.pk).count() == 1


def test_look_and_text_work_before_anybody_signs_in(client: Client) -> None:
    answer = client.post("/look/", LOOK, follow=True)
    page = said(answer)
    chosen = ('data-text="3"', 'data-theme="dark"', 'data-contrast="more"', 'data-motion="less"', 'data-enter="send"')
    for attribute in chosen:
        assert attribute in page
    assert "Saved." in page
    cookie = client.cookies["look_text"]
    assert (cookie.value, cookie["samesite"], cookie["max-age"]) == ("3", "Lax", 60 * 60 * 24 * 365)
    assert 'data-theme="dark"' in said(client.get("/login/"))


def test_going_back_to_what_the_device_says_forgets_the_choice(client: Client) -> None:
    client.post("/look/", LOOK)
    page = said(client.post("/look/", {"text": "1", "theme": "device", "enter": "device"}, follow=True))
    for attribute in ("data-theme", "data-contrast", "data-motion", "data-enter"):
        assert attribute not in page


def test_what_the_enter_key_does_is_told_with_the_first_answer(client: Client) -> None:
    page = said(client.get("/look/"))
    assert "data-enter" not in page
    assert ticked(page) == ["device"]
    for choice in ("send", "line"):
        page = said(client.post("/look/", LOOK | {"enter": choice}, follow=True))
        assert ticked(page) == [choice]
        assert client.cookies["look_enter"].value == choice
        for address in ("/look/", "/login/", "/no-such-page/"):
            assert f' data-enter="{choice}"' in said(client.get(address)).partition("<head>")[0]


def ticked(page: str) -> list[str]:
    buttons = re.findall(r'<input[^>]*name="enter"[^>]*>', page)
    return [re.findall(r'value="(\w+)"', button)[0] for button in buttons if " checked" in button]


@pytest.mark.parametrize("nonsense", ["on", "SEND", "send ", "", "device", '"><script>', "line;send", "x" * 3000])
def test_a_strange_choice_for_the_enter_key_is_none(client: Client, nonsense: str) -> None:
    assert client.post("/look/", LOOK | {"enter": nonsense}).status_code == (302 if nonsense == "device" else 400)
    client.cookies["look_enter"] = nonsense
    assert "data-enter" not in said(client.get("/login/"))


def test_a_strange_look_is_refused_and_a_strange_cookie_ignored(client: Client) -> None:
    assert client.post("/look/", LOOK | {"theme": '"><script>'}).status_code == 400
    client.cookies["look_theme"] = "pink"
    assert "pink" not in said(client.get("/look/"))
