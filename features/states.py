"""How far messaging_v2 is out: for nobody, for a few, for a share of members, for everybody."""

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self
from uuid import UUID

FLAG = "messaging_v2"
# Changing it would deal out anew who is in.
SALT = "messaging_v2"
# Shares are given in steps of 0.01 %.
BUCKETS = 10_000

OFF, INTERNAL, PERCENTAGE, ON = "off", "internal", "percentage", "on"
SHARE = re.compile(r"percentage\s*:\s*(\d{1,3}(?:\.\d{1,2})?)", re.ASCII)
EXPECTED = "off, internal, on, or percentage:N with N from 0 to 100 and at most two decimals"


@dataclass(frozen=True)
class State:
    """One of the four; `buckets` of 10,000 are in where it is a share."""

    kind: str
    buckets: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Blanks around it and letters' case tell nothing; whatever else it does not know is a ValueError."""
        word = text.strip().lower()
        if word in (OFF, INTERNAL, ON):
            return cls(word)
        share = SHARE.fullmatch(word)
        buckets = int(Decimal(share[1]) * 100) if share else BUCKETS + 1
        if buckets > BUCKETS:
            raise ValueError(f"The state must be {EXPECTED}, but {text!r} is not.")
        return cls(PERCENTAGE, buckets)

    def __str__(self) -> str:
        return f"{PERCENTAGE}:{self.percent}" if self.kind == PERCENTAGE else self.kind

    @property
    def percent(self) -> str:
        """As people write it: 10, 2.5, 0.01."""
        return f"{self.buckets / 100:g}"

    @property
    def exposes_anybody(self) -> bool:
        return self.kind != OFF

    def has_in(self, member_id: UUID, is_internal: bool) -> bool:
        """Whoever is internal stays in while the share grows."""
        if self.kind in (OFF, ON):
            return self.kind == ON
        return is_internal or bucket_of(member_id) < self.buckets


NOBODY = State(OFF)
EVERYBODY = State(ON)


def bucket_of(member_id: UUID) -> int:
    """Always the same one for a member, in every process and after every start."""
    digest = hashlib.sha256(f"{SALT}:{member_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS
