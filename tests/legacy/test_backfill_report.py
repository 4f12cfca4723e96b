"""The file to attach to the change: what was there, what became of it, and what is next; ids, and nobody's words."""

import io
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils.timezone import now

from carecollective.errors import NotValid
from features.services.switching import By
from legacy import report_file, report_words
from legacy.models import EarlierMessage, EarlierParticipant, Run
from legacy.services import closing, moving, proving, settling
from legacy.services.protecting import protect
from legacy.services.settling import Decision
from members.models import Member
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty, on_for

pytestmark = pytest.mark.committed

LONG_AGO = now() - timedelta(days=100)


class Town:
    """What an earlier system leaves: five that can be moved, two of them of one pair; three that cannot."""

    def __init__(self, asker: Member, helper: Member) -> None:
        self.moved = [
            earlier(helper, HelpRequestFactory(requester=asker), (helper, WORDS), (asker, "Good!"), at=LONG_AGO).pk
            for _ in range(3)
        ]
        again = HelpRequestFactory(requester=asker)
        self.oldest = earlier(helper, again, at=LONG_AGO).pk
        self.merged = earlier(helper, again, at=LONG_AGO + timedelta(days=1)).pk
        # One of three, and the first of them: it stays, and the others are no less the second and the third.
        self.long = earlier(helper, again, (helper, "w" * 1200), at=LONG_AGO - timedelta(days=1)).pk
        self.silent = empty(helper, HelpRequestFactory(requester=asker)).pk
        alone = empty(helper, None)
        EarlierParticipant.objects.create(conversation=alone, user_id=uuid4())
        add(helper, alone)
        self.alone = alone.pk


@pytest.fixture
def town(asker: Member, helper: Member) -> Town:
    return Town(asker, helper)


def report() -> str:
    return "\n".join(report_words.lines())


def part(told: str, heading: str) -> str:
    return told.split(f"## {heading}\n")[1].split("\n## ")[0]


def test_before_anything_was_moved(town: Town) -> None:
    told = report()
    assert "| in V1 | 8 | 10 |" in part(told, "In short")
    assert "| waiting | 8 | 10 |" in told
    assert "| convertible | 5 |" in part(told, "What was there")
    assert "None: nobody had several" in part(told, "Merged")
    assert "Nothing was compared yet." in told
    assert told.count("- [ ]") == 3


def test_after_a_run_it_says_what_became_of_each(town: Town) -> None:
    before = part(report(), "What was there")
    moving.run()
    proving.verify()
    settling.settle(Decision("nobody | spoke", By("Opal at the command line")), reason="empty")
    told = report()
    assert part(told, "What was there") == before, "what was there does not change by being moved"
    for line in ("| moved | 4 | 7 |", "| merged into the oldest of their pair | 1 | 1 |", "| waiting | 0 | 0 |"):
        assert line in part(told, "In short")
    assert "| left where they are | 3 | 2 |" in told
    assert f"| {town.merged} | {town.oldest} | 1 |" in part(told, "Merged")
    left = part(told, "Left where they are")
    assert "### empty: nobody said anything in it\n\n1 in all, 1 settled." in left
    assert re.search(
        rf"Settled as archived by Opal at the command line, .* UTC: nobody \| spoke\n\n- {town.silent}", left
    )
    assert f"Not settled:\n\n- {town.long}" in left
    run = Run.objects.get()
    assert re.search(r"\| 5 \| 8 \| [1-9][0-9,]* \| " + run.digest, part(told, "Runs"))
    assert "every row of both sides the same." in part(told, "The comparison")
    assert told.count("- [x]") == 2
    assert "- [ ] Each that was left is settled (2 are not)." in told


def test_what_came_later_is_not_hidden(town: Town, helper: Member) -> None:
    moving.run()
    proving.verify()
    for reason in ("empty", "too_long", "people_missing"):
        settling.settle(Decision("they stay", By("Opal")), reason=reason)
    assert report().count("- [x]") == 3
    protect()
    assert report().count("- [x]") == 4
    earlier(helper, HelpRequestFactory())
    assert "- [ ] Each conversation is moved, or left with its reason (1 wait)." in report()
    moving.run()
    told = report()
    assert "Something was moved since, which it has not seen." in told
    assert "- [ ] All that was moved was compared since" in told


def test_at_the_end_all_is_ticked(town: Town) -> None:
    on_for(days=1)
    moving.run()
    proving.verify()
    protect()
    for reason in ("empty", "too_long", "people_missing"):
        settling.settle(Decision("they stay", By("Opal")), reason=reason)
    closing.close(why="all is moved", by="Opal")
    told = report()
    assert "- [ ]" not in told
    assert told.count("- [x]") == 5


def test_it_names_differences(town: Town) -> None:
    moving.run()
    EarlierMessage.objects.filter(content="Good!").update(content="Bad.")
    assert len(proving.verify()) == 3
    assert "3 differences." in report()
    assert "- [ ] All that was moved was compared since" in report()


def test_no_words_of_members_and_no_names(town: Town, asker: Member, helper: Member) -> None:
    moving.run()
    told = report()
    for words in (WORDS, "Good!", "www", asker.called, helper.name, asker.email, str(asker.pk), str(helper.pk)):
        assert words not in told


def test_the_command_names_the_file(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    moving.run()
    for words in (["--to", "change-41.md"], []):
        out = io.StringIO()
        call_command("backfill_v1", "report", *words, stdout=out)
        file = Path(out.getvalue().removeprefix("The report stands in ").removesuffix(".\n"))
        assert file.parent == tmp_path
        assert file.read_text().startswith("# V1 into V2: the report of the backfill\n")
        assert not stat.S_IMODE(file.stat().st_mode) & 0o111
    assert len(list(tmp_path.iterdir())) == 2, "nothing else is left there"


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.symlink_to(tmp_path / "nothing-there")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backfill_v1", "report", "--to", str(file))
    assert [one.name for one in tmp_path.iterdir()] == ["report.md"]


def test_two_at_once_write_one_whole_file(town: Town, tmp_path: Path) -> None:
    moving.run()

    def write(number: int) -> str:
        try:
            report_file.write(str(tmp_path / "report.md"))
        except NotValid as refused:
            return refused.words
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(write, range(4)))
    assert told[0] == ""
    assert all("is there already" in words for words in told[1:])
    assert (tmp_path / "report.md").read_text().endswith("`docs/cutover.md` says how it goes on.\n")
    assert len(list(tmp_path.iterdir())) == 1


def test_what_happens_while_it_is_written_is_not_half_in_it(town: Town, tmp_path: Path) -> None:
    """All of its figures are of one moment."""
    lines = report_file._lines_of_one_moment()
    told = [next(lines) for _ in range(4)]
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("INSERT INTO conversations (status) SELECT 'active' FROM generate_series(1, 50)")
    told += list(lines)
    assert "| in V1 | 8 | 10 |" in told
    assert "| total | 8 |" in told
