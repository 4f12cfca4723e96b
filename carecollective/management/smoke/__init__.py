"""Throw-away members on a running site: what was promised is tried over HTTP, and every surprise is named."""

# Joining over HTTP needs a mailbox and a moderator. So the people are made here, beside the site, by its own verbs and
# in its database; what they do, they do over HTTP with tokens. Nothing is claimed before the site has shown one of
# them a request that was made here: then it has this database.

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseFault

from carecollective.errors import Refusal
from carecollective.management.smoke import promises, traces
from carecollective.management.smoke.cast import make
from carecollective.management.smoke.findings import Findings, in_one_line
from carecollective.management.smoke.site import NotAsHoped, Site

Say = Callable[[str], None]


def check(base_url: str, say: Say) -> list[str]:
    """The surprises, each in one sentence; none where all is as promised and nothing is left."""
    site, found = Site(base_url), Findings(say)
    with _told(found):
        promises.health(site, found)
        _play(site, found)
    if not found.surprises:
        say(f"All {found.kept} promises are kept at {site.address}, and nothing is left of those who tried.")
    return found.surprises


def clean(say: Say) -> list[str]:
    """Removes what runs that were killed have left; those that still run are left alone."""
    found = Findings(say)
    with _told(found):
        removed = traces.remove()
        found.surprises += removed.surprises
        say(f"Removed: {removed.runs}. Still running, so left alone: {removed.running}.")
    return found.surprises


def _play(site: Site, found: Findings) -> None:
    run = secrets.token_hex(8)
    with traces.running(run):
        try:
            with _told(found):
                cast = make(run)
                promises.must_have_our_database(site, cast)
                promises.play(site, cast, found)
        finally:
            # Also what earlier runs have left, and also when somebody stops us with Ctrl-C.
            found.surprises += traces.remove().surprises


@contextmanager
def _told(found: Findings) -> Iterator[None]:
    """What ends the play is one more surprise, not a traceback."""
    try:
        yield
    except NotAsHoped as problem:
        found.surprises.append(str(problem))
    except Refusal as refusal:
        found.surprises.append(f"The throw-away members were refused here: {refusal.words}")
    except DatabaseFault as problem:
        found.surprises.append(f"The database of this command refused: {in_one_line(problem)}")
