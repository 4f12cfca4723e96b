"""The evidence of a case as it is laid out: the same words once, and beside them everybody who reported them."""

from dataclasses import dataclass, field

from moderation.admin import words
from moderation.services.reading import CaseFile, Exhibit

# So many reports of one thing, and so many people, stand open; the others are folded.
OPEN_MOST = 10


@dataclass(frozen=True)
class Told:
    """Who reported it and why, or what a rule found in it."""

    it: Exhibit
    found: list[str]


@dataclass
class Shown:
    """Evidence as it stood, and all that was told of it while it stood like this."""

    it: Exhibit
    all: list[Told] = field(default_factory=list)

    @property
    def first(self) -> list[Told]:
        return self.all[:OPEN_MOST]

    @property
    def more(self) -> list[Told]:
        return self.all[OPEN_MOST:]

    @property
    def is_hard(self) -> bool:
        return any(_is_hard(told.it) for told in self.all)

    @property
    def is_found(self) -> bool:
        """By a rule, and nobody reported it."""
        return all(told.found for told in self.all)


def exhibits_of(file: CaseFile) -> list[Shown]:
    """Edited in between, the same thing is shown as often as its words changed."""
    shown: dict[tuple[object, ...], Shown] = {}
    for it in file.exhibits:
        same = shown.setdefault((it.is_intact, it.lines, it.facts), Shown(it))
        same.all.append(Told(it, [words.FOUND.get(name, name) for name in it.categories]))
    return list(shown.values())


def _is_hard(exhibit: Exhibit) -> bool:
    return exhibit.reason in words.HARD or bool(words.HARD_FINDS & set(exhibit.categories))
