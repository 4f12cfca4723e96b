"""Without a signal: a page that says so, words that stay, and nothing of anybody kept on a shared phone."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from carecollective import shell
from carecollective.staticfiles import colour
from members.models import Member
from messaging.models import Message
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to
from tests.support.jobs import wait_until

# The note that a tab leaves which is closed before its words are safe in the browser's database.
LEFT_IN_THE_MOMENT_OF_THE_PRESS = """(chat) => {
    const { member } = document.body.dataset, key = crypto.randomUUID();
    const entry = { key, member, chat, words: "See you.", to: "Ana", at: Date.now(), tries: 0, state: "queued" };
    localStorage.setItem(`pressed:${member}:${key}`, JSON.stringify(entry));
}"""
KEPT = "You are offline. Your words are still here; send them when you are back."
WHAT_IS_KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys())
    found[name] = (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname);
  return found;
}"""
# Our policy lets no test wait by a string of code, so the page itself looks again and again.
UNTIL = """async () => {
  for (let round = 0; round < 500; round++) {
    if (await (%s)) return;
    await new Promise((go) => setTimeout(go, 20));
  }
  throw new Error("It did not come about in ten seconds.");
}"""
IN_CHARGE = UNTIL % "navigator.serviceWorker.controller?.state === 'activated'"
DRESSED = UNTIL % "caches.match('/offline/').then((page) => page.text()).then((text) => text.includes('data-theme'))"
REPLACED = UNTIL % "caches.keys().then((names) => String(names) === 'shell-next')"


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return browser_context_args | {"service_workers": "allow"}


@pytest.fixture
def visit(page: Page) -> Callable[[str], None]:
    """Goes there, and waits until the service worker is in charge."""

    def go(path: str) -> None:
        page.goto(path)
        page.evaluate(IN_CHARGE)

    return go


@pytest.fixture
def phone(context: BrowserContext) -> Iterator[BrowserContext]:
    yield context
    context.set_offline(False)


def signal(page: Page) -> Locator:
    return page.locator(".signal[role=status]")


def come_in(context: BrowserContext, site: str, **facts: str) -> Member:
    member: Member = MemberFactory(**facts)
    session = browser_of(member).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return member


def test_without_a_signal_a_page_says_so_and_looks_as_the_person_likes(
    page: Page, phone: BrowserContext, site: str, visit: Callable[[str], None]
) -> None:
    phone.add_cookies([{"name": "look_theme", "value": "dark", "url": site}])
    visit("/rules/")
    page.reload()
    page.evaluate(DRESSED)
    phone.set_offline(True)
    page.goto("/safety/")
    assert page.title().startswith("Error: You are offline")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    # Its style and letters are here too.
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).minHeight") == "52px"
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('1rem \"Atkinson Hyperlegible\"'))")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    phone.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Staying safe")


def test_the_offline_page_lists_what_waits_to_be_sent_and_it_goes_when_there_is_a_signal(
    page: Page, phone: BrowserContext, site: str, visit: Callable[[str], None], axe
) -> None:
    ben = come_in(phone, site, called="Ben")
    thread = offer_to(MemberFactory(called="Ana"), ben)
    visit(f"/messages/{thread.pk}/")
    phone.set_offline(True)
    for words in ("The porch is fine.", "<b>At noon</b>"):
        page.get_by_label("Your message").fill(words)
        page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-waiting] li")).to_have_count(2)
    page.evaluate(LEFT_IN_THE_MOMENT_OF_THE_PRESS, str(thread.pk))
    page.goto("/home/")
    expect(page.get_by_role("region", name="Not sent yet").get_by_role("listitem")).to_have_text(
        [f"Waiting for signal, to Ana: {words}" for words in ("The porch is fine.", "<b>At noon</b>", "See you.")]
    )
    axe(page)
    phone.set_offline(False)
    expect(page).to_have_title("Home – CARE Collective")
    wait_until(lambda: Message.objects.count() == 3, "all went from the page that came back")
    # Another one's words are nobody's to read, and whoever is signed out is nobody.
    phone.clear_cookies()
    page.goto("/login/")
    assert page.evaluate("localStorage.getItem('member')") is None


def test_only_the_shell_is_kept_whatever_was_read_and_after_signing_out(
    page: Page, context: BrowserContext, site: str, visit: Callable[[str], None]
) -> None:
    ana = come_in(context, site, called="Ana")
    thread = offer_to(ana, MemberFactory(called="Ben"))
    visit("/requests/")
    for path in ("/me/", "/messages/", f"/messages/{thread.pk}/", "/me/tokens/"):
        page.goto(path)
    page.evaluate("fetch('/api/me').then((answer) => answer.json())")
    page.goto("/me/")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out", exact=True).click()
    [kept] = page.evaluate(WHAT_IS_KEPT).values()
    assert sorted(kept) == sorted(["/offline/", *shell.files()])
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    text = page.evaluate("caches.match('/offline/').then((page) => page.text())")
    assert "Ana" not in text


