"""What there is to move, before anything is: how many of each kind, and what would stay where it is."""

from django.db.models import Count, Q

from legacy.models import Census, Move

# One conversation can be several of these.
KINDS = {
    "total": Q(),
    "convertible": Q(reason=""),
    "empty": Q(is_empty=True),
    "duplicates of a pair": Q(is_duplicate=True),
    "more or fewer than two people": Q(is_not_of_two=True),
    "people missing": Q(misses_people=True),
    "request missing": Q(misses_request=True),
    "opening too short": Q(opens_too_short=True),
    "opening too long": Q(opens_too_long=True),
    "opened by who asked": Q(is_opened_by_asker=True),
}


def plan() -> dict[str, int]:
    """Of those that were not moved yet. It changes nothing."""
    waiting = Census.objects.exclude(pk__in=Move.objects.exclude(outcome="quarantined").values("pk"))
    counted = waiting.aggregate(
        **{f"n{number}": Count("pk", filter=rule) for number, rule in enumerate(KINDS.values())}
    )
    return {kind: int(counted[f"n{number}"]) for number, kind in enumerate(KINDS)}


def left_behind() -> dict[str, int]:
    """What stays where it is, by the reason."""
    rows = Move.objects.filter(outcome="quarantined").values_list("reason").annotate(number=Count("pk"))
    return dict(rows.order_by("reason"))
