"""What the features room offers the frame."""

from django.db.models import F

from carecollective.ports import Job, Signal
from features import flag, letters
from features.models import FlagChange
from features.services import guarding
from features.states import FLAG

JOBS = [Job("guard_messaging_v2", "* * * * *", guarding.look_after)]

LETTERS = {"alarm": letters.alarm}


def messaging_v2() -> Signal:
    """How far it is out, and who says so."""
    answer, last = flag.as_it_is(), FlagChange.objects.exclude(from_state=F("to_state")).first()
    # Also after somebody pinned it, or named one more as internal: what the guard found is not mended by that.
    is_guarded_off = last is not None and last.by == guarding.GUARD.words and not answer.state.exposes_anybody
    facts = {"state": str(answer.state), "source": answer.source or "default", "pinned": answer.is_pinned}
    return Signal(facts, f"The guard turned {FLAG} off: {last.why}." if last and is_guarded_off else "")


HEALTH = {FLAG: messaging_v2}

INVARIANTS = {
    "the switch of a flag is its last change": """
        SELECT flag.name, flag.state FROM flags AS flag JOIN LATERAL (
            SELECT to_state, source, is_pinned FROM flag_changes WHERE flag = flag.name ORDER BY id DESC LIMIT 1
        ) AS last ON true
        WHERE last.source = 'switch' AND (flag.state, flag.is_pinned) IS DISTINCT FROM (last.to_state, last.is_pinned)
    """,
}
