"""Trying a version of a rule on what has been decided, before it is let loose on anybody."""

from django.db import transaction

from members.models import Member
from screening import measuring
from screening.models import Example, Replay, RuleVersion
from screening.ruleset import Ruleset
from screening.services.ruling import must_rule

# The newest ones; opening more would keep whoever asks waiting.
MOST_EXAMPLES = 2000


@transaction.atomic
def replay(version: RuleVersion, by: Member | None = None) -> Replay:
    """Counts what it finds among decided texts and harmless sentences, and keeps the figures; no text is shown."""
    if by is not None:
        must_rule(by)
    alone = Ruleset([version.running])
    hits = false_alarms = misses = decided = 0
    for example in Example.objects.order_by("-decided_at", "-id")[:MOST_EXAMPLES]:
        is_found = bool(alone.examine(example.clear_text))
        is_ours = example.is_breach and example.category == version.rule.category
        decided += 1
        hits += is_found and is_ours
        misses += is_ours and not is_found
        false_alarms += is_found and not example.is_breach
    harmless = measuring.benign()
    return Replay.objects.create(
        version=version,
        pattern_digest=version.digest,
        decided=decided,
        hits=hits,
        false_alarms=false_alarms,
        misses=misses,
        benign=len(harmless),
        benign_alarms=sum(bool(alone.examine(text)) for text in harmless),
        made_by=by,
    )
