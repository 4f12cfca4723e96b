"""Joining: three steps that keep every word, for everybody alike."""

import pytest
from django.test import Client
from pytest_django import Settings

from members.models import Member
from members.views.answers import KEPT_SECONDS
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.members.pages.sent import every_letter, letters_to, said, without_tokens

pytestmark = pytest.mark.django_db
YOU = {
    "name": "Nia Bell",
    "called": "Nia",
    "email": "Nia@Example.org",
    "password": "three calm geese on a pond",
}
WHY = {
    "caregiving": "I look after my aunt, who is ninety.",
    "reason": "I would like to help, and to rest on Sundays.",
    "agree": "on",
}


def tell_all(client: Client, **changes: str) -> None:
    client.post("/join/", YOU | changes)
    client.post("/join/area/", {"town": "Nixa"})


def test_three_steps_make_a_waiting_account_and_send_one_link(client: Client) -> None:
    assert client.post("/join/", YOU)["Location"] == "/join/area/"
    assert client.post("/join/area/", {"town": "Nixa"})["Location"] == "/join/why/"
    assert client.post("/join/why/", WHY)["Location"] == "/join/check-email/"
    member = Member.objects.get()
    assert (member.name, member.called, member.email, member.town) == ("Nia Bell", "Nia", "nia@example.org", "Nixa")
    assert member.is_pending
    assert not member.has_confirmed_email
    assert member.check_password(YOU["password"])
    assert letters_to(member) == ["confirm_email"]
    assert "We sent a link to" in said(client.get("/join/check-email/"))
    assert "nia@example.org" in said(client.get("/join/check-email/"))
    # Only their mail proves who they are.
    assert client.get("/waiting/").status_code == 302


def test_the_password_waits_only_as_its_hash(client: Client) -> None:
    client.post("/join/", YOU)
    kept = client.session["joining"]
    assert kept["password_hash"].startswith("argon2")
    assert YOU["password"] not in str(kept)
    assert YOU["password"] not in said(client.get("/join/"))


@pytest.mark.parametrize("name", ["李文", "محمد علي", "O’Neill-Šimić", "Ж", "இளங்கோ", "X Æ A-12", "  Ana  "])
def test_names_of_every_script_are_taken(client: Client, name: str) -> None:
    tell_all(client, name=name, called=name)
    client.post("/join/why/", WHY)
    assert Member.objects.get().called == name.strip()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "\u200b "}, "Please write your name."),
        ({"called": ""}, "Please tell us what to call you."),
        ({"called": "N" * 51}, "Please use 50 letters or fewer. You have 51."),
        ({"email": "nia"}, "Enter an email address, like name@example.org."),
        ({"password": "too short"}, "Use 12 or more letters. A short sentence works well."),
        ({"password": "qwertyuiop123"}, "Many people use this password"),
        ({"password": "nia@example.org"}, "This is too much like your name or email."),
        ({"name": "Nia\x00"}, "This text has a character that cannot be shown."),
    ],
)
def test_what_is_wrong_is_said_and_every_other_word_is_kept(client: Client, change: dict[str, str], words: str) -> None:
    answer = client.post("/join/", YOU | change)
    page = said(answer)
    assert answer.status_code == 400
    assert "There is a problem" in page
    assert words in page
    assert "<title>Error: " in page
    for name in {"name", "called", "email"} - set(change):
        assert f'value="{YOU[name]}"' in page
    assert client.get("/join/area/")["Location"] == "/join/"


def test_an_empty_form_names_everything_that_is_missing(client: Client) -> None:
    page = said(client.post("/join/", {}))
    for words in ("write your name", "what to call you", "write your email", "choose a password"):
        assert words in page


def test_a_good_password_is_not_asked_for_twice(client: Client) -> None:
    page = said(client.post("/join/", YOU | {"email": "nia"}))
    assert "We kept the one you chose." in page
    assert client.post("/join/", YOU | {"password": ""})["Location"] == "/join/area/"
    client.post("/join/area/", {"town": "Nixa"})
    client.post("/join/why/", WHY)
    assert Member.objects.get().check_password(YOU["password"])


def test_steps_cannot_be_skipped_and_going_back_finds_the_answers(client: Client) -> None:
    assert client.get("/join/why/")["Location"] == "/join/"
    assert client.get("/join/area/")["Location"] == "/join/"
    client.post("/join/", YOU)
    assert client.get("/join/why/")["Location"] == "/join/area/"
    client.post("/join/area/", {"town": "Nixa"})
    assert 'value="Nia Bell"' in said(client.get("/join/"))
    assert 'value="Nixa"' in said(client.get("/join/area/"))


