"""What an operator reads of an import."""

from collections import Counter
from collections.abc import Iterator

from legacy.importing.tally import Tally

MOST_LINES = 40


def of_import(tally: Tally, *, is_dry: bool) -> list[str]:
    lines = ["Dry run: nothing was changed."] if is_dry else []
    lines += _part("The original differs from what we know:", tally.drift)
    kinds = dict.fromkeys([*tally.brought, *tally.here, *(kind for kind, _ in tally.skipped)])
    verb = "would come" if is_dry else "brought"
    lines += [
        f"{kind}: {tally.brought[kind]:,} {verb}, {tally.here[kind]:,} here already, {_skipped(tally, kind):,} skipped"
        for kind in kinds
    ]
    lines += _part("Skipped:", list(_reasons(tally, tally.skipped)))
    lines += _part("Not quite as they were:", list(_reasons(tally, tally.changed)))
    return lines or ["There was nothing to bring."]


def of_invited(number: int, *, is_dry: bool) -> list[str]:
    if is_dry:
        return [f"Dry run: {number:,} people would get a link to make a password."]
    return [f"{number:,} people get a link to make a password."]


def _skipped(tally: Tally, kind: str) -> int:
    return sum(number for (of, _), number in tally.skipped.items() if of == kind)


def _reasons(tally: Tally, counted: Counter[tuple[str, str]]) -> Iterator[str]:
    for (kind, reason), number in sorted(counted.items()):
        first = ", ".join(tally.first[kind, reason])
        more = ", …" if number > len(tally.first[kind, reason]) else ""
        yield f"{number:,} {kind}: {reason} ({first}{more})"


def _part(title: str, lines: list[str]) -> list[str]:
    shown = [f"  {line}" for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"  … and {len(lines) - MOST_LINES:,} more, in the file of --report")
    return [title, *shown] if lines else []
