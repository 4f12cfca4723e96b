"""What a device may keep of the site: the manifest to install it by, and the service worker with its list of files."""

import hashlib
import re
from functools import cache
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from carecollective import strict_json
from carecollective.staticfiles import MODULES, colour, module_url, stylesheet_urls

OFFLINE = "/offline/"
FONTS = ("fonts/atkinson-hyperlegible-400.woff2", "fonts/atkinson-hyperlegible-700.woff2")
PICTURES = ("icons/sprite.svg", "images/favicon.svg")
ICONS = (
    ("images/favicon.svg", "image/svg+xml", "any", "any"),
    ("images/icon-192.png", "image/png", "192x192", "any"),
    ("images/icon-512.png", "image/png", "512x512", "any"),
    ("images/icon-maskable-512.png", "image/png", "512x512", "maskable"),
)
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def manifest() -> dict[str, Any]:
    return {
        "id": "/",
        "name": "CARE Collective",
        "short_name": "CARE",
        "description": "Caregivers helping caregivers, close to home.",
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": colour("cream"),
        "background_color": colour("cream"),
        "icons": [
            {"src": staticfiles_storage.url(file), "type": kind, "sizes": sizes, "purpose": purpose}
            for file, kind, sizes, purpose in ICONS
        ],
    }


def files() -> list[str]:
    """All that is kept beside the offline page. While we work names carry no digest, and then nothing is kept."""
    found = [
        *stylesheet_urls("app"),
        *stylesheet_urls("plain"),
        *map(module_url, MODULES),
        *map(staticfiles_storage.url, FONTS + PICTURES),
    ]
    return [url for url in dict.fromkeys(found) if HASHED.search(url)]


@cache
def service_worker() -> str:
    """Another deployment with another shell is another program, and that is how a browser notices."""
    kept = strict_json.write(files()).decode()
    version = hashlib.sha256((kept + offline_page()).encode()).hexdigest()[:12]
    # Only addresses of our own files, and digests.
    context = {"files": mark_safe(kept), "version": version, "offline": OFFLINE}  # noqa: S308
    return render_to_string("sw.js", context)


def offline_page() -> str:
    """The same for everybody, and asks nothing of the database."""
    return render_to_string("offline.html")
