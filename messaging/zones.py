"""Two people, two clocks."""

from datetime import datetime

from members.zones import first_zone


def are_apart(mine: str, theirs: str, at: datetime) -> bool:
    """Whether two zones show another clock at that moment; an unknown or empty one counts as the operator's."""
    return at.astimezone(first_zone(mine)).utcoffset() != at.astimezone(first_zone(theirs)).utcoffset()
