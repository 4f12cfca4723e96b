"""What was promised, what came, and the sentence in which the two differ."""

import json
from collections.abc import Callable
from typing import Any

from carecollective.management.smoke.site import Answer

LONGEST = 300


class Findings:
    """Counts the promises that were kept, and names those that were not."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.kept = 0
        self.surprises: list[str] = []
        self._say = say

    def expect(self, what: str, answer: Answer, status: int, /, **facts: Any) -> bool:
        """`facts` must stand in the answer as they are here."""
        came = {name: answer.body.get(name) for name in facts}
        differing = {name for name in facts if came[name] != facts[name]}
        named = {name: facts[name] for name in sorted(differing)} if answer.status == status else {}
        there = {name: came[name] for name in named}
        return self._note(
            what,
            is_kept=answer.status == status and not differing,
            expected=_in_words(str(status), named),
            came=_in_words(str(answer.status), there) + answer.trouble,
        )

    def same(self, what: str, expected: Any, came: Any) -> bool:
        return self._note(what, is_kept=expected == came, expected=_shown(expected), came=_shown(came))

    def _note(self, what: str, *, is_kept: bool, expected: str, came: str) -> bool:
        if is_kept:
            self.kept += 1
            self._say(f"Kept: {what}.")
        else:
            self.surprises.append(f"{what}: expected {expected}, came {came}.")
        return is_kept


def in_one_line(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:LONGEST] or type(problem).__name__


def _in_words(status: str, facts: dict[str, Any]) -> str:
    return status + (" with " + ", ".join(f"{name} {_shown(fact)}" for name, fact in facts.items()) if facts else "")


def _shown(fact: Any) -> str:
    """In ASCII, so that nothing from another machine moves the cursor of whoever reads it."""
    return json.dumps(fact)[:LONGEST]
