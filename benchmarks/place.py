"""Where we measure: the site that runs, its database, and the processes whose work is counted."""

from dataclasses import dataclass

from benchmarks import data
from benchmarks.driver import HOST


@dataclass(frozen=True)
class Place:
    port: int
    site_url: str
    owner_url: str
    size: data.Size
    # The first process of each: everything it starts is counted with it. None: not on this machine.
    web: int
    database: int | None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"
