"""bin/bench: what can be measured, and the measuring of it."""

import argparse
from collections.abc import Callable

from _steps import ROOT, step

from benchmarks import browser, data, scenarios, tables
from benchmarks.measure import SHORT, Effort, Figures
from benchmarks.measure import measure as measure_one
from benchmarks.pages import PAGES
from benchmarks.place import Place
from benchmarks.running import running_site

DOCUMENT = ROOT / "docs" / "performance.md"


def measure() -> int:
    options = _options()
    if not options.what:
        _list()
        return 0
    size = data.LARGE if options.large else data.TINY if options.short else data.SMALL
    with running_site(size) as place:
        import django

        django.setup()
        text, went_well = MEASURED[options.what](place, options)
    print(f"\n{text}")
    if options.write:
        tables.write(DOCUMENT, f"{options.what}, {size.name}", text)
    return 0 if went_well else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures the site on a database of its own.")
    parser.add_argument("what", nargs="?", choices=MEASURED, help="nothing: list what there is")
    parser.add_argument("--large", action="store_true", help="100,000 help requests of 20,000 members")
    parser.add_argument("--short", action="store_true", help="a handful of requests: does it work at all?")
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/performance.md")
    return parser.parse_args()


def _list() -> None:
    print("bin/bench api: requests to the running site, against the same work in SQL")
    for scenario in scenarios.API:
        print(f"  {scenario.name}: {scenario.method} {scenario.path} ({scenario.caller})")
    print("bin/bench browser: what pages weigh and when they are painted")
    for page in PAGES:
        print(f"  {page.name}: {page.path}")


def _api(place: Place, options: argparse.Namespace) -> tuple[str, bool]:
    from benchmarks.asking_django import statements_of, web_sessions

    effort = SHORT if options.short else Effort()
    machine, sessions = tables.circumstances(place.owner_url), web_sessions()
    found: list[Figures] = []
    statements: dict[str, int] = {}
    for scenario in scenarios.API:
        asks = scenarios.asks(scenario, place.size, sessions)
        with step(scenario.name):
            found += measure_one(place, scenario, asks, sessions[0], effort)
        statements[scenario.name] = statements_of(asks[0])
    return f"{machine}\n\n{tables.of_figures(found, statements)}", not any(figures.failed for figures in found)


def _browser(place: Place, options: argparse.Namespace) -> tuple[str, bool]:
    from benchmarks.asking_django import web_sessions

    machine = tables.circumstances(place.owner_url)
    found = browser.look(place, web_sessions()[0], is_slow=not options.short)
    return f"{machine}\n\n{found}", True


MEASURED: dict[str, Callable[[Place, argparse.Namespace], tuple[str, bool]]] = {"api": _api, "browser": _browser}