@pytest.fixture
def deployments(site: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """The site behind a proxy, and a way to bring out the next version: one file of the shell has another name."""
    is_next = threading.Event()

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with urlopen(f"{site}{self.path}") as answer:
                body = answer.read()
                if self.path == "/sw.js" and is_next.is_set():
                    body = re.sub(rb'"shell-\w+"', b'"shell-next"', body)
                    body = body.replace(shell.files()[-1].encode(), b"/static/images/favicon.svg")
                self.send_response(200)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", is_next.set
    server.shutdown()
    server.server_close()


def test_a_new_version_takes_the_place_of_the_old_one(
    page: Page, deployments: tuple[str, Callable[[], None]], visit: Callable[[str], None]
) -> None:
    address, deploy = deployments
    visit(f"{address}/help/")
    [(before, kept)] = page.evaluate(WHAT_IS_KEPT).items()
    assert "/static/images/favicon.svg" not in kept
    deploy()
    # Going anywhere is enough: the browser asks for the program each time.
    page.goto(f"{address}/rules/")
    page.evaluate(REPLACED)
    assert before != "shell-next"
    assert page.evaluate(WHAT_IS_KEPT)["shell-next"][-1] == "/static/images/favicon.svg"
    # What this page names is there, kept or not.
    page.reload()
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 0


def test_the_words_of_a_form_stay_when_there_is_no_signal(page: Page, phone: BrowserContext, site: str, axe) -> None:
    come_in(phone, site)
    page.goto("/waiting/")
    page.goto("/me/", wait_until="networkidle")
    about = page.get_by_label("What should we call you?")
    about.fill("Rosa Maria")
    phone.set_offline(True)
    expect(signal(page)).to_have_text(KEPT)
    page.get_by_role("button", name="Save").click()
    expect(signal(page)).to_have_text(KEPT)
    expect(signal(page)).to_be_in_viewport()
    expect(about).to_have_value("Rosa Maria")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    axe(page)
    phone.set_offline(False)
    expect(signal(page)).to_have_text("You are back online.")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_a_page_with_nothing_to_send_only_says_it(page: Page, phone: BrowserContext) -> None:
    page.goto("/rules/", wait_until="networkidle")
    phone.set_offline(True)
    expect(signal(page)).to_have_text("You are offline.")
    phone.set_offline(False)
    expect(signal(page)).to_have_text("You are back online.")
    page.keyboard.press("Tab")
    expect(signal(page)).to_have_count(0)


def test_a_form_that_does_not_get_through_leaves_the_person_where_they_wrote(
    page: Page, context: BrowserContext, site: str, visit: Callable[[str], None]
) -> None:
    """The phone shows a signal, and there is none."""
    come_in(context, site)
    visit("/me/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("What should we call you?").fill("Rosa Maria")
    context.route("**/me/", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Save").click()
    expect(signal(page)).to_have_text(KEPT)
    assert page.url == f"{site}/me/"
    expect(page.get_by_label("What should we call you?")).to_have_value("Rosa Maria")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    context.unroute("**/me/")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_the_site_can_be_installed(page: Page) -> None:
    page.goto("/")
    link = page.locator("link[rel=manifest]").get_attribute("href")
    answer = page.request.get(link or "")
    told = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (told["name"], told["short_name"]) == ("CARE Collective", "CARE")
    assert (told["start_url"], told["display"]) == ("/", "standalone")
    assert told["theme_color"] == told["background_color"] == colour("cream")
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for icon in told["icons"]:
        picture = page.request.get(icon["src"])
        assert picture.headers["content-type"].split(";")[0] == icon["type"]
        if icon["sizes"] != "any":
            # A PNG says its width and height right after its first sixteen bytes.
            sides = [int.from_bytes(picture.body()[start : start + 4]) for start in (16, 20)]
            assert icon["sizes"] == "x".join(map(str, sides))
    # The browser itself finds no fault with it.
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getAppManifest")["errors"] == []


def test_the_service_worker_speaks_for_the_whole_site_and_is_asked_for_each_time(page: Page) -> None:
    answer = page.request.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "unsafe" not in answer.headers["content-security-policy"]
    listed = json.loads(re.findall(r"new Set\((\[.*?\])\)", answer.text())[0])
    assert listed == shell.files()
    assert all(re.fullmatch(r"/static/[\w/-]+\.[0-9a-f]{12}\.\w+", url) for url in listed)
