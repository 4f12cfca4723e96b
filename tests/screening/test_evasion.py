"""Disguises do not help: a text and its disguise are judged alike. Nor does length: reading is linear."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from screening import folding, measuring
from screening.drawing import redraw
from screening.mending import Mender
from screening.ruleset import Ruleset, Running
from screening.seeds import SEEDS

ROOM = Path(folding.__file__).parent
CYRILLIC = str.maketrans("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ")
GREEK = str.maketrans("aoivunsdABEHIKMNOPTXZ", "αοινυηςδΑΒΕΗΙΚΜΝΟΡΤΧΖ")
CHEROKEE = str.maketrans("ABDEGHIJKLMPRSTVWZ", "ᎪᏴᎠᎬᏀᎻᏆᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ")
LISU = str.maketrans("ABCDEFGHIJKLMNOPRSTUVWXYZ", "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ")
COPTIC = str.maketrans("aeikopcmnt", "ⲁⲉⲓⲕⲟⲣⲥⲙⲛⲧ")
LINES = [*measuring.benign(), *(line.text for line in measuring.abusive())]
PLAIN = [text for text in LINES if text.isascii()]


@cache
def rules() -> Ruleset:
    return Ruleset(
        Running(one.name, one.category, 1, one.state, one.phrases, one.unless, one.detector) for one in SEEDS
    )


def judged(text: str) -> set[tuple[str, str]]:
    return {(finding.category, finding.rule) for finding in rules().examine(text)}


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def between(mark: str) -> Callable[[str], str]:
    return lambda text: mark.join(text)


def mathematical(text: str) -> str:
    small = {chr(97 + place): chr(0x1D41A + place) for place in range(26)}
    return "".join(small.get(one, one) for one in text)


def accented(text: str) -> str:
    return "".join(one + "\u0336" if one.isalpha() else one for one in text)


def spaced(text: str) -> str:
    """One space between letters, three between words."""
    return "   ".join(" ".join(word) for word in text.split(" "))


def cut(mark: str) -> Callable[[str], str]:
    """Each longer word in two."""
    return lambda text: " ".join(f"{word[:2]}{mark}{word[2:]}" if len(word) > 3 else word for word in text.split(" "))


DRAWN = {
    "a": "/\\", "k": "|<", "l": "1", "u": "(_)", "v": "\\/", "w": "vv", "m": "nn", "c": "(", "d": "|)", "h": "#",
    "g": "6", "z": "2", "e": "€", "s": "§",
}  # fmt: skip


def drawn(text: str) -> str:
    return "".join(DRAWN.get(one, one) for one in text)


def stretched(text: str) -> str:
    return "".join(one * 4 if one in "aeiou" else one for one in text)


DISGUISES: dict[str, Callable[[str], str]] = {
    "full width": full_width,
    "Cyrillic": lambda text: text.translate(CYRILLIC),
    "Greek": lambda text: text.translate(GREEK),
    "Cherokee": lambda text: text.upper().translate(CHEROKEE),
    "Lisu": lambda text: text.upper().translate(LISU),
    "Coptic": lambda text: text.translate(COPTIC),
    "back to front": lambda text: "\u202e" + text[::-1],
    "lines": lambda text: text.replace(" ", "\n"),
    "mathematical": mathematical,
    "zero width": between("\u200b"),
    "joiner": between("\u2060"),
    "soft hyphen": between("\u00ad"),
    "struck through": accented,
    "capitals": str.upper,
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@given(text=st.sampled_from(PLAIN))
def test_a_disguised_text_is_judged_as_it_reads(disguise: Callable[[str], str], text: str) -> None:
    assert judged(disguise(text)) == judged(text)


@given(text=st.sampled_from(PLAIN), marks=st.text("\u200b\u200c\u200d\u2060\ufeff\u00ad\u0301\ufe0f", max_size=3))
def test_disguises_may_be_piled_up(text: str, marks: str) -> None:
    assert judged(full_width(marks.join(text).translate(CYRILLIC))) == judged(text)


WORDS = [
    "i will kill you",
    "send me a gift card",
    "send money to me now",
    "you are an idiot",
    "click here for a free gift",
    "i want to die",
    "kill yourself",
]
SPELLINGS: dict[str, Callable[[str], str]] = {
    "spaced": spaced,
    "all one space": " ".join,
    "points": lambda text: "  ".join(".".join(word) for word in text.split()),
    "stretched": stretched,
    "digits": lambda text: text.translate(str.maketrans("eiost", "31057")),
    "underscores": lambda text: text.replace(" ", "_"),
    "cut by a space": cut(" "),
    "cut by a slash": cut("/"),
    "cut by a comma": cut(","),
    "cut by a picture": cut("\N{SLIGHTLY SMILING FACE}"),
    "cut by a line": cut("\n"),
    "no gaps": lambda text: text.replace(" ", ""),
    "no gaps but capitals": lambda text: text.title().replace(" ", ""),
    "drawn": drawn,
    "parted": lambda text: " ".join(f"{word[:2]}.{word[2:]}" if len(word) > 3 else word for word in text.split()),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("words", WORDS)
def test_spelling_tricks_do_not_hide_what_is_said(words: str, spelling: Callable[[str], str]) -> None:
    assert {category for category, _ in judged(words)} <= {category for category, _ in judged(spelling(words))}
    assert judged(words)


def test_spelling_calm_words_out_seldom_makes_them_harmful() -> None:
    """Letter by letter, what excuses a word is lost here and there; nobody writes calm words like that."""
    calm = [text for text in PLAIN if "  " not in text and not judged(text)]
    found = [text for text in calm if judged(spaced(text.lower())) - {("personal_info", "phone number")}]
    assert len(calm) > 500
    assert len(found) <= len(calm) * 0.03, found


@pytest.mark.parametrize("spelling", [cut(" "), cut("/"), cut("\n"), lambda text: text.replace(" ", "")])
def test_cutting_calm_words_seldom_makes_them_harmful(spelling: Callable[[str], str]) -> None:
    calm = [text for text in PLAIN if not judged(text)]
    found = [text for text in calm if {category for category, _ in judged(spelling(text))} - {"personal_info"}]
    assert len(found) <= len(calm) * 0.03, found


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("i will k.ll you", "threat"),
        ("I will kill……you", "threat"),
        ("i wil kil u", "threat"),
        ("f.u you", "profanity"),
        ("you stupid biatch", "profanity"),
        ("send it to my cash.app", "potential_scam"),
        ("send $$$ via zel le", "potential_scam"),
        ("§€nd nn€ 50 |)o11ar§", "potential_scam"),
    ],
)
def test_what_once_got_through_is_found(text: str, category: str) -> None:
    assert category in {found for found, _ in judged(text)}


@pytest.mark.parametrize("text", ["I will be at your house.", "We are to get her for ever.", "The sum is €20."])
def test_words_of_their_own_are_not_put_together(text: str) -> None:
    assert not judged(text)


@given(text=st.text("abcdefghikll o./'1\u202e\u202c\n€|<()", max_size=200))
def test_each_place_of_a_mended_text_is_one_of_the_original(text: str) -> None:
    folded = folding.fold(text)
    mender = rules()._tools.mender
    for read in (folded, *redraw(folded)):
        mended = mender.mend(read)
        for one in (read, *([mended] if mended else [])):
            assert len(one.text) == len(one.places)
            assert all(0 <= place < len(text) for place in one.places)


@given(text=st.text(max_size=300))
def test_whatever_is_written_can_be_read_and_places_stand_in_the_original(text: str) -> None:
    folded = folding.fold(text)
    assert len(folded.text) == len(folded.places)
    assert all(0 <= place < len(text) for place in folded.places)
    for finding in rules().examine(text + " Call (417) 555-0134, I will kill you."):
        assert 0 <= finding.start < finding.end <= len(text) + 38


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("So: Ι wіll kіll уоu!", "Ι wіll kіll уоu"),
        ("Please, k i l l  y o u r s e l f now", "k i l l  y o u r s e l f"),
        ("My num\u200bber is 417\u200b-555-0134.", "417\u200b-555-0134"),
        ("ｓｅｎｄ　ｍｅ　ｍｏｎｅｙ please", "ｓｅｎｄ　ｍｅ　ｍｏｎｅｙ"),
    ],
)
def test_what_was_found_is_shown_where_it_was_written(text: str, found: str) -> None:
    (finding,) = rules().examine(text)
    assert text[finding.start : finding.end] == found


def test_members_words_meet_only_the_linear_engine() -> None:
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert "re" not in names, file.name
            assert "regex" not in names, file.name


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)b", "(?<!a)b", "a++"])
def test_that_engine_refuses_what_cannot_be_linear(pattern: str) -> None:
    with pytest.raises(re2.error):
        re2.compile(pattern.encode(), folding.BYTES)


@pytest.mark.parametrize(
    "hostile", [measuring.HOSTILE, "a ", "4 1 7 ", "i will ", "a@", "1423 a a a ", "é​ ", "ki ll yo u ", "|<i11 "]
)
def test_ten_times_the_text_is_about_ten_times_the_work(hostile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in characters given to the engine and findings made, not in seconds, which swing with the machine."""
    work: list[int] = []
    search = re2._Regexp.search

    def counted(self: re2._Regexp, text: bytes, pos: int | None = None, endpos: int | None = None) -> object:
        match = search(self, text, pos, endpos)
        work.append((match.end() if match else len(text)) - (pos or 0))
        return match

    monkeypatch.setattr(re2._Regexp, "search", counted)
    done = []
    for length in (2_000, 20_000):
        work.clear()
        found = rules().examine((hostile * length)[:length])
        done.append(sum(work) + len(found))
    assert done[1] <= 12 * done[0] + 10_000


class Counting(frozenset[bytes]):
    """Counts how often something is looked up in it."""

    asked = 0

    def __contains__(self, word: object) -> bool:
        Counting.asked += 1
        return super().__contains__(word)


@pytest.mark.parametrize("hostile", ["ki ll yo u ", "iwillkillyou", "aaaaaaaa", "th er ef or e ", "k.ll ", "|<i11 "])
def test_mending_ten_times_the_text_is_about_ten_times_the_work(hostile: str) -> None:
    mender = Mender(one.phrases for one in SEEDS)
    mender._known, mender._begun = Counting(mender._known), Counting(mender._begun)
    done = []
    for length in (2_000, 20_000):
        Counting.asked = 0
        mender.mend(folding.fold((hostile * length)[:length]))
        done.append(Counting.asked)
    assert done[1] <= 12 * done[0] + 1_000
