"""One request sees one answer of the flag, however long it takes and whatever is switched meanwhile."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from features import flag


class OneAnswer:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with flag.one_answer():
            return self.get_response(request)
