"""Joins our style sheets into one hashed file, and gives our JavaScript modules their names."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What an error page needs when nothing else works; every other page has these and the rest.
PLAIN = [
    "layers",
    "fonts",
    "tokens",
    "reset",
    "base",
    "type",
    "layout",
    "icon",
    "logo",
    "header",
    "button",
    "note",
    "error-page",
    "utilities",
]
APP = [
    "layers",
    "fonts",
    "tokens",
    "reset",
    "base",
    "type",
    "layout",
    "icon",
    "logo",
    "header",
    "nav",
    "bell",
    "footer",
    "back",
    "flash",
    "signal",
    "button",
    "card",
    "chip",
    "note",
    "field",
    "choice",
    "password",
    "error-summary",
    "steps",
    "summary-list",
    "filters",
    "empty",
    "tabs",
    "table",
    "dialog",
    "action-bar",
    "more",
    "menu",
    "talks",
    "person-head",
    "talk-room",
    "thread",
    "link",
    "today",
    "plan",
    "notices",
    "home",
    "members",
    "plain-page",
    "error-page",
    "utilities",
    "forced-colors",
    "print",
]
# The desk of our staff has a sheet of its own, so that members carry nothing of it.
DESK = [
    *("layers", "fonts", "tokens", "reset", "base", "type", "layout", "icon", "logo", "header", "back", "flash"),
    *("button", "card", "chip", "note", "field", "choice", "error-summary", "empty", "more", "table", "desk"),
    *("desk-queue", "desk-case", "desk-community", "desk-rollout", "desk-backfill", "utilities", "forced-colors"),
]
BUNDLES = {"app": APP, "plain": PLAIN, "desk": DESK}

MODULES = (
    "app",
    "beside",
    "composer",
    "countdown",
    "counter",
    "desk",
    "dialogs",
    "drafts",
    "filters",
    "flash",
    "heard",
    "keys",
    "kept",
    "leaving",
    "log",
    "menus",
    "missed",
    "news",
    "offer",
    "offline",
    "outbox",
    "paging",
    "password",
    "reading",
    "sending",
    "starters",
    "strangers",
    "thread",
    "unsent",
    "warned",
)
# Every page needs both, so they are one file on the wire. Neither imports anything, nor has a name of the other.
EVERY_PAGE = ("offline", "app")
# What a conversation is lost without, each after those it imports. As one file: each more waits on a slow line.
THREAD = ("kept", "log", "outbox", "composer", "thread")
# Other pages use these, too, one by one.
ALSO_ALONE = ("kept", "outbox")

IMPORTED = re.compile(r'^import \{ (.+?) \} from "care/(\w+)";$', re.MULTILINE)
EXPORTED = re.compile(r"^export ((?:async )?function\*?|const|let) (\w+)", re.MULTILINE)


class JoinedStorage(CompressedManifestStaticFilesStorage):
    """Many small files while we work; one file of each kind on the wire."""

    keep_intermediate_files = False

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for bundle, parts in BUNDLES.items():
                text = squeeze(self._joined([f"css/{part}.css" for part in parts], paths))
                paths[f"css/{bundle}.css"] = (self, self._write(f"css/{bundle}.css", text))
            text = self._joined([f"js/{name}.js" for name in EVERY_PAGE], paths)
            paths["js/app.js"] = (self, self._write("js/app.js", text))
            text = as_one_module({name: self._joined([f"js/{name}.js"], paths) for name in THREAD})
            paths["js/thread.js"] = (self, self._write("js/thread.js", text))
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _joined(self, names: list[str], paths: dict[str, Any]) -> str:
        texts = []
        for name in names:
            storage, path = paths[name]
            with storage.open(path) as file:
                texts.append(file.read().decode())
        return "\n".join(texts)

    def _write(self, name: str, text: str) -> str:
        self.delete(name)
        self._save(name, ContentFile(text.encode()))
        return name


def squeeze(css: str) -> str:
    """The same rules without comments and indentation."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip() + "\n"


def as_one_module(modules: dict[str, str]) -> str:
    """Each keeps its own names to itself; what any of them exports, the whole does."""
    written, exported = [], []
    for name, text in modules.items():
        names = [found[1] for found in EXPORTED.findall(text)]
        body = EXPORTED.sub(r"\1 \2", IMPORTED.sub(r"const { \1 } = in_\2;", text))
        written.append(f"const in_{name} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();")
        exported += [f"export const {{ {', '.join(names)} }} = in_{name};"] if names else []
    return "\n".join([*written, *exported, ""])


def stylesheet_urls(bundle: str = "app") -> list[str]:
    """One address in production, one per part while we work."""
    if _are_joined():
        return [staticfiles_storage.url(f"css/{bundle}.css")]
    return [staticfiles_storage.url(f"css/{part}.css") for part in BUNDLES[bundle]]


def module_url(name: str, on: str = "") -> str:
    """A browser fetches no address twice: whoever asks for `care/offline` gets what is there already."""
    if _are_joined() and name in EVERY_PAGE:
        name = "app"
    if _are_joined() and name in THREAD and (on == "thread" or name not in ALSO_ALONE):
        name = "thread"
    return staticfiles_storage.url(f"js/{name}.js")


def _are_joined() -> bool:
    return isinstance(staticfiles_storage, JoinedStorage) and not settings.DEBUG


def import_map(on: str = "") -> str:
    """The browser finds `care/counter` at its hashed address through this; `on` a page that has some as one file."""
    return _known_map(on, getattr(staticfiles_storage, "manifest_hash", "")) if _are_joined() else _map(on)


@cache
def _known_map(on: str, manifest: str) -> str:
    """Every page asks for it, and it is the same until other files are collected."""
    return _map(on)


def _map(on: str) -> str:
    return json.dumps({"imports": {f"care/{name}": module_url(name, on) for name in MODULES}})


@cache
def colour(name: str) -> str:
    """A raw colour of the tokens, where a style sheet cannot be used."""
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    found = re.search(rf"--{name}:\s*(#[0-9A-F]{{6}});", tokens)
    if found is None:
        raise LookupError(f"There is no colour of the name {name} in tokens.css.")
    return found[1]
