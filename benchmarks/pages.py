"""The pages we look at, and what each may weigh."""

from dataclasses import dataclass

from benchmarks import data, talk_data


@dataclass(frozen=True)
class Page:
    """Its budget: kilobytes as gzip, requests, seconds to the first paint and until its scripts are ready.

    None: no more than the caps say.
    """

    name: str
    path: str
    is_public: bool = False
    html: int | None = None
    css: int = 14
    js: int = 20
    font: int = 36
    requests: int | None = None
    paint: float | None = None
    ready: float | None = None

    def address(self, size: data.Size) -> str:
        request = data.request_id(data.newest(size)[-1])
        return self.path.format(request=request, conversation=talk_data.conversation_id(conversation(size)))


THREAD = "/messages/{conversation}/"
PAGES = (
    Page("first page", "/", is_public=True, html=8, js=3, requests=9, paint=2.5, ready=3.4),
    Page("sign-in page", "/login/", is_public=True),
    Page("home page", "/home/"),
    Page("requests page", "/requests/"),
    Page("a help request", "/requests/{request}/"),
    Page("a conversation of 50", THREAD, html=14, requests=12, paint=2.6, ready=3.6),
)


def conversation(size: data.Size) -> int:
    """The newest one that is longer than a page."""
    return size.conversations // talk_data.LONG_OF * talk_data.LONG_OF


def member(size: data.Size) -> int:
    """Who looks at the pages of members: one of the two who talk there."""
    return talk_data.asker_of(conversation(size), size)
