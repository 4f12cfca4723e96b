"""The one language of the API: strict JSON in, JSON out, whatever a client would rather have."""

from typing import Any

from rest_framework import negotiation, parsers, renderers
from rest_framework.request import Request

from carecollective import strict_json


class JsonParser(parsers.BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, context: Any = None) -> dict[str, Any]:
        # How long it may be was seen to before: `http.WholeBodies`.
        return strict_json.read(stream.read())


class JsonRenderer(renderers.BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        return b"" if data is None else strict_json.write(data)


class AlwaysJson(negotiation.BaseContentNegotiation):
    """The API speaks one language, whatever a browser says it would rather have."""

    def select_parser(self, request: Request, candidates: Any) -> Any:
        kind = (request.content_type or "application/json").partition(";")[0].strip().lower()
        return next((parser for parser in candidates if parser.media_type == kind), None)

    def select_renderer(self, request: Request, candidates: Any, format_suffix: Any = None) -> Any:
        return candidates[0], candidates[0].media_type
