"""What pages do with what was found in somebody's words: ask before they go, and say where help is afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest
from django.utils.safestring import mark_safe

from help_requests.services.screened import Told, telling

# Said once, after the words have gone; nobody else learns of it.
CRISIS = mark_safe(
    "We are glad you said it. You do not have to carry this alone. "
    'You can call or text <a href="tel:988">988</a> at any time, day or night, and someone will listen. '
    'If you are in danger now, call <a href="tel:911">911</a>. <a href="/safety/">More ways to get help</a>'
)


@contextmanager
def gently(request: HttpRequest) -> Iterator[Told]:
    """Around a verb in a view: it asks first, unless the writer has read the question and sends it anyway."""
    with telling(asks_first="acknowledged" not in request.POST) as told:
        yield told
    if told.shows_crisis_lines:
        messages.info(request, CRISIS)
