"""When is messaging_v2 broken? What the guard reckons with, without a database."""

from dataclasses import dataclass, field
from datetime import timedelta

from features.models import Kind

LEAST_PERCENT = 85
WINDOW = timedelta(minutes=10)
FEWEST = 20
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class View:
    """Attempts that are judged together."""

    words: str
    kinds: tuple[str, ...]


# Where people talk much, offers could all fail and still be too few among the messages to be seen there.
VIEWS = (
    View("offers and messages", tuple(Kind.values)),
    View("offers", (Kind.START.value,)),
)


@dataclass(frozen=True)
class Seen:
    """Attempts of one view that worked or failed."""

    total: int
    failures: int
    what: str = field(default="attempts", compare=False)

    @property
    def in_words(self) -> str:
        return f"{self.failures} of the last {self.total} {self.what} failed on our side"

    @property
    def is_broken(self) -> bool:
        """Those that are missing of twenty count as if they had worked: one fault on a quiet day is no reason."""
        return self.failures * 100 > (100 - LEAST_PERCENT) * max(self.total, FEWEST)
