"""The OpenAPI description, and the same as rows a page can show."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    inputs: list[tuple[str, str, bool]]
    answers: list[tuple[str, str]]

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}".lower()


@cache
def openapi() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


@cache
def rooms() -> dict[str, list[Operation]]:
    """The operations of each room, in the order of their addresses."""
    found: dict[str, list[Operation]] = {}
    for path, methods in openapi()["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                found.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    return found


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    summary, _, description = operation.get("description", "").partition("\n")
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary") or summary,
        description=description.strip(),
        inputs=_inputs(operation),
        answers=[(status, answer.get("description", "")) for status, answer in operation["responses"].items()],
    )


def _inputs(operation: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Each field or parameter: its name, its kind, whether it must be there."""
    rows = [
        (parameter["name"], _kind(parameter.get("schema", {})), parameter.get("required", False))
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = _resolve(body)
    required = schema.get("required", [])
    return rows + [(name, _kind(kind), name in required) for name, kind in schema.get("properties", {}).items()]


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(openapi()["components"]["schemas"][name]) if name else schema


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(option) for option in schema["enum"] if option is not None)
    kinds = schema.get("type") or "any"
    kind = schema.get("format") or (kinds if isinstance(kinds, str) else " or ".join(kinds))
    limits = [f"{word} {schema[name]}" for name, word in LIMITS.items() if name in schema]
    return ", ".join([kind, *limits])


LIMITS = {"minLength": "at least", "maxLength": "at most", "minimum": "from", "maximum": "to"}
