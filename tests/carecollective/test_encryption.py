"""Sealed text opens where it was sealed, with the key that sealed it, and nowhere else."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from carecollective import encryption, startup
from carecollective.encryption import Damaged, KeyMissing, Sealed, SealedText, open_sealed, seal
from carecollective.env import Unreadable
from carecollective.models import KeyCanary
from tests.support.database import ROOT

PLACE = "contact_details.phone:1"
Ring = Callable[..., None]


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


@pytest.fixture
def keys(settings: Any) -> Ring:
    def hold(*written: str) -> None:
        settings.ENCRYPTION_KEYS = list(written)

    hold(f"a:{key('a')}")
    return hold


class TestSealing:
    @given(text=st.text(st.characters(exclude_categories=["Cs"])))
    def test_what_is_sealed_opens_again(self, text: str) -> None:
        assert open_sealed(seal(text, PLACE), PLACE) == text

    def test_the_clear_words_are_nowhere_in_it(self, keys: Ring) -> None:
        sealed = seal("(417) 555-0134", PLACE)
        assert "555" not in sealed.text
        assert b"555" not in base64.b64decode(sealed.text)
        assert sealed.key_id == "a"

    def test_the_same_text_never_looks_the_same(self, keys: Ring) -> None:
        texts = sorted(seal("same", PLACE).text for _ in range(200))
        assert all(one != other for one, other in pairwise(texts))

    def test_swapped_rows_do_not_open(self, keys: Ring) -> None:
        sealed = seal("mine", PLACE)
        for other in ("contact_details.phone:2", "contact_details.email:1", "messages.phone:1", ""):
            with pytest.raises(Damaged):
                open_sealed(sealed, other)

    def test_every_changed_byte_is_noticed(self, keys: Ring) -> None:
        sealed = seal("mine", PLACE)
        whole = base64.b64decode(sealed.text)
        for position in range(len(whole)):
            changed = whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]
            with pytest.raises(Damaged):
                open_sealed(Sealed("a", base64.b64encode(changed).decode()), PLACE)

    @pytest.mark.parametrize(
        "text", ["", "mine", "AAAA", "\N{SNOWMAN}", "=" * 40, "\ud800", base64.b64encode(b"x" * 12).decode()]
    )
    def test_clear_or_broken_text_is_never_passed_on(self, keys: Ring, text: str) -> None:
        with pytest.raises(Damaged):
            open_sealed(Sealed("a", text), PLACE)

    def test_the_reason_never_repeats_the_text(self, keys: Ring) -> None:
        sealed = seal("my phone number", PLACE)
        with pytest.raises(Damaged) as problem:
            open_sealed(Sealed("a", sealed.text[::-1]), PLACE)
        assert sealed.text[:20] not in str(problem.value)


class TestTheRing:
    def test_the_newest_key_seals_and_older_ones_still_open(self, keys: Ring) -> None:
        old = seal("old", PLACE)
        keys(f"b:{key('b')}", f"a:{key('a')}")
        assert seal("new", PLACE).key_id == "b"
        assert open_sealed(old, PLACE) == "old"

    def test_a_missing_key_is_named(self, keys: Ring) -> None:
        sealed = seal("x", PLACE)
        keys(f"b:{key('b')}")
        with pytest.raises(KeyMissing, match=r"The key a .* is not in ENCRYPTION_KEYS"):
            open_sealed(sealed, PLACE)

    def test_without_any_key_nothing_is_stored_clear(self, keys: Ring) -> None:
        keys()
        with pytest.raises(KeyMissing, match="nothing can be sealed"):
            seal("x", PLACE)

    def test_another_key_of_the_same_name_opens_nothing(self, keys: Ring) -> None:
        sealed = seal("x", PLACE)
        keys(f"a:{key('z')}")
        with pytest.raises(Damaged):
            open_sealed(sealed, PLACE)

    @pytest.mark.parametrize(
        "written",
        [
            "a",
            "a:",
            f":{key('a')}",
            f"A:{key('a')}",
            f"a b:{key('a')}",
            f"{'a' * 33}:{key('a')}",
            f"ä:{key('a')}",
            "a:not base64",
            "a:" + base64.b64encode(b"short").decode(),
            "a:" + base64.b64encode(b"x" * 33).decode(),
            f"a:{key('a')}x",
        ],
    )
    def test_an_unreadable_key_is_refused_in_one_sentence(self, keys: Ring, written: str) -> None:
        keys(written)
        with pytest.raises(Unreadable, match=r"^ENCRYPTION_KEYS") as problem:
            encryption.ring()
        secret = written.partition(":")[2]
        assert not secret or secret not in str(problem.value)

    def test_one_name_stands_once(self, keys: Ring) -> None:
        keys(f"a:{key('a')}", f"a:{key('b')}")
        with pytest.raises(Unreadable, match="twice"):
            encryption.ring()

    def test_an_unreadable_key_stops_every_process(self) -> None:
        ending = run("check", ENCRYPTION_KEYS="a:hello")
        assert ending.returncode == 1
        assert (
            ending.stderr.strip()
            == "ENCRYPTION_KEYS: the key a must be 32 bytes in base64. `manage.py keys new` makes one."
        )

    def test_a_new_key_can_be_used_as_printed(self, keys: Ring, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("keys", "new", "spring-2027")
        printed = capsys.readouterr().out.strip()
        keys(printed)
        assert seal("x", PLACE).key_id == "spring-2027"


class Details:
    """A row with a phone number, as a model would have it."""

    _meta = SimpleNamespace(db_table="details")
    phone = SealedText("sealed_phone")

    def __init__(self, pk: int | None):
        self.pk = pk
        self.sealed_phone = self.key_id = ""


class TestOnAModel:
    def test_a_row_reads_and_writes_its_sealed_text(self, keys: Ring) -> None:
        mine, other = Details(1), Details(2)
        mine.phone = "(417) 555-0134"
        assert "555" not in mine.sealed_phone
        assert (mine.phone, mine.key_id) == ("(417) 555-0134", "a")
        other.sealed_phone, other.key_id = mine.sealed_phone, mine.key_id
        with pytest.raises(Damaged, match=r"details\.sealed_phone:2"):
            assert other.phone

    def test_a_row_without_an_id_cannot_seal(self, keys: Ring) -> None:
        with pytest.raises(ValueError, match="needs its id first"):
            Details(None).phone = "x"


@pytest.mark.django_db
class TestTheCanary:
    def test_the_first_start_writes_it_and_the_next_opens_it(self, keys: Ring) -> None:
        startup.must_be_fit_to_start()
        assert list(KeyCanary.objects.values_list("key_id", flat=True)) == ["a"]
        startup.must_be_fit_to_start()
        keys(f"b:{key('b')}", f"a:{key('a')}")
        startup.must_be_fit_to_start()
        assert KeyCanary.objects.count() == 2
        assert startup.key_problem() == ""

    def test_a_wrong_key_refuses_the_start(self, keys: Ring) -> None:
        startup.must_be_fit_to_start()
        keys(f"a:{key('z')}")
        with pytest.raises(Unreadable, match="the key a is not the one that sealed our texts"):
            startup.must_be_fit_to_start()
        assert "is not the one" in startup.key_problem()
        with pytest.raises(CommandError, match="is not the one"):
            call_command("keys", "check")

    def test_a_key_that_is_gone_refuses_the_start(self, keys: Ring) -> None:
        startup.must_be_fit_to_start()
        keys(f"b:{key('b')}")
        with pytest.raises(Unreadable, match="lacks the key a"):
            startup.must_be_fit_to_start()

    def test_no_key_refuses_the_start(self, keys: Ring) -> None:
        keys()
        with pytest.raises(Unreadable, match="ENCRYPTION_KEYS is not set"):
            startup.must_be_fit_to_start()

    def test_a_swapped_proof_refuses_the_start(self, keys: Ring) -> None:
        keys(f"a:{key('a')}", f"b:{key('b')}")
        startup.must_be_fit_to_start()
        proof = KeyCanary.objects.get(key_id="a")
        KeyCanary(key_id="c", text=proof.text).save(force_insert=True)
        keys(f"a:{key('a')}", f"b:{key('b')}", f"c:{key('a')}")
        with pytest.raises(Unreadable, match="the key c is not the one"):
            startup.must_be_fit_to_start()


@pytest.mark.committed
def test_the_worker_does_not_start_with_a_wrong_key(keys: Ring) -> None:
    startup.must_be_fit_to_start()
    ending = run("worker", ENCRYPTION_KEYS=f"a:{key('z')}")
    assert (ending.returncode, ending.stderr.strip()) == (
        1,
        "ENCRYPTION_KEYS: the key a is not the one that sealed our texts.",
    )


def test_a_database_that_is_away_does_not_stop_the_start() -> None:
    lines = (
        "import django; django.setup(); from carecollective import startup; startup.must_be_fit_to_start(); print('up')"
    )
    nowhere = {
        "DJANGO_SETTINGS_MODULE": "carecollective.settings",
        "DATABASE_URL": "postgresql://nobody@/none?host=/nowhere",
    }
    ending = subprocess.run(
        [sys.executable, "-c", lines], cwd=ROOT, env=os.environ | nowhere, capture_output=True, text=True, timeout=60
    )
    assert ending.stdout.strip() == "up", ending.stderr


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=60)
