"""What pages weigh and when they are painted, in a real Chromium on a slow phone's connection."""

import gzip
import shutil
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks import lighthouse, long_thread, tables
from benchmarks.driver import HOST
from benchmarks.pages import PAGES, Page
from benchmarks.place import Place

# A whole one first: Lighthouse starts no other.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
# No sandbox: root has none, nor do most containers, and the only pages shown are our own.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 360, "height": 640}
# 400 kbit/s, 400 ms there and back, a processor four times slower.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER_CPU = 4
ROUNDS = 3
KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Font": "font"}
# When something of ours is first seen, the largest part of it, and its last script, in milliseconds.
PAINTED = """() => new Promise(resolve => new PerformanceObserver(list => resolve([
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, list.getEntries().at(-1).startTime,
    Math.max(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd, ...performance
        .getEntriesByType('resource').filter(it => it.name.endsWith('.js')).map(it => it.responseEnd)),
])).observe({type: 'largest-contentful-paint', buffered: true}))"""


HEAD = (
    "page", "HTML KB", "CSS KB", "JS KB", "font KB", "other KB", "requests", "first paint s",
    "largest paint s", "ready s",
)  # fmt: skip


@dataclass
class Seen:
    kilobytes: dict[str, float] = field(default_factory=lambda: dict.fromkeys([*KINDS.values(), "other"], 0.0))
    requests: int = 0
    paint: float = 0.0
    largest: float = 0.0
    ready: float = 0.0


def look(place: Place, session: str, reader: str, is_slow: bool) -> str:
    """The tables; with `is_slow` false, only whether it works. `reader` is the session of who reads the long one."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise OSError("No Chromium was found. Install it (on Debian: apt-get install chromium).")
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        for page in PAGES:
            looks = [_look_once(browser, place, page, session, is_slow) for _ in range(ROUNDS if is_slow else 1)]
            rows.append(_row(page, looks))
        far = long_thread.measure(place, browser, reader, long_thread.Effort() if is_slow else long_thread.SHORT)
        browser.close()
    scores = lighthouse.scores(place, PAGES, session, program) if is_slow else ""
    return f"{tables.table(HEAD, rows)}{scores}\n\n{far}"


def _look_once(browser: Any, place: Place, page: Page, session: str, is_slow: bool) -> Seen:
    """With nothing kept from before."""
    context = browser.new_context(viewport=PHONE)
    if not page.is_public:
        context.add_cookies([{"name": "sessionid", "value": session, "domain": HOST, "path": "/"}])
    shown = context.new_page()
    network, seen = context.new_cdp_session(shown), Seen()
    _listen(network, seen)
    if is_slow:
        network.send("Network.emulateNetworkConditions", SLOW)
        network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    answer = shown.goto(place.address + page.address(place.size), wait_until="networkidle")
    if not answer.ok or answer.url != place.address + page.address(place.size):
        raise OSError(f"{page.path} cannot be seen: it answers {answer.status}, at {answer.url}.")
    # Our own server leaves pages as they are; the proxy in front of it packs them.
    seen.kilobytes["html"] = len(gzip.compress(answer.body(), 6)) / 1000
    seen.paint, seen.largest, seen.ready = (moment / 1000 for moment in shown.evaluate(PAINTED))
    context.close()
    return seen


def _listen(network: Any, seen: Seen) -> None:
    kinds: dict[str, str] = {}

    def begun(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            # The cap is for scripts of our own.
            is_htmx = "/htmx" in event["request"]["url"]
            kinds[event["requestId"]] = "other" if is_htmx else KINDS.get(event.get("type", ""), "other")
            seen.requests += 1

    def arrived(event: dict[str, Any]) -> None:
        if event["requestId"] in kinds:
            seen.kilobytes[kinds[event["requestId"]]] += event["encodedDataLength"] / 1000

    network.on("Network.requestWillBeSent", begun)
    network.on("Network.dataReceived", arrived)
    network.send("Network.enable")


def _row(page: Page, looks: list[Seen]) -> tuple[str, ...]:
    first = looks[0]
    weights = [_against(first.kilobytes[kind], getattr(page, kind)) for kind in KINDS.values()]
    times = [
        _against(median(seen.paint for seen in looks), page.paint),
        f"{median(seen.largest for seen in looks):.1f}",
        _against(median(seen.ready for seen in looks), page.ready),
    ]
    requests = f"{first.requests} of {page.requests}" if page.requests else str(first.requests)
    return (page.name, *weights, f"{first.kilobytes['other']:.1f}", requests, *times)


def _against(value: float, budget: float | None) -> str:
    if budget is None:
        return f"{value:.1f}"
    return f"{value:.1f} of {budget}" + (" (over)" if value > budget else "")