def test_change_keeps_what_was_begun_and_comes_back(client: Client) -> None:
    tell_all(client)
    answer = client.post("/join/why/", {"caregiving": "My aunt, and", "reason": "", "change": "you"})
    assert answer["Location"] == "/join/?change"
    assert client.post("/join/?change", YOU | {"called": "Nini"})["Location"] == "/join/why/"
    page = said(client.get("/join/why/"))
    assert "My aunt, and" in page
    assert "Nini" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"caregiving": "My aunt."}, "Please use 10 letters or more. You have 8."),
        ({"caregiving": ""}, "Please tell us about your caregiving."),
        ({"reason": "x" * 1001}, "Please use 1000 letters or fewer. You have 1001."),
        ({"agree": ""}, "Please tick the box."),
    ],
)
def test_the_last_step_keeps_the_words_too(client: Client, change: dict[str, str], words: str) -> None:
    tell_all(client)
    answer = client.post("/join/why/", WHY | change)
    assert answer.status_code == 400
    assert words in said(answer)
    for name in {"caregiving", "reason"} - set(change):
        assert WHY[name] in said(answer)
    assert not Member.objects.exists()


def test_the_six_rules_stand_beside_the_box(client: Client) -> None:
    tell_all(client)
    page = said(client.get("/join/why/"))
    assert "I will follow the rules and keep what I learn private." in page
    for line in ("Be kind.", "No threats or hate.", "Never ask for money or gifts.", "Keep visits safe. Do no harm."):
        assert line in page


def test_a_town_on_no_list_makes_no_account(client: Client, settings: Settings) -> None:
    settings.SERVICE_AREA = ("Nixa", "Ozark")
    client.post("/join/", YOU)
    assert "My town is not on this list" in said(client.get("/join/area/"))
    assert client.post("/join/area/", {"town": "elsewhere"})["Location"] == "/join/not-yet/"
    assert "We are not in your area yet." in said(client.get("/join/not-yet/"))
    assert client.get("/join/why/")["Location"] == "/join/area/"
    assert client.post("/join/area/", {"town": "Paris"}).status_code == 400
    assert client.post("/join/area/", {"town": "Ozark"})["Location"] == "/join/why/"


def test_a_long_list_of_towns_becomes_one_field(client: Client, settings: Settings) -> None:
    settings.SERVICE_AREA = tuple(f"Town {number}" for number in range(12))
    client.post("/join/", YOU)
    assert "<select" in said(client.get("/join/area/"))
    assert "Please choose your town." in said(client.post("/join/area/", {"town": ""}))


def test_a_known_address_gets_the_same_pages_and_only_its_owner_hears_of_it(asker: Member) -> None:
    pages = []
    for email in (asker.email, "new1@example.org"):
        client = Client()
        tell_all(client, email=email)
        sent = client.post("/join/why/", WHY)
        seen = client.get("/join/check-email/")
        again = client.post("/join/check-email/")
        pages.append([sent.status_code, sent["Location"], again.status_code, without_tokens(seen).replace(email, "@")])
    assert pages[0] == pages[1]
    assert set(letters_to(asker)) == {"already_member"}
    assert not asker.check_password(YOU["password"])


def test_sent_twice_it_is_one_request(client: Client) -> None:
    tell_all(client)
    before = client.session["joining"]
    client.post("/join/why/", WHY)
    # The second press of a double click was read before the first was answered.
    session = client.session
    session["joining"] = before
    session.save()
    assert client.post("/join/why/", WHY)["Location"] == "/join/check-email/"
    assert letters_to(Member.objects.get()) == ["confirm_email"]
    assert client.post("/join/why/", WHY)["Location"] == "/join/check-email/"
    assert every_letter() == 1


def test_the_sixth_from_one_connection_keeps_the_words(client: Client) -> None:
    for number in range(5):
        tell_all(client, email=f"n{number}@example.org")
        client.post("/join/why/", WHY)
    tell_all(client)
    answer = client.post("/join/why/", WHY)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 3000
    assert ">60 minutes<" in said(answer)
    assert WHY["caregiving"] in said(answer)


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(client: Client) -> None:
    answer = client.post("/join/", YOU | {"website": "https://spam.example"})
    assert answer["Location"] == "/join/check-email/"
    assert "We sent a link to" in said(client.get("/join/check-email/"))
    assert not Member.objects.exists()
    assert every_letter() == 0


def test_send_it_again_sends_and_soon_says_enough(client: Client) -> None:
    tell_all(client)
    client.post("/join/why/", WHY)
    for _ in range(5):
        assert client.post("/join/check-email/")["Location"] == "/join/check-email/"
    answer = client.post("/join/check-email/")
    assert answer.status_code == 429
    assert "Please look in your spam folder." in said(answer)
    assert letters_to(Member.objects.get()) == ["confirm_email"] * 6


def test_nobody_looks_at_an_empty_check_your_email(client: Client) -> None:
    assert client.get("/join/check-email/")["Location"] == "/join/"


def test_half_a_day_later_the_answers_are_gone(client: Client) -> None:
    client.post("/join/", YOU)
    session = client.session
    session["joining"] = session["joining"] | {"since": session["joining"]["since"] - KEPT_SECONDS - 1}
    session.save()
    assert "Nia Bell" not in said(client.get("/join/"))
    assert client.get("/join/area/")["Location"] == "/join/"


def test_who_is_in_does_not_join_again() -> None:
    assert browser_of(MemberFactory()).get("/join/")["Location"] == "/home/"
    assert browser_of(MemberFactory(waiting=True)).get("/join/")["Location"] == "/waiting/"
