"""What the members room offers the frame."""

from carecollective.ports import Job, live_keys
from members import letters, limits
from members.models.bans import IS_ACTIVE
from members.models.standing import STRICTEST
from members.reportable import REPORTABLE
from members.services import restrictions

JOBS = [
    Job("forget_old_limit_hits", "23 3 * * *", limits.forget_old),
    Job("tell_ends_of_restrictions", "*/5 * * * *", restrictions.tell_ends),
]

LETTERS = {
    "confirm_email": letters.confirm_email,
    "already_member": letters.already_member,
    "password_reset": letters.password_reset,
}

INVARIANTS = {
    **live_keys("second_factors", "member_id", "key_id"),
    **live_keys("user_restrictions", "id", "facts_key_id"),
    "no_session_or_token_older_than_a_ban": f"""
        SELECT ban.id FROM user_restrictions AS ban
        LEFT JOIN member_sessions AS session
            ON session.member_id = ban.member_id AND session.created_at < ban.starts_at
        LEFT JOIN api_tokens AS token ON token.member_id = ban.member_id
        WHERE ban.level = 'banned' AND ban.id IN (SELECT id FROM user_restrictions WHERE {IS_ACTIVE})
          AND (session.session_key IS NOT NULL OR token.id IS NOT NULL)
    """,  # noqa: S608 (only words of ours)
    "11 the strictest active restriction is the one in force": f"""
        SELECT member.id FROM members AS member
        CROSS JOIN LATERAL (
            SELECT array_agg(level) AS levels, min(message_limit_per_day) AS least
            FROM user_restrictions WHERE member_id = member.id AND {IS_ACTIVE}
        ) AS active
        LEFT JOIN LATERAL ({STRICTEST.replace("%(restricted)s", "member.id")}) AS in_force ON true
        WHERE CASE WHEN 'banned' = ANY (levels) THEN 'banned' WHEN 'suspended' = ANY (levels) THEN 'suspended'
                   WHEN 'limited' = ANY (levels) THEN 'limited' END IS DISTINCT FROM in_force.level
           OR (in_force.level = 'limited' AND in_force.message_limit_per_day <> active.least)
    """,  # noqa: S608 (only words of ours)
    "no_session_or_token_older_than_a_rejection": """
        SELECT member.id FROM members AS member
        JOIN verification_status_changes AS change ON change.member_id = member.id AND change.to_status = 'rejected'
        LEFT JOIN member_sessions AS session ON session.member_id = member.id AND session.created_at < change.created_at
        LEFT JOIN api_tokens AS token ON token.member_id = member.id AND token.created_at < change.created_at
        WHERE session.session_key IS NOT NULL OR token.id IS NOT NULL
    """,
    "status_is_the_last_change": """
        SELECT member.id FROM members AS member
        JOIN LATERAL (
            SELECT to_status FROM verification_status_changes AS change
            WHERE change.member_id = member.id ORDER BY created_at DESC, id DESC LIMIT 1
        ) AS last ON true
        WHERE last.to_status <> member.verification_status
    """,
}

__all__ = ["INVARIANTS", "JOBS", "LETTERS", "REPORTABLE"]
