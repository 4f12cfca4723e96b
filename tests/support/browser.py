"""A real Chromium, a small phone by default, and axe to look over what it shows."""

import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

# The first is Chromium without its windows: what a page sees is the same, for half the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# No sandbox: root has none, nor do most containers, and the only pages shown are our own.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The lean one would give every letter the width of whole pixels; phones do not, nor does the other.
    "--font-render-hinting=none",
]
# For each context the browser would also open what its address bar may show, and start a process for a page that may
# come; we never see either, and without them a context costs half. Ours takes the place of the library's own list,
# so that follows.
UNSEEN = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess"]
OF_THE_LIBRARY = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
]
QUIET.append("--disable-features=" + ",".join([*OF_THE_LIBRARY, *UNSEEN]))
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # The browser's library keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.fail("No Chromium was found. Install it (on Debian: apt-get install chromium).")
    return browser_type_launch_args | {"executable_path": program, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], site_process: str) -> dict[str, Any]:
    small_phone = {"width": 360, "height": 640}
    # What a service worker fetches, no test could answer in the server's place; those about it allow it.
    return browser_context_args | {"viewport": small_phone, "base_url": site_process, "service_workers": "block"}


@pytest.fixture
def context(site: str, context: BrowserContext) -> BrowserContext:
    """Every page is one of the running site, and what it writes is forgotten after the test."""
    return context


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Asserts that axe finds nothing on the page as it stands now."""

    def look_over(page: Page) -> None:
        found = Axe().run(page, options={"runOnly": STANDARDS}).response["violations"]
        assert not found, "\n".join(_described(violation) for violation in found)

    return look_over


def _described(violation: dict[str, Any]) -> str:
    places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"{violation['id']}: {violation['help']} ({places})"
