"""What the screening room offers the frame."""

from carecollective.ports import live_keys
from screening.services import examining

AT_START = [examining.make_ready]

INVARIANTS = {
    **live_keys("screening_examples", "id", "key_id"),
    # The versions say where they stand, their changes say how they came there.
    "state_of_a_rule_is_its_last_change": """
        SELECT version.id, version.state FROM screening_rule_versions AS version
        LEFT JOIN LATERAL (
            SELECT to_state FROM screening_rule_changes AS change
            WHERE change.version_id = version.id ORDER BY id DESC LIMIT 1
        ) AS last ON true
        WHERE coalesce(last.to_state, 'draft') <> version.state
    """,
}
