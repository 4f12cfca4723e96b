"""What goes over the wire: joined, hashed, small, and written by our rules."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder

from carecollective.staticfiles import (
    APP,
    BUNDLES,
    EVERY_PAGE,
    MODULES,
    THREAD,
    JoinedStorage,
    as_one_module,
    squeeze,
)

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
KILOBYTE = 1024
# Dresses Django's own markup, which has only ids to take hold of.
ADMIN = "admin"
SHEETS = sorted(sheet for sheet in (STATIC / "css").glob("*.css") if sheet.stem != ADMIN)


def sources() -> dict[str, Any]:
    finders = (FileSystemFinder(), AppDirectoriesFinder(["carecollective"]))
    return {name: (source, name) for finder in finders for name, source in finder.list([])}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> JoinedStorage:
    """Our own files as collectstatic leaves them in an empty folder."""
    storage = JoinedStorage(location=tmp_path_factory.mktemp("static"), base_url="/static/")
    paths = sources()
    for name, (source, _) in paths.items():
        with source.open(name) as file:
            storage._save(name, file)
    for name, _, outcome in storage.post_process(paths):
        assert not isinstance(outcome, Exception), f"{name}: {outcome}"
    return storage


def read(storage: JoinedStorage, name: str) -> bytes:
    return Path(storage.path(storage.stored_name(name))).read_bytes()


def test_all_sheets_arrive_as_one_hashed_file(collected: JoinedStorage):
    assert re.fullmatch(r"css/app\.[0-9a-f]{12}\.css", collected.stored_name("css/app.css"))
    assert re.fullmatch(r"css/plain\.[0-9a-f]{12}\.css", collected.stored_name("css/plain.css"))


def test_the_parts_stand_in_list_order(collected: JoinedStorage):
    joined = read(collected, "css/app.css").decode()
    places = [
        joined.index(mark) for mark in ("@layer reset, tokens", "@font-face", "--cream:", ".main {", ".nav__list")
    ]
    assert places == sorted(places)


def test_the_joined_sheet_names_the_hashed_fonts(collected: JoinedStorage):
    named = re.findall(r'url\("\.\./(fonts/[^"]+)"\)', read(collected, "css/app.css").decode())
    assert named
    assert all(Path(collected.path(name)).is_file() for name in named)
    assert all(re.search(r"\.[0-9a-f]{12}\.woff2$", name) for name in named)


def test_what_every_page_needs_is_one_script(collected: JoinedStorage):
    joined = read(collected, "js/app.js").decode()
    parts = [(STATIC / "js" / f"{name}.js").read_text() for name in EVERY_PAGE]
    assert joined == "\n".join(parts)
    # What imports something may name it as the other one does.
    assert not [part for part in parts if re.search(r"^(import|export)\b", part, flags=re.MULTILINE)]
    names = [
        name for part in parts for name in re.findall(r"^(?:const|let|(?:async )?function) (\w+)", part, re.MULTILINE)
    ]
    assert len(names) == len(set(names))


def test_text_never_becomes_markup_in_a_script():
    """What people wrote is set as text; what our templates made of it is read as a page in which nothing runs."""
    markup = r"\.(innerHTML|outerHTML)\s*\+?=(?!=)|insertAdjacentHTML|createContextualFragment|document\.write"
    scripts = {path.name: path.read_text() for path in (STATIC / "js").glob("*.js")}
    assert {name for name, text in scripts.items() if re.search(markup, text)} == set()
    assert re.search(markup, "frame.innerHTML = text")


def test_what_a_conversation_needs_is_one_script(collected: JoinedStorage):
    joined = read(collected, "js/thread.js").decode()
    # Nothing is left that only a file of its own may say, and each stands behind what it takes names from.
    assert not re.search(r"^import\b", joined, re.MULTILINE)
    whole = re.findall(r"^export .*", joined, re.MULTILINE)
    assert all(re.fullmatch(r"export const \{ [\w, ]+ \} = in_\w+;", line) for line in whole)
    for number, name in enumerate(THREAD):
        text = (STATIC / "js" / f"{name}.js").read_text()
        assert set(re.findall(r'^import .*"care/(\w+)";$', text, re.MULTILINE)) <= set(THREAD[:number])
        assert set(re.findall(r"^export (?:async )?\w+\*? (\w+)", text, re.MULTILINE)) <= set(names_in(whole))
    assert len(names_in(whole)) == len(set(names_in(whole)))


def names_in(exports: list[str]) -> list[str]:
    return [name for line in exports for name in re.findall(r"\w+", line.split("{")[1].split("}")[0])]


def test_two_modules_as_one_keep_their_own_names_apart():
    one = "const MINE = 1;\nexport const told = () => MINE;\nexport function* each() {}\n"
    other = (
        'import { told } from "care/one";\n\nconst MINE = 2;\nexport async function tell() { return told() + MINE; }\n'
    )
    assert as_one_module({"one": one, "other": other}) == (
        "const in_one = (() => {\nconst MINE = 1;\nconst told = () => MINE;\nfunction* each() {}\n\n"
        "return { told, each };\n})();\n"
        "const in_other = (() => {\nconst { told } = in_one;\n\nconst MINE = 2;\n"
        "async function tell() { return told() + MINE; }\n\nreturn { tell };\n})();\n"
        "export const { told, each } = in_one;\nexport const { tell } = in_other;\n"
    )


def test_collecting_twice_gives_the_same_names(collected: JoinedStorage):
    before = [collected.stored_name(name) for name in ("css/app.css", "js/app.js")]
    list(collected.post_process(sources()))
    assert [collected.stored_name(name) for name in ("css/app.css", "js/app.js")] == before


def test_squeezing_keeps_every_rule():
    assert (
        squeeze("/* why */\n.a {\n  color: red;\n}\n\n\n.b { top: 0; }\n") == ".a {\ncolor: red;\n}\n.b { top: 0; }\n"
    )


def test_every_sheet_is_listed_once():
    of_the_desk = [part for part in BUNDLES["desk"] if part.startswith("desk")]
    assert sorted([*APP, *of_the_desk]) == sorted(sheet.stem for sheet in SHEETS)
    assert all(set(parts) <= {*APP, *of_the_desk} for parts in BUNDLES.values())


def test_every_module_is_named():
    assert sorted(MODULES) == sorted(script.stem for script in (STATIC / "js").glob("*.js"))


@pytest.mark.parametrize(("bundle", "most"), [("app", 14), ("plain", 6), ("desk", 14)])
def test_style_sheets_stay_small(collected: JoinedStorage, bundle: str, most: int):
    assert len(gzip.compress(read(collected, f"css/{bundle}.css"))) <= most * KILOBYTE


# What a conversation loads by itself; no page has more. The rest comes when somebody opens a menu, presses a key of
# ours, goes back in time or fills the box.
BESIDE_THREAD = ("app", "beside", "drafts", "heard", "reading", "thread")


def test_scripts_stay_small(collected: JoinedStorage):
    joined = {name: len(gzip.compress(read(collected, f"js/{name}.js"))) for name in BESIDE_THREAD}
    assert sum(joined.values()) <= 20 * KILOBYTE, joined
    # All there is for members, which no page has.
    sizes = {script.stem: len(gzip.compress(script.read_bytes())) for script in (STATIC / "js").glob("*.js")}
    desk = sizes.pop("desk")
    assert sum(sizes.values()) <= 37 * KILOBYTE, sizes
    # A page of the desk: what every page has, and the keys.
    assert desk + joined["app"] + sizes["counter"] + sizes["sending"] <= 24 * KILOBYTE


def test_pictures_and_fonts_stay_small():
    assert (STATIC / "icons" / "sprite.svg").stat().st_size <= 6 * KILOBYTE
    fonts = list((STATIC / "fonts").glob("*.woff2"))
    assert len(fonts) == 2
    assert all(font.stat().st_size <= 18 * KILOBYTE for font in fonts)
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_sheets_keep_our_rules(sheet: Path):
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    selectors = " ".join(re.findall(r"(?:^|[{};])([^{};@]+)\{", css))
    assert not re.search(r"#[\w-]", selectors), "an id selector"
    assert "!important" not in css or sheet.stem == "forced-colors", "!important"
    assert not re.search(r"(?<![\w-])(margin|padding|border)-(left|right|top|bottom)\b", css), "a physical direction"
    small = [size for size in re.findall(r"font-size:\s*([\d.]+)(?:rem|em)", css) if float(size) < 1]
    assert not small, f"letters smaller than 1rem: {small}"
    if sheet.stem not in ("layers", "fonts", "forced-colors", "print"):
        assert css.strip().startswith("@layer "), "outside the layers"
        assert sheet.stem == "tokens" or not re.search(r"#[0-9a-fA-F]{3,8}\b", css), "a colour that is not a token"


def test_nothing_is_fetched_from_elsewhere():
    files = [path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg")]
    foreign = re.compile(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w-]+\.\w")
    assert not [path.name for path in files if foreign.search(path.read_text())]
