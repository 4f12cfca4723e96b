"""What the desk shows of rules: what each found lately, and what became of that."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

DAYS = 7

# By hand, because the figures stand inside JSON. A text that was edited is counted once for each rule.
FOUND_LATELY = """
SELECT rule, version, state, count(*), count(*) FILTER (WHERE is_breach), count(*) FILTER (WHERE NOT is_breach)
FROM (
    SELECT DISTINCT ON (verdict.target_id, finding.rule, finding.version, finding.state)
        finding.rule, finding.version, finding.state, decided.is_breach
    FROM screening_verdicts AS verdict
    CROSS JOIN LATERAL jsonb_to_recordset(verdict.findings) AS finding (rule text, version int, state text)
    LEFT JOIN LATERAL (
        SELECT bool_or(example.is_breach) AS is_breach FROM screening_examples AS example
        WHERE example.target_id = verdict.target_id
    ) AS decided ON true
    WHERE verdict.at > now() - make_interval(days => %s) AND NOT (verdict.findings = '[]'::jsonb)
) AS found
GROUP BY rule, version, state
"""


@dataclass(frozen=True)
class Found:
    """How many texts a version found something in while it stood in one state."""

    state: str
    texts: int
    broken: int
    fine: int

    @property
    def undecided(self) -> int:
        return self.texts - self.broken - self.fine


def found_lately(days: int = DAYS) -> dict[tuple[str, int], list[Found]]:
    """By rule and version."""
    figures: dict[tuple[str, int], list[Found]] = {}
    with connection.cursor() as cursor:
        cursor.execute(FOUND_LATELY, [days])
        rows: list[Any] = cursor.fetchall()
    for rule, version, state, *counts in rows:
        figures.setdefault((rule, version), []).append(Found(state, *counts))
    return figures
