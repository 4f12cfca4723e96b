"""Every sentence people read: from the templates, the forms, the refusals, the notices and the scripts."""

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("members", "help_requests", "messaging", "moderation", "notifications", "home", "carecollective")
# For engineers and staff; their words are their own.
NOT_FOR_MEMBERS = re.compile(
    r"templates/(?:admin/|pages/api_docs)|/(?:admin|api|apps|schema|schema_examples|api_docs|health|settings|startup|"
    r"worker|ports|jobs|grants|invariants|encryption|env|logs|known_settings|housekeeping|desk|desk_forms|keyset|"
    r"database|embedded_postgres\w*|reads|reads_sql|reads_\w+|strict_json|json_api|holding|inputs|outputs|\w+_inputs|"
    r"\w+_outputs|staff|calendar_file|staticfiles)\.py$|/(?:management|migrations|api|admin)/"
)
INLINE = re.compile(r"</?(?:a|b|strong|em|i|span|code|kbd|abbr|time|wbr)\b[^>]*>")
WITHOUT_WORDS = re.compile(r"\{#.*?#\}|<!--.*?-->|<(script|style|svg)\b.*?</\1>", re.DOTALL)
SPOKEN = re.compile(r"""(?:=|\s)"([^"{}<>]*\s[^"{}<>]*\s[^"{}<>]*)\"""")
A_NAME = "Ben"


def every_text() -> dict[str, set[str]]:
    """Each with the files it stands in."""
    found: dict[str, set[str]] = {}
    for path in _files():
        for text in _texts_in(path):
            cleaned = re.sub(r"\s+", " ", unescape(text)).strip(" -–·|")
            if re.search(r"[A-Za-z]{2}", cleaned):
                found.setdefault(cleaned, set()).add(str(path.relative_to(ROOT)))
    return found


def _files() -> Iterator[Path]:
    for pattern in (
        "templates/**/*.html",
        "templates/**/*.txt",
        *(f"{room}/**/*.py" for room in ROOMS),
        # The rest of that room is for staff.
        "screening/words.py",
        "static/js/*.js",
    ):
        for path in sorted(ROOT.glob(pattern)):
            if not NOT_FOR_MEMBERS.search(str(path)):
                yield path


def _texts_in(path: Path) -> Iterator[str]:
    text = path.read_text()
    if path.suffix == ".py":
        return _in_python(ast.parse(text))
    if path.suffix == ".js":
        return iter(re.findall(r'"([A-Z][^"]* [^"]* [^"]*)"', re.sub(r"^\s*//.*", "", text, flags=re.MULTILINE)))
    return _in_template(text)


def _in_template(text: str) -> Iterator[str]:
    text = WITHOUT_WORDS.sub(" ", text)
    for tag in re.findall(r"\{%.*?%\}", text, re.DOTALL):
        yield from (spoken for spoken in SPOKEN.findall(tag) if spoken[:1].isupper())
    text = re.sub(r"\{%-?\s*(?:else|elif|empty)\b.*?%\}|\{%-?\s*(?:end)?block\b.*?%\}", "\n\n", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", A_NAME, text)
    text = re.sub(r"<[^>]+>", "\n\n", INLINE.sub("", text))
    yield from (part for part in re.split(r"\n\s*\n", text) if part.strip())


def _in_python(tree: ast.AST) -> Iterator[str]:
    within = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in ast.walk(node)}
    spoken_to_engineers = {id(part) for node in ast.walk(tree) if _is_for_engineers(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in spoken_to_engineers:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else A_NAME for part in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            text = node.value
        else:
            continue
        if re.match(r"[A-Z“][a-z’]* ?.* .* ", text) and not re.search(r"[A-Z_]{5,}|%s|\bSELECT\b|[<>=]", text):
            yield text


def _is_for_engineers(node: ast.AST) -> bool:
    """Docstrings, types as strings, and what only a programmer's mistake can show."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        kind = getattr(node.exc.func, "id", getattr(node.exc.func, "attr", ""))
        return kind.endswith(("Error", "Configured"))
    return False
