"""Figures as tables people read, in the terminal and in docs/performance.md."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.measure import Figures

HEAD = (
    "what", "clients", "requests/s", "p50 ms", "p95 ms", "site CPU ms", "database CPU ms", "statements", "failed",
    "floor/s", "floor CPU ms", "of floor", "CPU × floor",
)  # fmt: skip


def of_figures(found: list[Figures], statements: dict[str, int]) -> str:
    """`statements` says, by the name of a scenario, how many one request takes."""
    return table(HEAD, [_row(figures, statements[figures.scenario.name]) for figures in found])


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def circumstances(owner_url: str) -> str:
    """The machine in plain words, and whether it was ours alone: the load of the minute before."""
    with psycopg.connect(owner_url) as connection:
        names = ("server_version", "fsync", "synchronous_commit")
        version, fsync, commit = ((connection.execute(f"SHOW {name}").fetchone() or ("?",))[0] for name in names)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}; PostgreSQL {str(version).split()[0]}, fsync {fsync}, "
        f"synchronous_commit {commit}; load before the run {os.getloadavg()[0]:.1f}."
    )


def write(document: Path, name: str, text: str) -> None:
    """Puts `text` between the marks of that name; everything around it is written by hand."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = document.read_text()
    if begin not in old or end not in old:
        raise OSError(f"{document.name} has no place for these figures: {begin} … {end}")
    new = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", old, flags=re.DOTALL)
    document.write_text(new)


def _row(figures: Figures, statements: int) -> tuple[str, ...]:
    ours, least = figures.ours, figures.floor
    return (
        figures.scenario.name,
        str(figures.clients),
        f"{median(ours.per_second):,.0f}",
        f"{figures.p50:.1f}",
        f"{figures.p95:.1f}",
        _shown(ours.site_ms, "{:.2f}"),
        _shown(ours.database_ms, "{:.2f}"),
        str(statements),
        ", ".join(f"{count} × {status}" for status, count in figures.failed.items()) or "0",
        f"{median(least.per_second):,.0f}" if least.per_second else "–",
        _shown(least.database_ms if least.per_second else None, "{:.3f}"),
        _shown(figures.share_of_floor, "{:.0%}"),
        _shown(figures.times_floor, "{:.1f}"),
    )


def _shown(value: float | None, how: str) -> str:
    return "–" if value is None else how.format(value)
