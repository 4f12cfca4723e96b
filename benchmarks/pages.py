"""The pages we look at, and what each may weigh."""

from dataclasses import dataclass

from benchmarks import data


@dataclass(frozen=True)
class Page:
    """Its budget: kilobytes as gzip, requests, and seconds to the first paint. None: no more than the caps say."""

    name: str
    path: str
    is_public: bool = False
    html: int | None = None
    css: int = 14
    js: int = 20
    font: int = 36
    requests: int | None = None
    paint: float | None = None

    def address(self, size: data.Size) -> str:
        return self.path.format(request=data.request_id(data.newest(size)[-1]))


PAGES = (
    Page("first page", "/", is_public=True, html=8, js=3, requests=9, paint=2.5),
    Page("sign-in page", "/login/", is_public=True),
    Page("home page", "/home/"),
    Page("requests page", "/requests/"),
    Page("a help request", "/requests/{request}/"),
)
