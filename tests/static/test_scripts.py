"""Our scripts on top of forms that work without them."""

from collections.abc import Callable

import pytest
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import engines
from playwright.sync_api import Browser, Page, expect

from carecollective.forms import Form

TEMPLATE = """{% extends "base.html" %}{% block title %}A form{% endblock %}{% block content %}
{% error_summary form %}<h1>A form</h1>
<form class="form" method="post" novalidate>{{ form }}
<button class="button" name="act" value="send">Send it</button></form>
{% endblock %}"""


class Letter(Form):
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    text = forms.CharField(label="Your note", max_length=200, widget=forms.Textarea)


@pytest.fixture
def draw(site: str) -> Callable[..., None]:
    def draw(page: Page, form: Form, *messages: Message) -> None:
        html = engines["django"].from_string(TEMPLATE).render({"form": form, "messages": messages})
        page.route("**/a-form/", lambda route: route.fulfill(body=html, content_type="text/html"))
        # The scripts load each other after the page, and a person presses later than that.
        page.goto("/a-form/", wait_until="networkidle")

    return draw


def test_a_password_can_be_seen_and_is_hidden_again(page: Page, draw):
    draw(page, Letter())
    page.get_by_label("Password", exact=True).fill("a short sentence")
    page.get_by_role("button", name="Show password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "password")


def test_the_counter_speaks_only_near_the_end(page: Page, draw):
    draw(page, Letter())
    note, speaker = page.get_by_label("Your note"), page.get_by_role("status")
    heard = []
    for length in (20, 99, 100, 101, 149, 150, 170, 190, 195, 203):
        note.fill("x" * length)
        heard.append(speaker.text_content())
    assert heard == ["", "", *["100 letters left."] * 3, *["50 letters left."] * 2, *["10 letters left."] * 3]
    expect(page.get_by_text("3 letters too many.")).to_be_visible()
    note.fill("é" * 10 + "👪" * 100)
    expect(page.get_by_text("90 letters left.", exact=True).first).to_be_visible()


def test_two_presses_send_once_and_the_button_says_so(page: Page, draw):
    draw(page, Letter())
    sent: list[str | None] = []
    page.route("**/a-form/", lambda route: sent.append(route.request.post_data))
    # In one go, for a test that looks from outside waits until the answer is there.
    with page.expect_request("**/a-form/"):
        said, disabled, busy = page.evaluate(
            """() => {
              const button = document.querySelector("button[name=act]");
              button.click();
              button.click();
              return [button.textContent, button.disabled, button.form.ariaBusy];
            }"""
        )
    page.wait_for_timeout(300)
    assert (said, disabled, busy) == ("Sending…", False, "true")
    assert len(sent) == 1
    assert "act=send" in (sent[0] or "")


def test_a_message_stays_until_it_is_closed(page: Page, draw):
    draw(page, Letter(), Message(constants.SUCCESS, "Saved."), Message(constants.ERROR, "That did not work."))
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="That did not work.")).to_be_visible()
    page.get_by_role("button", name="Close").first.click()
    expect(page.get_by_text("Saved.")).to_have_count(0)
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_summary_has_the_focus_and_leads_to_the_field(browser: Browser, site: str, draw, axe, scripts: bool):
    context = browser.new_context(base_url=site, java_script_enabled=scripts)
    page = context.new_page()
    draw(page, Letter({}))
    assert page.title().startswith("Error: ")
    expect(page.get_by_role("alert", name="There is a problem")).to_be_focused()
    page.get_by_role("link", name="Please fill in: Your note.").click()
    expect(page.get_by_label("Your note")).to_be_focused()
    expect(page.get_by_label("Your note")).to_have_accessible_description(
        "Error: Please fill in: Your note. Up to 200 letters."
    )
    if scripts:
        axe(page)
    context.close()
