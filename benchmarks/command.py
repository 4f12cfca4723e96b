"""bin/bench: what can be measured, and the measuring of it."""

import argparse
from collections.abc import Callable

from _steps import ROOT, step

from benchmarks import browser, data, goals, long_talk, moving, pages, scenarios, tables, talk_floor
from benchmarks.measure import READS_SHORTLY, SHORT, Effort, Figures
from benchmarks.measure import measure as measure_one
from benchmarks.place import Place
from benchmarks.running import running_site
from benchmarks.sources import InTurn, Same
from benchmarks.talk_scenarios import TALKS

DOCUMENT = ROOT / "docs" / "performance.md"
TALKING = Effort(clients=(1, 8, 32), floor_count=3_000)
TALKING_SHORTLY = Effort(clients=(8, 32), rounds=1, count=32, warm_up=4, floor_count=32, floor_reads=READS_SHORTLY)
# With few rows first, to compare with: only what is compared.
BEFORE = Effort(clients=(goals.FEW,), floor_count=3_000)

Done = tuple[str, bool]


def measure() -> int:
    options = _options()
    if options.list:
        _list()
        return 0
    text, went_well = MEASURED[options.what](options)
    print(f"\n{text}")
    if options.write:
        tables.write(DOCUMENT, f"{options.what}, {_name(options)}", text)
    return 0 if went_well else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures the site on a database of its own.")
    parser.add_argument("what", nargs="?", choices=MEASURED, default="conversations", help="nothing: conversations")
    parser.add_argument("--list", action="store_true", help="what is measured")
    large = "a million conversations; for api, 100,000 help requests; for backfill, a million messages"
    parser.add_argument("--large", action="store_true", help=large)
    parser.add_argument("--short", action="store_true", help="a handful of requests: does it work at all?")
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/performance.md")
    return parser.parse_args()


def _name(options: argparse.Namespace) -> str:
    return "large" if options.large else "tiny" if options.short else "small"


def _list() -> None:
    print("bin/bench: conversations, against the same work as functions of the database")
    for talk in TALKS:
        print(f"  {talk.name}: {talk.method} {talk.path}")
    print("bin/bench api: requests to the running site, against the same work in SQL")
    for scenario in scenarios.API:
        print(f"  {scenario.name}: {scenario.method} {scenario.path} ({scenario.caller})")
    print("bin/bench browser: what pages weigh and when they are painted")
    for page in pages.PAGES:
        print(f"  {page.name}: {page.path}")
    print(f"  a conversation of {long_talk.MESSAGES:,}: {pages.THREAD}, back and forth")
    print("bin/bench backfill: conversations of the earlier system into V2, and back")


def _conversations(options: argparse.Namespace) -> Done:
    """With many rows, few come first, so that both are measured in one run."""
    effort, size = TALKING_SHORTLY if options.short else TALKING, data.TALKS[_name(options)]
    small: list[Figures] | None = None
    if options.large:
        with running_site(data.TALKS["small"]) as place:
            small = _talk(place, BEFORE)
    with running_site(size) as place:
        machine = tables.circumstances(place.owner_url)
        found = _talk(place, effort)
        statements = _statements(place)
    figures, judged = tables.of_figures(found, statements), goals.table_of(found, small)
    text = f"{machine} {size.in_words.capitalize()}.\n\n{figures}\n\n{judged}"
    return text, not any(one.failed for one in found)


def _talk(place: Place, effort: Effort) -> list[Figures]:
    talk_floor.create(place.owner_url)
    found: list[Figures] = []
    for talk in TALKS:
        with step(talk.name):
            found += measure_one(place, InTurn(place, talk), effort)
    return found


def _statements(place: Place) -> dict[str, int]:
    import django

    from benchmarks.asking_django import statements_of

    django.setup()
    data.forget_limits(place.owner_url)
    # From turns that measuring does not come to.
    return {talk.name: statements_of(InTurn(place, talk, number=10_000_000).asks(2)) for talk in TALKS}


def _api(options: argparse.Namespace) -> Done:
    with running_site(data.SIZES[_name(options)]) as place:
        import django

        django.setup()
        from benchmarks.asking_django import statements_of, web_sessions

        effort = SHORT if options.short else Effort()
        machine, sessions = tables.circumstances(place.owner_url), web_sessions()
        found: list[Figures] = []
        statements: dict[str, int] = {}
        for scenario in scenarios.API:
            source = Same(place, scenario, sessions)
            with step(scenario.name):
                found += measure_one(place, source, effort)
            statements[scenario.name] = statements_of(source.asks(2))
    return f"{machine}\n\n{tables.of_figures(found, statements)}", not any(figures.failed for figures in found)


def _browser(options: argparse.Namespace) -> Done:
    with running_site(data.TALKS[_name(options)]) as place:
        import django

        django.setup()
        from benchmarks.asking_django import web_session_of

        machine = tables.circumstances(place.owner_url)
        with step(f"Going on with one conversation, up to {long_talk.MESSAGES:,} messages"):
            long_talk.fill(place.owner_url)
        session = web_session_of(data.member_id(pages.member(place.size)))
        reader = web_session_of(long_talk.reader(place.size))
        found = browser.look(place, session, reader, is_slow=not options.short)
    return f"{machine}\n\n{found}", True


def _backfill(options: argparse.Namespace) -> Done:
    return moving.measure(_name(options)), True


MEASURED: dict[str, Callable[[argparse.Namespace], Done]] = {
    "conversations": _conversations,
    "api": _api,
    "browser": _browser,
    "backfill": _backfill,
}
