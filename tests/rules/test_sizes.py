"""Functions and files stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 25
LONGEST_FILE = 250
# Settings are one list, and Django wants them in one file: up to 300 lines there.
LONGER_FILES = {"carecollective/settings.py": 300}
NOT_OURS = {".venv", ".data", ".git", "tests", "migrations"}


def test_no_file_is_too_long() -> None:
    lengths = {name(file): len(file.read_text().splitlines()) for file in our_files()}
    too_long = {file: lines for file, lines in lengths.items() if lines > LONGER_FILES.get(file, LONGEST_FILE)}
    assert not too_long, f"split by use case: {too_long}"


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{name(file)}: {function.name}": length(function)
        for file in our_files()
        for function in functions(file)
        if length(function) > LONGEST_FUNCTION
    }
    assert not too_long, f"give a part of it a name: {too_long}"


def test_every_file_that_is_looked_at_is_ours() -> None:
    found = {name(file) for file in our_files()}
    assert {"manage.py", "carecollective/env.py", "bin/_serve.py"} <= found


def our_files() -> list[Path]:
    return [file for file in ROOT.rglob("*.py") if not NOT_OURS & set(file.relative_to(ROOT).parts)]


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))
